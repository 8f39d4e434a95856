///usr/bin/env true; d=${0%/*}; [ -x "$d/target/storeit-ctl" ] && exec "$d/target/storeit-ctl" "$@"; true \
// ; [ -x "$d/scripts/jbang" ] && exec "$d/scripts/jbang" "$0" "$@"; exec jbang "$0" "$@"; exit $?
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

import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.inspect.Administrators;
import io.storeit.interchange.inspect.ArchiveVerification;
import io.storeit.interchange.inspect.DatabaseVerification;
import io.storeit.interchange.inspect.RecordDifference;
import io.storeit.interchange.inspect.VerificationReport;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChangeToken;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.JournalState;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.interchange.transfer.ArchiveConverter;
import io.storeit.interchange.transfer.ExportOptions;
import io.storeit.interchange.transfer.Exporter;
import io.storeit.ops.archives.Archives;
import io.storeit.ops.archives.ConvertRequest;
import io.storeit.ops.archives.TrialRestore;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.CommandHelp;
import io.storeit.ops.console.Consents;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Done;
import io.storeit.ops.console.Json;
import io.storeit.ops.console.Pipe;
import io.storeit.ops.console.Plan;
import io.storeit.ops.console.Result;
import io.storeit.ops.console.Verbosity;
import io.storeit.ops.doctor.Doctor;
import io.storeit.ops.doctor.StatusReport;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Interruption;
import io.storeit.ops.host.Platform;
import io.storeit.ops.host.Programs;
import io.storeit.ops.host.Retention;
import io.storeit.ops.host.ScratchFolder;
import io.storeit.ops.install.InstallRequest;
import io.storeit.ops.install.Installer;
import io.storeit.ops.install.UninstallRequest;
import io.storeit.ops.install.Uninstaller;
import io.storeit.ops.installation.Candidate;
import io.storeit.ops.installation.Direction;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.Moved;
import io.storeit.ops.installation.Pair;
import io.storeit.ops.installation.Resumed;
import io.storeit.ops.installation.RunningOperation;
import io.storeit.ops.installation.SafetyBackup;
import io.storeit.ops.installation.SavedBackup;
import io.storeit.ops.installation.Side;
import io.storeit.ops.installation.Space;
import io.storeit.ops.installation.Step;
import io.storeit.ops.installation.Switched;
import io.storeit.ops.process.Ports;
import io.storeit.ops.process.ServerLog;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.process.SystemdUnit;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.release.VerifiedDownload;
import io.storeit.ops.server.Health;
import io.storeit.ops.server.RowsForTarget;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.server.ServerJob;
import io.storeit.ops.server.WarmUpServer;
import io.storeit.ops.settings.Configuration;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Options;
import io.storeit.ops.settings.Settings;
import io.storeit.ops.updates.ReleaseList;
import io.storeit.ops.updates.SelfUpdate;
import io.storeit.ops.updates.SelfUpdateRequest;
import io.storeit.ops.updates.Trial;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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
 * <p>What it does to a machine: it asks the running server for a backup, downloads the other version, rehearses the
 * import with the real data beside the real database, stops the server, puts database and binary in place with one
 * rename each, starts the server, checks it, and puts everything back when anything fails before the commit.
 *
 * <p>Files it leaves: {@code <db>.migration-journal} (what it is doing and what it kept), {@code <db>.operation.lock},
 * {@code <db>.pre-import} and {@code <binary>.pre-upgrade} or {@code .pre-downgrade} (the pair it replaced, until
 * {@code cleanup}), {@code <data directory>/pre-upgrade.storeit} (the safety backup), and one record per server address
 * under {@code ~/.local/state/storeit-ctl/} that names the installation when its server is not running. What
 * {@code install} puts where is in {@link Layout}.
 *
 * <p>This file is the story: the commands, then status, backup, restore, the moves and cleanup. How each of them is
 * done (processes, systemd, releases and trust, the journal, settings, the console) is in the packages of {@code
 * scripts/ops}.
 */
@Command(
        name = "storeit-ctl",
        description = "Moves a StoreIT installation, data and code together, between versions.",
        synopsisSubcommandLabel = "COMMAND",
        usageHelpWidth = 80)
final class StoreitCtl implements Callable<Integer> {
    /** The commands in the order of {@code --help}; names, because only the class of the called command is loaded. */
    private static final List<String> COMMANDS = List.of(
            "status", "doctor", "releases", "config", "backup", "upgrade", "downgrade", "rollback", "resume", "cleanup",
            "verify", "show", "diff", "convert", "restore", "install", "uninstall", "self-update", "help",
            "__warm", "__ready");

    /** The class of a command has its name in camel case: {@code self-update} is {@code SelfUpdateCommand}. */
    private static Class<?> command(String name) {
        var className = new StringBuilder(StoreitCtl.class.getName()).append('$');
        for (String word : name.replace("_", "").split("-")) {
            className.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
        }
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

    @Option(names = "--json", scope = ScopeType.INHERIT,
            description = "Print the result, or the error, as one JSON object.")
    boolean json;

    @Option(names = {"-q", "--quiet"}, scope = ScopeType.INHERIT,
            description = "Print only results, warnings and errors.")
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
        boolean atBoot = List.of(arguments).equals(List.of("resume", "--at-boot"));
        if (atBoot && !Migration.mayBeInterrupted(System.getenv())) System.exit(0);
        Interruption.install();
        int exit = configured(named(arguments)).execute(arguments);
        Interruption.finished();
        System.exit(exit);
    }

    /** Returns the configured command line. {@link #main} and the tests share it; tests set its out and err. */
    static CommandLine commandLine() {
        return configured(COMMANDS);
    }

    /** Returns only the called command: reading the annotations of all takes longer than most need to run. */
    private static List<String> named(String[] arguments) {
        List<String> given = List.of(arguments);
        if (given.contains("help") || given.contains("--help") || given.contains("-h")) return COMMANDS;
        // More than one when the value of an option is the name of another.
        List<String> named = COMMANDS.stream().filter(given::contains).toList();
        return named.isEmpty() ? COMMANDS : named;
    }

    private static CommandLine configured(List<String> commands) {
        var root = new StoreitCtl();
        var line = new CommandLine(root);
        for (String command : commands) line.addSubcommand(command(command));
        if (commands.size() > 1) CommandHelp.describe(line);
        return line
                .setExecutionExceptionHandler((failure, command, parse) ->
                        root.console(command).failure(OpsException.of(failure)))
                .setParameterExceptionHandler((failure, arguments) -> {
                    root.json |= List.of(arguments).contains("--json");
                    return root.console(failure.getCommandLine()).failure(CommandHelp.wrongUsage(failure));
                });
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
        var given = new EnumMap<Settings.Key, Object>(Settings.Key.class);
        for (CommandLine.Model.CommandSpec mixin : command.mixins().values()) {
            if (mixin.userObject() instanceof Options.Given options) options.addTo(given);
        }
        Settings settings = Settings.load(given);
        return new Context(console(command.commandLine()), settings, settings.patience());
    }

    // ---- Options that several commands share -----------------------------------------------------------------------

    static final class DryRun {
        @Option(names = {"-n", "--dry-run"}, order = 40,
                description = "Run the checks that change nothing, print what would be done, and stop.")
        boolean given;
    }

    static final class Yes {
        @Option(names = {"-y", "--yes"}, order = 41, description = "Answer yes to the questions of this command.")
        boolean given;
    }

    static final class AllowUnsigned {
        @Option(names = "--allow-unsigned", order = 42,
                description = "Accept a release whose signature cannot be checked.")
        boolean given;
    }

    static final class AcceptLoss {
        @Option(names = "--accept-loss", order = 43,
                description = "Accept that the older version cannot hold some values.")
        boolean given;
    }

    // ---- Commands: options, one call, a result ---------------------------------------------------------------------

    /** A command has options, and makes one call that gives a result to be printed. */
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

    @Command(name = "status", description = "Show version, health, available rollback, and any interrupted operation.")
    static final class StatusCommand extends Subcommand {
        @Mixin Options.Installation installation;

        @Override
        Result run(Context context) {
            return StatusReport.of(context);
        }
    }

    @Command(name = "doctor", description = "Check this installation for problems and suggest a fix for each.")
    static final class DoctorCommand extends Subcommand {
        @Mixin Options.Installation installation;
        @Mixin Options.Release releases;

        @Override
        Result run(Context context) {
            return Doctor.of(context);
        }
    }

    @Command(name = "releases", description = "List the versions that can be installed, with their schema versions.")
    static final class ReleasesCommand extends Subcommand {
        @Mixin Options.Installation installation;
        @Mixin Options.Release releases;

        @Override
        Result run(Context context) {
            return ReleaseList.of(context);
        }
    }

    @Command(name = "config", description = "Show each setting and its source. Secrets are not shown.")
    static final class ConfigCommand extends Subcommand {
        @Mixin Options.Installation installation;
        @Mixin Options.Login login;
        @Mixin Options.Release releases;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            return Configuration.of(context.settings());
        }
    }

    @Command(name = "backup",
            description = "Save everything into an archive, from a running server or from the files of a stopped one.")
    static final class BackupCommand extends Subcommand {
        @Option(names = {"-o", "--output"}, order = 1, paramLabel = "FILE|DIRECTORY|-",
                description = "The archive to write, a directory for a new one named by its time, or - for standard "
                        + "output (default: storeit-backup-<unix seconds>.storeit here).")
        String output;

        @Option(names = "--verify", order = 2,
                description = "Also restore the backup into a scratch database and compare the two.")
        boolean verify;

        @Option(names = "--allow-missing-images", order = 3,
                description = "Save the rest when some photos have no file.")
        boolean allowMissingImages;

        @Option(names = "--keep-daily", order = 4, paramLabel = "N",
                description = "Keep the newest backup in that directory of each of the last N days with a backup,")
        Integer daily;

        @Option(names = "--keep-weekly", order = 5, paramLabel = "N", description = "of each of the last N weeks,")
        Integer weekly;

        @Option(names = "--keep-monthly", order = 6, paramLabel = "N",
                description = "of each of the last N months, and the newest of all. Delete the others.")
        Integer monthly;

        @Mixin DryRun dry;
        @Mixin Options.Installation installation;
        @Mixin Options.Login login;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            var backups = new Backups(context, new Backups.Wanted(true, allowMissingImages, verify));
            boolean limited = daily != null || weekly != null || monthly != null;
            var retention = limited
                    ? new Retention(Retention.count(daily), Retention.count(weekly), Retention.count(monthly)) : null;
            if (output != null && (output.endsWith("/") || Files.isDirectory(Path.of(output)))) {
                return backups.toFolder(Path.of(output).toAbsolutePath(), Optional.ofNullable(retention), dry.given);
            }
            if (limited) {
                throw new OpsException(Exit.USAGE, "--keep-daily, --keep-weekly and --keep-monthly need a directory",
                        "Name it with -o DIRECTORY/.");
            }
            if (Pipe.NAME.equals(output)) return backups.toStandardOutput(ctl.json, dry.given);
            String name = output != null ? output : "storeit-backup-" + Instant.now().getEpochSecond() + ".storeit";
            Path target = Path.of(name).toAbsolutePath();
            return dry.given ? backups.plan(target) : backups.toFile(target);
        }
    }

    @Command(name = "upgrade", description = "Move to a newer version.")
    static final class UpgradeCommand extends Subcommand {
        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest",
                description = "For example 0.3.0 (default: the latest release).")
        String version;

        @Option(names = "--check", order = 1, description = "Only report whether there is a newer release.")
        boolean check;

        @Mixin DryRun dry;
        @Mixin Yes yes;
        @Mixin AllowUnsigned unsigned;
        @Mixin AcceptLoss loss;
        @Mixin Options.Installation installation;
        @Mixin Options.Login login;
        @Mixin Options.Release releases;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            if (check) return SelfUpdate.check(context, version);
            return Migration.move(context, Direction.UPGRADE, version,
                    new Consents(yes.given, unsigned.given, loss.given, dry.given));
        }
    }

    @Command(name = "downgrade", description = "Move to an older version, after showing what it cannot hold.")
    static final class DowngradeCommand extends Subcommand {
        @Parameters(paramLabel = "VERSION", description = "For example 0.2.1.")
        String version;

        @Mixin DryRun dry;
        @Mixin Yes yes;
        @Mixin AllowUnsigned unsigned;
        @Mixin AcceptLoss loss;
        @Mixin Options.Installation installation;
        @Mixin Options.Login login;
        @Mixin Options.Release releases;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            return Migration.move(context, Direction.DOWNGRADE, version,
                    new Consents(yes.given, unsigned.given, loss.given, dry.given));
        }
    }

    @Command(name = "rollback",
            description = "Put back the binary and the database that the last upgrade or downgrade replaced.")
    static final class RollbackCommand extends Subcommand {
        @Mixin DryRun dry;
        @Mixin Yes yes;
        @Mixin Options.Installation installation;
        @Mixin Options.Login login;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            return Migration.rollback(context, new Consents(yes.given, false, false, dry.given));
        }
    }

    @Command(name = "resume",
            description = "Finish or undo what a crash or a power cut interrupted.")
    static final class ResumeCommand extends Subcommand {
        @Option(names = "--at-boot", order = 1,
                description = "For the service unit, before it starts the server: only put the files in place, of the "
                        + "database that the environment names.")
        boolean atBoot;

        @Mixin DryRun dry;
        @Mixin Options.Installation installation;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            if (atBoot) return Migration.resumeAtBoot(context, System.getenv());
            return Migration.resume(context, new Consents(false, false, false, dry.given));
        }
    }

    @Command(name = "cleanup", description = "Remove the files that only rollback needs. Safety backups stay.")
    static final class CleanupCommand extends Subcommand {
        @Mixin DryRun dry;
        @Mixin Yes yes;
        @Mixin Options.Installation installation;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            return Cleanup.run(context, new Consents(yes.given, false, false, dry.given));
        }
    }

    @Command(name = "verify",
            description = "Read an archive to its end and check structure, counts, references and photos.")
    static final class VerifyCommand extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE",
                description = "A .storeit file, a .tar.gz of an old server, or - for standard input.")
        Path archive;

        @Override
        Result run(Context context) {
            return Archives.verify(context.console(), archive);
        }
    }

    @Command(name = "show", description = "Show what an archive holds: its counts, its tree, or where something is.")
    static final class ShowCommand extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE", description = "A .storeit file, or a .tar.gz of an old server.")
        Path archive;

        @Option(names = "--tree", order = 1, description = "List every place and what is in it.")
        boolean tree;

        @Option(names = "--depth", order = 2, paramLabel = "N",
                description = "With --tree: list places down to this depth; 0 lists the outermost.")
        Integer depth;

        @Option(names = "--find", order = 3, paramLabel = "TEXT",
                description = "Search names, descriptions, aliases, keywords and categories, as the server does.")
        String text;

        @Option(names = "--limit", order = 4, paramLabel = "N", defaultValue = "20",
                description = "With --find: show the best N (default: ${DEFAULT-VALUE}).")
        int limit;

        @Override
        Result run(Context context) {
            if (tree && text != null) {
                throw new OpsException(Exit.USAGE, "--tree and --find cannot be combined",
                        "Run the command once for each.");
            }
            if (depth != null && (!tree || depth < 0)) {
                throw new OpsException(Exit.USAGE, "--depth needs --tree and a number from 0 on", "");
            }
            Archives.requireCount("--limit", limit);
            Path file = Archives.existing(archive);
            if (tree) return new Archives.Tree(context.console(), file, depth == null ? Integer.MAX_VALUE : depth);
            if (text != null) return Archives.find(context.console(), file, text, limit);
            return Archives.summary(context.console(), file);
        }
    }

    @Command(name = "diff",
            description = "Show what was added, changed and removed from an archive to another, or to now.")
    static final class DiffCommand extends Subcommand {
        @Parameters(index = "0", paramLabel = "ARCHIVE", description = "The older archive.")
        Path older;

        @Parameters(index = "1", arity = "0..1", paramLabel = "ARCHIVE",
                description = "The newer one (default: what the installation holds now).")
        Path newer;

        @Option(names = "--limit", order = 1, paramLabel = "N", defaultValue = "20",
                description = "Name this many added, changed and removed records of each kind; all are counted "
                        + "(default: ${DEFAULT-VALUE}).")
        int limit;

        @Mixin Options.Installation installation;
        @Mixin Options.Login login;

        @Override
        Result run(Context context) {
            Archives.requireCount("--limit", limit);
            Path before = Archives.existing(older);
            if (newer == null) return withNow(context, before);
            Path after = Archives.existing(newer);
            return Archives.Difference.between(context.console(), before, after, after.toString(), limit);
        }

        /** Compares with what the installation holds; a backup without photos is made for that. */
        private Result withNow(Context context, Path before) {
            try (var folder = ScratchFolder.temporary()) {
                Path now = folder.resolve("now.storeit");
                new Backups(context, Backups.Wanted.whatThereIs(false)).save(now);
                return Archives.Difference.between(context.console(), before, now, context.settings().serverUrl(),
                        limit);
            }
        }
    }

    @Command(name = "convert",
            description = "Write a copy of an archive: in another schema version, or without photos.")
    static final class ConvertCommand extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE", description =
                "A .storeit file, or a .tar.gz of an old server. It is not changed.")
        Path archive;

        @Option(names = {"-o", "--output"}, order = 1, required = true, paramLabel = "FILE",
                description = "The archive to write.")
        Path output;

        @Option(names = "--to-schema", order = 2, paramLabel = "N",
                description = "Schema version of the new archive (default: that of the old one).")
        Integer schema;

        @Option(names = "--for-version", order = 3, paramLabel = "VERSION",
                description = "The server that is going to read it, for example 0.2.1.")
        String version;

        @Option(names = "--without-images", order = 4, description = "Leave the photos out.")
        boolean withoutImages;

        @Mixin DryRun dry;
        @Mixin AcceptLoss loss;

        @Option(names = {"-y", "--yes"}, order = 41, description = "Replace FILE if it exists.")
        boolean yes;

        @Override
        Result run(Context context) {
            return Archives.convert(context.console(), new ConvertRequest(
                    Archives.existing(archive), output, schema, version, withoutImages, loss.given, yes, dry.given));
        }
    }

    @Command(name = "restore", description = "Replace the current data with a backup. The replaced data is kept.")
    static final class RestoreCommand extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE",
                description = "A .storeit file, a .tar.gz of an old server, or - for standard input.")
        Path archive;

        @Mixin DryRun dry;
        @Mixin Yes yes;
        @Mixin AcceptLoss loss;
        @Mixin Options.Installation installation;
        @Mixin Options.Login login;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            if (archive.toString().equals(Pipe.NAME) && Pipe.NAME.equals(login.passwordFile)) {
                throw new OpsException(Exit.USAGE, "Standard input cannot be both the archive and the password",
                        "Name a file with --password-file.");
            }
            return Restoration.run(context, archive, new Consents(yes.given, false, loss.given, dry.given));
        }
    }

    @Command(name = "install", description = "Install StoreIT on this machine, running and ready to log in.")
    static final class InstallCommand extends Subcommand {
        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest",
                description = "For example 0.3.0 (default: the latest release).")
        String version;

        @Option(names = "--user", order = 1, description = "Install for the calling user only, without root.")
        boolean forUser;

        @Option(names = "--no-service", order = 2,
                description = "Set up no service; print a line that starts the server.")
        boolean noService;

        @Option(names = "--bind", order = 3, paramLabel = "ADDRESS:PORT", defaultValue = "0.0.0.0:8080",
                description = "Where the server listens (default: ${DEFAULT-VALUE}).")
        String bind;

        @Option(names = "--java", order = 4, paramLabel = "FILE",
                description = "The Java that runs the server (default: one that its user can run).")
        Path java;

        @Mixin DryRun dry;
        @Mixin AllowUnsigned unsigned;
        @Mixin Options.Place place;
        @Mixin Options.Release releases;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            var consents = new Consents(false, unsigned.given, false, dry.given);
            return new Installer(context, new InstallRequest(version, forUser, noService, bind, java, consents)).run();
        }
    }

    @Command(name = "uninstall", description =
            "Remove what install added. Data and settings stay unless --delete-data is given.")
    static final class UninstallCommand extends Subcommand {
        @Option(names = "--user", order = 1, description = "Remove what was installed with --user.")
        boolean forUser;

        @Option(names = "--delete-data", order = 2, description = "Delete the data, the backups and the settings too.")
        boolean deleteData;

        @Mixin DryRun dry;
        @Mixin Yes yes;
        @Mixin Options.Place place;

        @Override
        Result run(Context context) {
            var consents = new Consents(yes.given, false, false, dry.given);
            return new Uninstaller(context, new UninstallRequest(forUser, deleteData, consents)).run();
        }
    }

    @Command(name = "self-update", description = "Replace this storeit-ctl by that of another release.")
    static final class SelfUpdateCommand extends Subcommand {
        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest",
                description = "For example 0.3.0 (default: the latest release).")
        String version;

        @Option(names = "--file", order = 1, paramLabel = "FILE",
                description = "The storeit-ctl to replace (default: the one that runs).")
        Path file;

        @Mixin DryRun dry;
        @Mixin AllowUnsigned unsigned;
        @Mixin Options.Release releases;
        @Mixin Options.Patience patience;

        @Override
        Result run(Context context) {
            return SelfUpdate.replaceTool(context, new SelfUpdateRequest(version, file, unsigned.given, dry.given));
        }
    }

    @Command(name = "help", helpCommand = true, description = "Show the help of a command.")
    static final class HelpCommand implements Callable<Integer> {
        @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "Such as upgrade (default: all commands).")
        String command;

        @CommandLine.Spec CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() {
            CommandLine root = spec.parent().commandLine();
            CommandLine shown = command == null ? root : root.getSubcommands().get(command);
            if (shown == null) throw CommandHelp.noSuchCommand(root, command);
            shown.usage(root.getOut());
            return Exit.OK.code;
        }
    }

    /**
     * Runs what short commands run while Java records its start-up cache, against a server in this process. The launch
     * stub calls it.
     */
    @Command(name = "__warm", hidden = true)
    static final class WarmCommand implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            Path folder = Files.createTempDirectory("storeit-ctl-");
            try (var server = new WarmUpServer()) {
                // This process is the server, too, so that looking for its program and its files is also recorded.
                String program = Programs.self().map(Path::toString).orElse("storeit-ctl");
                var nowhere = new PrintWriter(Writer.nullWriter());
                var status = List.of("status", "--server-url", server.url(), "--binary", program);
                var json = Stream.concat(status.stream(), Stream.of("--json")).toList();
                for (var arguments : List.of(List.of("--help"), status, json)) {
                    commandLine().setOut(nowhere).setErr(nowhere).execute(arguments.toArray(String[]::new));
                }
                Installation.forget(server.url());
                Path journal = folder.resolve("journal");
                Files.write(journal, Json.write(new Journal()));
                Json.read(journal, Journal.class);
            } finally {
                FileTree.deleteQuietly(folder);
            }
            return Exit.OK.code;
        }
    }

    /**
     * Makes the systemd unit ready: it ends when the server answers, or has ended. systemd names the server's process
     * and waits for this one.
     */
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

// ---- Backup and restore ---------------------------------------------------------------------------------------------

/** Makes backups: through a running server's API, or from the files of a stopped one. */
final class Backups {
    private final Context context;
    private final Console console;
    private final Wanted wanted;

    /** @param rehearsed whether a backup is restored on trial before it counts as made */
    record Wanted(boolean images, boolean allowMissingImages, boolean rehearsed) {
        /** An upgrade and a comparison need as much as there is. */
        static Wanted whatThereIs(boolean images) {
            return new Wanted(images, true, false);
        }
    }

    Backups(Context context, Wanted wanted) {
        this.context = context;
        this.console = context.console();
        this.wanted = wanted;
    }

    /**
     * Writes a new archive into a directory and checks it; only then the older ones that need not be kept are deleted.
     */
    Result toFolder(Path folder, Optional<Retention> retention, boolean dryRun) {
        if (!Files.isDirectory(folder)) {
            throw new OpsException(Exit.FAILED, "The directory " + folder + " does not exist",
                    "Create it for the user who runs this command.");
        }
        Path target = Retention.newFile(folder, Instant.now());
        try {
            if (dryRun) return plan(target, retention.isEmpty() ? List.of()
                    : superfluous(retention.get(), folder, target));
            Saved saved = toFile(target);
            if (retention.isEmpty()) return saved;
            if (!saved.missingImages().isEmpty()) {
                console.warn("No older backup was deleted: they may hold the photos that are missing here.");
                return saved;
            }
            List<Path> superfluous = superfluous(retention.get(), folder, target);
            for (Path older : superfluous) Files.delete(older);
            DurableFiles.fsyncFolder(folder);
            return saved.withDeleted(superfluous);
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED,
                    "An older backup in " + folder + " could not be deleted: " + Reasons.withFile(failure),
                    "The new one is good. Delete the older one, or let the owner of the directory make the backups.",
                    failure);
        }
    }

    private static List<Path> superfluous(Retention retention, Path folder, Path target) throws IOException {
        var backups = new LinkedHashSet<>(Retention.backupsIn(folder));
        backups.add(target);
        return retention.superfluous(List.copyOf(backups), target);
    }

    /** Writes {@code target}, which appears only when it is complete, and checks it by reading it to its end. */
    Saved toFile(Path target) {
        Destination.requireWritable(target);
        Saved saved = make(target, "The backup was saved as " + target + ", but");
        SavedBackup.remember(context.settings().serverUrl(), saved.remembered(target.toString()));
        return saved;
    }

    /**
     * Makes the archive as a file and checks it before its first byte is written: a reader such as restic takes the end
     * of its input for the end of a good backup, and must get either nothing or all.
     */
    Result toStandardOutput(boolean json, boolean dryRun) {
        if (json) {
            throw new OpsException(Exit.USAGE, "Standard output cannot hold both the backup and a JSON object",
                    "Remove --json, or name a file.");
        }
        if (dryRun) return plan(Path.of(Pipe.NAME));
        Pipe.requireReader();
        try (var scratch = ScratchFolder.temporary()) {
            Saved saved = make(scratch.resolve("backup.storeit"), "Nothing was written: the backup was made, but");
            Pipe.send(console, saved.archive());
            SavedBackup.remember(context.settings().serverUrl(), saved.remembered(Pipe.NAME));
            console.say("Backup saved: standard output (%s)", Words.megabytes(saved.bytes()));
            return new Done();
        }
    }

    /** Finds out whether a backup could be made, without making it. */
    Plan plan(Path target) {
        return plan(target, List.of());
    }

    private Plan plan(Path target, List<Path> superfluous) {
        boolean piped = target.toString().equals(Pipe.NAME);
        if (!piped) Destination.requireWritable(target);
        var steps = new ArrayList<String>();
        onInstallation((installation, facts, api) -> steps.add(facts.isPresent()
                ? "Let the server at " + context.settings().serverUrl() + " make a backup"
                : "Save from " + installation.orElseThrow().database() + ", because the server is not running"));
        steps.add("Read it to its end and check it"
                + (wanted.rehearsed() ? ", restore it into a scratch database and compare the two" : ""));
        steps.add("Save it as " + (piped ? "standard output" : target));
        superfluous.forEach(file -> steps.add("Delete " + file));
        return Plan.of(console, steps);
    }

    private interface Work<T> {
        /**
         * @param installation empty when the server runs elsewhere, or as another user
         * @param facts empty when it is not running
         */
        T on(Optional<Installation> installation, Optional<ServerApi.Facts> facts, ServerApi api);
    }

    private <T> T onInstallation(Work<T> work) {
        String url = context.settings().serverUrl();
        try (var api = new ServerApi(url)) {
            Optional<ServerApi.Facts> facts = api.probe();
            Optional<Installation> installation = Installation.find(context, facts.isPresent());
            if (facts.isEmpty() && installation.isEmpty()) throw Installation.unknown(context, false);
            if (wanted.rehearsed() && installation.isEmpty()) {
                throw new OpsException(Exit.FAILED, "The backup cannot be restored on trial: that needs the server's "
                        + "own program, and no process of the server at " + url + " is visible here",
                        "Run this on the server's machine, as root or as the server's user, or without --verify.");
            }
            if (facts.isPresent()) api.authenticate(facts.get(), installation.map(Installation::database),
                    context.settings());
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

    /** @param fate the beginning of the message about a backup whose records contradict each other */
    private Saved make(Path file, String fate) {
        return onInstallation((installation, facts, api) -> {
            // The lock keeps two from one scratch database, and from files that an upgrade is changing.
            try (var operation = facts.isEmpty() || wanted.rehearsed() ? lock(installation) : null) {
                ServerBinary.Content content = write(file, installation, facts, api).verifyArchive(file);
                requireUsable(content, fate);
                if (wanted.rehearsed()) {
                    console.say("Restoring the backup into a scratch database...");
                    String version = Migration.versionInPlace(installation.orElseThrow(), facts);
                    TrialRestore.requireSame(installation.orElseThrow(), version, file, content);
                }
                return new Saved(file, FileFacts.sizeOf(file), FileFacts.sha256(file), content.schemaVersion(),
                        content.counts(),
                        content.digest(), content.missingImages(), wanted.rehearsed(), List.of());
            }
        });
    }

    private static Locks.Held lock(Optional<Installation> installation) {
        return RunningOperation.lock(installation.orElseThrow().database());
    }

    /** @return the program that can check the archive */
    private ServerBinary write(
            Path target, Optional<Installation> installation, Optional<ServerApi.Facts> facts, ServerApi api) {
        if (facts.isPresent()) {
            console.say("Starting backup...");
            fromServer(api, target);
            String version = facts.get().appVersion();
            return installation.map(found -> new ServerBinary(found.binary(), found.launch(), version))
                    .orElse(ServerBinary.NONE);
        }
        Installation stopped = installation.orElseThrow();
        console.say("The server is not running: saving from %s", stopped.database());
        String version = ServerBinary.versionWithoutRunning(stopped.binary());
        fromFiles(stopped, Objects.requireNonNullElse(version, "unknown"), target);
        return ServerBinary.NONE;
    }

    private void requireUsable(ServerBinary.Content content, String fate) {
        warnOfMissing(content);
        if (content.problems().isEmpty()) return;
        content.problems().forEach(problem -> console.warn("%s", problem));
        throw new OpsException(Exit.ARCHIVE, fate + " it could not be imported as it is",
                "A backup in a file (-o FILE) is kept even so, with all its rows; "
                        + "the lines above name what does not fit together.");
    }

    /**
     * A backup that was made and read to its end.
     *
     * @param bytes its size
     * @param verified whether it was also restored into a scratch database that turned out the same
     * @param deleted older backups that need not be kept
     */
    record Saved(Path archive, long bytes, String sha256, int schemaVersion, Map<String, Long> counts, String digest,
            List<String> missingImages, boolean verified, List<Path> deleted) implements Result {
        SavedBackup remembered(String path) {
            return new SavedBackup(path, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), bytes, sha256,
                    verified);
        }

        Saved withDeleted(List<Path> older) {
            return new Saved(archive, bytes, sha256, schemaVersion, counts, digest, missingImages, verified, older);
        }

        @Override
        public void print(Console console) {
            console.print("Backup saved: %s (%s)", archive, Words.megabytes(bytes));
            if (verified) {
                console.print("Verified: restored into a scratch database, it was the same: %s",
                        Words.contents(counts, Table.ITEMS, Table.PHOTOS));
            }
            deleted.forEach(file -> console.print("Deleted: %s", file));
        }
    }

    void warnOfMissing(ServerBinary.Content content) {
        int missing = content.missingImages().size();
        if (missing == 0) return;
        console.warn("%s on disk and %s not in the backup: %s",
                Words.counted(missing, "photo has no readable file", "photos have no readable file"),
                missing == 1 ? "is" : "are", Words.few(content.missingImages()));
    }

    /** Runs a backup job and downloads the archive; the job's progress goes to the terminal. */
    void fromServer(ServerApi api, Path target) {
        String job = api.startBackup(wanted.images(), wanted.allowMissingImages());
        Map<String, Object> status = ServerJob.await(context, "Backup", () -> api.backupStatus(job));
        if (status.get("status").equals("failed")) {
            throw new OpsException(Exit.FAILED, "The server could not make the backup: " + status.get("error"),
                    "If photos are missing on disk, --allow-missing-images saves the rest.");
        }
        console.say("Backup complete (%d/%d)", Json.number(status, "progress"), Json.number(status, "total"));
        api.download(job, target);
        api.forgetBackup(job);
    }

    void fromFiles(Installation installation, String appVersion, Path target) {
        try (var held = Locks.tryDatabase(installation.database()).orElseThrow(() -> new OpsException(Exit.FAILED,
                "The database is in use: " + installation.database(), "Stop the server or tool that has it open."))) {
            var options = new ExportOptions(wanted.images(), 0, null, appVersion, wanted.allowMissingImages());
            var report = Exporter.export(
                    installation.database(), installation.imageFolder(), target, options, Progress.NONE);
            report.notes().forEach(note -> console.warn("%s", note));
        }
    }
}

/** Replaces what the installation holds with what an archive holds; the replaced data is kept. */
final class Restoration {
    private final Context context;
    private final Console console;
    /** The archive as the user named it. */
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

    /**
     * @param database null when the server runs elsewhere
     * @param kept what was replaced; null when there was nothing, or it is elsewhere
     * @param serverRuns false when the user has to start it
     */
    record Restored(Path archive, Path database, Path kept, boolean serverRuns) implements Result {
        @Override
        public void print(Console console) {
            console.print("Restored: %s", Pipe.words(archive));
            if (kept != null) console.print("The replaced database is kept: %s", kept);
            if (!serverRuns) console.print("The server is not running: start it.");
        }
    }

    static Result run(Context context, Path named, Consents consents) {
        Pipe.requireArchive(context.console(), named);
        boolean piped = Pipe.is(named);
        if (piped && !consents.yes() && !consents.dryRun()) {
            throw new OpsException(Exit.CONSENT, "An archive from a pipe is restored without a question",
                    "To continue: --yes");
        }
        if (!piped) ArchiveReader.readManifest(named);
        context.console().dryRun(consents.dryRun());
        try (var api = new ServerApi(context.settings().serverUrl())) {
            Optional<ServerApi.Facts> facts = api.probe();
            if (facts.isPresent() && Installation.find(context, true).isEmpty()) {
                return on(null, context, named, facts, api, consents);
            }
        }
        return Migration.withInstallation(context, consents,
                (installation, facts, api) -> on(installation, context, named, facts, api, consents));
    }

    /**
     * @param installation null when the server runs elsewhere, or as another user: then everything goes through its API
     */
    private static Result on(Installation installation, Context context, Path named, Optional<ServerApi.Facts> facts,
            ServerApi api, Consents consents) {
        String version = Migration.versionInPlace(installation, facts);
        if (facts.isPresent() && !Version.parse(version).since030()) {
            throw new OpsException(Exit.FAILED,
                    "Version " + version + " would restore into its database while it is used, without a way back",
                    "Stop the server and run this command again: then it keeps the database it replaces.");
        }
        Optional<Path> database = Optional.ofNullable(installation).map(Installation::database);
        facts.ifPresent(found -> api.authenticate(found, database, context.settings()));
        Optional<ServerApi> server = facts.map(found -> api);
        if (Pipe.is(named)) return fromPipe(context, named, installation, version, server, consents);
        Path file = named.toAbsolutePath();
        return new Restoration(context, file, file, installation, version).run(server, consents);
    }

    private static Result fromPipe(Context context, Path pipe, Installation installation, String version,
            Optional<ServerApi> server, Consents consents) {
        if (consents.dryRun()) {
            requireUsable(ArchiveVerification.verify(Pipe.INPUT, Pipe.open(pipe), Progress.NONE));
            return new Restoration(context, pipe, pipe, installation, version).plan(server);
        }
        try (var scratch = installation == null ? ScratchFolder.temporary()
                : ScratchFolder.of(DatabaseFiles.receiving(installation.database()))) {
            Path received = scratch.resolve("received.storeit");
            Pipe.receive(context.console(), pipe, received);
            return new Restoration(context, pipe, received, installation, version).run(server, consents);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Names what is replaced, for messages. */
    private String place() {
        return installation == null ? "the server at " + context.settings().serverUrl()
                : installation.database().toString();
    }

    /** @param server empty when it is not running */
    private Result run(Optional<ServerApi> server, Consents consents) {
        Manifest manifest = ArchiveReader.readManifest(archive);
        if (server.isEmpty()) requireKnownSchema(manifest.schemaVersion());
        String counts = manifest.counts() == null ? ""
                : ": " + Words.contents(Json.byKey(manifest.counts()), Table.ITEMS, Table.PHOTOS);
        console.requireConsent(consents.yes(), "--yes", "Everything in " + place()
                + " will be replaced by the content of " + named + ", written "
                + VerificationReport.written(manifest.createdAt(), manifest.appVersion()) + counts
                + ". The replaced data is kept.", "Restore?");
        if (consents.dryRun()) {
            requireUsable(ArchiveVerification.verify(archive, Progress.NONE));
            return plan(server);
        }
        if (installation == null) {
            throughServer(server.orElseThrow());
            return new Restored(named, null, null, true);
        }
        Destination.requireSpace(installation.database(), FileFacts.sizeOf(archive),
                "Free some space, then try again. Nothing was changed.");
        server.ifPresentOrElse(this::throughServer, () -> intoFiles(consents));
        Path database = installation.database();
        Path kept = server.isPresent() ? DatabaseFiles.preRestore(database) : DatabaseFiles.preImport(database);
        return new Restored(named, database, Files.exists(kept) ? kept : null, server.isPresent());
    }

    /** Asks a stopped server for the schema it reads; a running one refuses by itself. */
    private void requireKnownSchema(int schema) {
        int newest = server().version().expectedSchemaVersion();
        if (schema <= newest || !Version.parse(version).since030()) return;
        throw new OpsException(Exit.ARCHIVE,
                named + " has schema version " + schema + ", and version " + version + " reads up to " + newest,
                "Nothing was changed. Restore it after an upgrade; 'storeit-ctl releases' shows which version knows "
                        + "that schema.");
    }

    private ServerBinary server() {
        return new ServerBinary(installation.binary(), installation.launch(), version);
    }

    private Plan plan(Optional<ServerApi> server) {
        String action = server.isPresent() ? "Upload " : "Import ";
        return Plan.of(console, List.of(action + Pipe.words(named) + " into " + place(),
                "Keep the replaced database beside it"));
    }

    private static void requireUsable(ArchiveVerification.Report report) {
        if (report.problems().isEmpty()) return;
        throw new OpsException(Exit.ARCHIVE, report.problems().get(0).toString(), report.hint());
    }

    private void throughServer(ServerApi api) {
        console.say("Uploading %s (%s)...", Pipe.words(named), Words.megabytes(FileFacts.sizeOf(archive)));
        String job = api.startRestore(archive);
        Map<String, Object> status = ServerJob.await(context, "Restore", () -> api.restoreStatus(job));
        if (status.get("status").equals("failed")) {
            throw new OpsException(Exit.ARCHIVE, "The server could not restore it: " + status.get("error"),
                    "Nothing was changed.");
        }
        if (status.get("notes") instanceof List<?> notes) notes.forEach(note -> console.warn("%s", note));
    }

    /** Runs the server's own {@code import} as its user. */
    private void intoFiles(Consents consents) {
        Path database = installation.database();
        Path kept = DatabaseFiles.preImport(database);
        Path copy = DatabaseFiles.restoring(database);
        try {
            Path source = importable(copy, consents);
            Journal.keepPairApart(database, kept);
            console.say("Importing data...");
            try {
                server().importInto(database, source, installation.imageFolder(), false);
            } catch (OpsException refused) {
                // The archive's own fault has its own exit code.
                requireUsable(ArchiveVerification.verify(source, Progress.NONE));
                throw refused;
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        } finally {
            FileTree.deleteQuietly(copy);
        }
    }

    /** @return the archive, or {@code copy} where the server could not read it as it is or where it is */
    private Path importable(Path copy, Consents consents) throws IOException {
        if (!Version.parse(version).since030()) {
            // An older server cannot import children before their parents.
            Consumer<LossReport> consent = losses -> Archives.requireConsentToLosses(
                    console, "Version " + version, losses, consents.acceptLoss(), named);
            var options = new ArchiveConverter.Options(0, version, true);
            ArchiveConverter.convert(archive, copy, options, consent, Progress.NONE);
        } else if (!installation.launch().otherUser()) {
            return archive;
        } else if (archive.equals(named)) {
            Files.copy(archive, copy, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.move(archive, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        installation.launch().chown(copy);
        return copy;
    }
}

// ---- Migration: the story of an upgrade, a downgrade, a rollback ----------------------------------------------------

/**
 * One move of an installation from one version to another. The steps stand in {@link #phases}, each with its undo
 * beside it; {@link #runFrom} enters each in the journal before doing it and, when one fails before the commit, undoes
 * backwards what was entered. Every step and every undo may run twice, so a crash is only a pause: {@link #resume} goes
 * on from the journal.
 */
final class Migration {
    private record Phase(Step step, Runnable run, Runnable undo) {}

    private final Context context;
    private final Console console;
    private final Journal journal;
    private final Installation installation;
    private final Consents consents;
    private final ServerApi api;
    /** The release that is moved to; null for a rollback and for a resume, which download nothing. */
    private final Release release;
    private final List<Phase> phases;
    private Locks.Held databaseLock;
    /** Before systemd starts the server: no unit and no process is started or stopped. */
    private boolean filesOnly;
    private Instant serverStart;
    private Instant stoppedAt;
    private Instant healthyAt;
    private Map<String, Long> counts;

    private Migration(Context context, Journal journal, Release release, Consents consents, ServerApi api) {
        this.context = context;
        this.console = context.console();
        this.journal = journal;
        this.installation = journal.installation();
        this.release = release;
        this.consents = consents;
        this.api = api;
        this.phases = phases();
        this.serverStart = Instant.parse(journal.startedAt());
    }

    private List<Phase> phases() {
        var database = new Phase(Step.SWITCH_DATABASE, this::switchDatabase, this::restoreDatabase);
        var binary = new Phase(Step.SWITCH_BINARY, this::switchBinary, this::restoreBinary);
        var phases = new ArrayList<Phase>();
        if (!journal.isRollback()) {
            phases.add(new Phase(Step.BACKUP, this::backUp, this::removePartialBackup));
            phases.add(new Phase(Step.DOWNLOAD, this::download, this::removeDownload));
            phases.add(new Phase(Step.REHEARSE, this::rehearse, this::removeRehearsal));
        }
        phases.add(new Phase(Step.STOP, this::stop, this::startPrevious));
        if (!journal.isRollback()) phases.add(new Phase(Step.IMPORT, this::importFinal, () -> {}));
        // Up: database first. Down: binary first. A crash in between leaves a pair that refuses to start.
        phases.addAll(journal.goesUp() ? List.of(database, binary) : List.of(binary, database));
        phases.add(new Phase(Step.START, this::start, this::stopStarted));
        phases.add(new Phase(Step.CHECK, this::check, () -> {}));
        phases.add(new Phase(Step.COMMIT, journal::commit, () -> {}));
        return phases;
    }

    // -- the four ways in

    /** Works on an installation while the operation lock is held and nothing is interrupted. */
    interface Work {
        Result with(Installation installation, Optional<ServerApi.Facts> facts, ServerApi api);
    }

    /**
     * Finds the installation, takes the operation lock and first finishes what was interrupted; a dry run only looks.
     */
    static Result withInstallation(Context context, Consents consents, Work work) {
        context.console().dryRun(consents.dryRun());
        try (var api = new ServerApi(context.settings().serverUrl())) {
            if (consents.dryRun()) {
                Optional<ServerApi.Facts> facts = api.probe();
                Installation installation = Installation.require(context, facts.isPresent());
                if (Locks.operationHeld(installation.database())) throw RunningOperation.busy(installation.database());
                Journal.requireNoneInterrupted(installation.database());
                return work.with(installation, facts, api);
            }
            return locked(context, api.probe(), (installation, facts) -> {
                Optional<Journal> interrupted = interrupted(installation.database());
                if (interrupted.isEmpty()) return work.with(installation, facts, api);
                finish(context, interrupted.get(), consents, api);
                Optional<ServerApi.Facts> now = api.probe();
                return work.with(Installation.require(context, now.isPresent()), now, api);
            });
        }
    }

    private static Result locked(Context context, Optional<ServerApi.Facts> facts,
            BiFunction<Installation, Optional<ServerApi.Facts>, Result> work) {
        Installation installation = Installation.require(context, facts.isPresent());
        try (var operation = RunningOperation.lock(installation.database())) {
            return work.apply(installation, facts);
        }
    }

    /**
     * Finds an interrupted move; the operation lock must be held. A move that was killed after its end only left its
     * scratch directory.
     */
    private static Optional<Journal> interrupted(Path database) {
        // A tool killed while it wrote its journal leaves what it had of it.
        FileTree.deleteQuietly(Journal.part(database));
        Optional<Journal> journal = Journal.read(database);
        journal.filter(found -> !found.interrupted()).ifPresent(found -> FileTree.deleteQuietly(found.workFolder()));
        return journal.filter(Journal::interrupted);
    }

    private static void finish(Context context, Journal journal, Consents consents, ServerApi api) {
        context.console().say("Resuming: %s", journal.summary());
        var resumed = new Migration(context, journal, null, consents, api).resume();
        context.console().say("%s", resumed.outcome());
    }

    static Result move(Context context, Direction direction, String wanted, Consents consents) {
        Platform.requireLinux(direction.json());
        return withInstallation(context, consents, (installation, facts, api) -> {
            Side from = facts.map(found -> new Side(found.appVersion(), found.schemaVersion()))
                    .orElseGet(() -> sideOfStopped(installation));
            context.console().say("Current version: %s", from.version());
            Release release = Releases.of(context).resolve(wanted);
            if (isInPlace(direction, from, release)) return Moved.nothing(direction, from);
            Journal journal = Journal.ofMove(direction, installation, context.settings().serverUrl(), facts.isPresent(),
                    from, new Side(release.version(), 0), Journal.read(installation.database()));
            var migration = new Migration(context, journal, release, consents, api);
            migration.prepare(facts);
            if (consents.dryRun()) return migration.plan();
            migration.runFrom(Step.BACKUP);
            return migration.moved();
        });
    }

    /** @return whether there is nothing to do; fails when the wanted version is on the wrong side */
    private static boolean isInPlace(Direction direction, Side from, Release release) {
        int order = Version.parse(release.version()).compareTo(Version.parse(from.version()));
        boolean down = direction == Direction.DOWNGRADE;
        if (down ? order <= 0 : order >= 0) return order == 0;
        throw new OpsException(Exit.FAILED,
                "Version " + release.version() + (down ? " is newer" : " is older") + " than " + from.version(),
                "Use 'storeit-ctl " + (down ? "upgrade " : "downgrade ") + release.version() + "'.");
    }

    /** @param facts empty when the server is not running: then its binary is asked */
    static String versionInPlace(Installation installation, Optional<ServerApi.Facts> facts) {
        return facts.map(ServerApi.Facts::appVersion)
                .orElseGet(() -> ServerBinary.of(installation.binary(), installation.launch()).version().appVersion());
    }

    private static Side sideOfStopped(Installation installation) {
        String version = versionInPlace(installation, Optional.empty());
        var database = DatabaseInspection.inspect(installation.database());
        if (database.schemaVersion() == 0) {
            throw new OpsException(Exit.FAILED, "Cannot use " + installation.database() + ": " + database.reason(), "");
        }
        return new Side(version, database.schemaVersion());
    }

    private Moved moved() {
        return new Moved(journal.direction(), true, journal.from().version(), journal.from().schema(),
                journal.to().version(), journal.to().schema(), counts,
                stoppedAt == null || healthyAt == null ? null : Duration.between(stoppedAt, healthyAt).toMillis(),
                journal.kept().binary(), journal.kept().database(),
                journal.backup() == null ? null : journal.backup().archive());
    }

    private Plan plan() {
        String from = journal.from().version();
        String to = journal.to().version();
        Pair kept = journal.kept();
        if (journal.isRollback()) {
            Pair back = journal.candidate().pair();
            return Plan.of(console, List.of("Stop version " + from,
                    "Put back " + back.binary() + " and " + back.database() + "; what they replace is kept",
                    "Start version " + to, "Check its health"));
        }
        return Plan.of(console, List.of(
                "Back up " + (journal.serverWasRunning() ? "through the server's API" : "the stopped server's files")
                        + " to " + journal.archiveFile(),
                "Download version " + to + " (" + Words.megabytes(release.requireServer().size())
                        + "), check it, and rehearse the import with a copy of the data",
                journal.serverWasRunning() ? "Stop version " + from : "Leave the server stopped, as it is",
                "Import into a fresh database; the old one is kept as " + kept.database() + ", the old binary as "
                        + kept.binary(),
                "Start version " + to,
                "Check its health; if it fails, put everything back and start version " + from));
    }

    static Result rollback(Context context, Consents consents) {
        Platform.requireLinux("rollback");
        return withInstallation(context, consents, (installation, facts, api) -> {
            Journal last = Journal.read(installation.database()).flatMap(Journal::rollbackable).orElseThrow(() ->
                    new OpsException(Exit.FAILED,
                            "No rollback binary found: no upgrade is recorded that could be undone", ""));
            for (Path kept : List.of(last.kept().binary(), last.kept().database())) {
                if (Files.isRegularFile(kept)) continue;
                throw new OpsException(Exit.FAILED, "Cannot roll back: " + kept + " no longer exists",
                        "The safety backup is " + last.backup().archive() + "; install " + last.from().version()
                                + " and import it.");
            }
            var journal = Journal.ofRollback(last, installation, context.settings().serverUrl(), facts.isPresent());
            var migration = new Migration(context, journal, null, consents, api);
            migration.tellWhatRollbackLeavesBehind(facts);
            if (consents.dryRun()) return migration.plan();
            context.console().say("Rolling back from %s to %s...", journal.from().version(), journal.to().version());
            Installation.remember(installation, journal.serverUrl());
            migration.runFrom(Step.STOP);
            migration.tellDifference(journal.kept().database());
            return migration.moved();
        });
    }

    static Result resume(Context context, Consents consents) {
        Platform.requireLinux("resume");
        try (var api = new ServerApi(context.settings().serverUrl())) {
            if (consents.dryRun()) {
                Installation installation = Installation.require(context, api.probeQuietly().isPresent());
                Optional<Journal> interrupted = Journal.read(installation.database()).filter(Journal::interrupted);
                if (interrupted.isPresent() && Locks.operationHeld(installation.database())) {
                    throw RunningOperation.busy(installation.database());
                }
                return interrupted.map(journal ->
                        (Result) new Migration(context, journal, null, consents, api).planOfResume())
                                .orElseGet(Resumed::nothing);
            }
            return locked(context, api.probeQuietly(), (installation, facts) -> interrupted(installation.database())
                    .map(journal -> new Migration(context, journal, null, consents, api).resume())
                    .orElseGet(Resumed::nothing));
        }
    }

    private Plan planOfResume() {
        return Plan.of(console, List.of(journal.summary(), newPairMayHaveServed()
                ? "Finish it: start version " + journal.to().version() + " and check it"
                : "Undo it: put back version " + journal.from().version() + " and its database"
                        + (journal.serverWasRunning() ? ", and start it" : "")));
    }

    /**
     * Puts a complete pair of files in place before systemd starts the server. It goes back, because the old version is
     * known to serve; unless a server has already acknowledged writes to the new database.
     */
    static Result resumeAtBoot(Context context, Map<String, String> environment) {
        if (!mayBeInterrupted(environment)) return new Done();
        Path database = databaseOf(environment);
        try (var operation = RunningOperation.lock(database)) {
            return interrupted(database).map(journal -> {
                context.console().say("Resuming: %s", journal.summary());
                try (var api = new ServerApi(journal.serverUrl())) {
                    var migration = new Migration(context, journal, null, Consents.NONE, api);
                    migration.filesOnly = true;
                    return migration.resumeFiles();
                }
            }).map(Result.class::cast).orElseGet(Done::new);
        }
    }

    /**
     * Returns whether there is a journal and no living storeit-ctl that had the unit started in the middle of its work.
     * It does not read the journal.
     */
    static boolean mayBeInterrupted(Map<String, String> environment) {
        Path database = databaseOf(environment);
        return Files.exists(Journal.file(database)) && !Locks.operationHeld(database);
    }

    private static Path databaseOf(Map<String, String> environment) {
        return ServerPaths.database(environment, Path.of("").toAbsolutePath());
    }

    // -- the loops

    private void runFrom(Step first) {
        Interruption.watch();
        int start = indexOf(first);
        int entered = start;
        try {
            for (int i = start; i < phases.size(); i++) {
                Interruption.check();
                entered = i;
                journal.enter(phases.get(i).step());
                phases.get(i).run().run();
            }
        } catch (RuntimeException | Error failure) {
            if (journal.state() == JournalState.COMMITTED) throw failure;
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
        boolean stopped = entered >= indexOf(Step.STOP);
        OpsException reason = interrupted ? new OpsException(Exit.INTERRUPTED, "Interrupted", "", failure)
                : OpsException.of(failure);
        console.error(reason);
        if (stopped) console.say("Rolling back...");
        journal.failed(reason.getMessage());
        undoFrom(entered);
        if (reason.exit() == Exit.INTERRUPTED) {
            return new OpsException(Exit.INTERRUPTED, "Interrupted; " + servingNow(), "", failure);
        }
        SafetyBackup backup = journal.backup();
        boolean kept = backup != null && Files.exists(backup.archive());
        String archive = kept ? " The safety backup is " + backup.archive() + "." : "";
        String move = journal.direction().title() + " to " + journal.to().version();
        return stopped
                ? new OpsException(Exit.ROLLED_BACK, move + " failed and was undone; " + servingNow(),
                        "Nothing was lost." + archive + serverLogHint(), failure)
                : new OpsException(reason.exit(), move + " was not started; " + servingNow(),
                        "Nothing was changed." + archive, failure);
    }

    private String servingNow() {
        return journal.serverWasRunning()
                ? "version " + journal.from().version() + " is serving at " + journal.serverUrl()
                : "everything is as it was found: version " + journal.from().version() + ", not running";
    }

    private String serverLogHint() {
        return journal.startedOnce() ? " The server's log is " + serverLog().place() + "." : "";
    }

    private void undoFrom(int entered) {
        removeRehearsal();   // first, because a full disk may be what failed
        try {
            for (int i = entered; i >= 0; i--) {
                journal.enterUndo(phases.get(i).step());
                phases.get(i).undo().run();
            }
        } catch (RuntimeException failure) {
            releaseDatabase();
            throw new OpsException(Exit.ATTENTION, "Could not put everything back: "
                    + OpsException.of(failure).getMessage(),
                    journal.whereThingsAre() + "\nRemove the cause, then run 'storeit-ctl resume'.", failure);
        }
        journal.finishUndone();
    }

    private Resumed resume() {
        if (newPairMayHaveServed()) {
            runFrom(Step.START);
            return resumed(true, journal.direction().title() + " complete: version " + journal.to().version()
                    + " is serving.");
        }
        Interruption.shield();
        int entered = indexOf(journal.step());
        boolean stopped = entered >= indexOf(Step.STOP);
        if (stopped) stopWhateverRuns();
        undoFrom(entered);
        if (!stopped) startPrevious();   // after a power cut
        return resumed(false, "Undone: " + servingNow() + ".");
    }

    private Resumed resumed(boolean committed, String outcome) {
        return new Resumed(true, journal.direction(), journal.from().version(), journal.to().version(), committed,
                outcome);
    }

    private Resumed resumeFiles() {
        Interruption.shield();
        String to = journal.to().version();
        if (newPairMayHaveServed() && writtenTo(installation.database())) {
            journal.commit();
            tidy();
            return resumed(true, journal.direction().title() + " complete: version " + to
                    + " has served and was written to.");
        }
        undoFrom(indexOf(journal.step()));
        releaseDatabase();
        return resumed(false, "Undone: version " + journal.from().version() + " and its database are in place.");
    }

    /** Returns whether a resume goes forward: the new server was about to start, and its pair is in place. */
    private boolean newPairMayHaveServed() {
        return journal.state() == JournalState.RUNNING && indexOf(journal.step()) >= indexOf(Step.START)
                && journal.database() != null && journal.database().isTo(FileFacts.identity(installation.database()))
                && journal.binary() != null && journal.binary().isTo(FileFacts.identity(installation.binary()));
    }

    private int indexOf(Step step) {
        for (int i = 0; i < phases.size(); i++) if (phases.get(i).step() == step) return i;
        throw new IllegalStateException("a " + journal.direction().json() + " has no step " + step);
    }

    private void tidy() {
        removeRehearsal();
        removeDownload();
    }

    // -- before anything is touched

    /** Checks everything that can be checked beforehand. */
    private void prepare(Optional<ServerApi.Facts> facts) {
        Release.Asset server = release.requireServer();
        installation.requireControl();
        Destination.requireWritable(journal.archiveFile());
        Destination.requireWritable(installation.database());
        Destination.requireWritable(installation.binary());
        for (Space.Need need : Space.forMove(installation, server.size())) {
            Destination.requireSpace(need.place(), need.bytes(),
                    "Free some space, or choose another place for the backup with --data-dir.");
        }
        facts.ifPresent(found -> api.authenticate(found, Optional.of(installation.database()), context.settings()));
        release.requireTrusted(context, server, consents.allowUnsigned());
        if (facts.isEmpty()) {
            console.requireConsent(consents.yes(), "--yes",
                    "The server is not running. The data is taken from " + installation.database() + " as it is.",
                    "Continue, and start version " + journal.to().version() + " afterwards?");
        }
        if (!consents.dryRun()) Installation.remember(installation, journal.serverUrl());
    }

    private void tellWhatRollbackLeavesBehind(Optional<ServerApi.Facts> facts) {
        Path live = installation.database();
        String since = journal.rolledBack().json();
        boolean written;
        if (journal.from().isSince030()) {
            facts.ifPresent(found -> api.authenticate(found, Optional.of(live), context.settings()));
            long changes = facts.isPresent() ? api.health().map(ServerApi.Health::changes).orElse(-1L)
                    : ChangeToken.read(live).map(token -> Long.parseLong(token.substring(token.indexOf(':') + 1)))
                    .orElse(-1L);
            written = changes != 0;
            if (changes > 0) console.say("%s written since the %s.",
                    Words.counted(changes, "change was", "changes were"), since);
        } else {
            var difference = RecordDifference.between(live, journal.candidate().pair().database());
            written = difference.values().stream().anyMatch(found -> !found.isEmpty());
            if (written) console.say("Written since the %s: %s", since, Words.difference(difference));
        }
        if (written) {
            console.requireConsent(consents.yes(), "--yes", "What was written since the " + since
                    + " will not be in version "
                    + journal.to().version() + "; it stays in " + journal.kept().database() + ".", "Roll back?");
        }
        installation.requireControl();
    }

    private void tellDifference(Path replaced) {
        Map<Table, RecordDifference.Difference> difference;
        try {
            difference = RecordDifference.between(replaced, installation.database());
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
        step(1, "Creating backup before migration...");
        Path part = partialBackup();
        var backups = new Backups(context, Backups.Wanted.whatThereIs(true));
        boolean since030 = journal.from().isSince030();
        try {
            String changeToken = null;
            if (journal.serverWasRunning()) {
                if (!since030) changeToken = ChangeToken.ofHeader(installation.database()).orElse(null);
                backups.fromServer(api, part);
            } else {
                backups.fromFiles(installation, journal.from().version(), part);
            }
            installation.launch().chown(part);
            ServerBinary.Content content = source().verifyArchive(part);
            requireImportable(content);
            backups.warnOfMissing(content);
            if (since030) {
                changeToken = Optional.ofNullable(ArchiveReader.readManifest(part).source())
                        .map(source -> source.databaseId() + ":" + source.changeCounter()).orElse(null);
            }
            Path archive = journal.archiveFile();
            journal.setAside(archive);
            Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.fsyncFolder(archive.getParent());
            journal.backedUp(new SafetyBackup(archive, content.digest(), changeToken), content.schemaVersion());
            console.say("Backup saved to %s (%s)", archive, Words.megabytes(Files.size(archive)));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        } finally {
            removePartialBackup();
        }
    }

    private void requireImportable(ServerBinary.Content content) {
        for (String problem : content.problems()) {
            // The images stay where they are; one that was damaged on the server's disk must not prevent an upgrade.
            if (!problem.startsWith("images/")) {
                throw new OpsException(Exit.ARCHIVE, "The backup cannot be imported: " + problem,
                        "Repair that record with the running version, then try again.");
            }
            console.warn("%s", problem);
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
        String version = journal.to().version();
        step(2, "Downloading %s target: %s...", journal.direction().json(), version);
        VerifiedDownload download = release.fetch(context, release.requireServer(), journal.downloadFolder());
        Trial.requireVersion(download, version, installation.launch(), workFolder().resolve("storeit-server"));
        download.placeAt(journal.newBinary());
        ServerBinary.Versions versions = target().requireVersion();
        download.discard();
        journal.downloaded(versions.expectedSchemaVersion());
    }

    private void removeDownload() {
        if (!journal.isRollback()) FileTree.deleteQuietly(journal.newBinary());
    }

    /**
     * Imports the real data with the target binary beside the real database, then starts the target on a copy of that.
     */
    private void rehearse() {
        console.say("Rehearsing with a copy of the data...");
        Path rows = workFolder().resolve("rows.storeit");
        writeRows(RowsForTarget.Data.BACKUP, rows);
        requireConsentToLosses(rows);
        buildCandidate(rows);
        Path start = workFolder().resolve("start");
        Path copy = start.resolve("storeit.db");
        try {
            FileTree.delete(start);
            Files.createDirectory(start);
            Files.copy(journal.candidate().pair().database(), copy);
            installation.launch().chown(start, copy);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        startRehearsed(copy, start.resolve("server.log"));
        FileTree.deleteQuietly(start);
    }

    private void startRehearsed(Path database, Path log) {
        String address = "127.0.0.1:" + Ports.free();
        ServerProcess server = target().startApart(database, installation.imageFolder(), address, log);
        try (var rehearsed = new ServerApi("http://" + address)) {
            long unreadable = Health.await(context, server::isAlive, rehearsed, database, new ServerLog.OfFile(log),
                    expectation())
                    .map(ServerApi.Health::unreadablePhotos).orElse(0L);
            journal.rehearsed(journal.candidate().withUnreadablePhotos(unreadable));
        } finally {
            server.terminate();
            server.awaitEnd(context.patience());
        }
    }

    private void writeRows(RowsForTarget.Data data, Path rows) {
        new RowsForTarget(source(), installation.launch(), installation.database(), installation.imageFolder(),
                Version.parse(journal.from().version()), journal.from().schema(),
                Version.parse(journal.to().version()), journal.to().schema())
                .write(data, journal.backup().archive(), rows, workFolder());
    }

    /** Shows what the target cannot hold and asks. */
    private void requireConsentToLosses(Path rows) {
        LossReport losses = ArchiveReader.readManifest(rows).losses();
        if (losses == null || losses.isEmpty()) return;
        String version = journal.to().version();
        console.say("Version %s cannot hold:", version);
        losses.losses().forEach(loss -> console.say("  %s", Words.loss(loss)));
        if (losses.losses().stream().anyMatch(loss -> loss.field().equals("_password_hash"))) requireAdministrator(
                rows);
        console.requireConsent(consents.acceptLoss(), "--accept-loss", "These values stay in "
                + journal.backup().archive()
                + " and in " + journal.kept().database() + ", but not in version " + version + ".",
                "Continue without them?");
        journal.acceptLoss();
    }

    /** A loss that appears only after the stop was never agreed to, unless all losses were. */
    private void refuseNewLosses(Path rows) {
        LossReport losses = ArchiveReader.readManifest(rows).losses();
        if (losses == null || losses.isEmpty() || journal.lossAccepted() || consents.acceptLoss()) return;
        throw new OpsException(Exit.CONSENT, "Records written during the " + journal.direction().json()
                + " hold values that version " + journal.to().version() + " cannot hold",
                "Run it again with --accept-loss.");
    }

    private void requireAdministrator(Path rows) {
        try {
            if (Administrators.canLogIn(rows)) return;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        throw new OpsException(Exit.FAILED, "No administrator could log in at version " + journal.to().version()
                + ": it cannot check any of their passwords",
                "Keep one administrator's Argon2 password, or stay at " + journal.from().version() + ".");
    }

    private static void deleteDatabase(Path database) {
        try {
            DatabaseFiles.deleteWithSideFiles(database);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Builds the candidate's database from {@code rows} with the target binary and checks it against them. */
    private void buildCandidate(Path rows) {
        Path candidate = workFolder().resolve("candidate.db");
        deleteDatabase(candidate);
        target().importInto(candidate, rows, installation.imageFolder(), true);
        DatabaseSwitch.makeSelfContained(candidate);
        ServerBinary.Content content = target().verify(candidate, installation.imageFolder());
        if (content.schemaVersion() != journal.to().schema()) {
            throw new OpsException(Exit.FAILED, "The rehearsed database has schema " + content.schemaVersion()
                    + ", expected "
                    + journal.to().schema(), "The release contains another version than it claims; do not use it.");
        }
        content.requireSame(source().contentOf(rows), journal.backup().archive());
        counts = content.counts();
        long unreadable = journal.candidate() == null ? -1 : journal.candidate().unreadablePhotos();
        journal.rehearsed(new Candidate(new Pair(candidate, journal.newBinary()), content.digest(), null, unreadable));
    }

    // -- 3 stop, 4 import

    private void stop() {
        if (journal.serverWasRunning()) stoppedAt = Instant.now();
        step(3, "Stopping server...");
        stopWhateverRuns();
        holdDatabase();
        DatabaseSwitch.makeSelfContained(installation.database());
    }

    private Optional<ServerProcess> running() {
        return installation.runningProcess(journal.startedProcess());
    }

    private void stopWhateverRuns() {
        if (!filesOnly) installation.launch().stop(running(), context.patience());
    }

    private void startPrevious() {
        releaseDatabase();
        if (!journal.serverWasRunning() || filesOnly) return;
        if (running().isEmpty()) {
            console.say("Starting version %s again...", journal.from().version());
            startServer();
        }
        ServerProcess server = running().orElse(null);
        Health.await(context, () -> server == null || server.isAlive(), api, installation.database(), serverLog(),
                new Health.Expectation(journal.from().version(), journal.from().schema(), null, -1));
    }

    private void startServer() {
        Ports.awaitFree(journal.serverUrl(), context.patience());
        serverStart = Instant.now();
        journal.started(installation.launch().start(installation.binary(), journal.serverLog(), context.patience()));
    }

    private ServerLog serverLog() {
        SystemdUnit unit = installation.launch().unit();
        return unit == null ? new ServerLog.OfFile(journal.serverLog()) : new ServerLog.OfUnit(unit, serverStart);
    }

    /** The rehearsed database is already right unless something was written since the backup. */
    private void importFinal() {
        step(4, "Importing data with new binary...");
        holdDatabase();
        if (unchangedSinceBackup()) return;
        console.say("Something was written since the backup: importing again.");
        Path rows = workFolder().resolve("rows.storeit");
        // The source server's own export takes the database lock itself.
        releaseDatabase();
        writeRows(RowsForTarget.Data.STOPPED_DATABASE, rows);
        holdDatabase();
        refuseNewLosses(rows);
        buildCandidate(rows);
    }

    private boolean unchangedSinceBackup() {
        if (!journal.serverWasRunning()) return true;
        Path database = installation.database();
        SafetyBackup backup = journal.backup();
        // Without a token nothing was ever written by a server that sets one.
        if (journal.from().isSince030()) return Objects.equals(ChangeToken.read(database).orElse(null),
                backup.changeToken());
        if (backup.changeToken() != null && ChangeToken.ofHeader(database)
                .equals(Optional.of(backup.changeToken()))) return true;
        return DatabaseVerification.digest(database).stamp().equals(backup.digest());
    }

    private void holdDatabase() {
        if (databaseLock != null) return;
        databaseLock = Locks.tryDatabase(installation.database()).orElseThrow(() -> new OpsException(Exit.FAILED,
                "Another process still has the database open: " + installation.database(), "Stop it, then try again."));
    }

    private void releaseDatabase() {
        if (databaseLock == null) return;
        databaseLock.close();
        databaseLock = null;
    }

    // -- the switch

    private void switchDatabase() {
        holdDatabase();
        Path live = installation.database();
        if (journal.database() != null && journal.database().isTo(FileFacts.identity(live))) return;
        Path candidate = journal.candidate().pair().database();
        journal.setAside(journal.kept().database());
        journal.switchDatabase(new Switched(FileFacts.identity(live), FileFacts.identity(candidate)),
                tokenOfNew(candidate).orElse(null));
        DatabaseSwitch.replace(live, candidate, journal.kept().database());
        if (journal.isRollback()) console.say("Database restored from %s", candidate);
    }

    private void restoreDatabase() {
        if (journal.database() == null) return;
        Path live = installation.database();
        if (FileFacts.identity(live).equals(journal.database().oldIdentity())) {
            FileTree.deleteQuietly(journal.kept().database());
            return;
        }
        requireKnown(journal.database(), live);
        DatabaseSwitch.restore(live, journal.kept().database(), placeForRefused(live));
    }

    /**
     * Returns where the new database is kept when the old one is put back; null when nothing was written into it.
     */
    private Path placeForRefused(Path live) {
        if (journal.isRollback()) return journal.candidate().pair().database();
        if (!journal.startedOnce() || neverWrittenTo(live)) return null;
        Path failed = DatabaseSwitch.dated(live.resolveSibling(live.getFileName() + ".failed"));
        console.say("The database of version %s is kept as %s", journal.to().version(), failed);
        try {
            console.say("It holds beyond the restored one: %s",
                    Words.difference(RecordDifference.between(live, journal.kept().database())));
        } catch (DatabaseException damaged) {
            console.warn("It cannot be compared with the restored one: %s", damaged.getMessage());
        }
        journal.leave(failed);
        return failed;
    }

    /** Returns whether the new server wrote nothing. A server before 0.3.0 does not count its writes. */
    private boolean neverWrittenTo(Path database) {
        try {
            return journal.to().isSince030() && ChangeToken.read(database).filter(token -> token.endsWith(":0"))
                    .isPresent();
        } catch (DatabaseException damaged) {
            return false;
        }
    }

    private Optional<String> tokenOfNew(Path database) {
        return journal.to().isSince030() ? ChangeToken.read(database) : ChangeToken.ofHeader(database);
    }

    /**
     * Returns whether records were written since the switch. An older server may write at its start without changing
     * any.
     */
    private boolean writtenTo(Path database) {
        Candidate candidate = journal.candidate();
        if (candidate.changeToken() != null && tokenOfNew(database)
                .equals(Optional.of(candidate.changeToken()))) return false;
        return journal.to().isSince030() || candidate.digest() == null
                || !DatabaseVerification.digest(database).stamp().equals(candidate.digest());
    }

    private void switchBinary() {
        Path live = installation.binary();
        if (journal.binary() != null && journal.binary().isTo(FileFacts.identity(live))) return;
        Path candidate = journal.newBinary();
        journal.setAside(journal.kept().binary());
        journal.switchBinary(new Switched(FileFacts.identity(live), FileFacts.identity(candidate)));
        AtomicFiles.replace(live, candidate, journal.kept().binary());
        if (journal.isRollback()) console.say("Binary restored from %s", candidate);
    }

    private void restoreBinary() {
        if (journal.binary() == null) return;
        Path live = installation.binary();
        if (FileFacts.identity(live).equals(journal.binary().oldIdentity())) {
            FileTree.deleteQuietly(journal.kept().binary());
            return;
        }
        requireKnown(journal.binary(), live);
        AtomicFiles.replace(live, journal.kept().binary(), journal.isRollback() ? journal.candidate().pair().binary()
                : null);
    }

    private void requireKnown(Switched files, Path file) {
        if (files.isTo(FileFacts.identity(file))) return;
        throw new OpsException(Exit.ATTENTION, file
                + " is neither the old nor the new file: another program replaced it",
                journal.whereThingsAre());
    }

    // -- 5 start, 6 check and commit

    private void start() {
        releaseDatabase();
        journal.starting();
        Optional<ServerProcess> running = running();
        if (running.isPresent()) {
            journal.started(running.get());
            return;
        }
        step(5, "Starting server...");
        startServer();
    }

    private void stopStarted() {
        if (journal.startedOnce()) stopWhateverRuns();
        holdDatabase();
    }

    private void check() {
        step(6, "Checking health...");
        // A unit that systemd keeps starting again always has some process; the one that was started has to live.
        BooleanSupplier alive = () -> installation.launch().unit() == null ? running().isPresent()
                : journal.startedProcess().isAlive();
        Health.await(context, alive, api, installation.database(), serverLog(), expectation());
        healthyAt = Instant.now();
    }

    private Health.Expectation expectation() {
        Candidate candidate = journal.candidate();
        return new Health.Expectation(journal.to().version(), journal.to().schema(), candidate.digest(),
                candidate.unreadablePhotos());
    }

    // -- small things

    /**
     * The documentation numbers the steps of an upgrade from 1 to 6; a rollback has no first two and imports nothing.
     */
    private void step(int number, String text, Object... arguments) {
        if (!journal.isRollback()) console.step(number, 6, text, arguments);
        else console.step(number == 3 ? 1 : number - 3, 3, text, arguments);
    }

    /** Returns the binary that was in place before the switch. */
    private ServerBinary source() {
        return new ServerBinary(installation.binary(), installation.launch(), journal.from().version());
    }

    private ServerBinary target() {
        return new ServerBinary(journal.newBinary(), installation.launch(), journal.to().version());
    }

    private Path workFolder() {
        Path folder = journal.workFolder();
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rwx------")));
                installation.launch().chown(folder);
            }
            return folder;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Removes the scratch directory, and ends the programs in it that outlived a killed storeit-ctl. */
    private void removeRehearsal() {
        List<Path> programs = List.of(journal.newBinary(), installation.binary());
        for (ServerProcess orphan : ServerProcess.workingIn(journal.workFolder(), programs)) {
            orphan.terminate();
            orphan.awaitEnd(context.patience());
        }
        FileTree.deleteQuietly(journal.workFolder());
    }
}

/** Removes what a move left until it was known to be good. */
final class Cleanup {
    private Cleanup() {}

    static Result run(Context context, Consents consents) {
        Platform.requireLinux("cleanup");
        return Migration.withInstallation(context, consents, (installation, facts, api) -> {
            Optional<Journal> journal = Journal.read(installation.database());
            var removable = new ArrayList<Path>();
            var precious = new ArrayList<Path>();
            journal.ifPresent(record -> removable.addAll(record.keptFiles()));
            String database = installation.database().getFileName().toString();
            for (Path leftover : journal.map(Journal::leftovers).orElse(Set.of())) {
                (leftover.getFileName().toString().startsWith(database) ? precious : removable).add(leftover);
            }
            removable.add(Layout.firstPassword(installation.dataDirectory()));
            removable.removeIf(file -> !Files.exists(file));
            precious.removeIf(file -> !Files.exists(file));
            boolean removesPrecious = !precious.isEmpty()
                    && (consents.yes() || !consents.dryRun() && context.console().asks(
                    "These databases may hold records that are nowhere else: " + Words.few(precious),
                    "Remove them too?"));
            if (removesPrecious) removable.addAll(precious);
            if (consents.dryRun()) return Plan.of(context.console(),
                    removable.stream().map(file -> "Remove " + file).toList());
            return remove(installation, journal, removable, removesPrecious ? List.of() : List.copyOf(precious));
        });
    }

    private static Cleaned remove(Installation installation, Optional<Journal> journal, List<Path> removable,
            List<Path> kept) {
        try {
            for (Path file : removable) Files.delete(file);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        journal.ifPresent(record -> FileTree.deleteQuietly(record.workFolder()));
        FileTree.deleteQuietly(Layout.downloads(installation.dataDirectory()));
        if (kept.isEmpty()) FileTree.deleteQuietly(Journal.file(installation.database()));
        else journal.orElseThrow().forgetPairs();
        return new Cleaned(List.copyOf(removable), kept);
    }

    record Cleaned(List<Path> removed, List<Path> kept) implements Result {
        @Override
        public void print(Console console) {
            List<Path> files = removed.stream().filter(file -> !Layout.isFirstPassword(file)).toList();
            console.print(files.isEmpty() ? "No rollback files to clean up" : "Cleaned up rollback files:");
            files.forEach(file -> console.print("  %s", file));
            removed.stream().filter(Layout::isFirstPassword)
                    .forEach(file -> console.print("First administrator's password removed: %s", file));
            if (kept.isEmpty()) return;
            console.print("Kept, because they may hold records that are nowhere else (--yes removes them):");
            kept.forEach(file -> console.print("  %s", file));
        }
    }
}
