///usr/bin/env true; d=${0%/*}; [ -x "$d/target/storeit-ctl" ] && exec "$d/target/storeit-ctl" "$@"; [ -x "$d/scripts/jbang" ] && exec "$d/scripts/jbang" "$0" "$@"; exec jbang "$0" "$@"; exit $?
//DESCRIPTION Moves a StoreIT installation - data and code together - between versions
//JAVA 17+
//JAVAC_OPTIONS -encoding UTF-8
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//DEPS com.squareup.okhttp3:okhttp-jvm:5.5.1
//DEPS info.picocli:picocli:4.7.7
//DEPS io.storeit:storeit-interchange:0.3.0
//DEPS io.storeit:storeit-ops:0.3.0
//DEPS me.tongfei:progressbar:0.10.2
//DEPS org.slf4j:slf4j-nop:2.0.20
//REPOS mavencentral,storeit=https://bronson-brown-devost.github.io/StoreIT/maven
//RUNTIME_OPTIONS -XX:+UseSerialGC -Xlog:disable --enable-native-access=ALL-UNNAMED
package io.storeit.ctl;

import com.sun.net.httpserver.HttpServer;
import io.storeit.interchange.DatabaseException;
import io.storeit.interchange.Manifest;
import io.storeit.interchange.Progress;
import io.storeit.interchange.StoreitVersion;
import io.storeit.interchange.Table;
import io.storeit.interchange.VerificationReport;
import io.storeit.interchange.archive.Administrators;
import io.storeit.interchange.archive.ArchiveConverter;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.ArchiveVerification;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.sqlite.ChangeMark;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.DatabaseOverview;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.DatabaseVerification;
import io.storeit.interchange.sqlite.ExportOptions;
import io.storeit.interchange.sqlite.Exporter;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.interchange.sqlite.RecordDifference;
import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.ops.archives.Archives;
import io.storeit.ops.archives.ConvertRequest;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Consents;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Done;
import io.storeit.ops.console.Json;
import io.storeit.ops.console.Pipe;
import io.storeit.ops.console.Plan;
import io.storeit.ops.console.Result;
import io.storeit.ops.console.Verbosity;
import io.storeit.ops.doctor.Doctor;
import io.storeit.ops.host.Beside;
import io.storeit.ops.host.FileIdentity;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Interruption;
import io.storeit.ops.host.Platform;
import io.storeit.ops.host.Programs;
import io.storeit.ops.host.Retention;
import io.storeit.ops.host.ScratchFolder;
import io.storeit.ops.host.StallTimeout;
import io.storeit.ops.install.InstallRequest;
import io.storeit.ops.install.Installer;
import io.storeit.ops.install.UninstallRequest;
import io.storeit.ops.install.Uninstaller;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.SavedBackup;
import io.storeit.ops.installation.Space;
import io.storeit.ops.process.Ports;
import io.storeit.ops.process.ServerLog;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.process.SystemdUnit;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.release.VerifiedDownload;
import io.storeit.ops.server.Health;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Configuration;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import io.storeit.ops.updates.NewestRelease;
import io.storeit.ops.updates.ReleaseList;
import io.storeit.ops.updates.SelfUpdate;
import io.storeit.ops.updates.SelfUpdateRequest;
import io.storeit.ops.updates.Trial;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ScopeType;

/**
 * storeit-ctl moves a StoreIT installation, data and code together, from any version to any other, and back.
 *
 * <p>What it does to a machine: it asks the running server for a backup, fetches the other version, rehearses the import
 * with the real data beside the real database, stops the server, puts database and binary in place with one rename each,
 * starts the server, checks it, and puts everything back when anything fails before the commit.
 *
 * <p>Files it leaves: {@code <db>.migration-journal} (what it is doing and what it kept), {@code <db>.operation.lock},
 * {@code <db>.pre-import} and {@code <binary>.pre-upgrade} or {@code .pre-downgrade} (the pair it replaced, until
 * {@code cleanup}), {@code <data folder>/pre-upgrade.storeit} (the safety backup), {@code <data folder>/.storeit-download} (a
 * download that broke, until it is complete or {@code cleanup}), and one record per server address under
 * {@code ~/.local/state/storeit-ctl/} that tells where the installation is when its server does not run. What {@code install}
 * puts where is in {@link Layout}.
 */
@Command(
        name = "storeit-ctl",
        description = "Moves a StoreIT installation - data and code together - between versions.",
        synopsisSubcommandLabel = "COMMAND",
        usageHelpWidth = 80)
final class StoreitCtl implements Callable<Integer> {
    /** In the order of {@code --help}. By name, for only the class of the command that is called is to be loaded. */
    private static final List<String> COMMANDS = List.of(
            "status", "doctor", "releases", "config", "backup", "upgrade", "downgrade", "rollback", "resume", "cleanup", "verify", "show", "diff",
            "convert", "restore", "install", "uninstall", "self-update",
            "__warm", "__ready");

    /** The class of a command has its name in camel case: {@code self-update} is {@code SelfUpdateCommand}. */
    private static Class<?> command(String name) {
        var className = new StringBuilder(StoreitCtl.class.getName()).append('$');
        for (String word : name.replace("_", "").split("-")) className.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
        try {
            return Class.forName(className + "Command");
        } catch (ClassNotFoundException missing) {
            throw new IllegalStateException(missing);
        }
    }

    @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Show this help.")
    boolean help;

    @Option(names = {"-V", "--version"}, description = "Show the version of storeit-ctl.")
    boolean version;

    @Option(names = "--server-url", paramLabel = "URL", scope = ScopeType.INHERIT,
            description = "Where the server answers (default: http://localhost:8080).")
    String serverUrl;

    @Option(names = "--binary", paramLabel = "FILE", scope = ScopeType.INHERIT,
            description = "The server's binary (default: the one that is running).")
    Path binary;

    @Option(names = "--data-dir", paramLabel = "FOLDER", scope = ScopeType.INHERIT,
            description = "Where safety backups go (default: the folder of the database).")
    Path dataFolder;

    @Option(names = "--releases", paramLabel = "URL|FOLDER", scope = ScopeType.INHERIT,
            description = "GitHub API address of the releases, or a folder with one sub-folder per tag.")
    String releases;

    @Option(names = "--release-keys", paramLabel = "FILE", scope = ScopeType.INHERIT,
            description = "Public keys that may sign releases, beside those this storeit-ctl brings along.")
    Path releaseKeys;

    @Option(names = "--username", paramLabel = "NAME", scope = ScopeType.INHERIT,
            description = "Administrator to log in as at servers before 0.3.0.")
    String username;

    @Option(names = "--password-file", paramLabel = "FILE", scope = ScopeType.INHERIT,
            description = "File whose first line is that administrator's password; - is standard input. Without it the terminal asks.")
    String passwordFile;

    @Option(names = "--unit", paramLabel = "NAME", scope = ScopeType.INHERIT,
            description = "The systemd unit of a server that does not run (default: the one it was last seen in, or storeit.service).")
    String unit;

    @Option(names = "--patience", paramLabel = "SECONDS", scope = ScopeType.INHERIT,
            description = "How long a starting or stopping server, or a download, may show no progress (default: 20).")
    Integer patienceSeconds;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print the result, or the error, as one JSON object.")
    boolean json;

    @Option(names = {"-q", "--quiet"}, scope = ScopeType.INHERIT, description = "Tell nothing but results, warnings and errors.")
    boolean quiet;

    @Option(names = {"-v", "--verbose"}, scope = ScopeType.INHERIT, description = "Show the whole cause of an error.")
    boolean verbose;

    private Console console;

    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    public static void main(String[] arguments) {
        if (arguments.length == 1 && (arguments[0].equals("--version") || arguments[0].equals("-V"))) {
            System.out.println("storeit-ctl " + StoreitVersion.APPLICATION);
            System.exit(0);
        }
        // Each start of the server waits for this one.
        if (List.of(arguments).equals(List.of("resume", "--at-boot")) && !Migration.mayBeInterrupted(System.getenv())) System.exit(0);
        Interruption.install();
        int exit = configured(named(arguments)).execute(arguments);
        Interruption.finished();
        System.exit(exit);
    }

    /** The configured command line; {@link #main} and the tests share it, tests set its out and err. */
    static CommandLine commandLine() {
        return configured(COMMANDS);
    }

    /** Only the command that is called: reading the annotations of all of them takes longer than most need to run. */
    private static List<String> named(String[] arguments) {
        List<String> given = List.of(arguments);
        if (asksForHelp(given)) return COMMANDS;
        // More than one when the value of an option is the name of another.
        List<String> named = COMMANDS.stream().filter(given::contains).toList();
        return named.isEmpty() ? COMMANDS : named;
    }

    private static boolean asksForHelp(List<String> arguments) {
        return arguments.contains("--help") || arguments.contains("-h");
    }

    private static CommandLine configured(List<String> commands) {
        var root = new StoreitCtl();
        var line = new CommandLine(root);
        for (String command : commands) line.addSubcommand(command(command));
        if (commands.size() > 1) describe(line);
        return line
                .setExecutionExceptionHandler((failure, command, parse) -> root.console(command).failure(OpsException.of(failure)))
                .setParameterExceptionHandler((failure, arguments) -> {
                    root.json |= List.of(arguments).contains("--json");
                    CommandLine command = failure.getCommandLine();
                    String hint = "See '" + command.getCommandSpec().qualifiedName() + " --help'.";
                    return root.console(command).failure(new OpsException(Exit.USAGE, failure.getMessage(), hint, failure));
                });
    }

    /** What only help, man pages and completions need. */
    private static void describe(CommandLine line) {
        line.setUsageHelpAutoWidth(true);
        line.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(Exit.descriptions());
        line.getSubcommands().values().forEach(StoreitCtl::describe);
    }

    @Override
    public Integer call() {
        if (version) {
            spec.commandLine().getOut().println("storeit-ctl " + StoreitVersion.APPLICATION);
            return Exit.OK.code;
        }
        if (!json) {
            spec.commandLine().usage(spec.commandLine().getErr());
            return Exit.USAGE.code;
        }
        throw new OpsException(Exit.USAGE, "No command was given", "See 'storeit-ctl --help'.");
    }

    private Console console(CommandLine command) {
        if (console == null) console = new Console(command, new Verbosity(quiet, verbose, json));
        return console;
    }

    private Context context(CommandLine.Model.CommandSpec command) {
        Settings settings = Settings.load(given());
        return new Context(console(command.commandLine()), settings, settings.patience());
    }

    private Map<Settings.Key, String> given() {
        var given = new EnumMap<Settings.Key, String>(Settings.Key.class);
        given.put(Settings.Key.SERVER_URL, serverUrl);
        given.put(Settings.Key.BINARY_PATH, binary == null ? null : binary.toString());
        given.put(Settings.Key.DATA_DIR, dataFolder == null ? null : dataFolder.toString());
        given.put(Settings.Key.UNIT, unit);
        given.put(Settings.Key.RELEASES_URL, releases);
        given.put(Settings.Key.RELEASE_KEYS, releaseKeys == null ? null : releaseKeys.toString());
        given.put(Settings.Key.USERNAME, username);
        given.put(Settings.Key.PASSWORD_FILE, passwordFile);
        given.put(Settings.Key.PATIENCE, patienceSeconds == null ? null : patienceSeconds.toString());
        return given;
    }

    /** Of every command that changes something. */
    static class Changing {
        @Option(names = {"-n", "--dry-run"}, description = "Say what would be done, after the checks that change nothing, and do nothing.")
        boolean dryRun;
    }

    /** Answers that can be given beforehand, for use without a terminal. */
    static final class Consent extends Changing {
        @Option(names = {"-y", "--yes"}, description = "Answer yes to the questions this command may ask.")
        boolean yes;

        @Option(names = "--allow-unsigned", description = "Accept a release whose signature cannot be checked.")
        boolean allowUnsigned;

        @Option(names = "--accept-loss", description = "Accept that the older version cannot hold some values.")
        boolean acceptLoss;

        Consents consents() {
            return new Consents(yes, allowUnsigned, acceptLoss, dryRun);
        }
    }

    // ---- Commands: options, one call, a result ---------------------------------------------------------------------

    /** What every command is: options, and one call that gives a result to be printed. */
    abstract static class Subcommand implements Callable<Integer> {
        @ParentCommand StoreitCtl ctl;
        @CommandLine.Spec CommandLine.Model.CommandSpec spec;

        abstract Result run(Context context);

        @Override
        public final Integer call() {
            Context context = ctl.context(spec);
            Result result = run(context);
            try (Closeable open = result instanceof Closeable closeable ? closeable : null) {
                return context.console().finish(result);
            } catch (IOException failure) {
                throw OpsException.of(failure);
            }
        }
    }

    @Command(name = "status", description = "Show what runs, how it is, what it can go back to, and what was interrupted.")
    static final class StatusCommand extends Subcommand {
        @Override
        Result run(Context context) {
            return StatusReport.of(context);
        }
    }

    @Command(name = "doctor", description = {"Look for what keeps, or will keep, this installation from working, and name the command that puts it right.",
            "Ends with 0 when nothing has to be done, 1 after a warning, 4 when something is serious."})
    static final class DoctorCommand extends Subcommand {
        @Override
        Result run(Context context) {
            return Doctor.of(context);
        }
    }

    @Command(name = "releases", description = "Show which versions can be installed, and whether their schema is newer or older.")
    static final class ReleasesCommand extends Subcommand {
        @Override
        Result run(Context context) {
            return ReleaseList.of(context);
        }
    }

    @Command(name = "config", description = "Show each setting and where its value came from. Secrets are not shown.")
    static final class ConfigCommand extends Subcommand {
        @Override
        Result run(Context context) {
            return Configuration.of(context.settings());
        }
    }

    @Command(name = "backup", description = "Save everything into an archive, from the running server or, if it is stopped, from its files.")
    static final class BackupCommand extends Subcommand {
        @Option(names = {"-o", "--output"}, paramLabel = "FILE|FOLDER|-",
                description = "The archive to write, a folder for a new one named by its time, or - for standard output (default: "
                        + "storeit-backup-<unix seconds>.storeit here).")
        String output;

        @Option(names = "--allow-missing-images", description = "Save what is there although some photos have no file.")
        boolean allowMissingImages;

        @Option(names = "--verify", description = "Restore the backup into a scratch database too, and compare that with it.")
        boolean verify;

        @Option(names = "--keep-daily", paramLabel = "N", description = "In that folder keep the newest backup of each of the last N days that have one,")
        Integer daily;

        @Option(names = "--keep-weekly", paramLabel = "N", description = "of each of the last N weeks,")
        Integer weekly;

        @Option(names = "--keep-monthly", paramLabel = "N", description = "of each of the last N months, and the newest; delete the others.")
        Integer monthly;

        @Mixin Changing changing;

        @Override
        Result run(Context context) {
            var backups = new Backups(context, new Backups.Wanted(true, allowMissingImages, verify));
            var retention = new Retention(Retention.count(daily), Retention.count(weekly), Retention.count(monthly));
            boolean limited = daily != null || weekly != null || monthly != null;
            if (output != null && (output.endsWith("/") || Files.isDirectory(Path.of(output)))) {
                return backups.toFolder(Path.of(output).toAbsolutePath(), limited ? Optional.of(retention) : Optional.empty(), changing.dryRun);
            }
            if (limited) {
                throw new OpsException(Exit.USAGE, "--keep-daily, --keep-weekly and --keep-monthly need a folder", "Name it with -o FOLDER/.");
            }
            if (Pipe.NAME.equals(output)) return backups.toStandardOutput(ctl.json, changing.dryRun);
            Path target = Path.of(output != null ? output : "storeit-backup-" + Instant.now().getEpochSecond() + ".storeit").toAbsolutePath();
            return changing.dryRun ? backups.plan(target) : backups.toFile(target);
        }
    }

    @Command(name = "upgrade", description = "Move to a newer version (default: the latest release).")
    static final class UpgradeCommand extends Subcommand {
        @Mixin Consent consent;

        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest", description = "For example 0.3.0.")
        String version;

        @Option(names = "--check", description = "Only tell whether there is a newer release.")
        boolean check;

        @Override
        Result run(Context context) {
            return check ? SelfUpdate.check(context, version) : Migration.move(context, Journal.Direction.UPGRADE, version, consent.consents());
        }
    }

    @Command(name = "downgrade", description = "Move to an older version; says first what it cannot hold.")
    static final class DowngradeCommand extends Subcommand {
        @Mixin Consent consent;

        @Parameters(paramLabel = "VERSION", description = "For example 0.2.1.")
        String version;

        @Override
        Result run(Context context) {
            return Migration.move(context, Journal.Direction.DOWNGRADE, version, consent.consents());
        }
    }

    @Command(name = "rollback", description = "Put back the binary and the database that the last upgrade or downgrade replaced.")
    static final class RollbackCommand extends Subcommand {
        @Mixin Consent consent;

        @Override
        Result run(Context context) {
            return Migration.rollback(context, consent.consents());
        }
    }

    @Command(name = "resume", description = "Finish what a crash or a power cut interrupted: ends on the complete old or the complete new version.")
    static final class ResumeCommand extends Subcommand {
        @Mixin Consent consent;

        @Option(names = "--at-boot",
                description = "For the service unit, before it starts the server: only put the files right, of the database its environment names.")
        boolean atBoot;

        @Override
        Result run(Context context) {
            return atBoot ? Migration.resumeAtBoot(context, System.getenv()) : Migration.resume(context, consent.consents());
        }
    }

    @Command(name = "cleanup", description = "Remove the files that only rollback needs. Safety backups stay.")
    static final class CleanupCommand extends Subcommand {
        @Mixin Consent consent;

        @Override
        Result run(Context context) {
            return Cleanup.run(context, consent.consents());
        }
    }

    @Command(name = "verify", description = "Read an archive to its end and check it: structure, counts, references, photos.")
    static final class VerifyCommand extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE", description = "A .storeit file, a .tar.gz of an old server, or - for standard input.")
        Path archive;

        @Override
        Result run(Context context) {
            return Archives.verify(context.console(), archive);
        }
    }

    @Command(name = "show", description = "Show what is in an archive: how much, what lies where, or where something is.")
    static final class ShowCommand extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE", description = "A .storeit file, or a .tar.gz of an old server.")
        Path archive;

        @Option(names = "--tree", description = "List every place and what lies in it.")
        boolean tree;

        @Option(names = "--depth", paramLabel = "N", description = "With --tree: go into places only so deep; 0 lists the outermost.")
        Integer depth;

        @Option(names = "--find", paramLabel = "TEXT",
                description = "Look for TEXT in names, descriptions, aliases, keywords and categories, as the server's search does.")
        String text;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "With --find: show the best N (default: ${DEFAULT-VALUE}).")
        int limit;

        @Override
        Result run(Context context) {
            if (tree && text != null) throw new OpsException(Exit.USAGE, "--tree and --find are two questions", "Ask one after the other.");
            if (depth != null && (!tree || depth < 0)) throw new OpsException(Exit.USAGE, "--depth needs --tree and a number from 0 on", "");
            Archives.requireCount("--limit", limit);
            Path file = Archives.existing(archive);
            if (tree) return new Archives.Tree(context.console(), file, depth == null ? Integer.MAX_VALUE : depth);
            return text == null ? Archives.summary(context.console(), file) : Archives.find(context.console(), file, text, limit);
        }
    }

    @Command(name = "diff", description = "Tell what was added, changed and removed between two archives, or between an archive and now.")
    static final class DiffCommand extends Subcommand {
        @Parameters(index = "0", paramLabel = "ARCHIVE", description = "The older archive.")
        Path older;

        @Parameters(index = "1", arity = "0..1", paramLabel = "ARCHIVE", description = "The newer one (default: what the installation holds now).")
        Path newer;

        @Option(names = "--limit", paramLabel = "N", defaultValue = "20",
                description = "Name so many records of each kind that were added, changed or removed (default: ${DEFAULT-VALUE}); all are counted.")
        int limit;

        @Override
        Result run(Context context) {
            Archives.requireCount("--limit", limit);
            Path before = Archives.existing(older);
            return newer == null ? withNow(context, before)
                    : Archives.Difference.between(context.console(), before, Archives.existing(newer), newer.toAbsolutePath().toString(), limit);
        }

        /** With what the installation holds, of which a backup without photos is made for that. */
        private Result withNow(Context context, Path before) {
            try (var folder = ScratchFolder.temporary()) {
                Path now = folder.resolve("now.storeit");
                new Backups(context, Backups.Wanted.whatThereIs(false)).save(now);
                return Archives.Difference.between(context.console(), before, now, context.settings().serverUrl(), limit);
            }
        }
    }

    @Command(name = "convert", description = "Write an archive anew: in another schema version, for an older server, without photos.")
    static final class ConvertCommand extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE", description = "A .storeit file, or a .tar.gz of an old server. It stays as it is.")
        Path archive;

        @Option(names = {"-o", "--output"}, required = true, paramLabel = "FILE", description = "The archive to write.")
        Path output;

        @Option(names = "--to-schema", paramLabel = "N", description = "Schema version of the new archive (default: that of the old one).")
        Integer schema;

        @Option(names = "--for-version", paramLabel = "VERSION", description = "The server that shall read it, for example 0.2.1.")
        String version;

        @Option(names = "--without-images", description = "Leave the photos out.")
        boolean withoutImages;

        @Option(names = "--accept-loss", description = "Accept that the older schema or server cannot hold some values.")
        boolean acceptLoss;

        @Option(names = {"-y", "--yes"}, description = "Replace FILE if it exists.")
        boolean yes;

        @Mixin Changing changing;

        @Override
        Result run(Context context) {
            return Archives.convert(context.console(),
                    new ConvertRequest(Archives.existing(archive), output, schema, version, withoutImages, acceptLoss, yes, changing.dryRun));
        }
    }

    @Command(name = "restore", description = "Put what an archive holds in the place of what is there, which is kept.")
    static final class RestoreCommand extends Subcommand {
        @Mixin Consent consent;

        @Parameters(paramLabel = "ARCHIVE", description = "A .storeit file, a .tar.gz of an old server, or - for standard input.")
        Path archive;

        @Override
        Result run(Context context) {
            if (archive.toString().equals(Pipe.NAME) && Pipe.NAME.equals(ctl.passwordFile)) {
                throw new OpsException(Exit.USAGE, "Standard input cannot be both the archive and the password", "Name a file with --password-file.");
            }
            return Restoration.run(context, archive, consent.consents());
        }
    }

    @Command(name = "install", description = "Put StoreIT on this machine, running and ready to log in (default: the latest release).")
    static final class InstallCommand extends Subcommand {
        @Mixin Consent consent;

        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest", description = "For example 0.3.0.")
        String version;

        @Option(names = "--user", description = "For the calling user only, without root.")
        boolean forUser;

        @Option(names = "--no-service", description = "Do not set up a service; show a line that starts the server.")
        boolean noService;

        @Option(names = "--bind", paramLabel = "ADDRESS:PORT", defaultValue = "0.0.0.0:8080", description = "Where the server listens (default: ${DEFAULT-VALUE}).")
        String bind;

        @Option(names = "--java", paramLabel = "FILE", description = "The Java the server runs with (default: one that its user can run).")
        Path java;

        @Override
        Result run(Context context) {
            return new Installer(context, new InstallRequest(version, forUser, noService, bind, java, consent.consents())).run();
        }
    }

    @Command(name = "uninstall", description = "Take away what install has put on this machine. Data and settings stay unless told.")
    static final class UninstallCommand extends Subcommand {
        @Mixin Consent consent;

        @Option(names = "--user", description = "What was installed with --user.")
        boolean forUser;

        @Option(names = "--delete-data", description = "Delete the data, the backups and the settings too.")
        boolean deleteData;

        @Override
        Result run(Context context) {
            return new Uninstaller(context, new UninstallRequest(forUser, deleteData, consent.consents())).run();
        }
    }

    @Command(name = "self-update", description = "Replace this storeit-ctl by that of another release (default: the latest).")
    static final class SelfUpdateCommand extends Subcommand {
        @Mixin Changing changing;

        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest", description = "For example 0.3.0.")
        String version;

        @Option(names = "--file", paramLabel = "FILE", description = "The storeit-ctl to replace (default: the one that runs).")
        Path file;

        @Option(names = "--allow-unsigned", description = "Accept a release whose signature cannot be checked.")
        boolean allowUnsigned;

        @Override
        Result run(Context context) {
            return SelfUpdate.replaceTool(context, new SelfUpdateRequest(version, file, allowUnsigned, changing.dryRun));
        }
    }

    /** Runs what short commands run, against a server in this process, while Java records its start-up cache; see the launch stub. */
    @Command(name = "__warm", hidden = true)
    static final class WarmCommand implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            answer(server, "/api/v1/auth/mode", "{\"mode\":\"local\"}");
            answer(server, "/api/v1/admin/schema-version", "{\"app_version\":\"" + StoreitVersion.APPLICATION
                    + "\",\"schema_version\":2,\"expected_version\":2}");
            answer(server, "/health", "{\"status\":\"ok\",\"writes\":\"open\",\"counts\":{\"items\":1}}");
            server.start();
            Path folder = Files.createTempDirectory("storeit-ctl-");
            try {
                // This process is the server, too, so that looking for its program and its files is also recorded.
                Files.createDirectories(folder.resolve("releases/v0.0.1"));
                String program = Programs.self().map(Path::toString).orElse("storeit-ctl");
                var nowhere = new PrintWriter(Writer.nullWriter());
                String url = "http://localhost:" + server.getAddress().getPort();
                var status = List.of("status", "--server-url", url, "--binary", program, "--releases", folder.resolve("releases").toString());
                for (var arguments : List.of(List.of("--help"), status, Stream.concat(status.stream(), Stream.of("--json")).toList())) {
                    commandLine().setOut(nowhere).setErr(nowhere).execute(arguments.toArray(String[]::new));
                }
                Installation.forget(url);
                Path journal = folder.resolve("journal");
                Files.write(journal, Json.write(new Journal()));
                Json.read(journal, Journal.class);
            } finally {
                server.stop(0);
                FileTree.deleteQuietly(folder);
            }
            return Exit.OK.code;
        }

        private static void answer(HttpServer server, String path, String json) {
            server.createContext(path, exchange -> {
                byte[] body = json.getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
        }
    }

    /** The readiness of the systemd unit: ends when the server answers, or has ended; systemd names its process and waits for this one. */
    @Command(name = "__ready", hidden = true)
    static final class ReadyCommand implements Callable<Integer> {
        @Override
        public Integer call() throws InterruptedException {
            ServerProcess server = ServerProcess.of(Long.parseLong(System.getenv().getOrDefault("MAINPID", "0")));
            try (var api = new ServerApi(Ports.urlOfServer(System.getenv()))) {
                while (server.isAlive()) {
                    if (api.answers()) return Exit.OK.code;
                    Thread.sleep(50);
                }
            }
            return Exit.FAILED.code;
        }
    }
}

/** What {@code status} tells; the first five lines are those of StoreIT's older tool, for scripts that read them. */
record StatusReport(
        boolean running, String serverUrl, String appVersion, Integer schemaVersion, Integer expectedSchemaVersion, String binaryVersion,
        String toolVersion, String health, Map<String, Long> counts, Path database, String supervisor, Kept rollback, SavedBackup lastBackup,
        NewestRelease newestRelease, String operation, boolean interrupted, String next) implements Result {

    /** What {@code rollback} goes back to. @param bytes of both files; @param missing those that are not there any more */
    record Kept(String version, int schemaVersion, String replacedAt, long bytes, Path database, Path binary, List<Path> missing) {
        static Kept of(Journal journal) {
            List<Path> files = List.of(journal.keptDatabase, journal.keptBinary);
            return new Kept(journal.fromVersion, journal.fromSchema, journal.endedAt, files.stream().mapToLong(FileTree::sizeOrNone).sum(),
                    journal.keptDatabase, journal.keptBinary, files.stream().filter(file -> !Files.exists(file)).toList());
        }
    }

    /** What can be known without the server. */
    private record Local(Optional<Installation> installation, Optional<Journal> journal, String binaryVersion, OpsException obstacle) {
        static Local of(Supplier<Optional<Installation>> search) {
            Optional<Installation> found;
            try {
                found = search.get();
            } catch (OpsException invisible) {
                return new Local(Optional.empty(), Optional.empty(), null, invisible);
            }
            return new Local(found, found.flatMap(installation -> Journal.read(installation.database())),
                    found.map(installation -> ServerBinary.versionWithoutRunning(installation.binary())).orElse(null), null);
        }
    }

    /** The server is asked while its process and its files are looked for, for most of the time goes into loading what does it. */
    static StatusReport of(Context context) {
        Settings settings = context.settings();
        var lookup = new NewestRelease.Lookup(context);
        var beside = new Beside<>(() -> Local.of(() -> Installation.listening(settings)));
        try (var api = new ServerApi(settings.serverUrl())) {
            Optional<ServerApi.Facts> facts = api.probe();
            Local local = facts.isPresent() ? beside.get() : Local.of(() -> Installation.find(context, false));
            if (facts.isPresent()) local.installation().ifPresent(found -> Installation.seen(found, settings));
            Optional<Path> database = local.installation().map(Installation::database);
            Journal journal = local.journal().orElse(null);
            boolean interrupted = journal != null && journal.interrupted();
            boolean atWork = interrupted && Locks.operationHeld(journal.installation.database());
            Optional<ServerApi.Pulse> pulse = facts.flatMap(found -> api.pulse(database));
            String version = facts.map(ServerApi.Facts::appVersion).orElse(local.binaryVersion());
            return new StatusReport(
                    facts.isPresent(), settings.serverUrl(),
                    facts.map(ServerApi.Facts::appVersion).orElse(null),
                    facts.map(ServerApi.Facts::schemaVersion).orElseGet(() -> facts.isPresent() ? null : database.map(StatusReport::schema).orElse(null)),
                    facts.map(ServerApi.Facts::expectedVersion).orElse(null),
                    local.binaryVersion(), StoreitVersion.APPLICATION,
                    facts.map(found -> health(found, pulse)).orElse(null),
                    pulse.map(ServerApi.Pulse::counts).or(() -> database.flatMap(StatusReport::countsOf)).orElse(null),
                    database.orElse(null),
                    local.installation().filter(found -> facts.isPresent()).map(Installation::supervisor).orElse(null),
                    journal == null || interrupted ? null : journal.rollbackable().map(Kept::of).orElse(null),
                    SavedBackup.last(settings, local.installation(), local.journal()).orElse(null),
                    version == null ? null : lookup.newerThan(version).orElse(null),
                    journal == null ? null : atWork ? journal.progress() : journal.summary(),
                    interrupted && !atWork,
                    atWork ? null : journal != null && journal.advice() != null ? journal.advice() : hidden(facts.isPresent(), local));
        }
    }

    /** Why there is no more to tell. */
    private static String hidden(boolean running, Local local) {
        if (local.obstacle() != null) return local.obstacle().getMessage() + (local.obstacle().hint().isEmpty() ? "" : ". " + local.obstacle().hint());
        return running && local.installation().isEmpty() ? "run as root or as the server's user, on its machine, to see the rest" : null;
    }

    private static String health(ServerApi.Facts facts, Optional<ServerApi.Pulse> pulse) {
        if (facts.schemaVersion() != facts.expectedVersion()) {
            return "wrong schema: the database has " + facts.schemaVersion() + ", this version needs " + facts.expectedVersion();
        }
        return pulse.filter(found -> !found.writesOpen()).isPresent() ? "answers reads only: an upgrade is being checked" : "ok";
    }

    static Integer schema(Path database) {
        int version = DatabaseInspection.inspect(database).schemaVersion();
        return version == 0 ? null : version;
    }

    /** Of servers that do not tell: those before 0.3.0, and those that do not run. */
    private static Optional<Map<String, Long>> countsOf(Path database) {
        if (Locks.operationHeld(database)) return Optional.empty();   // it is being moved
        try {
            return Optional.of(Json.byKey(DatabaseOverview.of(database).counts()));
        } catch (DatabaseException unreadable) {
            return Optional.empty();   // doctor says why
        }
    }

    @Override
    public Exit exit() {
        return running ? Exit.OK : Exit.FAILED;
    }

    @Override
    public void print(Console console) {
        console.print(running ? "Server: running at %s" : "Server: NOT RUNNING", serverUrl);
        line(console, "App version", appVersion);
        line(console, "Schema version", schemaVersion);
        line(console, "Expected schema version", expectedSchemaVersion);
        line(console, "Binary version", binaryVersion);
        line(console, "Health", health);
        line(console, "Content", counts == null ? null
                : Words.contents(counts, Table.ITEMS, Table.CONTAINERS, Table.LOCATIONS, Table.PHOTOS, Table.USERS));
        line(console, "Supervisor", supervisor);
        line(console, "Last operation", operation);
        if (rollback != null) {
            line(console, "Kept for rollback",
                    "version " + rollback.version() + ", schema " + rollback.schemaVersion() + ", replaced " + rollback.replacedAt() + " ("
                    + Words.megabytes(rollback.bytes()) + ")" + (rollback.missing().isEmpty() ? "" : "; missing: " + Words.few(rollback.missing())));
        }
        line(console, "Last backup", lastBackup == null ? database == null ? null : "none is known" : lastBackup.words());
        if (newestRelease != null) line(console, newestRelease.version() == null ? "Newer releases" : "Newer release", newestRelease.words());
        line(console, "Next", next);
    }

    private static void line(Console console, String name, Object value) {
        if (value != null) console.row(name + ":", value.toString());
    }
}

/** Safety backups: through a running server's API, or from the files of a stopped one. */
final class Backups {
    private final Context context;
    private final Console console;
    private final Wanted wanted;

    /** @param rehearsed whether a backup is restored on trial before it counts as made */
    record Wanted(boolean images, boolean allowMissingImages, boolean rehearsed) {
        /** What an upgrade or a comparison needs: as much as there is. */
        static Wanted whatThereIs(boolean images) {
            return new Wanted(images, true, false);
        }
    }

    Backups(Context context, Wanted wanted) {
        this.context = context;
        this.console = context.console();
        this.wanted = wanted;
    }

    /** Writes a new archive into a folder; once that was found good, and only then, the older ones that need not be kept go. */
    Result toFolder(Path folder, Optional<Retention> retention, boolean dryRun) {
        if (!Files.isDirectory(folder)) {
            throw new OpsException(Exit.FAILED, "There is no folder " + folder, "Create it, for the user this runs as.");
        }
        Path target = Retention.newFile(folder, Instant.now());
        try {
            if (dryRun) return plan(target, retention.isEmpty() ? List.of() : retention.get().superfluous(withNew(Retention.backupsIn(folder), target), target));
            Saved saved = toFile(target);
            if (retention.isEmpty()) return saved;
            if (!saved.missingImages().isEmpty()) {
                console.warn("No older backup was deleted: they may hold the photos that are missing here.");
                return saved;
            }
            var deleted = new ArrayList<Path>();
            for (Path superfluous : retention.get().superfluous(Retention.backupsIn(folder), target)) {
                Files.delete(superfluous);
                deleted.add(superfluous);
            }
            DatabaseSwitch.fsyncFolder(folder);
            return saved.withDeleted(deleted);
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "An older backup in " + folder + " could not be deleted: " + OpsException.reason(failure),
                    "The new one is good. Delete the older one, or let the owner of the folder make the backups.", failure);
        }
    }

    private static List<Path> withNew(List<Path> backups, Path target) {
        return Stream.concat(backups.stream(), Stream.of(target)).toList();
    }

    /** Writes {@code target}, which appears only when it is complete, and checks it by reading it to its end. */
    Saved toFile(Path target) {
        FileTree.requireWritable(target);
        Saved saved = make(target, "The backup was saved as " + target + ", but");
        remember(target.toString(), saved);
        return saved;
    }

    /**
     * The archive is made as a file and found good before its first byte is written: what reads it, such as restic, takes the end of
     * its input for the end of a good backup, and has to get either nothing or all.
     */
    Result toStandardOutput(boolean json, boolean dryRun) {
        if (json) throw new OpsException(Exit.USAGE, "Standard output cannot hold both the backup and a JSON object", "Leave --json out, or name a file.");
        if (dryRun) return plan(Path.of(Pipe.NAME));
        Pipe.requireReader();
        try (var scratch = ScratchFolder.temporary()) {
            Saved saved = make(scratch.resolve("backup.storeit"), "Nothing was written: the backup was made, but");
            Pipe.send(console, saved.archive());
            remember(Pipe.NAME, saved);
            console.say("Backup saved: standard output (%s)", Words.megabytes(saved.bytes()));
            return new Done();
        }
    }

    /** Of a backup that is not made; finds out whether it could be. */
    Plan plan(Path target) {
        return plan(target, List.of());
    }

    private Plan plan(Path target, List<Path> superfluous) {
        if (!target.toString().equals(Pipe.NAME)) FileTree.requireWritable(target);
        var steps = new ArrayList<String>();
        onInstallation((installation, facts, api) -> steps.add(facts.isPresent() ? "Let the server at " + context.settings().serverUrl() + " make a backup"
                : "Save from " + installation.orElseThrow().database() + ", for the server does not run"));
        steps.add("Read it to its end and check it" + (wanted.rehearsed() ? ", restore it into a scratch database and compare that with it" : ""));
        steps.add("Save it as " + (target.toString().equals(Pipe.NAME) ? "standard output" : target));
        superfluous.forEach(file -> steps.add("Delete " + file));
        return Plan.of(console, steps);
    }

    /** What is saved. @param installation empty: the server runs elsewhere, or as another user. @param facts empty: it does not run */
    private interface Work<T> {
        T on(Optional<Installation> installation, Optional<ServerApi.Facts> facts, ServerApi api);
    }

    private <T> T onInstallation(Work<T> work) {
        try (var api = new ServerApi(context.settings().serverUrl())) {
            Optional<ServerApi.Facts> facts = api.probe();
            Optional<Installation> installation = Installation.find(context, facts.isPresent());
            if (facts.isEmpty() && installation.isEmpty()) throw Installation.unknown(context, false);
            if (wanted.rehearsed() && installation.isEmpty()) {
                throw new OpsException(Exit.FAILED, "The backup cannot be restored on trial: that takes the server's own program, and no process of the server at "
                        + context.settings().serverUrl() + " is visible here", "Run this on the server's machine, as root or as the server's user, or without --verify.");
            }
            facts.ifPresent(found -> api.authenticate(found, installation.map(Installation::database), context.settings()));
            return work.on(installation, facts, api);
        }
    }

    /** Writes {@code target}, which appears only when it is complete. It is not checked. */
    void save(Path target) {
        onInstallation((installation, facts, api) -> {
            try (var operation = facts.isEmpty() ? lock(installation) : null) {
                return write(target, installation, facts, api);
            }
        });
    }

    /** @param fate how a message begins that says what became of a backup with records that contradict each other */
    private Saved make(Path file, String fate) {
        return onInstallation((installation, facts, api) -> {
            // The lock keeps two from one scratch database, and from files that an upgrade is changing.
            try (var operation = facts.isEmpty() || wanted.rehearsed() ? lock(installation) : null) {
                ServerBinary.Content content = requireUsable(write(file, installation, facts, api).verifyArchive(file), fate);
                if (wanted.rehearsed()) {
                    Installation found = installation.orElseThrow();
                    String version = facts.map(ServerApi.Facts::appVersion).orElseGet(() -> ServerBinary.of(found.binary(), found.launch()).version().appVersion());
                    rehearse(found, version, file, content);
                }
                return new Saved(file, FileTree.sizeOf(file), Release.sha256(file), content.schemaVersion(), content.counts(), content.digest(), content.missingImages(),
                        wanted.rehearsed(), List.of());
            }
        });
    }

    private static Locks.Held lock(Optional<Installation> installation) {
        return Locks.tryOperation(installation.orElseThrow().database()).orElseThrow(Journal::busy);
    }

    /** @return who can check it */
    private ServerBinary write(Path target, Optional<Installation> installation, Optional<ServerApi.Facts> facts, ServerApi api) {
        if (facts.isPresent()) {
            console.say("Starting backup...");
            fromServer(api, target);
            return installation.map(found -> new ServerBinary(found.binary(), found.launch(), facts.get().appVersion())).orElse(ServerBinary.NONE);
        }
        Installation stopped = installation.orElseThrow();
        console.say("The server does not run: saving from %s", stopped.database());
        fromFiles(stopped, Objects.requireNonNullElse(ServerBinary.versionWithoutRunning(stopped.binary()), "unknown"), target);
        return ServerBinary.NONE;
    }

    private ServerBinary.Content requireUsable(ServerBinary.Content content, String fate) {
        tellMissing(content);
        if (content.problems().isEmpty()) return content;
        content.problems().forEach(problem -> console.warn("%s", problem));
        throw new OpsException(Exit.ARCHIVE, fate + " it could not be imported as it is",
                "A backup in a file (-o FILE) is kept even so, with all its rows; the lines above name what does not fit together.");
    }

    /**
     * Restores a backup beside the database, with the server's own import and as its user, and compares what came of it. Photos stay out:
     * that each is in the archive with the bytes its name promises was found when it was read.
     */
    private void rehearse(Installation installation, String version, Path archive, ServerBinary.Content content) {
        Path database = installation.database();
        FileTree.requireSpace(database, 3 * FileTree.sizeOf(database), "Make room, or leave --verify out.");
        console.say("Restoring the backup into a scratch database...");
        try (var scratch = ScratchFolder.of(database.resolveSibling(database.getFileName() + ".verifying"))) {
            Path rows = scratch.resolve("rows.storeit");
            Path restored = scratch.resolve("storeit.db");
            ArchiveConverter.convert(archive, rows, new ArchiveConverter.Options(0, Version.parse(version).isOurs() ? null : version, false), Progress.NONE);
            installation.launch().giveTo(scratch.folder(), rows);
            var server = new ServerBinary(installation.binary(), installation.launch(), version);
            server.importInto(restored, rows, installation.imageFolder(), true);
            DatabaseSwitch.makeSelfContained(restored);
            server.verify(restored, installation.imageFolder()).requireSame(content, archive);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** For {@link SavedBackup}; whoever may not write it has made a backup all the same. */
    private void remember(String path, Saved saved) {
        var backup = new LinkedHashMap<String, Object>();
        backup.put("server_url", context.settings().serverUrl());
        backup.put("path", path);
        backup.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        backup.put("bytes", saved.bytes());
        backup.put("sha256", saved.sha256());
        backup.put("verified", saved.verified());
        try {
            Files.createDirectories(Settings.stateFolder(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileTree.place(Settings.stateFolder().resolve("backups.json"), Json.write(backup), "rw-------");
        } catch (IOException unwritable) {
            // status then knows of the one before
        }
    }

    /**
     * A backup that was made and read to its end.
     *
     * @param bytes    its size
     * @param verified whether it was also restored into a scratch database that turned out the same
     * @param deleted  older backups that need not be kept
     */
    record Saved(Path archive, long bytes, String sha256, int schemaVersion, Map<String, Long> counts, String digest, List<String> missingImages,
            boolean verified, List<Path> deleted) implements Result {
        Saved withDeleted(List<Path> others) {
            return new Saved(archive, bytes, sha256, schemaVersion, counts, digest, missingImages, verified, List.copyOf(others));
        }

        @Override
        public void print(Console console) {
            console.print("Backup saved: %s (%s)", archive, Words.megabytes(bytes));
            if (verified) console.print("Verified: restored into a scratch database, it was the same: %s", Words.contents(counts, Table.ITEMS, Table.PHOTOS));
            deleted.forEach(file -> console.print("Deleted: %s", file));
        }
    }

    void tellMissing(ServerBinary.Content content) {
        if (content.missingImages().isEmpty()) return;
        console.warn("%s on disk and %s not in the backup: %s", Words.counted(content.missingImages().size(), "photo has no readable file",
                "photos have no readable file"), content.missingImages().size() == 1 ? "is" : "are", Words.few(content.missingImages()));
    }

    /** Runs a backup job and downloads it; the job's progress goes to the terminal. */
    void fromServer(ServerApi api, Path target) {
        String job = api.startBackup(wanted.images(), wanted.allowMissingImages());
        Map<String, Object> status = awaitJob(context, "Backup", () -> api.backupStatus(job));
        if (status.get("status").equals("failed")) {
            throw new OpsException(Exit.FAILED, "The server could not make the backup: " + status.get("error"),
                    "If photos are missing on disk, --allow-missing-images saves the rest.");
        }
        console.say("Backup complete (%d/%d)", Json.number(status, "progress"), Json.number(status, "total"));
        api.download(job, target);
        api.forgetBackup(job);
    }

    /** Shows how far a job of the server is. @return what it ended with: {@code complete} or {@code failed} */
    static Map<String, Object> awaitJob(Context context, String name, Supplier<Map<String, Object>> asked) {
        var deadline = new StallTimeout(context.patience().multipliedBy(6), "the server's job '" + name + "'");
        while (true) {
            Map<String, Object> status = asked.get();
            String state = String.valueOf(status.get("status"));
            context.console().progress(name, Json.number(status, "progress"), Json.number(status, "total"), "records");
            if (state.equals("complete") || state.equals("failed")) {
                context.console().endProgress();
                return status;
            }
            deadline.pause(status.get("progress") + state);
        }
    }

    void fromFiles(Installation installation, String appVersion, Path target) {
        try (var held = Locks.tryDatabase(installation.database()).orElseThrow(() -> new OpsException(Exit.FAILED,
                "The database is in use: " + installation.database(), "Stop the server or tool that has it open."))) {
            var report = Exporter.export(installation.database(), installation.imageFolder(), target,
                    new ExportOptions(wanted.images(), 0, null, appVersion, wanted.allowMissingImages()), Progress.NONE);
            report.notes().forEach(note -> console.warn("%s", note));
        }
    }
}

/** The opposite of a backup: what an archive holds comes in the place of what the installation holds, which is kept. */
final class Restoration {
    private final Context context;
    private final Console console;
    /** What the user called it. */
    private final Path named;
    private final Path archive;
    private final Installation installation;
    private final String version;

    private Restoration(Context context, Path named, Path archive, Installation installation, String version) {
        this.context = context;
        this.console = context.console();
        this.named = named;
        this.archive = archive;
        this.installation = installation;
        this.version = version;
    }

    /** @param serverRuns false: it has to be started by the user. @param kept what was replaced; null when there was nothing */
    record Restored(Path archive, Path database, Path kept, boolean serverRuns) implements Result {
        @Override
        public void print(Console console) {
            console.print("Restored: %s", Pipe.words(archive));
            if (kept != null) console.print("What was replaced is kept: %s", kept);
            if (!serverRuns) console.print("The server does not run: start it.");
        }
    }

    static Result run(Context context, Path named, Consents given) {
        Pipe.requireArchive(context.console(), named);
        boolean piped = Pipe.is(named);
        if (piped && !given.yes() && !given.dryRun()) {
            throw new OpsException(Exit.CONSENT, "What comes through a pipe is restored without a question", "To go on: --yes");
        }
        if (!piped) ArchiveReader.readManifest(named);
        return Migration.withInstallation(context, given, (installation, facts, api) -> {
            String version = facts.map(ServerApi.Facts::appVersion).orElseGet(() -> ServerBinary.of(installation.binary(), installation.launch()).version().appVersion());
            if (facts.isPresent() && !Version.parse(version).isOurs()) {
                throw new OpsException(Exit.FAILED, "Version " + version + " would restore into its database while it is used, without a way back",
                        "Stop the server and run this command again: then it keeps the database it replaces.");
            }
            facts.ifPresent(found -> api.authenticate(found, Optional.of(installation.database()), context.settings()));
            Optional<ServerApi> server = facts.map(found -> api);
            if (!piped) return new Restoration(context, named.toAbsolutePath(), named.toAbsolutePath(), installation, version).run(server, given);
            if (given.dryRun()) {
                requireUsable(ArchiveVerification.verify(Pipe.INPUT, Pipe.open(named), Progress.NONE));
                return plan(context.console(), named, installation, server);
            }
            Path database = installation.database();
            try (var scratch = ScratchFolder.of(database.resolveSibling(database.getFileName() + ".receiving"))) {
                Path received = scratch.resolve("received.storeit");
                Pipe.receive(context.console(), named, received);
                return new Restoration(context, named, received, installation, version).run(server, given);
            } catch (IOException failure) {
                throw OpsException.of(failure);
            }
        });
    }

    /** @param server empty: it does not run */
    private Result run(Optional<ServerApi> server, Consents given) {
        Manifest manifest = ArchiveReader.readManifest(archive);
        if (server.isEmpty()) requireKnownSchema(manifest.schemaVersion());
        console.requireConsent(given.yes(), "--yes", "Everything in " + installation.database()
                + " makes way for what " + named + " holds, written " + VerificationReport.written(manifest.createdAt(), manifest.appVersion())
                + (manifest.counts() == null ? "" : ": " + Words.contents(Json.byKey(manifest.counts()), Table.ITEMS, Table.PHOTOS))
                + ". What is replaced is kept.", "Restore?");
        if (given.dryRun()) {
            requireUsable(ArchiveVerification.verify(archive, Progress.NONE));
            return plan(console, named, installation, server);
        }
        FileTree.requireSpace(installation.database(), FileTree.sizeOf(archive), "Make room, then try again; nothing was changed.");
        Path kept = server.isPresent() ? throughServer(server.get()) : intoFiles(given);
        return new Restored(named, installation.database(), Files.exists(kept) ? kept : null, server.isPresent());
    }

    /** A running server says so itself. */
    private void requireKnownSchema(int schema) {
        int newest = new ServerBinary(installation.binary(), installation.launch(), version).version().expectedSchemaVersion();
        if (schema <= newest || !Version.parse(version).isOurs()) return;
        throw new OpsException(Exit.ARCHIVE, named + " has schema version " + schema + ", and version " + version + " reads up to " + newest,
                "Nothing was changed. Restore it after an upgrade; 'storeit-ctl releases' shows which version knows that schema.");
    }

    private static Plan plan(Console console, Path named, Installation installation, Optional<ServerApi> server) {
        return Plan.of(console, List.of((server.isPresent() ? "Upload " : "Import ") + Pipe.words(named) + " into " + installation.database(),
                "Keep what is replaced beside it"));
    }

    private static void requireUsable(ArchiveVerification.Report report) {
        if (report.problems().isEmpty()) return;
        throw new OpsException(Exit.ARCHIVE, report.problems().get(0).toString(), report.hint());
    }

    private Path throughServer(ServerApi api) {
        console.say("Uploading %s (%s)...", Pipe.words(named), Words.megabytes(FileTree.sizeOf(archive)));
        String job = api.startRestore(archive);
        Map<String, Object> status = Backups.awaitJob(context, "Restore", () -> api.restoreStatus(job));
        if (status.get("status").equals("failed")) {
            throw new OpsException(Exit.ARCHIVE, "The server could not restore it: " + status.get("error"), "Nothing was changed.");
        }
        if (status.get("notes") instanceof List<?> notes) notes.forEach(note -> console.warn("%s", note));
        return installation.database().resolveSibling(installation.database().getFileName() + ".pre-restore");
    }

    /** With the server's own {@code import}, as its user; what an older one cannot digest is ordered for it before. */
    private Path intoFiles(Consents given) {
        Path database = installation.database();
        Path kept = database.resolveSibling(database.getFileName() + ".pre-import");
        Path copy = database.resolveSibling(database.getFileName() + ".restoring.storeit");
        boolean ours = Version.parse(version).isOurs();
        try {
            Path source = archive;
            if (!ours) {
                ArchiveConverter.convert(archive, copy, new ArchiveConverter.Options(0, version, true),
                        losses -> Archives.requireConsentToLosses(console, "Version " + version, losses, given.acceptLoss(), named), Progress.NONE);
                source = copy;
            } else if (installation.launch().otherUser()) {
                // It may lie where that user may not look.
                if (archive.equals(named)) Files.copy(archive, copy, StandardCopyOption.REPLACE_EXISTING);
                else Files.move(archive, copy, StandardCopyOption.REPLACE_EXISTING);
                source = copy;
            }
            if (source.equals(copy)) installation.launch().giveTo(copy);
            Journal.keepPairApart(database, kept);
            console.say("Importing data...");
            try {
                new ServerBinary(installation.binary(), installation.launch(), version).importInto(database, source, installation.imageFolder(), false);
            } catch (OpsException refused) {
                requireUsable(ArchiveVerification.verify(source, Progress.NONE));   // the archive's own fault has its own exit code
                throw refused;
            }
            return kept;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        } finally {
            FileTree.deleteQuietly(copy);
        }
    }
}

/**
 * One move of an installation from one version to another. The steps stand in {@link #steps}, each with its undo beside it;
 * {@link #run} enters each in the journal before doing it and, when one fails before the commit, undoes backwards what was
 * entered. Every step and every undo may run twice, so a crash is only a pause: {@link #resume} goes on from the journal.
 */
final class Migration {
    private record Step(String name, Runnable run, Runnable undo) {}

    /** A point from which the new server may have been reachable; from here on a resume goes forward. */
    private static final String START = "start";
    private static final String STOP = "stop";

    private final Context context;
    private final Console console;
    private final Journal journal;
    private final Consents consents;
    private final ServerApi api;
    private final List<Step> steps;
    private Release release;
    private Locks.Held databaseLock;
    /** Before systemd starts the server: no unit and no process is started or stopped. */
    private boolean filesOnly;
    private Instant serverStart;
    private Instant stoppedAt;
    private Instant healthyAt;
    private Map<String, Long> counts;

    private Migration(Context context, Journal journal, Consents consents, ServerApi api) {
        this.context = context;
        this.console = context.console();
        this.journal = journal;
        this.consents = consents;
        this.api = api;
        this.steps = steps();
        this.serverStart = Instant.parse(journal.startedAt);
    }

    private List<Step> steps() {
        var database = new Step("switch-database", this::switchDatabase, this::restoreDatabase);
        var binary = new Step("switch-binary", this::switchBinary, this::restoreBinary);
        var steps = new ArrayList<Step>();
        if (journal.direction != Journal.Direction.ROLLBACK) {
            steps.add(new Step("backup", this::backUp, this::removePartialBackup));
            steps.add(new Step("download", this::download, this::removeDownload));
            steps.add(new Step("rehearse", this::rehearse, this::removeRehearsal));
        }
        steps.add(new Step(STOP, this::stop, this::startPrevious));
        if (journal.direction != Journal.Direction.ROLLBACK) {
            steps.add(new Step("import", this::importFinal, () -> {}));
        }
        // Up: database first. Down: binary first. A crash in between leaves a pair that refuses to start.
        steps.addAll(journal.goesUp() ? List.of(database, binary) : List.of(binary, database));
        steps.add(new Step(START, this::start, this::stopStarted));
        steps.add(new Step("check", this::check, () -> {}));
        steps.add(new Step("commit", this::commit, () -> {}));
        return steps;
    }

    // -- the four ways in

    /** What is done with an installation while the operation lock is held and nothing is interrupted. */
    interface Work {
        Result with(Installation installation, Optional<ServerApi.Facts> facts, ServerApi api);
    }

    /** Finds the installation, takes the operation lock and first finishes what was interrupted; a dry run only looks. */
    static Result withInstallation(Context context, Consents given, Work work) {
        context.console().dryRun(given.dryRun());
        try (var api = new ServerApi(context.settings().serverUrl())) {
            if (given.dryRun()) {
                Optional<ServerApi.Facts> facts = api.probe();
                Installation installation = Installation.require(context, facts.isPresent());
                if (Locks.operationHeld(installation.database())) throw Journal.busy();
                Journal.requireNoneInterrupted(installation.database());
                return work.with(installation, facts, api);
            }
            return locked(context, api.probe(), (installation, facts) -> {
                Optional<Journal> interrupted = interrupted(installation.database());
                if (interrupted.isEmpty()) return work.with(installation, facts, api);
                finish(context, interrupted.get(), given, api);
                Optional<ServerApi.Facts> now = api.probe();
                return work.with(Installation.require(context, now.isPresent()), now, api);
            });
        }
    }

    private static Result locked(Context context, Optional<ServerApi.Facts> facts,
            BiFunction<Installation, Optional<ServerApi.Facts>, Result> work) {
        Installation installation = Installation.require(context, facts.isPresent());
        try (var operation = Locks.tryOperation(installation.database()).orElseThrow(Journal::busy)) {
            return work.apply(installation, facts);
        }
    }

    /** An operation that was killed after its end left nothing to finish but its scratch folder. Only for who has the operation lock. */
    private static Optional<Journal> interrupted(Path database) {
        // A tool killed while it wrote its journal leaves what it had of it.
        FileTree.deleteQuietly(Journal.part(database));
        Optional<Journal> journal = Journal.read(database);
        journal.filter(found -> !found.interrupted()).ifPresent(found -> FileTree.deleteQuietly(found.workFolder()));
        return journal.filter(Journal::interrupted);
    }

    private static Resumed finish(Context context, Journal journal, Consents given, ServerApi api) {
        context.console().say("Resuming: %s", journal.summary());
        var resumed = new Migration(context, journal, given, api).resume();
        context.console().say("%s", resumed.outcome());
        return resumed;
    }

    static Result move(Context context, Journal.Direction direction, String wanted, Consents given) {
        Platform.requireLinux(direction.title().toLowerCase(Locale.ROOT));
        return withInstallation(context, given, (installation, facts, api) -> {
            Optional<Journal> earlier = Journal.read(installation.database());
            var journal = new Journal(direction, installation, context.settings().serverUrl());
            journal.previous = earlier.flatMap(Journal::rollbackable).orElse(null);
            earlier.ifPresent(found -> journal.leftovers.addAll(found.leftovers));
            journal.serverWasRunning = facts.isPresent();
            var migration = new Migration(context, journal, given, api);
            boolean needed = migration.prepare(facts, wanted);
            if (needed && given.dryRun()) return migration.plan();
            if (needed) migration.runFrom(0);
            return migration.moved(needed);
        });
    }

    /**
     * What an upgrade, a downgrade or a rollback did.
     *
     * @param changed false when the version was there already
     * @param counts records by table, as the new version serves them; null when that was not looked at
     * @param apiAwayMs from the request to stop until the new server was found healthy; null when none was running
     */
    record Moved(Journal.Direction direction, boolean changed, String fromVersion, int fromSchema, String toVersion, int toSchema, Map<String, Long> counts,
            Long apiAwayMs, Path keptBinary, Path keptDatabase, Path archive) implements Result {
        @Override
        public void print(Console console) {
            if (!changed) {
                console.print("Version %s is already in place: nothing to do.", toVersion);
                return;
            }
            boolean back = direction == Journal.Direction.ROLLBACK;
            console.print(console.styled("bold,green", back ? "Rollback complete — server is healthy" : direction.title() + " complete!"));
            console.print("Version %s (schema %d) -> %s (schema %d)%s", fromVersion, fromSchema, toVersion, toSchema,
                    counts == null ? "" : ": " + Words.contents(counts, Table.ITEMS, Table.PHOTOS));
            if (apiAwayMs != null) console.print("The server was away for %.1f s.", apiAwayMs / 1000.0);
            console.print("%s saved at: %s", back ? "Replaced binary" : "Old binary", keptBinary);
            console.print("%s saved at: %s", back ? "Replaced database" : "Old database", keptDatabase);
            if (archive != null) console.print("Backup with everything as it was: %s", archive);
            console.print("Run 'storeit-ctl cleanup' after verifying everything works.");
            if (!back) console.print("'storeit-ctl rollback' goes back to %s.", fromVersion);
        }
    }

    private Moved moved(boolean changed) {
        return new Moved(journal.direction, changed, journal.fromVersion, journal.fromSchema, journal.toVersion, changed ? journal.toSchema : journal.fromSchema, counts,
                stoppedAt == null || healthyAt == null ? null : Duration.between(stoppedAt, healthyAt).toMillis(),
                journal.keptBinary, journal.keptDatabase, journal.archive);
    }

    private Plan plan() {
        String to = journal.toVersion;
        if (journal.direction == Journal.Direction.ROLLBACK) {
            return Plan.of(console, List.of("Stop version " + journal.fromVersion, "Put back " + journal.candidateBinary + " and " + journal.candidateDatabase
                    + "; what they replace is kept", "Start version " + to, "Check its health"));
        }
        return Plan.of(console, List.of(
                (journal.serverWasRunning ? "Back up through the server's API" : "Back up the stopped server's files") + " to " + journal.archiveFile(),
                "Download version " + to + " (" + Words.megabytes(release.requireServer().size()) + "), check it, and rehearse the import with a copy of the data",
                journal.serverWasRunning ? "Stop version " + journal.fromVersion : "Leave the server stopped, as it is",
                "Import into a fresh database; the old one is kept as " + journal.keptDatabaseFile() + ", the old binary as " + journal.keptBinaryFile(),
                "Start version " + to, "Check its health; if it fails, put everything back and start version " + journal.fromVersion));
    }

    static Result rollback(Context context, Consents given) {
        Platform.requireLinux("rollback");
        return withInstallation(context, given, (installation, facts, api) -> {
            Journal last = Journal.read(installation.database()).flatMap(Journal::rollbackable).orElseThrow(Journal::nothingToRollBack);
            for (Path kept : List.of(last.keptBinary, last.keptDatabase)) {
                if (!Files.isRegularFile(kept)) {
                    throw new OpsException(Exit.FAILED, "Cannot roll back: " + kept + " is not there any more",
                            "The safety backup is " + last.archive + "; install " + last.fromVersion + " and import it.");
                }
            }
            var journal = Journal.rollbackOf(last, installation, context.settings().serverUrl());
            journal.serverWasRunning = facts.isPresent();
            var migration = new Migration(context, journal, given, api);
            migration.tellWhatRollbackLeavesBehind(facts);
            if (given.dryRun()) return migration.plan();
            context.console().say("Rolling back from %s to %s...", journal.fromVersion, journal.toVersion);
            Installation.remember(installation, journal.serverUrl);
            migration.runFrom(0);
            migration.tellDifference(journal.keptDatabase);
            return migration.moved(true);
        });
    }

    /** What became of what was interrupted. @param committed whether the version that was aimed at is in place */
    record Resumed(boolean interrupted, Journal.Direction direction, String fromVersion, String toVersion, boolean committed, String outcome) implements Result {
        static Resumed nothing() {
            return new Resumed(false, null, null, null, false, "Nothing was interrupted.");
        }

        @Override
        public void print(Console console) {
            console.print("%s", outcome);
        }
    }

    static Result resume(Context context, Consents given) {
        Platform.requireLinux("resume");
        try (var api = new ServerApi(context.settings().serverUrl())) {
            if (given.dryRun()) {
                Installation installation = Installation.require(context, api.probeQuietly().isPresent());
                Optional<Journal> interrupted = Journal.read(installation.database()).filter(Journal::interrupted);
                if (interrupted.isPresent() && Locks.operationHeld(installation.database())) throw Journal.busy();
                return interrupted.map(journal -> (Result) new Migration(context, journal, given, api).planOfResume()).orElseGet(Resumed::nothing);
            }
            return locked(context, api.probeQuietly(), (installation, facts) -> interrupted(installation.database())
                    .map(journal -> new Migration(context, journal, given, api).resume()).orElseGet(Resumed::nothing));
        }
    }

    private Plan planOfResume() {
        return Plan.of(console, List.of(journal.summary(), newPairMayHaveServed() ? "Finish it: start version " + journal.toVersion + " and check it"
                : "Undo it: put back version " + journal.fromVersion + " and its database" + (journal.serverWasRunning ? ", and start it" : "")));
    }

    /**
     * Before systemd starts the server: ends on a complete pair of files and leaves starting to systemd. It goes back, for the old
     * version is known to serve; unless a server has already acknowledged writes to the new database.
     */
    static Result resumeAtBoot(Context context, Map<String, String> environment) {
        if (!mayBeInterrupted(environment)) return new Done();
        Path database = databaseOf(environment);
        try (var operation = Locks.tryOperation(database).orElseThrow(Journal::busy)) {
            return interrupted(database).map(journal -> {
                context.console().say("Resuming: %s", journal.summary());
                try (var api = new ServerApi(journal.serverUrl)) {
                    var migration = new Migration(context, journal, new Consents(false, false, false, false), api);
                    migration.filesOnly = true;
                    return migration.resumeFiles();
                }
            }).map(Result.class::cast).orElseGet(Done::new);
        }
    }

    /** Without reading the journal: there is one, and no living storeit-ctl that has the unit started in the middle of its work. */
    static boolean mayBeInterrupted(Map<String, String> environment) {
        Path database = databaseOf(environment);
        return Files.exists(Journal.file(database)) && !Locks.operationHeld(database);
    }

    private static Path databaseOf(Map<String, String> environment) {
        return ServerPaths.database(environment, Path.of("").toAbsolutePath());
    }

    // -- the loops

    private void runFrom(int first) {
        Interruption.watch();
        int entered = first;
        try {
            for (int i = first; i < steps.size(); i++) {
                Interruption.check();
                entered = i;
                journal.enter(steps.get(i).name());
                steps.get(i).run().run();
            }
        } catch (RuntimeException | Error failure) {
            if (journal.state == Journal.State.COMMITTED) throw failure;
            throw undo(entered, failure);
        } finally {
            releaseDatabase();
        }
        tidy();
    }

    /** Undoes the steps up to and including {@code entered}; the exception to throw says what is serving now. */
    private OpsException undo(int entered, Throwable failure) {
        boolean interrupted = Interruption.requested();
        Interruption.shield();
        boolean stopped = entered >= indexOf(STOP);
        OpsException reason = interrupted ? new OpsException(Exit.INTERRUPTED, "Interrupted", "", failure) : OpsException.of(failure);
        console.error(reason);
        if (stopped) console.say("Rolling back...");
        journal.failure = reason.getMessage();
        undoFrom(entered);
        String kept = journal.archive != null && Files.exists(journal.archive) ? " The safety backup is " + journal.archive + "." : "";
        if (reason.exit() == Exit.INTERRUPTED) return new OpsException(Exit.INTERRUPTED, "Interrupted; " + servingNow(), "", failure);
        return stopped
                ? new OpsException(Exit.ROLLED_BACK, journal.direction.title() + " to " + journal.toVersion + " failed and was undone; "
                        + servingNow(), "Nothing was lost." + kept + serverLogHint(), failure)
                : new OpsException(reason.exit(), journal.direction.title() + " to " + journal.toVersion + " was not started; " + servingNow(),
                        "Nothing was changed." + kept, failure);
    }

    private String servingNow() {
        return journal.serverWasRunning
                ? "version " + journal.fromVersion + " is serving at " + journal.serverUrl
                : "everything is as it was found: version " + journal.fromVersion + ", not running";
    }

    private String serverLogHint() {
        return journal.startedOnce ? " The server's log is " + serverLog().place() + "." : "";
    }

    private void undoFrom(int entered) {
        removeRehearsal();   // first, for a full disk may be what failed
        try {
            for (int i = entered; i >= 0; i--) {
                journal.enterUndo(steps.get(i).name());
                steps.get(i).undo().run();
            }
        } catch (RuntimeException failure) {
            releaseDatabase();
            throw new OpsException(Exit.ATTENTION, "Could not put everything back: " + OpsException.of(failure).getMessage(),
                    journal.whereThingsAre() + "\nRemove the cause, then run 'storeit-ctl resume'.", failure);
        }
        journal.finishUndone();
    }

    private Resumed resume() {
        int step = indexOf(journal.step);
        if (newPairMayHaveServed()) {
            runFrom(indexOf(START));
            return resumed(true, journal.direction.title() + " complete: version " + journal.toVersion + " is serving.");
        }
        Interruption.shield();
        if (step >= indexOf(STOP)) stopWhateverRuns();
        undoFrom(step);
        if (step < indexOf(STOP)) startPrevious();   // after a power cut
        return resumed(false, "Undone: " + servingNow() + ".");
    }

    private Resumed resumed(boolean committed, String outcome) {
        return new Resumed(true, journal.direction, journal.fromVersion, journal.toVersion, committed, outcome);
    }

    private Resumed resumeFiles() {
        Interruption.shield();
        if (newPairMayHaveServed() && writtenTo(journal.installation.database())) {
            journal.commit();
            tidy();
            return resumed(true, journal.direction.title() + " complete: version " + journal.toVersion + " has served and was written to.");
        }
        undoFrom(indexOf(journal.step));
        releaseDatabase();
        return resumed(false, "Undone: version " + journal.fromVersion + " and its database are in place.");
    }

    private boolean newPairMayHaveServed() {
        return journal.state == Journal.State.RUNNING && indexOf(journal.step) >= indexOf(START)
                && FileIdentity.of(journal.installation.database()).equals(journal.newDatabaseIdentity)
                && FileIdentity.of(journal.installation.binary()).equals(journal.newBinaryIdentity);
    }

    private int indexOf(String name) {
        for (int i = 0; i < steps.size(); i++) if (steps.get(i).name().equals(name)) return i;
        throw new OpsException(Exit.ATTENTION, "The journal names a step this storeit-ctl does not know: " + name,
                "Use the storeit-ctl that wrote " + Journal.file(journal.installation.database()) + ".");
    }

    private void tidy() {
        removeRehearsal();
        removeDownload();
    }

    // -- before anything is touched

    /** Checks all that can be known beforehand. @return false when there is nothing to do */
    private boolean prepare(Optional<ServerApi.Facts> facts, String wanted) {
        Installation installation = journal.installation;
        boolean down = journal.direction == Journal.Direction.DOWNGRADE;
        journal.fromVersion = facts.map(ServerApi.Facts::appVersion).orElseGet(() -> ServerBinary.of(installation.binary(), installation.launch()).version().appVersion());
        journal.fromSchema = facts.map(ServerApi.Facts::schemaVersion).orElseGet(() -> schemaOfStopped(installation.database()));
        console.say("Current version: %s", journal.fromVersion);

        release = Releases.of(context).resolve(wanted);
        journal.toVersion = release.version();
        int order = Version.parse(journal.toVersion).compareTo(Version.parse(journal.fromVersion));
        if (order == 0) return false;
        if (down ? order > 0 : order < 0) {
            throw new OpsException(Exit.FAILED, "Version " + journal.toVersion + (down ? " is newer" : " is older") + " than " + journal.fromVersion,
                    down ? "Use 'storeit-ctl upgrade " + journal.toVersion + "'." : "Use 'storeit-ctl downgrade " + journal.toVersion + "'.");
        }
        Release.Asset server = release.requireServer();
        installation.requireControl();
        FileTree.requireWritable(journal.archiveFile());
        FileTree.requireWritable(installation.database());
        FileTree.requireWritable(installation.binary());
        requireSpace(installation);
        facts.ifPresent(found -> api.authenticate(found, Optional.of(installation.database()), context.settings()));
        release.requireTrusted(context, server, consents.allowUnsigned());
        if (facts.isEmpty()) {
            console.requireConsent(consents.yes(), "--yes", "The server does not run. The data is taken from " + installation.database() + " as it is.",
                    "Go on, and start version " + journal.toVersion + " afterwards?");
        }
        if (!consents.dryRun()) Installation.remember(installation, journal.serverUrl);
        return true;
    }

    private static int schemaOfStopped(Path database) {
        var state = DatabaseInspection.inspect(database);
        if (state.schemaVersion() == 0) throw new OpsException(Exit.FAILED, "Cannot use " + database + ": " + state.reason(), "");
        return state.schemaVersion();
    }

    private void requireSpace(Installation installation) {
        for (Space.Need need : Space.forMove(installation, release.requireServer().size())) {
            FileTree.requireSpace(need.place(), need.bytes(), "Make room, or choose another place for the backup with --data-dir.");
        }
    }

    private void tellWhatRollbackLeavesBehind(Optional<ServerApi.Facts> facts) {
        Path live = journal.installation.database();
        boolean written;
        if (journal.comesFromOurs()) {
            facts.ifPresent(found -> api.authenticate(found, Optional.of(live), context.settings()));
            long changes = facts.isPresent() ? api.health().map(ServerApi.Health::changes).orElse(-1L)
                    : ChangeMark.read(live).map(mark -> Long.parseLong(mark.substring(mark.indexOf(':') + 1))).orElse(-1L);
            written = changes != 0;
            if (changes > 0) console.say("%s written since the %s.", Words.counted(changes, "change was", "changes were"), journal.rolledBack);
        } else {
            Map<Table, RecordDifference.Difference> difference = RecordDifference.between(live, journal.candidateDatabase);
            written = difference.values().stream().anyMatch(found -> !found.isEmpty());
            if (written) console.say("Written since the %s: %s", journal.rolledBack, Words.difference(difference));
        }
        if (written) {
            console.requireConsent(consents.yes(), "--yes", "What was written since the " + journal.rolledBack + " will not be in version "
                    + journal.toVersion + "; it stays in " + journal.keptDatabase + ".", "Roll back?");
        }
        journal.installation.requireControl();
    }

    private void tellDifference(Path replaced) {
        Map<Table, RecordDifference.Difference> difference;
        try {
            difference = RecordDifference.between(replaced, journal.installation.database());
        } catch (DatabaseException incomparable) {
            // The rollback is done and good; a newer schema may lack what the comparison reads.
            console.warn("What was written since is not counted: %s", incomparable.getMessage());
            return;
        }
        if (difference.values().stream().anyMatch(found -> !found.isEmpty())) {
            console.say("Only in the kept database: %s", Words.difference(difference));
        }
    }

    // -- 1 backup, 2 download and rehearsal

    private void backUp() {
        Path archive = journal.archiveFile();
        Path part = partialBackup();
        step(1, "Creating backup before migration...");
        var backups = new Backups(context, Backups.Wanted.whatThereIs(true));
        try {
            if (journal.serverWasRunning) {
                journal.mark = journal.comesFromOurs() ? null : ChangeMark.ofHeader(journal.installation.database()).orElse(null);
                backups.fromServer(api, part);
            } else {
                backups.fromFiles(journal.installation, journal.fromVersion, part);
            }
            journal.installation.launch().giveTo(part);
            ServerBinary.Content content = source().verifyArchive(part);
            for (String problem : content.problems()) {
                // The images stay where they are; one that was damaged on the server's disk must not keep anybody from upgrading.
                if (!problem.startsWith("images/")) {
                    throw new OpsException(Exit.ARCHIVE, "The backup cannot be imported: " + problem,
                            "Mend that record with the running version, then try again.");
                }
                console.warn("%s", problem);
            }
            backups.tellMissing(content);
            if (journal.comesFromOurs()) {
                journal.mark = Optional.ofNullable(ArchiveReader.readManifest(part).source())
                        .map(source -> source.databaseId() + ":" + source.changeCounter()).orElse(null);
            }
            journal.fromSchema = content.schemaVersion();
            journal.archiveDigest = content.digest();
            setAside(archive);
            Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
            DatabaseSwitch.fsyncFolder(archive.getParent());
            journal.archive = archive;
            console.say("Backup saved to %s (%s)", archive, Words.megabytes(Files.size(archive)));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        } finally {
            removePartialBackup();
        }
    }

    private Path partialBackup() {
        return journal.archiveFile().resolveSibling(journal.archiveFile().getFileName() + ".part");
    }

    private void removePartialBackup() {
        FileTree.deleteQuietly(partialBackup());
        FileTree.deleteQuietly(ServerApi.partialDownload(partialBackup()));
    }

    private void download() {
        step(2, "Downloading %s target: %s...", journal.direction.name().toLowerCase(Locale.ROOT), journal.toVersion);
        VerifiedDownload fetched = release.fetch(context, release.requireServer(), journal.downloadFolder());
        Trial.requireVersion(fetched, journal.toVersion, journal.installation.launch(), workFolder().resolve("storeit-server"));
        fetched.placeAt(journal.newBinary());
        ServerBinary.Versions versions = target().requireVersion();
        fetched.discard();
        journal.toSchema = versions.expectedSchemaVersion();
        journal.candidateBinary = journal.newBinary();
        journal.write();
    }

    private void removeDownload() {
        if (journal.direction != Journal.Direction.ROLLBACK) FileTree.deleteQuietly(journal.newBinary());
    }

    /** Imports the real data with the target binary beside the real database, then starts the target on a copy of that. */
    private void rehearse() {
        console.say("Rehearsing with a copy of the data...");
        Path rows = workFolder().resolve("rows.storeit");
        archiveForTarget(rows, false);
        judgeLosses(rows, true);
        buildCandidate(rows);
        Path start = workFolder().resolve("start");
        Path copy = start.resolve("storeit.db");
        try {
            FileTree.delete(start);
            Files.createDirectory(start);
            Files.copy(journal.candidateDatabase, copy);
            journal.installation.launch().giveTo(start, copy);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        int port = Ports.free();
        String url = "http://127.0.0.1:" + port;
        Path log = start.resolve("server.log");
        ServerProcess server = target().startApart(copy, journal.installation.imageFolder(), "127.0.0.1:" + port, log);
        try (var rehearsed = new ServerApi(url)) {
            var health = Health.await(context, server::isAlive, rehearsed, copy, new ServerLog.OfFile(log), expectation());
            journal.unreadablePhotos = health.map(ServerApi.Health::unreadablePhotos).orElse(0L);
        } finally {
            server.terminate();
            server.awaitEnd(context.patience());
        }
        FileTree.deleteQuietly(start);
        journal.write();
    }

    /**
     * Writes the rows, without images (they stay where they are), as the target can import them. The newer side converts;
     * servers before 0.3.0 can't, so the transforms of this tool serve them.
     */
    private void archiveForTarget(Path rows, boolean fromStopped) {
        boolean targetIsOurs = journal.goesToOurs();
        boolean sourceIsOurs = journal.comesFromOurs();
        boolean down = journal.toSchema < journal.fromSchema || sourceIsOurs && !targetIsOurs;
        int schema = down && journal.toSchema != journal.fromSchema ? journal.toSchema : 0;
        String forVersion = targetIsOurs ? null : journal.toVersion;
        Installation installation = journal.installation;
        FileTree.deleteQuietly(rows);
        try {
            if (!sourceIsOurs && fromStopped) {
                Exporter.export(installation.database(), installation.imageFolder(), rows,
                        new ExportOptions(false, schema, forVersion, journal.fromVersion, true), Progress.NONE);
            } else if (!sourceIsOurs || !fromStopped && !down) {
                ArchiveConverter.convert(journal.archive, rows, new ArchiveConverter.Options(schema, forVersion, false), Progress.NONE);
            } else {
                Path database = installation.database();
                if (!fromStopped) {
                    database = workFolder().resolve("source.db");
                    Path copied = workFolder().resolve("source.storeit");
                    ArchiveConverter.convert(journal.archive, copied, new ArchiveConverter.Options(0, null, false), Progress.NONE);
                    installation.launch().giveTo(copied);
                    source().importInto(database, copied, installation.imageFolder(), true);
                }
                var arguments = new ArrayList<>(List.of("export", "-o", rows.toString(), "--without-images"));
                if (schema != 0) arguments.addAll(List.of("--to-schema", String.valueOf(schema)));
                if (forVersion != null) arguments.addAll(List.of("--for-version", forVersion));
                source().run(database, installation.imageFolder(), arguments);
            }
            installation.launch().giveTo(rows);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Shows what the target cannot hold and asks; a loss that appears only after the stop was never agreed to. */
    private void judgeLosses(Path rows, boolean mayAsk) {
        LossReport losses = ArchiveReader.readManifest(rows).losses();
        if (losses == null || losses.isEmpty()) return;
        if (!mayAsk) {
            if (journal.lossAccepted || consents.acceptLoss()) return;
            throw new OpsException(Exit.CONSENT, "Records written during the " + journal.direction.name().toLowerCase(Locale.ROOT)
                    + " hold values that version " + journal.toVersion + " cannot hold", "Run it again with --accept-loss.");
        }
        console.say("Version %s cannot hold:", journal.toVersion);
        losses.losses().forEach(loss -> console.say("  %s", Words.loss(loss)));
        if (losses.losses().stream().anyMatch(loss -> loss.field().equals("_password_hash"))) requireAdministrator(rows);
        console.requireConsent(consents.acceptLoss(), "--accept-loss", "These values stay in " + journal.archive + " and in "
                + journal.keptDatabaseFile() + ", but not in version " + journal.toVersion + ".", "Go on without them?");
        journal.lossAccepted = true;
        journal.write();
    }

    private void requireAdministrator(Path rows) {
        try {
            if (Administrators.canLogIn(rows)) return;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        throw new OpsException(Exit.FAILED, "No administrator could log in at version " + journal.toVersion
                + ": it cannot check any of their passwords", "Keep one administrator's Argon2 password, or stay at " + journal.fromVersion + ".");
    }

    /** Builds {@link Journal#candidateDatabase} from {@code rows} with the target binary and checks it against them. */
    private void buildCandidate(Path rows) {
        Path candidate = workFolder().resolve("candidate.db");
        FileTree.deleteWithSideFiles(candidate);
        target().importInto(candidate, rows, journal.installation.imageFolder(), true);
        DatabaseSwitch.makeSelfContained(candidate);
        ServerBinary.Content content = target().verify(candidate, journal.installation.imageFolder());
        if (content.schemaVersion() != journal.toSchema) {
            throw new OpsException(Exit.FAILED, "The rehearsed database has schema " + content.schemaVersion() + ", expected " + journal.toSchema,
                    "The release is not what it says it is; do not use it.");
        }
        content.requireSame(expected(rows), journal.archive);
        counts = content.counts();
        journal.candidateDatabase = candidate;
        journal.expectedDigest = content.digest();
        journal.write();
    }

    /** What the rows for the target amount to: their manifest says it, or, when an older server wrote them, they are read. */
    private ServerBinary.Content expected(Path rows) {
        Manifest manifest = ArchiveReader.readManifest(rows);
        if (manifest.counts() == null || manifest.digest() == null) return source().verifyArchive(rows);
        return new ServerBinary.Content(manifest.schemaVersion(), Json.byKey(manifest.counts()), manifest.digest().stamp(), List.of(), List.of());
    }

    // -- 3 stop, 4 import

    private void stop() {
        if (journal.serverWasRunning) stoppedAt = Instant.now();
        step(3, "Stopping server...");
        stopWhateverRuns();
        holdDatabase();
        DatabaseSwitch.makeSelfContained(journal.installation.database());
    }

    private void stopWhateverRuns() {
        if (filesOnly) return;
        Installation installation = journal.installation;
        installation.launch().stop(installation.runningProcess(journal.startedProcess), context.patience());
    }

    private void startPrevious() {
        releaseDatabase();
        if (!journal.serverWasRunning || filesOnly) return;
        Installation installation = journal.installation;
        if (installation.runningProcess(journal.startedProcess).isEmpty()) {
            console.say("Starting version %s again...", journal.fromVersion);
            startServer();
        }
        ServerProcess server = installation.runningProcess(journal.startedProcess).orElse(null);
        Health.await(context, () -> server == null || server.isAlive(), api, installation.database(), serverLog(),
                new Health.Expectation(journal.fromVersion, journal.fromSchema, null, -1));
    }

    private void startServer() {
        Installation installation = journal.installation;
        Ports.awaitFree(journal.serverUrl, context.patience());
        serverStart = Instant.now();
        journal.started(installation.launch().start(installation.binary(), journal.serverLog(), context.patience()));
    }

    private ServerLog serverLog() {
        SystemdUnit unit = journal.installation.launch().unit();
        return unit == null ? new ServerLog.OfFile(journal.serverLog()) : new ServerLog.OfUnit(unit, serverStart);
    }

    /** The rehearsed database is already right unless something was written since the backup. */
    private void importFinal() {
        step(4, "Importing data with new binary...");
        holdDatabase();
        if (unchangedSinceBackup()) return;
        console.say("Something was written since the backup: importing again.");
        Path rows = workFolder().resolve("rows.storeit");
        releaseDatabaseFor(() -> archiveForTarget(rows, true));
        judgeLosses(rows, false);
        buildCandidate(rows);
    }

    private boolean unchangedSinceBackup() {
        if (!journal.serverWasRunning) return true;
        Path database = journal.installation.database();
        if (journal.comesFromOurs()) {
            // Without a mark nothing was ever written by a server that sets one.
            return Objects.equals(ChangeMark.read(database).orElse(null), journal.mark);
        }
        if (journal.mark != null && ChangeMark.ofHeader(database).equals(Optional.of(journal.mark))) return true;
        return DatabaseVerification.digest(database).stamp().equals(journal.archiveDigest);
    }

    private void holdDatabase() {
        if (databaseLock != null) return;
        databaseLock = Locks.tryDatabase(journal.installation.database()).orElseThrow(() -> new OpsException(Exit.FAILED,
                "Another process still has the database: " + journal.installation.database(), "End it, then try again."));
    }

    private void releaseDatabase() {
        if (databaseLock == null) return;
        databaseLock.close();
        databaseLock = null;
    }

    /** The source server's own export takes the database lock itself. */
    private void releaseDatabaseFor(Runnable work) {
        releaseDatabase();
        work.run();
        holdDatabase();
    }

    // -- the switch

    private void switchDatabase() {
        holdDatabase();
        Path live = journal.installation.database();
        journal.keptDatabase = journal.keptDatabaseFile();
        if (FileIdentity.of(live).equals(journal.newDatabaseIdentity)) return;
        journal.oldDatabaseIdentity = FileIdentity.of(live);
        journal.newDatabaseIdentity = FileIdentity.of(journal.candidateDatabase);
        journal.newDatabaseMark = markOfNew(journal.candidateDatabase);
        setAside(journal.keptDatabase);
        journal.write();
        DatabaseSwitch.replace(live, journal.candidateDatabase, journal.keptDatabase);
        if (journal.direction == Journal.Direction.ROLLBACK) console.say("Database restored from %s", journal.candidateDatabase);
    }

    private void restoreDatabase() {
        if (journal.newDatabaseIdentity == null) return;
        Path live = journal.installation.database();
        String identity = FileIdentity.of(live);
        if (identity.equals(journal.oldDatabaseIdentity)) {
            FileTree.deleteQuietly(journal.keptDatabase);
            return;
        }
        requireKnown(identity, journal.newDatabaseIdentity, live);
        DatabaseSwitch.restore(live, journal.keptDatabase, placeForRefused(live));
    }

    /** Where the new database goes when it is taken out again: nowhere, unless somebody may have written into it. */
    private Path placeForRefused(Path live) {
        if (journal.direction == Journal.Direction.ROLLBACK) return journal.candidateDatabase;
        if (!journal.startedOnce || neverWrittenTo(live)) return null;
        Path failed = live.resolveSibling(live.getFileName() + ".failed-" + Journal.timeForNames());
        console.say("The database of version %s is kept as %s", journal.toVersion, failed);
        try {
            console.say("It has beyond the restored one: %s", Words.difference(RecordDifference.between(live, journal.keptDatabase)));
        } catch (DatabaseException damaged) {
            console.warn("It cannot be compared with the restored one: %s", damaged.getMessage());
        }
        journal.leftovers.add(failed);
        return failed;
    }

    /** A server from 0.3.0 on counts its writes; of an older one nobody knows. */
    private boolean neverWrittenTo(Path database) {
        try {
            return journal.goesToOurs() && ChangeMark.read(database).filter(mark -> mark.endsWith(":0")).isPresent();
        } catch (DatabaseException damaged) {
            return false;
        }
    }

    private String markOfNew(Path database) {
        return (journal.goesToOurs() ? ChangeMark.read(database) : ChangeMark.ofHeader(database)).orElse(null);
    }

    /** Since it was put in place. An older server may write at its start without changing what is archived. */
    private boolean writtenTo(Path database) {
        if (journal.newDatabaseMark != null && journal.newDatabaseMark.equals(markOfNew(database))) return false;
        return journal.goesToOurs() || journal.expectedDigest == null
                || !DatabaseVerification.digest(database).stamp().equals(journal.expectedDigest);
    }

    private void switchBinary() {
        Path live = journal.installation.binary();
        journal.keptBinary = journal.keptBinaryFile();
        if (FileIdentity.of(live).equals(journal.newBinaryIdentity)) return;
        journal.oldBinaryIdentity = FileIdentity.of(live);
        journal.newBinaryIdentity = FileIdentity.of(journal.candidateBinary);
        setAside(journal.keptBinary);
        journal.write();
        FileTree.replace(live, journal.candidateBinary, journal.keptBinary);
        if (journal.direction == Journal.Direction.ROLLBACK) console.say("Binary restored from %s", journal.candidateBinary);
    }

    private void restoreBinary() {
        if (journal.newBinaryIdentity == null) return;
        Path live = journal.installation.binary();
        String identity = FileIdentity.of(live);
        if (identity.equals(journal.oldBinaryIdentity)) {
            FileTree.deleteQuietly(journal.keptBinary);
            return;
        }
        requireKnown(identity, journal.newBinaryIdentity, live);
        FileTree.replace(live, journal.keptBinary, journal.direction == Journal.Direction.ROLLBACK ? journal.candidateBinary : null);
    }

    private void requireKnown(String identity, String expected, Path file) {
        if (!identity.equals(expected)) {
            throw new OpsException(Exit.ATTENTION, file + " is neither the old nor the new file: somebody else replaced it",
                    journal.whereThingsAre());
        }
    }

    /** An older file of a documented name gets its time; the journal of the upgrade it belongs to follows it. */
    private void setAside(Path name) {
        if (!Files.exists(name)) return;
        Path dated = DatabaseSwitch.dated(name);
        journal.leftovers.replaceAll(leftover -> leftover.equals(name) ? dated : leftover);
        journal.rename(name, dated, journal.previous);
    }

    // -- 5 start, 6 check and commit

    private void start() {
        releaseDatabase();
        journal.startedOnce = true;
        journal.write();
        Optional<ServerProcess> running = journal.installation.runningProcess(journal.startedProcess);
        if (running.isPresent()) {
            journal.started(running.get());
            return;
        }
        step(5, "Starting server...");
        startServer();
    }

    private void stopStarted() {
        if (journal.startedOnce) stopWhateverRuns();
        holdDatabase();
    }

    private void check() {
        step(6, "Checking health...");
        Installation installation = journal.installation;
        // Of a unit that systemd keeps starting again there is always some process; the one that was started has to live.
        BooleanSupplier alive = () -> installation.launch().unit() == null ? installation.runningProcess(journal.startedProcess).isPresent()
                : journal.startedProcess.isAlive();
        Health.await(context, alive, api, installation.database(), serverLog(), expectation());
        healthyAt = Instant.now();
    }

    private Health.Expectation expectation() {
        return new Health.Expectation(journal.toVersion, journal.toSchema, journal.expectedDigest, journal.unreadablePhotos);
    }

    private void commit() {
        journal.commit();
    }

    // -- small things

    /** The documentation numbers the steps of an upgrade from 1 to 6; a rollback has no first two and imports nothing. */
    private void step(int number, String text, Object... arguments) {
        if (journal.direction != Journal.Direction.ROLLBACK) console.step(number, 6, text, arguments);
        else console.step(number == 3 ? 1 : number - 3, 3, text, arguments);
    }

    /** The binary in place before the switch. */
    private ServerBinary source() {
        return new ServerBinary(journal.installation.binary(), journal.installation.launch(), journal.fromVersion);
    }

    private ServerBinary target() {
        return new ServerBinary(journal.newBinary(), journal.installation.launch(), journal.toVersion);
    }

    private Path workFolder() {
        Path folder = journal.workFolder();
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                journal.installation.launch().giveTo(folder);
            }
            return folder;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** With the programs in it that outlived a killed storeit-ctl. */
    private void removeRehearsal() {
        for (ServerProcess orphan : ServerProcess.workingIn(journal.workFolder(), List.of(journal.newBinary(), journal.installation.binary()))) {
            orphan.terminate();
            orphan.awaitEnd(context.patience());
        }
        FileTree.deleteQuietly(journal.workFolder());
    }
}

/** Removes what an operation leaves until it is known to be good. */
final class Cleanup {
    private Cleanup() {}

    static Result run(Context context, Consents given) {
        Platform.requireLinux("cleanup");
        return Migration.withInstallation(context, given, (installation, facts, api) -> {
            var console = context.console();
            Optional<Journal> journal = Journal.read(installation.database());
            var removable = new ArrayList<Path>();
            var precious = new ArrayList<Path>();
            for (Journal record = journal.orElse(null); record != null; record = record.previous) {
                if (record.direction != Journal.Direction.ROLLBACK && record.state == Journal.State.COMMITTED) {
                    removable.add(record.keptBinary);
                    removable.add(record.keptDatabase);
                }
            }
            journal.ifPresent(record -> record.leftovers.forEach(leftover -> {
                boolean database = leftover.getFileName().toString().startsWith(installation.database().getFileName().toString());
                (database ? precious : removable).add(leftover);
            }));
            removable.add(Layout.firstPassword(installation.dataFolder()));
            removable.removeIf(file -> !Files.exists(file));
            precious.removeIf(file -> !Files.exists(file));
            boolean removePrecious = !precious.isEmpty() && (given.yes() || !given.dryRun() && console.asks(
                    "These databases may hold records that are nowhere else: " + Words.few(precious), "Remove them too?"));
            if (removePrecious) removable.addAll(precious);
            var cleaned = new Cleaned(List.copyOf(removable), removePrecious ? List.of() : List.copyOf(precious));
            if (given.dryRun()) return Plan.of(console, removable.stream().map(file -> "Remove " + file).toList());
            for (Path file : removable) {
                try {
                    Files.delete(file);
                } catch (IOException failure) {
                    throw OpsException.of(failure);
                }
            }
            journal.ifPresent(record -> FileTree.deleteQuietly(record.workFolder()));
            FileTree.deleteQuietly(Layout.downloads(installation.dataFolder()));
            if (cleaned.kept().isEmpty()) FileTree.deleteQuietly(Journal.file(installation.database()));
            else journal.get().forgetPairs();
            return cleaned;
        });
    }

    record Cleaned(List<Path> removed, List<Path> kept) implements Result {
        @Override
        public void print(Console console) {
            Optional<Path> password = removed.stream().filter(file -> file.equals(Layout.firstPassword(file.getParent()))).findFirst();
            List<Path> files = removed.stream().filter(file -> !file.equals(password.orElse(null))).toList();
            console.print(files.isEmpty() ? "No rollback files to clean up" : "Cleaned up rollback files:");
            files.forEach(file -> console.print("  %s", file));
            password.ifPresent(file -> console.print("Removed the file with the first administrator's password: %s", file));
            if (kept.isEmpty()) return;
            console.print("Kept, for they may hold records that are nowhere else (--yes removes them):");
            kept.forEach(file -> console.print("  %s", file));
        }
    }
}
