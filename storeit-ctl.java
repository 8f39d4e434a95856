///usr/bin/env true; d=${0%/*}; [ -x "$d/target/storeit-ctl" ] && exec "$d/target/storeit-ctl" "$@"; [ -x "$d/scripts/jbang" ] && exec "$d/scripts/jbang" "$0" "$@"; exec jbang "$0" "$@"; exit $?
//DESCRIPTION Moves a StoreIT installation - data and code together - between versions
//JAVA 17+
//JAVAC_OPTIONS -encoding UTF-8
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//DEPS com.squareup.okhttp3:okhttp-jvm:5.5.1
//DEPS info.picocli:picocli:4.7.7
//DEPS io.storeit:storeit-interchange:0.3.0
//DEPS me.tongfei:progressbar:0.10.2
//DEPS org.slf4j:slf4j-nop:2.0.20
//REPOS mavencentral,storeit=https://bronson-brown-devost.github.io/StoreIT/maven
//RUNTIME_OPTIONS -XX:+UseSerialGC -Xlog:disable --enable-native-access=ALL-UNNAMED
package io.storeit.ctl;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.sun.net.httpserver.HttpServer;
import com.sun.security.auth.module.UnixSystem;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.inspect.Administrators;
import io.storeit.interchange.inspect.ArchiveCatalogue;
import io.storeit.interchange.inspect.ArchiveDifference;
import io.storeit.interchange.inspect.ArchiveVerification;
import io.storeit.interchange.inspect.DatabaseOverview;
import io.storeit.interchange.inspect.DatabaseVerification;
import io.storeit.interchange.inspect.RecordDifference;
import io.storeit.interchange.inspect.VerificationReport;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChangeToken;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.DatabaseUrl;
import io.storeit.interchange.sqlite.Holders;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.interchange.transfer.ArchiveConverter;
import io.storeit.interchange.transfer.ExportOptions;
import io.storeit.interchange.transfer.Exporter;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine;

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
            "__warm", "__ready", "__units");

    /** The class of a command has its name in camel case: {@code self-update} is {@code SelfUpdate}. */
    private static Class<?> command(String name) {
        var className = new StringBuilder(StoreitCtl.class.getName()).append('$');
        for (String word : name.replace("_", "").split("-")) className.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
        try {
            return Class.forName(className.toString());
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
                .setExecutionExceptionHandler((failure, command, parse) -> root.console(command).failure(CtlException.of(failure)))
                .setParameterExceptionHandler((failure, arguments) -> {
                    root.json |= List.of(arguments).contains("--json");
                    CommandLine command = failure.getCommandLine();
                    String hint = "See '" + command.getCommandSpec().qualifiedName() + " --help'.";
                    return root.console(command).failure(new CtlException(Exit.USAGE, failure.getMessage(), hint, failure));
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
        throw new CtlException(Exit.USAGE, "No command was given", "See 'storeit-ctl --help'.");
    }

    private Console console(CommandLine command) {
        if (console == null) console = new Console(command, this);
        return console;
    }

    private Context context(CommandLine.Model.CommandSpec command) {
        Settings settings = Settings.load(this);
        return new Context(console(command.commandLine()), settings, settings.patience());
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
                throw CtlException.of(failure);
            }
        }
    }

    @Command(name = "status", description = "Show what runs, how it is, what it can go back to, and what was interrupted.")
    static final class Status extends Subcommand {
        @Override
        Result run(Context context) {
            return StatusReport.of(context);
        }
    }

    @Command(name = "doctor", description = {"Look for what keeps, or will keep, this installation from working, and name the command that puts it right.",
            "Ends with 0 when nothing has to be done, 1 after a warning, 4 when something is serious."})
    static final class Doctor extends Subcommand {
        @Override
        Result run(Context context) {
            return Examination.of(context);
        }
    }

    @Command(name = "releases", description = "Show which versions can be installed, and whether their schema is newer or older.")
    static final class Releases extends Subcommand {
        @Override
        Result run(Context context) {
            return ReleaseList.of(context);
        }
    }

    @Command(name = "config", description = "Show each setting and where its value came from. Secrets are not shown.")
    static final class Config extends Subcommand {
        @Override
        Result run(Context context) {
            return Configuration.of(context.settings());
        }
    }

    @Command(name = "backup", description = "Save everything into an archive, from the running server or, if it is stopped, from its files.")
    static final class Backup extends Subcommand {
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
                throw new CtlException(Exit.USAGE, "--keep-daily, --keep-weekly and --keep-monthly need a folder", "Name it with -o FOLDER/.");
            }
            if (Pipe.NAME.equals(output)) return backups.toStandardOutput(ctl.json, changing.dryRun);
            Path target = Path.of(output != null ? output : "storeit-backup-" + Instant.now().getEpochSecond() + ".storeit").toAbsolutePath();
            return changing.dryRun ? backups.plan(target) : backups.toFile(target);
        }
    }

    @Command(name = "upgrade", description = "Move to a newer version (default: the latest release).")
    static final class Upgrade extends Subcommand {
        @Mixin Consent consent;

        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest", description = "For example 0.3.0.")
        String version;

        @Option(names = "--check", description = "Only tell whether there is a newer release.")
        boolean check;

        @Override
        Result run(Context context) {
            return check ? Updates.check(context, version) : Migration.move(context, Journal.Direction.UPGRADE, version, consent);
        }
    }

    @Command(name = "downgrade", description = "Move to an older version; says first what it cannot hold.")
    static final class Downgrade extends Subcommand {
        @Mixin Consent consent;

        @Parameters(paramLabel = "VERSION", description = "For example 0.2.1.")
        String version;

        @Override
        Result run(Context context) {
            return Migration.move(context, Journal.Direction.DOWNGRADE, version, consent);
        }
    }

    @Command(name = "rollback", description = "Put back the binary and the database that the last upgrade or downgrade replaced.")
    static final class Rollback extends Subcommand {
        @Mixin Consent consent;

        @Override
        Result run(Context context) {
            return Migration.rollback(context, consent);
        }
    }

    @Command(name = "resume", description = "Finish what a crash or a power cut interrupted: ends on the complete old or the complete new version.")
    static final class Resume extends Subcommand {
        @Mixin Consent consent;

        @Option(names = "--at-boot",
                description = "For the service unit, before it starts the server: only put the files right, of the database its environment names.")
        boolean atBoot;

        @Override
        Result run(Context context) {
            return atBoot ? Migration.resumeAtBoot(context, System.getenv()) : Migration.resume(context, consent);
        }
    }

    @Command(name = "cleanup", description = "Remove the files that only rollback needs. Safety backups stay.")
    static final class Cleanup extends Subcommand {
        @Mixin Consent consent;

        @Override
        Result run(Context context) {
            return Leftovers.cleanup(context, consent);
        }
    }

    @Command(name = "verify", description = "Read an archive to its end and check it: structure, counts, references, photos.")
    static final class Verify extends Subcommand {
        @Parameters(paramLabel = "ARCHIVE", description = "A .storeit file, a .tar.gz of an old server, or - for standard input.")
        Path archive;

        @Override
        Result run(Context context) {
            return Archives.verify(context.console(), archive);
        }
    }

    @Command(name = "show", description = "Show what is in an archive: how much, what lies where, or where something is.")
    static final class Show extends Subcommand {
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
            if (tree && text != null) throw new CtlException(Exit.USAGE, "--tree and --find are two questions", "Ask one after the other.");
            if (depth != null && (!tree || depth < 0)) throw new CtlException(Exit.USAGE, "--depth needs --tree and a number from 0 on", "");
            Archives.requireCount("--limit", limit);
            Path file = Archives.existing(archive);
            if (tree) return new Archives.Tree(context.console(), file, depth == null ? Integer.MAX_VALUE : depth);
            return text == null ? Archives.summary(context.console(), file) : Archives.find(context.console(), file, text, limit);
        }
    }

    @Command(name = "diff", description = "Tell what was added, changed and removed between two archives, or between an archive and now.")
    static final class Diff extends Subcommand {
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
            return newer == null ? Archives.Difference.withNow(context, before, limit)
                    : Archives.Difference.between(context.console(), before, Archives.existing(newer), limit);
        }
    }

    @Command(name = "convert", description = "Write an archive anew: in another schema version, for an older server, without photos.")
    static final class Convert extends Subcommand {
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
            return Archives.convert(context.console(), Archives.existing(archive), this);
        }
    }

    @Command(name = "restore", description = "Put what an archive holds in the place of what is there, which is kept.")
    static final class Restore extends Subcommand {
        @Mixin Consent consent;

        @Parameters(paramLabel = "ARCHIVE", description = "A .storeit file, a .tar.gz of an old server, or - for standard input.")
        Path archive;

        @Override
        Result run(Context context) {
            if (archive.toString().equals(Pipe.NAME) && Pipe.NAME.equals(ctl.passwordFile)) {
                throw new CtlException(Exit.USAGE, "Standard input cannot be both the archive and the password", "Name a file with --password-file.");
            }
            return Restoration.run(context, archive, consent);
        }
    }

    @Command(name = "install", description = "Put StoreIT on this machine, running and ready to log in (default: the latest release).")
    static final class Install extends Subcommand {
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
            return new Installer(context, this).run(version);
        }
    }

    @Command(name = "uninstall", description = "Take away what install has put on this machine. Data and settings stay unless told.")
    static final class Uninstall extends Subcommand {
        @Mixin Consent consent;

        @Option(names = "--user", description = "What was installed with --user.")
        boolean forUser;

        @Option(names = "--delete-data", description = "Delete the data, the backups and the settings too.")
        boolean deleteData;

        @Override
        Result run(Context context) {
            return new Uninstaller(context, this).run();
        }
    }

    @Command(name = "self-update", description = "Replace this storeit-ctl by that of another release (default: the latest).")
    static final class SelfUpdate extends Subcommand {
        @Mixin Changing changing;

        @Parameters(arity = "0..1", paramLabel = "VERSION", defaultValue = "latest", description = "For example 0.3.0.")
        String version;

        @Option(names = "--file", paramLabel = "FILE", description = "The storeit-ctl to replace (default: the one that runs).")
        Path file;

        @Option(names = "--allow-unsigned", description = "Accept a release whose signature cannot be checked.")
        boolean allowUnsigned;

        @Override
        Result run(Context context) {
            return Updates.replaceTool(context, this);
        }
    }

    /** Runs what short commands run, against a server in this process, while Java records its start-up cache; see the launch stub. */
    @Command(name = "__warm", hidden = true)
    static final class Warm implements Callable<Integer> {
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
    static final class Ready implements Callable<Integer> {
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

    /** Writes the units of an installation in its usual places, for scripts/systemd. */
    @Command(name = "__units", hidden = true)
    static final class Units implements Callable<Integer> {
        @Parameters(paramLabel = "FOLDER")
        Path folder;

        @Override
        public Integer call() throws IOException {
            UnitFiles.SYSTEM.writeTo(folder);
            UnitFiles.USER.writeTo(folder.resolve("user"));
            return Exit.OK.code;
        }
    }
}

/** What every command works with. */
record Context(Console console, Settings settings, Duration patience) {}

/**
 * What a command found or did: text for people, or a JSON object of the components of the record, in their order. Paths are
 * absolute, sizes in bytes, durations in milliseconds, times RFC 3339 in UTC; what is not known is left out.
 */
interface Result {
    /** Prints it for people, with {@link Console#print}. */
    void print(Console console);

    default ObjectNode json() {
        return Json.tree(this);
    }

    default Exit exit() {
        return Exit.OK;
    }

    /** Once it was printed: for what may be forgotten only then. */
    default void printed() {}
}

/** Of a command that has nothing to tell. */
record Done() implements Result {
    @Override
    public void print(Console console) {}
}

/** What {@code --dry-run} says: the steps that were not done, and the options they would ask for. */
record Plan(boolean dryRun, List<String> steps, List<String> questions) implements Result {
    static Plan of(Console console, List<String> steps) {
        return new Plan(true, List.copyOf(steps), console.questions());
    }

    @Override
    public void print(Console console) {
        console.print(steps.isEmpty() ? "There is nothing to do." : "This would be done:");
        int number = 1;
        for (String step : steps) console.print("  %d. %s", number++, step);
        for (String question : questions) console.print("It would ask: %s", question);
        console.print("Nothing was changed.");
    }
}

// ---- Status and doctor ------------------------------------------------------------------------------------------------

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
    private record Local(Optional<Installation> installation, Optional<Journal> journal, String binaryVersion, CtlException obstacle) {
        static Local of(Supplier<Optional<Installation>> search) {
            Optional<Installation> found;
            try {
                found = search.get();
            } catch (CtlException invisible) {
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
                : Console.contents(counts, Table.ITEMS, Table.CONTAINERS, Table.LOCATIONS, Table.PHOTOS, Table.USERS));
        line(console, "Supervisor", supervisor);
        line(console, "Last operation", operation);
        if (rollback != null) {
            line(console, "Kept for rollback",
                    "version " + rollback.version() + ", schema " + rollback.schemaVersion() + ", replaced " + rollback.replacedAt() + " ("
                    + Console.megabytes(rollback.bytes()) + ")" + (rollback.missing().isEmpty() ? "" : "; missing: " + Console.few(rollback.missing())));
        }
        line(console, "Last backup", lastBackup == null ? database == null ? null : "none is known" : lastBackup.words());
        if (newestRelease != null) line(console, newestRelease.version() == null ? "Newer releases" : "Newer release", newestRelease.words());
        line(console, "Next", next);
    }

    private static void line(Console console, String name, Object value) {
        if (value != null) console.row(name + ":", value.toString());
    }
}

/** Work that goes on beside the rest; it keeps no program from ending. */
final class Beside<T> {
    private final FutureTask<T> task;

    Beside(Callable<T> work) {
        task = new FutureTask<>(work);
        var thread = new Thread(task, "beside");
        thread.setDaemon(true);
        thread.start();
    }

    T get() {
        return get(Duration.ofDays(1)).orElseThrow();
    }

    /** @return empty when it takes longer */
    Optional<T> get(Duration limit) {
        try {
            return Optional.of(task.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException late) {
            return Optional.empty();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            throw new CtlException(Exit.INTERRUPTED, "Interrupted", "", interrupted);
        }
    }
}

/**
 * The last backup that was made with this tool, as {@code <state folder>/backups.json} of whoever made it tells.
 *
 * @param path {@code -}: it went to standard output. @param time RFC 3339. @param verified whether it was restored on trial and was the same
 */
record SavedBackup(String path, String time, long bytes, String sha256, boolean verified) {
    /**
     * The newest of those that this user made, that the server's user made (as whom the timer does), and that the last upgrade made: from
     * that one a database was restored and compared before anything else was done.
     */
    static Optional<SavedBackup> last(Settings settings, Optional<Installation> installation, Optional<Journal> journal) {
        Stream<Path> folders = Stream.concat(Stream.of(Settings.stateFolder()),
                installation.map(found -> Settings.stateFolder(found.launch().environment())).stream());
        Stream<SavedBackup> made = folders.distinct().map(folder -> read(folder.resolve("backups.json"), settings.serverUrl())).flatMap(Optional::stream);
        Optional<SavedBackup> safety = journal.filter(last -> last.state == Journal.State.COMMITTED && last.archive != null && Files.exists(last.archive))
                .map(last -> new SavedBackup(last.archive.toString(), last.startedAt, FileTree.sizeOrNone(last.archive), null, true));
        return Stream.concat(made, safety.stream()).max(Comparator.comparing(SavedBackup::at));
    }

    private static Optional<SavedBackup> read(Path file, String serverUrl) {
        try {
            Map<String, Object> backup = Json.object(Files.readString(file));
            if (backup.get("server_url") instanceof String other && !other.equals(serverUrl)) return Optional.empty();
            var found = new SavedBackup((String) backup.get("path"), (String) backup.get("time"), Json.number(backup, "bytes"),
                    (String) backup.get("sha256"), Boolean.TRUE.equals(backup.get("verified")));
            return Optional.of(found).filter(saved -> saved.path() != null && saved.at() != Instant.EPOCH);
        } catch (IOException | CtlException | ClassCastException none) {
            return Optional.empty();
        }
    }

    Instant at() {
        try {
            return Instant.parse(Objects.requireNonNullElse(time, ""));
        } catch (DateTimeParseException damaged) {
            return Instant.EPOCH;
        }
    }

    String words() {
        boolean gone = !path.equals("-") && !Files.exists(Path.of(path));
        return (path.equals("-") ? "to standard output" : path) + ", " + time + ", " + Console.megabytes(bytes)
                + (verified ? ", verified by a trial restore" : ", not verified") + (gone ? "; the file is not there any more" : "");
    }
}

/**
 * A release that is newer than what is in place, or why that is not known.
 *
 * @param checkedAt RFC 3339. Answers are believed for a day, failures for an hour, so that no command waits for them often
 */
record NewestRelease(String version, String problem, String checkedAt) {
    /** The property gives tests on a busy machine more. */
    private static final Duration LIMIT = Duration.ofSeconds(Integer.getInteger("storeit.lookup.seconds", 2));

    /** Goes on beside the rest of a command. */
    static final class Lookup {
        private final String place;
        private final Path file = Settings.stateFolder().resolve("newest-release.json");
        private final Instant deadline = Instant.now().plus(LIMIT);
        private final NewestRelease known;
        private final Beside<NewestRelease> work;

        Lookup(Context context) {
            Settings settings = context.settings();
            place = settings.releasesUrl();
            boolean online = place.startsWith("http");
            known = settings.updateCheck() && online ? remembered() : null;
            work = settings.updateCheck() && known == null ? new Beside<>(() -> ask(new Context(context.console(), settings, LIMIT), online)) : null;
        }

        private NewestRelease remembered() {
            try {
                Map<String, Object> found = Json.object(Files.readString(file));
                var release = new NewestRelease((String) found.get("version"), (String) found.get("problem"), (String) found.get("checked_at"));
                Duration age = Duration.between(Instant.parse(release.checkedAt()), Instant.now());
                boolean fresh = !age.isNegative() && age.compareTo(release.problem() == null ? Duration.ofDays(1) : Duration.ofHours(1)) < 0;
                return fresh && place.equals(found.get("place")) && (release.version() == null || Version.isVersion(release.version())) ? release : null;
            } catch (IOException | CtlException | ClassCastException | DateTimeParseException | NullPointerException none) {
                return null;
            }
        }

        private NewestRelease ask(Context context, boolean online) {
            NewestRelease answer;
            try {
                answer = new NewestRelease(Releases.of(context).resolve("latest").version(), null, now());
            } catch (CtlException unknown) {
                answer = new NewestRelease(null, shortened(unknown), now());
            }
            if (online) remember(answer);
            return answer;
        }

        /** A line of status is not the place for whole addresses. */
        private String shortened(CtlException unknown) {
            String reason = unknown.getCause() instanceof IOException failure ? CtlException.reason(failure) : "";
            return reason.isEmpty() || !unknown.getMessage().endsWith(reason) ? unknown.getMessage() : host() + ": " + reason;
        }

        private String host() {
            return place.replaceFirst("^https?://([^/]+).*", "$1");
        }

        private void remember(NewestRelease answer) {
            var object = new LinkedHashMap<String, Object>();
            object.put("place", place);
            object.put("version", answer.version());
            object.put("problem", answer.problem());
            object.put("checked_at", answer.checkedAt());
            try {
                Files.createDirectories(file.getParent());
                FileTree.place(file, Json.text(object).getBytes(StandardCharsets.UTF_8), "rw-------");
            } catch (IOException unwritable) {
                // then the next command asks again
            }
        }

        private static String now() {
            return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        }

        /** Waits until the limit at most; empty when there is none newer, or nobody wants to know. */
        Optional<NewestRelease> newerThan(String version) {
            if (known == null && work == null) return Optional.empty();
            NewestRelease found = known;
            if (found == null) {
                Duration left = Duration.between(Instant.now(), deadline);
                found = work.get(left.isNegative() ? Duration.ZERO : left).orElse(null);
            }
            if (found == null) {
                found = new NewestRelease(null, host() + " did not answer within " + LIMIT.toSeconds() + " seconds", now());
                remember(found);
            }
            boolean none = found.version() != null && Version.isVersion(version) && Version.parse(found.version()).compareTo(Version.parse(version)) <= 0;
            return none ? Optional.empty() : Optional.of(found);
        }
    }

    String words() {
        return version != null ? version + " ('storeit-ctl upgrade' moves to it)" : "not known: " + problem;
    }
}

/** One thing that {@code doctor} looked at. @param fix the command that puts it right; null where there is nothing to do, or none */
record Finding(String area, Severity severity, String what, String fix) {
    enum Severity {
        OK(Exit.OK), NOTE(Exit.OK),
        /** Works, but somebody should see to it. */
        WARNING(Exit.FAILED),
        /** The server does not serve, will not after the next start, or its data are in danger. */
        SERIOUS(Exit.ATTENTION);

        final Exit exit;

        Severity(Exit exit) {
            this.exit = exit;
        }

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}

/** What {@code doctor} found; the exit code is that of the worst finding. */
record DoctorReport(Finding.Severity worst, List<Finding> findings) implements Result {
    @Override
    public Exit exit() {
        return worst.exit;
    }

    @Override
    public void print(Console console) {
        for (Finding finding : findings) {
            String severity = String.format("%-8s", finding.severity().json());
            String styled = switch (finding.severity()) {
                case OK, NOTE -> severity;
                case WARNING -> console.styled("yellow", severity);
                case SERIOUS -> console.styled("bold,red", severity);
            };
            console.row(styled + String.format(" %-12s", finding.area()), finding.what());
            if (finding.fix() != null) console.row("              to fix:", finding.fix());
        }
        long open = findings.stream().filter(finding -> finding.severity().exit != Exit.OK).count();
        console.print(open == 0 ? "Nothing has to be done." : "%s to see to.", Console.counted(open, "thing", "things"));
    }
}

/** Looks at all that could keep an installation from working, and changes nothing. */
final class Examination {
    /** A server with less cannot be sure to write its journal, in bytes. */
    private static final long LAST_SPACE = 64_000_000;
    private static final Duration OLD_BACKUP = Duration.ofDays(8);
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(2);

    private final Context context;
    private final Settings settings;
    private final List<Finding> findings = new ArrayList<>();
    private Optional<ServerApi.Facts> facts = Optional.empty();
    private Optional<ServerApi.Health> health = Optional.empty();
    private Installation installation;
    private Optional<Instant> clockElsewhere = Optional.empty();

    private Examination(Context context) {
        this.context = context;
        this.settings = context.settings();
    }

    static DoctorReport of(Context context) {
        var doctor = new Examination(context);
        var releases = new Beside<>(doctor::newest);
        doctor.look("server", doctor::server);
        doctor.look("settings", doctor::settings);
        doctor.look("java", doctor::java);
        if (doctor.installation != null) {
            doctor.look("operation", doctor::operation);
            doctor.look("unit", doctor::unit);
            doctor.look("versions", doctor::versions);
            doctor.look("disk", doctor::disk);
            doctor.look("permissions", doctor::permissions);
            doctor.look("locks", doctor::locks);
            doctor.look("leftovers", doctor::leftovers);
            doctor.look("photos", doctor::photos);
            doctor.look("backups", doctor::backups);
        }
        doctor.look("releases", () -> doctor.releases(releases));
        doctor.look("clock", doctor::clock);
        var worst = doctor.findings.stream().map(Finding::severity).max(Comparator.naturalOrder()).orElse(Finding.Severity.OK);
        return new DoctorReport(worst, doctor.findings);
    }

    /** What cannot be looked at is a finding too. */
    private void look(String area, Runnable examination) {
        int before = findings.size();
        try {
            examination.run();
        } catch (CtlException | DatabaseException | UncheckedIOException hidden) {
            CtlException known = CtlException.of(hidden);
            found(area, known.exit() == Exit.ATTENTION ? Finding.Severity.SERIOUS : Finding.Severity.WARNING, known);
        }
        if (findings.size() == before) ok(area, "in order");
    }

    private void found(String area, Finding.Severity severity, String what, String fix) {
        findings.add(new Finding(area, severity, what, fix));
    }

    /** A hint is not always a command. */
    private void found(String area, Finding.Severity severity, CtlException problem) {
        boolean command = problem.hint().matches("(storeit-ctl|storeit-server|systemctl|journalctl|sudo|ls|chown|chmod) [^\n]*");
        found(area, severity, problem.getMessage() + (command || problem.hint().isEmpty() ? "" : ". " + problem.hint()),
                command ? problem.hint() : null);
    }

    private void ok(String area, String what) {
        found(area, Finding.Severity.OK, what, null);
    }

    private void note(String area, String what, String fix) {
        found(area, Finding.Severity.NOTE, what, fix);
    }

    private void warn(String area, String what, String fix) {
        found(area, Finding.Severity.WARNING, what, fix);
    }

    private void serious(String area, String what, String fix) {
        found(area, Finding.Severity.SERIOUS, what, fix);
    }

    // -- reachability

    private void server() {
        long begun = System.nanoTime();
        try (var api = new ServerApi(settings.serverUrl())) {
            facts = api.probe();
            long milliseconds = (System.nanoTime() - begun) / 1_000_000;
            installation = Installation.find(context, facts.isPresent()).orElse(null);
            if (facts.isPresent()) {
                ok("server", "version " + facts.get().appVersion() + " answers at " + settings.serverUrl() + " within " + milliseconds + " ms");
                if (installation != null && api.useTokenBeside(installation.database())) health = api.health();
            } else {
                serious("server", "nothing answers at " + settings.serverUrl(), startCommand());
            }
            if (installation == null) found("server", Finding.Severity.WARNING, Installation.unknown(context, facts.isPresent()));
        }
    }

    private String startCommand() {
        return installation != null && installation.launch().unit() != null ? installation.launch().unit().command("restart") : null;
    }

    /** @param clock what the place of releases tells */
    private record Newest(String version, Optional<Instant> clock) {}

    private Optional<Newest> newest() {
        if (!settings.updateCheck()) return Optional.empty();
        Releases releases = Releases.of(new Context(context.console(), settings, Duration.ofSeconds(3)));
        return Optional.of(new Newest(releases.resolve("latest").version(), releases.clock()));
    }

    private void releases(Beside<Optional<Newest>> asked) {
        try {
            Optional<Newest> newest = asked.get(Duration.ofSeconds(10)).orElseThrow(() -> new CtlException(Exit.FAILED,
                    settings.releasesUrl() + " does not answer", ""));
            if (newest.isEmpty()) return;
            clockElsewhere = newest.get().clock();
            String version = newest.get().version();
            boolean newer = facts.isPresent() && Version.parse(version).compareTo(Version.parse(facts.get().appVersion())) > 0;
            if (newer) note("releases", version + " is available, at " + settings.releasesUrl(), "storeit-ctl upgrade");
            else ok("releases", "the newest is " + version + ", at " + settings.releasesUrl());
        } catch (CtlException unreachable) {
            found("releases", Finding.Severity.NOTE, unreachable);
        }
    }

    // -- settings and programs

    private void settings() {
        for (var file : settings.files()) {
            for (String unknown : file.unknownKeys()) {
                warn("settings", file.path() + " has a key that means nothing: " + Quoted.bare(unknown), "storeit-ctl config");
            }
            if (file.present() && file.values().containsKey(Settings.Key.AUTH_COOKIE.inFile())) requirePrivate("settings", file.path());
        }
        Path password = settings.passwordFile();
        if (password != null) requirePrivate("settings", password);
    }

    private void requirePrivate(String area, Path file) {
        if (!Files.exists(file)) {
            warn(area, "there is no " + file, null);
        } else if (FileTree.mode(file).matches("...(r..|...r).*")) {
            warn(area, "others can read " + file + " (" + FileTree.mode(file) + ")", "chmod 600 " + Programs.quoted(file));
        }
    }

    private void java() {
        ok("java", "storeit-ctl runs with Java " + System.getProperty("java.version") + " of " + System.getProperty("java.home"));
        if (installation == null || ServerBinary.versionInManifest(installation.binary()).isEmpty()) return;
        ServerProcess process = facts.isPresent() ? installation.process() : null;
        if (process != null && process.programWasReplaced()) {
            warn("java", "the file that the server's process runs has been replaced since it started", startCommand());
        }
        Map<String, String> environment = installation.launch().environment();
        Path java = Programs.javaOf(environment, "STOREIT_SERVER_JAVA").orElse(null);
        if (java == null) {
            serious("java", "the next start of the server finds no Java: neither STOREIT_SERVER_JAVA nor JAVA_HOME nor PATH has one",
                    Programs.installJava());
            return;
        }
        String version = Programs.versionOfJava(java);
        if (version.matches("\\d+.*") && Integer.parseInt(version.replaceAll("\\D.*", "")) < 17) {
            serious("java", "the next start of the server finds Java " + version + " at " + java + ", which is older than 17",
                    Programs.installJava());
        } else {
            ok("java", "the server starts with Java " + version + ", " + java);
        }
    }

    private void operation() {
        Optional<Journal> journal = Journal.read(installation.database());
        boolean held = Locks.operationHeld(installation.database());
        if (journal.filter(Journal::interrupted).isPresent() && !held) {
            serious("operation", "interrupted: " + journal.get().summary(), "storeit-ctl resume");
        } else if (held) {
            note("operation", "another storeit-ctl is at work" + journal.filter(Journal::interrupted).map(found -> ": " + found.progress()).orElse(""), null);
        } else {
            ok("operation", journal.map(found -> "none is interrupted; the last was " + found.summary()).orElse("none is interrupted"));
        }
    }

    private void unit() {
        SystemdUnit unit = installation.launch().unit();
        if (unit == null) {
            if (installation.process() == null || !facts.isPresent()) return;
            boolean known = SystemdUnit.known(UnitFiles.SERVER).isPresent();
            note("unit", "the server was started by hand: nothing starts it after a boot or a crash",
                    known ? "systemctl enable --now " + UnitFiles.SERVER : null);
            return;
        }
        Map<String, String> state = unit.standing();
        String name = unit.name();
        int before = findings.size();
        if ("masked".equals(state.get("LoadState"))) {
            serious("unit", name + " is masked: systemd will not start it", unit.command("unmask"));
        } else if ("disabled".equals(state.get("UnitFileState"))) {
            warn("unit", name + " is not enabled: it will not start after a boot", unit.command("enable"));
        }
        if ("yes".equals(state.get("NeedDaemonReload"))) {
            warn("unit", "the file of " + name + " was changed after systemd read it", unit.command("daemon-reload"));
        }
        if ("failed".equals(state.get("ActiveState"))) {
            serious("unit", name + " has failed (" + state.get("Result") + "): '" + unit.journal() + "' tells why", unit.command("restart"));
        }
        String restarts = state.getOrDefault("NRestarts", "0");
        if (!restarts.equals("0")) {
            String times = Console.counted(Long.parseLong(restarts), "time", "times");
            note("unit", name + " was started again " + times + " after it ended by itself", unit.journal());
        }
        if (findings.size() == before) ok("unit", name + " is " + state.get("ActiveState") + " and " + state.get("UnitFileState"));
    }

    private void versions() {
        String binary = ServerBinary.versionWithoutRunning(installation.binary());
        if (binary == null) {
            boolean back = Journal.read(installation.database()).flatMap(Journal::rollbackable).isPresent();
            String why = Files.exists(installation.binary()) ? "does not tell its version" : "is missing";
            serious("versions", installation.binary() + " " + why, back ? "storeit-ctl rollback" : "storeit-ctl install");
        } else if (facts.isPresent() && !binary.equals(facts.get().appVersion())) {
            warn("versions", "version " + facts.get().appVersion() + " is running, but the file " + installation.binary() + " is version " + binary,
                    startCommand());
        }
        var database = DatabaseInspection.inspect(installation.database());
        if (database.schemaVersion() == 0) {
            serious("versions", database.reason(), "storeit-ctl restore ARCHIVE");
        } else if (facts.isPresent() && facts.get().expectedVersion() != database.schemaVersion()) {
            serious("versions", "the database has schema " + database.schemaVersion() + ", the server needs " + facts.get().expectedVersion(),
                    "storeit-server auto-upgrade");
        } else if (binary != null) {
            ok("versions", "server " + binary + ", schema " + database.schemaVersion() + ", storeit-ctl " + StoreitVersion.APPLICATION);
        }
        if (binary != null && Version.isVersion(binary) && Version.parse(binary).compareTo(Version.parse(StoreitVersion.APPLICATION)) > 0) {
            note("versions", "storeit-ctl " + StoreitVersion.APPLICATION + " is older than the server", "storeit-ctl self-update");
        }
    }

    // -- disk and files

    private void disk() {
        try {
            for (Space.Need need : Space.forMove(installation, FileTree.sizeOrNone(installation.binary()))) {
                long free = Files.getFileStore(need.place()).getUsableSpace();
                String told = (free < 10_000_000_000L ? Console.megabytes(free) : free / 1_000_000_000 + " GB") + " free at " + need.place();
                if (free < LAST_SPACE) serious("disk", told + ": the server will soon refuse to write", "storeit-ctl cleanup");
                else if (free < need.bytes()) warn("disk", told + "; an upgrade needs " + Console.megabytes(need.bytes()), "storeit-ctl cleanup");
                else ok("disk", told + "; an upgrade needs " + Console.megabytes(need.bytes()));
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    private void permissions() {
        int user = installation.launch().userId();
        for (Path path : List.of(installation.database().getParent(), installation.database(), installation.imageFolder())) {
            if (!Files.exists(path)) continue;
            if (user != 0 && FileTree.userId(path) != user && FileTree.mode(path).matches("....[^w]..[^w].")) {
                serious("permissions", path + " belongs to " + FileTree.owner(path) + ", the server runs as user " + user,
                        "chown " + user + ": " + Programs.quoted(path));
            } else if (!FileTree.mode(path).contains("w")) {
                serious("permissions", "the server may not write to " + path + " (" + FileTree.mode(path) + ")",
                        "chmod u+w " + Programs.quoted(path));
            }
        }
        if (Files.exists(installation.database())) requirePrivate("permissions", installation.database());
        if (Files.exists(installation.binary()) && FileTree.mode(installation.binary()).matches("....w.*|.......w.")) {
            warn("permissions", "others than its owner can change " + installation.binary(), "chmod go-w " + Programs.quoted(installation.binary()));
        }
    }

    private void locks() {
        for (long holder : Holders.others(installation.database())) {
            if (installation.process() != null && holder == installation.process().pid()) continue;
            String command = Console.shortened(String.join(" ", ServerProcess.of(holder).arguments()));
            warn("locks", "process " + holder + " has the database open: " + command, "kill " + holder);
        }
    }

    private void leftovers() {
        Optional<Journal> journal = Journal.read(installation.database());
        if (journal.filter(Journal::interrupted).isPresent()) return;   // they are what resume works with
        boolean busy = Locks.operationHeld(installation.database());
        var needed = new HashSet<Path>();
        var removable = new HashSet<Path>();
        for (Journal record = journal.orElse(null); record != null; record = record.previous) {
            if (record.direction != Journal.Direction.ROLLBACK && record.state == Journal.State.COMMITTED && record.keptDatabase != null) {
                needed.addAll(List.of(record.keptDatabase, record.keptBinary));
            }
            removable.addAll(record.leftovers);
        }
        removable.addAll(List.of(Download.folderIn(installation.dataFolder())));
        journal.ifPresent(record -> removable.add(record.workFolder()));
        for (Path file : Leftovers.beside(installation)) {
            long bytes = FileTree.sizeOrNone(file);
            String what = file + " (" + Console.megabytes(bytes) + ")";
            String name = file.getFileName().toString();
            if (needed.contains(file)) {
                ok("leftovers", what + " is kept for 'storeit-ctl rollback'");
            } else if (name.endsWith(".auto-upgrade-failed")) {
                warn("leftovers", "the last auto-upgrade failed; " + file + " tells why", "cat " + Programs.quoted(file));
            } else if (removable.contains(file)) {
                note("leftovers", what + " is not needed any more", "storeit-ctl cleanup");
            } else if (name.matches(".*\\.(pre-(import|upgrade|downgrade|restore|rollback)|failed)(-.*)?")) {
                note("leftovers", what + " is kept until you delete it", "rm " + Programs.quoted(file));
            } else if (!busy) {
                warn("leftovers", what + " was left by something that broke", "rm -r " + Programs.quoted(file));
            }
        }
    }

    /** Photos that do not open, and files of deleted ones that wait. */
    private void photos() {
        if (health.isPresent() && health.get().unreadablePhotos() > 0) {
            String photos = Console.counted(health.get().unreadablePhotos(), "of the newest photos has", "of the newest photos have");
            warn("photos", photos + " no readable file in " + installation.imageFolder(), "storeit-server verify");
        }
        List<String> waiting = DatabaseOverview.of(installation.database()).removedImages();
        if (waiting.isEmpty()) return;
        var images = new ImageStore(installation.imageFolder());
        long bytes = waiting.stream().filter(images::has).mapToLong(key -> FileTree.sizeOrNone(images.file(key))).sum();
        String keptName = installation.database().getFileName() + ".pre-";
        List<Path> kept = Leftovers.beside(installation).stream().filter(file -> file.getFileName().toString().startsWith(keptName)).toList();
        String what = Console.counted(waiting.size(), "file of a deleted photo is", "files of deleted photos are") + " still there ("
                + Console.megabytes(bytes) + ")";
        if (kept.isEmpty()) ok("photos", what + " and will go by themselves");
        else note("photos", what + ", for going back to " + Console.few(kept) + " must bring them back", "storeit-ctl cleanup");
    }

    private void backups() {
        Optional<SavedBackup> last = SavedBackup.last(settings, Optional.of(installation), Journal.read(installation.database()));
        if (last.isEmpty()) {
            warn("backups", "none is known", "storeit-ctl backup");
        } else if (!last.get().path().equals("-") && !Files.exists(Path.of(last.get().path()))) {
            warn("backups", "the last is not there any more: " + last.get().path(), "storeit-ctl backup");
        } else if (Duration.between(last.get().at(), Instant.now()).compareTo(OLD_BACKUP) > 0) {
            warn("backups", "the last is of " + last.get().time(), "storeit-ctl backup");
        } else {
            ok("backups", "the last: " + last.get().words());
        }
    }

    private void clock() {
        Instant now = Instant.now();
        Duration off = clockElsewhere.map(elsewhere -> Duration.between(elsewhere, now)).orElse(Duration.ZERO);
        if (off.abs().compareTo(CLOCK_TOLERANCE) > 0) {
            warn("clock", "this machine's is " + off.toSeconds() + " s off what " + settings.releasesUrl() + " says", "timedatectl set-ntp true");
        }
        if (installation != null && FileTree.modified(installation.database()).isAfter(now.plus(CLOCK_TOLERANCE))) {
            warn("clock", installation.database() + " is from the future: the clock was set back", "timedatectl set-ntp true");
        }
        var synchronised = Programs.run("timedatectl", "show", "--property=NTPSynchronized", "--value");
        if (synchronised.exit() == 0 && synchronised.output().strip().equals("no")) {
            note("clock", "it is not kept right by any time server", "timedatectl set-ntp true");
        }
        ok("clock", now.truncatedTo(ChronoUnit.SECONDS).toString());
    }
}

// ---- Backups and archives ---------------------------------------------------------------------------------------------

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
            throw new CtlException(Exit.FAILED, "There is no folder " + folder, "Create it, for the user this runs as.");
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
            DurableFiles.fsyncFolder(folder);
            return saved.withDeleted(deleted);
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "An older backup in " + folder + " could not be deleted: " + CtlException.reason(failure),
                    "The new one is good. Delete the older one, or let the owner of the folder make the backups.", failure);
        }
    }

    private static List<Path> withNew(List<Path> backups, Path target) {
        return Stream.concat(backups.stream(), Stream.of(target)).toList();
    }

    /** Writes {@code target}, which appears only when it is complete, and checks it by reading it to its end. */
    Saved toFile(Path target) {
        requireWritableFolder(target);
        Saved saved = make(target, "The backup was saved as " + target + ", but");
        remember(target.toString(), saved);
        return saved;
    }

    /**
     * The archive is made as a file and found good before its first byte is written: what reads it, such as restic, takes the end of
     * its input for the end of a good backup, and has to get either nothing or all.
     */
    Result toStandardOutput(boolean json, boolean dryRun) {
        if (json) throw new CtlException(Exit.USAGE, "Standard output cannot hold both the backup and a JSON object", "Leave --json out, or name a file.");
        if (dryRun) return plan(Path.of(Pipe.NAME));
        Pipe.requireReader();
        try (var scratch = Scratch.temporary()) {
            Saved saved = make(scratch.resolve("backup.storeit"), "Nothing was written: the backup was made, but");
            Pipe.send(console, saved.archive());
            remember(Pipe.NAME, saved);
            console.say("Backup saved: standard output (%s)", Console.megabytes(saved.bytes()));
            return new Done();
        }
    }

    /** Of a backup that is not made; finds out whether it could be. */
    Plan plan(Path target) {
        return plan(target, List.of());
    }

    private Plan plan(Path target, List<Path> superfluous) {
        if (!target.toString().equals(Pipe.NAME)) requireWritableFolder(target);
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
                throw new CtlException(Exit.FAILED, "The backup cannot be restored on trial: that takes the server's own program, and no process of the server at "
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
                    String version = facts.map(ServerApi.Facts::appVersion).orElseGet(() -> ServerBinary.of(found).version().appVersion());
                    rehearse(found, version, file, content);
                }
                return new Saved(file, size(file), Release.sha256(file), content.schemaVersion(), content.counts(), content.digest(), content.missingImages(),
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
        throw new CtlException(Exit.ARCHIVE, fate + " it could not be imported as it is",
                "A backup in a file (-o FILE) is kept even so, with all its rows; the lines above name what does not fit together.");
    }

    /**
     * Restores a backup beside the database, with the server's own import and as its user, and compares what came of it. Photos stay out:
     * that each is in the archive with the bytes its name promises was found when it was read.
     */
    private void rehearse(Installation installation, String version, Path archive, ServerBinary.Content content) {
        Path database = installation.database();
        FileTree.requireSpace(database, 3 * size(database), "Make room, or leave --verify out.");
        console.say("Restoring the backup into a scratch database...");
        try (var scratch = Scratch.of(database.resolveSibling(database.getFileName() + ".verifying"))) {
            Path rows = scratch.resolve("rows.storeit");
            Path restored = scratch.resolve("storeit.db");
            ArchiveConverter.convert(archive, rows, new ArchiveConverter.Options(0, Version.parse(version).isOurs() ? null : version, false), Progress.NONE);
            installation.launch().giveTo(scratch.folder(), rows);
            var server = new ServerBinary(installation.binary(), installation.launch(), version);
            server.importInto(restored, rows, installation.imageFolder(), true);
            DatabaseSwitch.makeSelfContained(restored);
            server.verify(restored, installation.imageFolder()).requireSame(content, archive);
        } catch (IOException failure) {
            throw CtlException.of(failure);
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
            console.print("Backup saved: %s (%s)", archive, Console.megabytes(bytes));
            if (verified) console.print("Verified: restored into a scratch database, it was the same: %s", Console.contents(counts, Table.ITEMS, Table.PHOTOS));
            deleted.forEach(file -> console.print("Deleted: %s", file));
        }
    }

    void tellMissing(ServerBinary.Content content) {
        if (content.missingImages().isEmpty()) return;
        console.warn("%s on disk and %s not in the backup: %s", Console.counted(content.missingImages().size(), "photo has no readable file",
                "photos have no readable file"), content.missingImages().size() == 1 ? "is" : "are", Console.few(content.missingImages()));
    }

    /** Runs a backup job and downloads it; the job's progress goes to the terminal. */
    void fromServer(ServerApi api, Path target) {
        String job = api.startBackup(wanted.images(), wanted.allowMissingImages());
        Map<String, Object> status = awaitJob(context, "Backup", () -> api.backupStatus(job));
        if (status.get("status").equals("failed")) {
            throw new CtlException(Exit.FAILED, "The server could not make the backup: " + status.get("error"),
                    "If photos are missing on disk, --allow-missing-images saves the rest.");
        }
        console.say("Backup complete (%d/%d)", Json.number(status, "progress"), Json.number(status, "total"));
        api.download(job, target);
        api.forgetBackup(job);
    }

    /** Shows how far a job of the server is. @return what it ended with: {@code complete} or {@code failed} */
    static Map<String, Object> awaitJob(Context context, String name, Supplier<Map<String, Object>> asked) {
        var deadline = new Patience(context.patience().multipliedBy(6), "the server's job '" + name + "'");
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
        try (var held = Locks.tryDatabase(installation.database()).orElseThrow(() -> new CtlException(Exit.FAILED,
                "The database is in use: " + installation.database(), "Stop the server or tool that has it open."))) {
            var report = Exporter.export(installation.database(), installation.imageFolder(), target,
                    new ExportOptions(wanted.images(), 0, null, appVersion, wanted.allowMissingImages()), Progress.NONE);
            report.notes().forEach(note -> console.warn("%s", note));
        }
    }

    static void requireWritableFolder(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new CtlException(Exit.FAILED, "The folder " + folder + " does not exist", "Create it, or choose another place.");
        }
        if (Files.isDirectory(target)) {
            throw new CtlException(Exit.FAILED, target + " is a folder", "Name a file in it.");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new CtlException(Exit.FAILED, target + " is no file", "A backup goes to standard output with -o -");
        }
        if (!Files.isWritable(folder)) {
            throw new CtlException(Exit.FAILED, "May not write into " + folder, "Run as a user who may, or choose another place.");
        }
    }

    static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}

/** Archives that come and go through standard input and output, so that other programs can encrypt, store and fetch them. */
final class Pipe {
    /** What is named instead of a file. */
    static final String NAME = "-";
    static final String INPUT = "standard input";
    private static final int BUFFER = 1 << 18;
    /** Bytes left free on the file system of a database, whose server may have to write. */
    private static final long RESERVE = 64L << 20;

    private Pipe() {}

    /** Standard input, or what a shell makes of {@code <(age -d backup.age)}. */
    static boolean is(Path archive) {
        return archive.toString().equals(NAME) || Files.exists(archive) && !Files.isRegularFile(archive) && !Files.isDirectory(archive);
    }

    static String words(Path archive) {
        return archive.toString().equals(NAME) ? INPUT : archive.toString();
    }

    static InputStream open(Path archive) {
        try {
            return archive.toString().equals(NAME) ? new FileInputStream(FileDescriptor.in) : Files.newInputStream(archive);
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    static void requireArchive(Console console, Path archive) {
        if (!is(archive) && !Files.isRegularFile(archive)) throw new CtlException(Exit.FAILED, "There is no file " + archive, "Check the path.");
        if (archive.toString().equals(NAME) && console.interactive()) {
            throw new CtlException(Exit.USAGE, "Standard input is this terminal: an archive has to come from a file or another program",
                    "For example: restic dump latest storeit.storeit | storeit-ctl verify -");
        }
    }

    static void requireReader() {
        if (Console.outputIsTerminal()) {
            throw new CtlException(Exit.USAGE, "Standard output is this terminal: a backup has to go into a file or another program",
                    "For example: storeit-ctl backup -o - | age -r RECIPIENT > storeit.age");
        }
    }

    static void send(Console console, Path file) {
        long total = Backups.size(file);
        long sent = 0;
        try (InputStream in = Files.newInputStream(file)) {
            // Not System.out, which keeps errors to itself.
            @SuppressWarnings("resource") var out = new FileOutputStream(FileDescriptor.out);
            var buffer = new byte[BUFFER];
            for (int read; (read = in.read(buffer)) > 0; sent += read) {
                out.write(buffer, 0, read);
                console.progress("Sending", sent >> 10, total >> 10, "KiB");
            }
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "The backup could not be written to standard output: after " + Console.megabytes(sent) + " of "
                    + Console.megabytes(total) + " " + ("Broken pipe".equals(failure.getMessage()) ? "its reader ended" : CtlException.reason(failure)),
                    "What was written is no backup. Look at what it was written to, then try again.", failure);
        }
    }

    /** Saves what comes as a file of the owner's, and leaves some room beside it. */
    static void receive(Console console, Path pipe, Path file) {
        try (InputStream in = open(pipe)) {
            console.say("Saving standard input as %s until it is restored...", file);
            FileTree.createOwnerOnly(file);
            try (var out = Files.newOutputStream(file)) {
                var buffer = new byte[BUFFER];
                long untilCheck = 0;
                for (int read; (read = in.read(buffer)) > 0; untilCheck -= read) {
                    if (untilCheck <= 0) {
                        FileTree.requireSpace(file, RESERVE, "Make room, then try again; nothing was changed.");
                        untilCheck = RESERVE / 4;
                    }
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not save standard input as " + file + ": " + CtlException.reason(failure), "Nothing was changed.", failure);
        }
    }
}

/** A folder of the owner's that is gone when its use is over, also when the tool is told to end meanwhile. */
final class Scratch implements AutoCloseable {
    private final Path folder;
    private final Thread atEnd;

    private Scratch(Path folder) {
        this.folder = folder;
        this.atEnd = new Thread(() -> FileTree.deleteQuietly(folder));
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    /** For whoever has the operation lock: what a killed tool left under that name goes. */
    static Scratch of(Path folder) throws IOException {
        FileTree.delete(folder);
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new Scratch(folder);
    }

    /** In TMPDIR, else in /var/tmp: many systems have /tmp in memory, where a backup has no room. */
    static Scratch temporary() {
        String named = System.getenv("TMPDIR");
        Path parent = Stream.of(named == null || named.isEmpty() ? "/var/tmp" : named, System.getProperty("java.io.tmpdir")).map(Path::of)
                .filter(Files::isWritable).findFirst()
                .orElseThrow(() -> new CtlException(Exit.FAILED, "There is no folder for temporary files", "Name one in the variable TMPDIR."));
        try {
            return new Scratch(Files.createTempDirectory(parent.toAbsolutePath(), "storeit-ctl-"));
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    Path folder() {
        return folder;
    }

    Path resolve(String name) {
        return folder.resolve(name);
    }

    @Override
    public void close() {
        FileTree.deleteQuietly(folder);
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException endsAlready) {
            // then it deletes what there is
        }
    }
}

/**
 * Which backups of a folder stay: the newest of each of the last so many days, weeks and months in which there is one, and the
 * newest of all. Days, weeks (ISO) and months are those of UTC.
 */
record Retention(int daily, int weekly, int monthly) {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'storeit-backup-'uuuuMMdd-HHmmss'.storeit'", Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    static int count(Integer given) {
        if (given == null) return 0;
        if (given < 0) throw new CtlException(Exit.USAGE, "Cannot keep " + given + " backups", "Give a number from 0 on.");
        return given;
    }

    /** Named by its time; no two have the same name. */
    static Path newFile(Path folder, Instant now) {
        Path file = folder.resolve(NAME.format(now.atOffset(ZoneOffset.UTC)));
        return Files.exists(file) ? newFile(folder, now.plusSeconds(1)) : file;
    }

    /** The backups in a folder, by name; other files, also with similar names, are none. */
    static List<Path> backupsIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> time(file).isPresent() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).toList();
        }
    }

    private static Optional<LocalDateTime> time(Path file) {
        try {
            return Optional.of(LocalDateTime.parse(file.getFileName().toString(), NAME));
        } catch (DateTimeParseException otherFile) {
            return Optional.empty();
        }
    }

    /** @param written stays in any case, also when the clock went back since another was written */
    List<Path> superfluous(List<Path> backups, Path written) {
        List<Path> newestFirst = backups.stream().sorted(Comparator.comparing((Path file) -> time(file).orElseThrow()).reversed()).toList();
        var kept = new HashSet<Path>(newestFirst.stream().limit(1).toList());
        kept.add(written);
        keep(kept, newestFirst, daily, time -> time.toLocalDate().toString());
        keep(kept, newestFirst, weekly, time -> time.get(IsoFields.WEEK_BASED_YEAR) + "-" + time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        keep(kept, newestFirst, monthly, time -> YearMonth.from(time).toString());
        return newestFirst.stream().filter(file -> !kept.contains(file)).toList();
    }

    private static void keep(Set<Path> kept, List<Path> newestFirst, int periods, Function<LocalDateTime, String> period) {
        var seen = new HashSet<String>();
        for (Path file : newestFirst) {
            String name = period.apply(time(file).orElseThrow());
            if (seen.contains(name)) continue;
            if (seen.size() == periods) return;
            seen.add(name);
            kept.add(file);
        }
    }
}

/** What is in archives, what became different between them, and other forms of them; the reading and comparing is interchange's. */
final class Archives {
    private Archives() {}

    /** @return its absolute path */
    static Path existing(Path archive) {
        if (!Files.isRegularFile(archive)) throw new CtlException(Exit.FAILED, "There is no file " + archive, "Check the path.");
        return archive.toAbsolutePath();
    }

    static void requireCount(String option, int given) {
        if (given < 0) throw new CtlException(Exit.USAGE, option + " cannot be " + given, "Give a number from 0 on.");
    }

    static Result verify(Console console, Path archive) {
        Pipe.requireArchive(console, archive);
        Progress progress = console.following("Checking", "records");
        if (!Pipe.is(archive)) return new Verified(VerificationReport.of(archive.toAbsolutePath(), ArchiveVerification.verify(archive, progress)));
        return new Verified(VerificationReport.of(archive, ArchiveVerification.verify(Pipe.INPUT, Pipe.open(archive), progress)));
    }

    record Verified(VerificationReport report) implements Result {
        @Override
        public ObjectNode json() {
            return report.toJson();
        }

        @Override
        public void print(Console console) {
            report.lines().forEach(console::print);
        }

        @Override
        public Exit exit() {
            return report.ok() ? Exit.OK : Exit.ARCHIVE;
        }
    }

    /** What an archive says of itself; one from before 0.3.0 does not say how much it holds and is read for that. */
    static Result summary(Console console, Path archive) {
        Manifest manifest = ArchiveReader.readManifest(archive);
        Map<Table, Long> counts = manifest.counts();
        if (counts == null && manifest.schemaVersion() <= SchemaTransforms.newest()) {
            try (var catalogue = ArchiveCatalogue.open(archive, false, console.following("Reading", "records"))) {
                counts = catalogue.counts();
            }
        }
        return new Summary(archive, manifest, counts == null ? Map.of() : counts);
    }

    record Summary(Path archive, Manifest manifest, Map<Table, Long> counts) implements Result {
        @Override
        public ObjectNode json() {
            ObjectNode json = manifest.toJson();
            json.remove("format_version"); // In this place it is that of the JSON.
            if (manifest.createdAt() != null) json.put("created_at", manifest.createdAt().toString());
            var object = new ObjectNode(JsonNodeFactory.instance);
            object.put("archive", archive.toString()).put("bytes", Backups.size(archive)).setAll(json);
            ObjectNode rows = object.putObject("counts");
            counts.forEach((table, count) -> rows.put(table.key(), count));
            return object;
        }

        @Override
        public void print(Console console) {
            console.print("Archive: %s (%s)", archive, Console.megabytes(Backups.size(archive)));
            console.print("Written: %s", VerificationReport.written(manifest.createdAt(), manifest.appVersion()));
            console.print("Schema version: %d", manifest.schemaVersion());
            console.print("Image files: %s", !manifest.includesImages() ? "none" : manifest.skippedImages().isEmpty() ? "included"
                    : "included, but for " + manifest.skippedImages().size() + " that could not be read");
            if (!counts.isEmpty()) console.print("Holds: %s", VerificationReport.contents(counts));
            if (manifest.digest() != null) console.print("Digest: %s", manifest.digest().stamp());
            manifest.losses().losses().forEach(loss -> console.print("Left out when it was converted: %s", Console.loss(loss)));
        }
    }

    /** What lies where, told while it is read from the catalogue: it may be long. */
    static final class Tree implements Result, Closeable {
        private final Path archive;
        private final int depth;
        private final ArchiveCatalogue catalogue;

        Tree(Console console, Path archive, int depth) {
            this.archive = archive;
            this.depth = depth;
            this.catalogue = ArchiveCatalogue.open(archive, false, console.following("Reading", "records"));
        }

        @Override
        public ObjectNode json() {
            var object = new ObjectNode(JsonNodeFactory.instance).put("archive", archive.toString());
            var unreachable = new long[1];
            object.putPOJO("things", Json.streamed(out -> {
                out.writeStartArray();
                unreachable[0] = catalogue.walk(depth, line -> Json.append(out, line.toJson()));
                out.writeEndArray();
            }));
            return object.putPOJO("unreachable", Json.streamed(out -> out.writeNumber(unreachable[0])));
        }

        @Override
        public void print(Console console) {
            var group = new String[1];
            long unreachable = catalogue.walk(depth, line -> {
                if (line.depth() == 0 && catalogue.hasSeveralGroups() && !line.group().equals(group[0])) {
                    group[0] = line.group();
                    console.print("Group " + Quoted.bare(line.group()) + ":");
                }
                console.print(line.text());
            });
            if (unreachable > 0) {
                console.print("%s inside themselves: 'storeit-ctl verify' names them.", Console.counted(unreachable, "thing lies", "things lie"));
            }
        }

        @Override
        public void close() {
            catalogue.close();
        }
    }

    static Result find(Console console, Path archive, String text, int limit) {
        try (var catalogue = ArchiveCatalogue.open(archive, true, console.following("Reading", "records"))) {
            return new Found(archive, text, catalogue.find(text, limit), catalogue.hasSeveralGroups());
        }
    }

    record Found(Path archive, String text, ArchiveCatalogue.Hits hits, boolean severalGroups) implements Result {
        @Override
        public ObjectNode json() {
            var object = new ObjectNode(JsonNodeFactory.instance).put("archive", archive.toString()).put("text", text).put("total", hits.total());
            ArrayNode list = object.putArray("hits");
            hits.hits().forEach(hit -> list.add(hit.toJson()));
            return object;
        }

        @Override
        public void print(Console console) {
            for (var hit : hits.hits()) hit.lines(severalGroups).forEach(console::print);
            long more = hits.total() - hits.hits().size();
            if (hits.total() == 0) console.print("Nothing was found for " + Quoted.of(text) + ".");
            else if (more > 0) console.print("%d more: --limit %d shows them.", more, hits.total());
        }
    }

    /** What became different; the records are told while they are read from a scratch database, for they may be many. */
    static final class Difference implements Result, Closeable {
        private final ArchiveDifference difference;
        private final String older;
        private final String newer;
        private final int limit;

        private Difference(ArchiveDifference difference, String older, String newer, int limit) {
            this.difference = difference;
            this.older = older;
            this.newer = newer;
            this.limit = limit;
        }

        static Difference between(Console console, Path older, Path newer, int limit) {
            return new Difference(ArchiveDifference.between(older, newer, limit, console.following("Comparing", "records")), older.toString(), newer.toString(), limit);
        }

        /** With what the installation holds, of which a backup without photos is made for that. */
        static Difference withNow(Context context, Path older, int limit) {
            try (var folder = Scratch.temporary()) {
                Path now = folder.resolve("now.storeit");
                new Backups(context, Backups.Wanted.whatThereIs(false)).save(now);
                return new Difference(ArchiveDifference.between(older, now, limit, context.console().following("Comparing", "records")), older.toString(),
                        context.settings().serverUrl(), limit);
            }
        }

        @Override
        public ObjectNode json() {
            var object = new ObjectNode(JsonNodeFactory.instance);
            object.set("older", side(older, difference.older()));
            object.set("newer", side(newer, difference.newer()));
            object.put("compared_in_schema", difference.schemaVersion()).put("equal", difference.isEmpty());
            ObjectNode counts = object.putObject("counts");
            difference.counts().forEach((table, count) -> counts.putObject(table.key())
                    .put("added", count.added()).put("changed", count.changed()).put("removed", count.removed()));
            return object.putPOJO("changes", Json.streamed(out -> {
                out.writeStartArray();
                difference.forEach(change -> Json.append(out, change.toJson()));
                out.writeEndArray();
            }));
        }

        private static ObjectNode side(String place, Manifest manifest) {
            return new ObjectNode(JsonNodeFactory.instance).put("source", place).put("app_version", manifest.appVersion())
                    .put("schema_version", manifest.schemaVersion()).put("created_at", manifest.createdAt() == null ? null : manifest.createdAt().toString());
        }

        @Override
        public void print(Console console) {
            console.print("Before: " + words(older, difference.older()));
            console.print("After: " + words(newer, difference.newer()));
            if (difference.isEmpty()) {
                console.print("No difference.");
                return;
            }
            var told = new Table[1];
            difference.forEach(change -> {
                if (told[0] != change.table()) {
                    told[0] = change.table();
                    console.print(Console.difference(Map.of(told[0], difference.counts().get(told[0]))) + ":");
                }
                console.print("  " + console.styled(colour(change.kind()), change.text().substring(0, 1)) + change.text().substring(1));
            });
            if (limit == 0) console.print(Console.difference(difference.counts()) + ".");
            else if (largest() > limit) console.print("Only the first %d of each kind are named; --limit %d names all.", limit, largest());
        }

        private static String colour(ArchiveDifference.Kind kind) {
            return switch (kind) {
                case ADDED -> "green";
                case CHANGED -> "yellow";
                case REMOVED -> "red";
            };
        }

        private long largest() {
            return difference.counts().values().stream().mapToLong(count -> Math.max(count.added(), Math.max(count.changed(), count.removed()))).max().orElse(0);
        }

        private static String words(String place, Manifest manifest) {
            return place + ", " + VerificationReport.written(manifest.createdAt(), manifest.appVersion()) + ", schema version " + manifest.schemaVersion();
        }

        @Override
        public void close() {
            difference.close();
        }
    }

    /** @param fromSchema schema version of the old archive. @param losses what could not be kept, as a manifest has it */
    record Converted(Path archive, Path output, long bytes, int fromSchema, int toSchema, ArrayNode losses, String digest) implements Result {
        @Override
        public void print(Console console) {
            console.print("Converted: %s (%s), schema version %d to %d", output, Console.megabytes(bytes), fromSchema, toSchema);
        }
    }

    static Result convert(Console console, Path archive, StoreitCtl.Convert given) {
        console.dryRun = given.changing.dryRun;
        if (given.schema != null) {
            if (given.schema < 1) throw new CtlException(Exit.USAGE, "There is no schema version " + given.schema, "The first one is 1.");
        }
        Path output = given.output.toAbsolutePath();
        Backups.requireWritableFolder(output);
        try {
            if (Files.exists(output) && Files.isSameFile(archive, output)) {
                throw new CtlException(Exit.USAGE, "Cannot convert " + archive + " into itself", "Name another file with -o.");
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        if (Files.exists(output)) console.requireConsent(given.yes, "--yes", output + " exists.", "Replace it?");
        int before = ArchiveReader.readManifest(archive).schemaVersion();
        var options = new ArchiveConverter.Options(given.schema == null ? 0 : given.schema, given.version, !given.withoutImages);
        String reader = given.version != null ? "Version " + given.version : "Schema version " + given.schema;
        Consumer<LossReport> consent = losses -> requireConsentToLosses(console, reader, losses, given.acceptLoss, archive);
        if (given.changing.dryRun) {
            LossReport losses = ArchiveConverter.losses(archive, options, console.following("Reading", "records"));
            if (!losses.isEmpty()) consent.accept(losses);
            return Plan.of(console, List.of("Write " + output + " from " + archive));
        }
        Manifest written = ArchiveConverter.convert(archive, output, options, consent, console.following("Converting", "records")).manifest();
        return new Converted(archive, output, Backups.size(output), before, written.schemaVersion(), written.losses().toJson(),
                written.digest() == null ? null : written.digest().stamp());
    }

    /** @param reader what cannot hold these values. @param stays where they are still */
    static void requireConsentToLosses(Console console, String reader, LossReport losses, boolean accepted, Path stays) {
        String fact = reader + " cannot hold:\n" + losses.losses().stream().map(loss -> "  " + Console.loss(loss)).collect(Collectors.joining("\n"))
                + "\nThese values stay in " + stays + ".";
        if (accepted) console.say("%s", fact);
        else console.requireConsent(false, "--accept-loss", fact, "Go on without them?");
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

    static Result run(Context context, Path named, StoreitCtl.Consent given) {
        Pipe.requireArchive(context.console(), named);
        boolean piped = Pipe.is(named);
        if (piped && !given.yes && !given.dryRun) {
            throw new CtlException(Exit.CONSENT, "What comes through a pipe is restored without a question", "To go on: --yes");
        }
        if (!piped) ArchiveReader.readManifest(named);
        return Migration.withInstallation(context, given, (installation, facts, api) -> {
            String version = facts.map(ServerApi.Facts::appVersion).orElseGet(() -> ServerBinary.of(installation).version().appVersion());
            if (facts.isPresent() && !Version.parse(version).isOurs()) {
                throw new CtlException(Exit.FAILED, "Version " + version + " would restore into its database while it is used, without a way back",
                        "Stop the server and run this command again: then it keeps the database it replaces.");
            }
            facts.ifPresent(found -> api.authenticate(found, Optional.of(installation.database()), context.settings()));
            Optional<ServerApi> server = facts.map(found -> api);
            if (!piped) return new Restoration(context, named.toAbsolutePath(), named.toAbsolutePath(), installation, version).run(server, given);
            if (given.dryRun) {
                requireUsable(ArchiveVerification.verify(Pipe.INPUT, Pipe.open(named), Progress.NONE));
                return plan(context.console(), named, installation, server);
            }
            Path database = installation.database();
            try (var scratch = Scratch.of(database.resolveSibling(database.getFileName() + ".receiving"))) {
                Path received = scratch.resolve("received.storeit");
                Pipe.receive(context.console(), named, received);
                return new Restoration(context, named, received, installation, version).run(server, given);
            } catch (IOException failure) {
                throw CtlException.of(failure);
            }
        });
    }

    /** @param server empty: it does not run */
    private Result run(Optional<ServerApi> server, StoreitCtl.Consent given) {
        Manifest manifest = ArchiveReader.readManifest(archive);
        if (server.isEmpty()) requireKnownSchema(manifest.schemaVersion());
        console.requireConsent(given.yes, "--yes", "Everything in " + installation.database()
                + " makes way for what " + named + " holds, written " + VerificationReport.written(manifest.createdAt(), manifest.appVersion())
                + (manifest.counts() == null ? "" : ": " + Console.contents(Json.byKey(manifest.counts()), Table.ITEMS, Table.PHOTOS))
                + ". What is replaced is kept.", "Restore?");
        if (given.dryRun) {
            requireUsable(ArchiveVerification.verify(archive, Progress.NONE));
            return plan(console, named, installation, server);
        }
        FileTree.requireSpace(installation.database(), Backups.size(archive), "Make room, then try again; nothing was changed.");
        Path kept = server.isPresent() ? throughServer(server.get()) : intoFiles(given);
        return new Restored(named, installation.database(), Files.exists(kept) ? kept : null, server.isPresent());
    }

    /** A running server says so itself. */
    private void requireKnownSchema(int schema) {
        int newest = new ServerBinary(installation.binary(), installation.launch(), version).version().expectedSchemaVersion();
        if (schema <= newest || !Version.parse(version).isOurs()) return;
        throw new CtlException(Exit.ARCHIVE, named + " has schema version " + schema + ", and version " + version + " reads up to " + newest,
                "Nothing was changed. Restore it after an upgrade; 'storeit-ctl releases' shows which version knows that schema.");
    }

    private static Plan plan(Console console, Path named, Installation installation, Optional<ServerApi> server) {
        return Plan.of(console, List.of((server.isPresent() ? "Upload " : "Import ") + Pipe.words(named) + " into " + installation.database(),
                "Keep what is replaced beside it"));
    }

    private static void requireUsable(ArchiveVerification.Report report) {
        if (report.problems().isEmpty()) return;
        throw new CtlException(Exit.ARCHIVE, report.problems().get(0).toString(), report.hint());
    }

    private Path throughServer(ServerApi api) {
        console.say("Uploading %s (%s)...", Pipe.words(named), Console.megabytes(Backups.size(archive)));
        String job = api.startRestore(archive);
        Map<String, Object> status = Backups.awaitJob(context, "Restore", () -> api.restoreStatus(job));
        if (status.get("status").equals("failed")) {
            throw new CtlException(Exit.ARCHIVE, "The server could not restore it: " + status.get("error"), "Nothing was changed.");
        }
        if (status.get("notes") instanceof List<?> notes) notes.forEach(note -> console.warn("%s", note));
        return installation.database().resolveSibling(installation.database().getFileName() + ".pre-restore");
    }

    /** With the server's own {@code import}, as its user; what an older one cannot digest is ordered for it before. */
    private Path intoFiles(StoreitCtl.Consent given) {
        Path database = installation.database();
        Path kept = database.resolveSibling(database.getFileName() + ".pre-import");
        Path copy = database.resolveSibling(database.getFileName() + ".restoring.storeit");
        boolean ours = Version.parse(version).isOurs();
        try {
            Path source = archive;
            if (!ours) {
                ArchiveConverter.convert(archive, copy, new ArchiveConverter.Options(0, version, true),
                        losses -> Archives.requireConsentToLosses(console, "Version " + version, losses, given.acceptLoss, named), Progress.NONE);
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
            } catch (CtlException refused) {
                requireUsable(ArchiveVerification.verify(source, Progress.NONE));   // the archive's own fault has its own exit code
                throw refused;
            }
            return kept;
        } catch (IOException failure) {
            throw CtlException.of(failure);
        } finally {
            FileTree.deleteQuietly(copy);
        }
    }
}

// ---- Migration: the story of an upgrade, a downgrade, a rollback ------------------------------------------------------

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
    private final Consent consent;
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

    private Migration(Context context, Journal journal, StoreitCtl.Consent consent, ServerApi api) {
        this.context = context;
        this.console = context.console();
        this.journal = journal;
        this.consent = new Consent(console, consent);
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
    static Result withInstallation(Context context, StoreitCtl.Changing given, Work work) {
        context.console().dryRun = given.dryRun;
        try (var api = new ServerApi(context.settings().serverUrl())) {
            if (given.dryRun) {
                Optional<ServerApi.Facts> facts = api.probe();
                Installation installation = Installation.require(context, facts.isPresent());
                if (Locks.operationHeld(installation.database())) throw Journal.busy();
                Journal.requireNoneInterrupted(installation.database());
                return work.with(installation, facts, api);
            }
            return locked(context, api.probe(), (installation, facts) -> {
                Optional<Journal> interrupted = interrupted(installation.database());
                if (interrupted.isEmpty()) return work.with(installation, facts, api);
                finish(context, interrupted.get(), (StoreitCtl.Consent) given, api);
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

    private static Resumed finish(Context context, Journal journal, StoreitCtl.Consent given, ServerApi api) {
        context.console().say("Resuming: %s", journal.summary());
        var resumed = new Migration(context, journal, given, api).resume();
        context.console().say("%s", resumed.outcome());
        return resumed;
    }

    static Result move(Context context, Journal.Direction direction, String wanted, StoreitCtl.Consent given) {
        return withInstallation(context, given, (installation, facts, api) -> {
            Optional<Journal> earlier = Journal.read(installation.database());
            var journal = new Journal(direction, installation, context.settings().serverUrl());
            journal.previous = earlier.flatMap(Journal::rollbackable).orElse(null);
            earlier.ifPresent(found -> journal.leftovers.addAll(found.leftovers));
            journal.serverWasRunning = facts.isPresent();
            var migration = new Migration(context, journal, given, api);
            boolean needed = migration.prepare(facts, wanted);
            if (needed && given.dryRun) return migration.plan();
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
                    counts == null ? "" : ": " + Console.contents(counts, Table.ITEMS, Table.PHOTOS));
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
                "Download version " + to + " (" + Console.megabytes(release.requireServer().size()) + "), check it, and rehearse the import with a copy of the data",
                journal.serverWasRunning ? "Stop version " + journal.fromVersion : "Leave the server stopped, as it is",
                "Import into a fresh database; the old one is kept as " + journal.keptDatabaseFile() + ", the old binary as " + journal.keptBinaryFile(),
                "Start version " + to, "Check its health; if it fails, put everything back and start version " + journal.fromVersion));
    }

    static Result rollback(Context context, StoreitCtl.Consent given) {
        return withInstallation(context, given, (installation, facts, api) -> {
            Journal last = Journal.read(installation.database()).flatMap(Journal::rollbackable).orElseThrow(Journal::nothingToRollBack);
            for (Path kept : List.of(last.keptBinary, last.keptDatabase)) {
                if (!Files.isRegularFile(kept)) {
                    throw new CtlException(Exit.FAILED, "Cannot roll back: " + kept + " is not there any more",
                            "The safety backup is " + last.archive + "; install " + last.fromVersion + " and import it.");
                }
            }
            var journal = Journal.rollbackOf(last, installation, context.settings().serverUrl());
            journal.serverWasRunning = facts.isPresent();
            var migration = new Migration(context, journal, given, api);
            migration.tellWhatRollbackLeavesBehind(facts);
            if (given.dryRun) return migration.plan();
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

    static Result resume(Context context, StoreitCtl.Consent given) {
        try (var api = new ServerApi(context.settings().serverUrl())) {
            if (given.dryRun) {
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
                    var migration = new Migration(context, journal, new StoreitCtl.Consent(), api);
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
    private CtlException undo(int entered, Throwable failure) {
        boolean interrupted = Interruption.requested();
        Interruption.shield();
        boolean stopped = entered >= indexOf(STOP);
        CtlException reason = interrupted ? new CtlException(Exit.INTERRUPTED, "Interrupted", "", failure) : CtlException.of(failure);
        console.error(reason);
        if (stopped) console.say("Rolling back...");
        journal.failure = reason.getMessage();
        undoFrom(entered);
        String kept = journal.archive != null && Files.exists(journal.archive) ? " The safety backup is " + journal.archive + "." : "";
        if (reason.exit() == Exit.INTERRUPTED) return new CtlException(Exit.INTERRUPTED, "Interrupted; " + servingNow(), "", failure);
        return stopped
                ? new CtlException(Exit.ROLLED_BACK, journal.direction.title() + " to " + journal.toVersion + " failed and was undone; "
                        + servingNow(), "Nothing was lost." + kept + serverLogHint(), failure)
                : new CtlException(reason.exit(), journal.direction.title() + " to " + journal.toVersion + " was not started; " + servingNow(),
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
            throw new CtlException(Exit.ATTENTION, "Could not put everything back: " + CtlException.of(failure).getMessage(),
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
        throw new CtlException(Exit.ATTENTION, "The journal names a step this storeit-ctl does not know: " + name,
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
        journal.fromVersion = facts.map(ServerApi.Facts::appVersion).orElseGet(() -> ServerBinary.of(installation).version().appVersion());
        journal.fromSchema = facts.map(ServerApi.Facts::schemaVersion).orElseGet(() -> schemaOfStopped(installation.database()));
        console.say("Current version: %s", journal.fromVersion);

        release = Releases.of(context).resolve(wanted);
        journal.toVersion = release.version();
        int order = Version.parse(journal.toVersion).compareTo(Version.parse(journal.fromVersion));
        if (order == 0) return false;
        if (down ? order > 0 : order < 0) {
            throw new CtlException(Exit.FAILED, "Version " + journal.toVersion + (down ? " is newer" : " is older") + " than " + journal.fromVersion,
                    down ? "Use 'storeit-ctl upgrade " + journal.toVersion + "'." : "Use 'storeit-ctl downgrade " + journal.toVersion + "'.");
        }
        Release.Asset server = release.requireServer();
        installation.requireControl();
        Backups.requireWritableFolder(journal.archiveFile());
        Backups.requireWritableFolder(installation.database());
        Backups.requireWritableFolder(installation.binary());
        requireSpace(installation);
        facts.ifPresent(found -> api.authenticate(found, Optional.of(installation.database()), context.settings()));
        release.requireTrusted(context, server, consent.given.allowUnsigned);
        if (facts.isEmpty()) {
            consent.ask(consent.given.yes, "--yes", "The server does not run. The data is taken from " + installation.database() + " as it is.",
                    "Go on, and start version " + journal.toVersion + " afterwards?");
        }
        if (!consent.given.dryRun) Installation.remember(installation, journal.serverUrl);
        return true;
    }

    private static int schemaOfStopped(Path database) {
        var state = DatabaseInspection.inspect(database);
        if (state.schemaVersion() == 0) throw new CtlException(Exit.FAILED, "Cannot use " + database + ": " + state.reason(), "");
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
                    : ChangeToken.read(live).map(mark -> Long.parseLong(mark.substring(mark.indexOf(':') + 1))).orElse(-1L);
            written = changes != 0;
            if (changes > 0) console.say("%s written since the %s.", Console.counted(changes, "change was", "changes were"), journal.rolledBack);
        } else {
            Map<Table, RecordDifference.Difference> difference = RecordDifference.between(live, journal.candidateDatabase);
            written = difference.values().stream().anyMatch(found -> !found.isEmpty());
            if (written) console.say("Written since the %s: %s", journal.rolledBack, Console.difference(difference));
        }
        if (written) {
            consent.ask(consent.given.yes, "--yes", "What was written since the " + journal.rolledBack + " will not be in version "
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
            console.say("Only in the kept database: %s", Console.difference(difference));
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
                journal.mark = journal.comesFromOurs() ? null : ChangeToken.ofHeader(journal.installation.database()).orElse(null);
                backups.fromServer(api, part);
            } else {
                backups.fromFiles(journal.installation, journal.fromVersion, part);
            }
            journal.installation.launch().giveTo(part);
            ServerBinary.Content content = source().verifyArchive(part);
            for (String problem : content.problems()) {
                // The images stay where they are; one that was damaged on the server's disk must not keep anybody from upgrading.
                if (!problem.startsWith("images/")) {
                    throw new CtlException(Exit.ARCHIVE, "The backup cannot be imported: " + problem,
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
            DurableFiles.fsyncFolder(archive.getParent());
            journal.archive = archive;
            console.say("Backup saved to %s (%s)", archive, Console.megabytes(Files.size(archive)));
        } catch (IOException failure) {
            throw CtlException.of(failure);
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
        Fetched fetched = release.fetch(context, release.requireServer(), journal.downloadFolder());
        fetched.requireVersion(journal.toVersion, journal.installation.launch(), workFolder().resolve("storeit-server"));
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
            throw CtlException.of(failure);
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
            throw CtlException.of(failure);
        }
    }

    /** Shows what the target cannot hold and asks; a loss that appears only after the stop was never agreed to. */
    private void judgeLosses(Path rows, boolean mayAsk) {
        LossReport losses = ArchiveReader.readManifest(rows).losses();
        if (losses == null || losses.isEmpty()) return;
        if (!mayAsk) {
            if (journal.lossAccepted || consent.given.acceptLoss) return;
            throw new CtlException(Exit.CONSENT, "Records written during the " + journal.direction.name().toLowerCase(Locale.ROOT)
                    + " hold values that version " + journal.toVersion + " cannot hold", "Run it again with --accept-loss.");
        }
        console.say("Version %s cannot hold:", journal.toVersion);
        losses.losses().forEach(loss -> console.say("  %s", Console.loss(loss)));
        if (losses.losses().stream().anyMatch(loss -> loss.field().equals("_password_hash"))) requireAdministrator(rows);
        consent.ask(consent.given.acceptLoss, "--accept-loss", "These values stay in " + journal.archive + " and in "
                + journal.keptDatabaseFile() + ", but not in version " + journal.toVersion + ".", "Go on without them?");
        journal.lossAccepted = true;
        journal.write();
    }

    private void requireAdministrator(Path rows) {
        try {
            if (Administrators.canLogIn(rows)) return;
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        throw new CtlException(Exit.FAILED, "No administrator could log in at version " + journal.toVersion
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
            throw new CtlException(Exit.FAILED, "The rehearsed database has schema " + content.schemaVersion() + ", expected " + journal.toSchema,
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
        installation.launch().stop(installation.runningProcess(journal), context.patience());
    }

    private void startPrevious() {
        releaseDatabase();
        if (!journal.serverWasRunning || filesOnly) return;
        Installation installation = journal.installation;
        if (installation.runningProcess(journal).isEmpty()) {
            console.say("Starting version %s again...", journal.fromVersion);
            startServer();
        }
        ServerProcess server = installation.runningProcess(journal).orElse(null);
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
            return Objects.equals(ChangeToken.read(database).orElse(null), journal.mark);
        }
        if (journal.mark != null && ChangeToken.ofHeader(database).equals(Optional.of(journal.mark))) return true;
        return DatabaseVerification.digest(database).stamp().equals(journal.archiveDigest);
    }

    private void holdDatabase() {
        if (databaseLock != null) return;
        databaseLock = Locks.tryDatabase(journal.installation.database()).orElseThrow(() -> new CtlException(Exit.FAILED,
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
            console.say("It has beyond the restored one: %s", Console.difference(RecordDifference.between(live, journal.keptDatabase)));
        } catch (DatabaseException damaged) {
            console.warn("It cannot be compared with the restored one: %s", damaged.getMessage());
        }
        journal.leftovers.add(failed);
        return failed;
    }

    /** A server from 0.3.0 on counts its writes; of an older one nobody knows. */
    private boolean neverWrittenTo(Path database) {
        try {
            return journal.goesToOurs() && ChangeToken.read(database).filter(mark -> mark.endsWith(":0")).isPresent();
        } catch (DatabaseException damaged) {
            return false;
        }
    }

    private String markOfNew(Path database) {
        return (journal.goesToOurs() ? ChangeToken.read(database) : ChangeToken.ofHeader(database)).orElse(null);
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
            throw new CtlException(Exit.ATTENTION, file + " is neither the old nor the new file: somebody else replaced it",
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
        Optional<ServerProcess> running = journal.installation.runningProcess(journal);
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
        BooleanSupplier alive = () -> installation.launch().unit() == null ? installation.runningProcess(journal).isPresent()
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
            throw CtlException.of(failure);
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

    /** The answers given beforehand, and the terminal for the others. */
    private record Consent(Console console, StoreitCtl.Consent given) {
        void ask(boolean answered, String option, String fact, String question) {
            console.requireConsent(answered, option, fact, question);
        }
    }
}

// ---- Health: progress, not a clock ------------------------------------------------------------------------------------

/** Waits until a started server serves what it should. */
final class Health {
    /** {@code digest} null: not compared. {@code unreadablePhotos} -1: not compared. */
    record Expectation(String version, int schema, String digest, long unreadablePhotos) {}

    /** What a server that answers was found to be; {@code problem} null: healthy. Only some problems pass with time. */
    private record Verdict(String problem, boolean passes, ServerApi.Health health) {
        static Verdict healthy(ServerApi.Health health) {
            return new Verdict(null, false, health);
        }

        static Verdict notYet(String problem) {
            return new Verdict(problem, true, null);
        }

        static Verdict wrong(String problem) {
            return new Verdict(problem, false, null);
        }
    }

    private Health() {}

    /**
     * Waits as long as the process lives and gets on with something (its log grows, its answer changes); fails at once when it
     * ends or serves the wrong thing, and after the patience without progress.
     */
    static Optional<ServerApi.Health> await(
            Context context, BooleanSupplier alive, ServerApi api, Path database, ServerLog log, Expectation expected) {
        var patience = new Patience(context.patience(), "version " + expected.version());
        while (true) {
            Interruption.check();
            boolean living = alive.getAsBoolean();
            Verdict verdict = judge(api, database, expected);
            if (verdict.problem() == null) return Optional.ofNullable(verdict.health());
            if (!verdict.passes()) throw new CtlException(Exit.FAILED, "The server is not healthy: " + verdict.problem(), log.end());
            if (!living) {
                throw new CtlException(Exit.FAILED, "The server ended while starting: " + log.reason(), log.end());
            }
            patience.pause(verdict.problem() + log.progress(), verdict.problem());
        }
    }

    private static Verdict judge(ServerApi api, Path database, Expectation expected) {
        ServerApi.Facts facts;
        try {
            Optional<ServerApi.Facts> answer = api.probeQuietly();
            if (answer.isEmpty()) return Verdict.notYet("no answer");
            facts = answer.get();
        } catch (CtlException unhealthy) {
            return Verdict.notYet(unhealthy.getMessage());
        }
        if (!facts.appVersion().equals(expected.version())) {
            return Verdict.wrong("it says it is version " + facts.appVersion() + ", expected " + expected.version());
        }
        if (expected.schema() > 0 && facts.schemaVersion() != expected.schema()) {
            return Verdict.wrong("it serves schema " + facts.schemaVersion() + ", expected " + expected.schema());
        }
        if (!Version.parse(expected.version()).isOurs()) return Verdict.healthy(null);
        api.useTokenBeside(database);
        Optional<ServerApi.Health> report = api.health();
        if (report.isEmpty()) return Verdict.notYet("no report of its health");
        if (expected.digest() != null && !expected.digest().equals(report.get().digest())) {
            return Verdict.wrong("it serves other data than was imported");
        }
        if (expected.unreadablePhotos() >= 0 && report.get().unreadablePhotos() > expected.unreadablePhotos()) {
            return Verdict.wrong(report.get().unreadablePhotos() + " photos cannot be read that could be read in the rehearsal");
        }
        return Verdict.healthy(report.get());
    }
}

/** What a server says: in a file, or in systemd's journal. */
interface ServerLog {
    /** Changes when something was added. */
    String progress();

    /** The end of it, but for blank lines; none when there is no log. */
    List<String> lastLines();

    /** Where a person finds it. */
    String place();

    /** The line that says most: the last error, else the last line. For the person in front of the screen. */
    default String reason() {
        List<String> lines = lastLines();
        return lines.stream().filter(line -> line.startsWith("Error:")).reduce((first, second) -> second)
                .or(() -> lines.stream().reduce((first, second) -> second)).orElse("it left no log").replaceFirst("^Error: ", "");
    }

    /** What the server said last, in full: the log of a rehearsal goes with it. */
    default String end() {
        List<String> lines = lastLines();
        List<String> end = lines.subList(Math.max(0, lines.size() - 10), lines.size());
        return end.isEmpty() ? "It left no log." : "Its log ends with:\n  " + String.join("\n  ", end);
    }

    record OfFile(Path file) implements ServerLog {
        @Override
        public String progress() {
            try {
                return String.valueOf(Files.size(file));
            } catch (IOException noLogYet) {
                return "";
            }
        }

        @Override
        public List<String> lastLines() {
            try (var log = new RandomAccessFile(file.toFile(), "r")) {
                var tail = new byte[(int) Math.min(8192, log.length())];
                log.seek(log.length() - tail.length);
                log.readFully(tail);
                return new String(tail, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).toList();
            } catch (IOException unreadable) {
                return List.of();
            }
        }

        @Override
        public String place() {
            return file.toString();
        }
    }

    record OfUnit(SystemdUnit unit, Instant since) implements ServerLog {
        @Override
        public String progress() {
            return unit.log(since, 1);
        }

        @Override
        public List<String> lastLines() {
            return unit.log(since, 30).lines().filter(line -> !line.isBlank()).toList();
        }

        @Override
        public String reason() {
            return ServerLog.super.reason() + " (" + unit.outcome() + ")";
        }

        @Override
        public String place() {
            return "'journalctl " + (unit.user() ? "--user-unit " : "--unit ") + unit.name() + "'";
        }
    }
}

/** Waiting with a growing pause, as long as something changes. */
final class Patience {
    private final Duration patience;
    private final String subject;
    private String last = "";
    private long since = System.nanoTime();
    private long pauseMillis = 5;

    Patience(Duration patience, String subject) {
        this.patience = patience;
        this.subject = subject;
    }

    void pause(String observed) {
        pause(observed, "no progress");
    }

    /** Waits a little; fails when {@code observed} has stayed the same for too long. */
    void pause(String observed, String now) {
        if (!observed.equals(last)) {
            last = observed;
            since = System.nanoTime();
        } else if (System.nanoTime() - since > patience.toNanos()) {
            throw new CtlException(Exit.FAILED, "Waited " + patience.toSeconds() + " s for " + subject + " without progress: " + now,
                    "--patience SECONDS waits longer.");
        }
        Interruption.check();
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException interrupted) {
            Interruption.check();
        }
        pauseMillis = Math.min(100, pauseMillis * 2);
    }
}

/** Ctrl-C and SIGTERM: the running step ends, what was done is undone, then the process ends. */
final class Interruption {
    private static final CountDownLatch FINISHED = new CountDownLatch(1);
    private static boolean requested;
    /** Whose work the end of the process waits for; null while nothing would have to be undone. */
    private static Thread worker;
    private static boolean shielded;

    private Interruption() {}

    /** Only {@code main} does this: the Java that runs a test must be able to end. */
    static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!request()) return;
            try {
                FINISHED.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }, "interruption"));
    }

    /** @return whether the end of the process has to wait */
    private static synchronized boolean request() {
        requested = true;
        if (worker != null && !shielded) worker.interrupt();
        return worker != null;
    }

    /** From here on an end of the process waits for the work to be finished or undone. */
    static synchronized void watch() {
        worker = Thread.currentThread();
        shielded = false;
    }

    static synchronized boolean requested() {
        return requested && worker != null && !shielded;
    }

    /** Undoing is not interrupted, only waited for. */
    static synchronized void shield() {
        worker = Thread.currentThread();
        shielded = true;
        Thread.interrupted();
    }

    static void check() {
        if (requested()) throw new CtlException(Exit.INTERRUPTED, "Interrupted", "");
    }

    /** The work of {@code main} is over; a waiting end of the process may go on. */
    static void finished() {
        FINISHED.countDown();
    }
}

// ---- Journal: what is being done, written before it is done -----------------------------------------------------------

/**
 * The record of one operation, beside the database as {@code <db>.migration-journal}: JSON, owner-only, replaced atomically
 * and fsynced before each step. It ties binary, database and archive of one operation together, so that a rollback never
 * mixes two. A server that starts while {@code state} is {@code running} and the operation lock is held answers writes with
 * 503 until the state changes; that field's name and values are a contract with every server from 0.3.0 on.
 */
final class Journal {
    enum Direction {
        UPGRADE, DOWNGRADE, ROLLBACK;

        String title() {
            return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
        }

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    enum State {
        /** Before the stop: the server runs untouched. */
        PREPARING,
        /** From the stop to the commit. */
        RUNNING, UNDOING, COMMITTED, UNDONE;

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final List<String> BEFORE_THE_STOP = List.of("backup", "download", "rehearse");

    Direction direction;
    State state = State.PREPARING;
    String step = "";
    String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String endedAt;
    String failure;
    String serverUrl;
    Installation installation;
    boolean serverWasRunning;
    boolean startedOnce;
    ServerProcess startedProcess;

    String fromVersion;
    int fromSchema;
    String toVersion;
    int toSchema;
    String rolledBack;

    Path archive;
    String archiveDigest;
    String mark;
    boolean lossAccepted;
    String expectedDigest;
    long unreadablePhotos = -1;

    Path candidateDatabase;
    Path candidateBinary;
    Path keptDatabase;
    Path keptBinary;
    String oldDatabaseIdentity;
    String newDatabaseIdentity;
    String newDatabaseMark;
    String oldBinaryIdentity;
    String newBinaryIdentity;

    /** Files of earlier operations that only cleanup removes. */
    List<Path> leftovers = new ArrayList<>();
    /** The committed operation before this one, whose pair is still there. */
    Journal previous;

    /** For reading. */
    Journal() {}

    Journal(Direction direction, Installation installation, String serverUrl) {
        this.direction = direction;
        this.installation = installation;
        this.serverUrl = serverUrl;
    }

    static Journal rollbackOf(Journal last, Installation installation, String serverUrl) {
        var journal = new Journal(Direction.ROLLBACK, installation, serverUrl);
        journal.rolledBack = last.direction.json();
        journal.fromVersion = last.toVersion;
        journal.fromSchema = last.toSchema;
        journal.toVersion = last.fromVersion;
        journal.toSchema = last.fromSchema;
        journal.candidateDatabase = last.keptDatabase;
        journal.candidateBinary = last.keptBinary;
        journal.keptDatabase = journal.keptDatabaseFile();
        journal.keptBinary = journal.keptBinaryFile();
        journal.previous = last;
        journal.leftovers.addAll(last.leftovers);
        return journal;
    }

    static Path file(Path database) {
        return database.resolveSibling(database.getFileName() + ".migration-journal");
    }

    /** The next journal until it is complete. */
    static Path part(Path database) {
        return database.resolveSibling(database.getFileName() + ".migration-journal.part");
    }

    static Optional<Journal> read(Path database) {
        Path file = file(database);
        try {
            return Optional.of(Json.read(file, Journal.class));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException unreadable) {
            throw new CtlException(Exit.ATTENTION, "The journal cannot be read, so what was going on is not known: " + file,
                    "Beside it lie: " + FileTree.namesLike(database) + "\nA file ending in .pre-import is the database before the last"
                            + " import. Put the pair you want in place (docs/operating.md tells how), move the journal away, start the server.",
                    unreadable);
        }
    }

    void write() {
        Path file = file(installation.database());
        Path part = part(installation.database());
        try {
            FileTree.writeOwnerOnly(part, Json.write(this));
            installation.launch().giveTo(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.fsyncFolder(file.getParent());
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    void enter(String next) {
        enter(next, BEFORE_THE_STOP.contains(next) ? State.PREPARING : State.RUNNING);
    }

    private void enter(String next, State nextState) {
        step = next;
        state = nextState;
        write();
    }

    /** Putting the old pair back needs no space; a journal that cannot be written must not prevent it. */
    void enterUndo(String next) {
        try {
            enter(next, State.UNDOING);
        } catch (CtlException unwritable) {
            // The undo looks at the files themselves, so a resume from the entry before does the same.
        }
    }

    void started(ServerProcess process) {
        startedProcess = process;
        write();
    }

    void commit() {
        if (direction == Direction.ROLLBACK) {
            leftovers.addAll(List.of(keptBinary, keptDatabase));
            previous = previous.previous;
        }
        end(State.COMMITTED);
    }

    void finishUndone() {
        if (direction == Direction.ROLLBACK) {
            // The upgrade that was to be rolled back is still the last one.
            previous.leftovers = leftovers;
        }
        end(State.UNDONE);
    }

    private void end(State last) {
        endedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        state = last;
        write();
    }

    boolean interrupted() {
        return state == State.PREPARING || state == State.RUNNING || state == State.UNDOING;
    }

    /** The last operation whose pair is kept: this one, or the one before it. */
    Optional<Journal> rollbackable() {
        if (state == State.COMMITTED && direction != Direction.ROLLBACK && keptDatabase != null) return Optional.of(this);
        return Optional.ofNullable(previous);
    }

    static CtlException nothingToRollBack() {
        return new CtlException(Exit.FAILED, "No rollback binary found: no upgrade is recorded that could be undone", "");
    }

    static CtlException busy() {
        return new CtlException(Exit.BUSY, "Another storeit-ctl is working on this installation", "Wait until it has ended.");
    }

    boolean comesFromOurs() {
        return Version.parse(fromVersion).isOurs();
    }

    boolean goesToOurs() {
        return Version.parse(toVersion).isOurs();
    }

    boolean goesUp() {
        return direction == Direction.UPGRADE || Direction.DOWNGRADE.json().equals(rolledBack);
    }

    Path archiveFile() {
        return installation.dataFolder().resolve("pre-" + direction.json() + ".storeit");
    }

    Path keptBinaryFile() {
        return sibling(installation.binary(), ".pre-" + direction.json());
    }

    Path keptDatabaseFile() {
        return sibling(installation.database(), direction == Direction.ROLLBACK ? ".pre-rollback" : ".pre-import");
    }

    /** The target's binary under the name it is run with before the switch. */
    Path newBinary() {
        return direction == Direction.ROLLBACK ? candidateBinary : sibling(installation.binary(), ".new");
    }

    Path workFolder() {
        return sibling(installation.database(), ".rehearsal");
    }

    /** Where a download arrives, is continued after a break, and is checked. */
    Path downloadFolder() {
        return Download.folderIn(installation.dataFolder());
    }

    Path serverLog() {
        return installation.dataFolder().resolve("storeit-server.log");
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private void renamed(Path from, Path to) {
        if (from.equals(keptDatabase)) keptDatabase = to;
        if (from.equals(keptBinary)) keptBinary = to;
        if (from.equals(archive)) archive = to;
        leftovers.replaceAll(leftover -> leftover.equals(from) ? to : leftover);
    }

    static void requireNoneInterrupted(Path database) {
        read(database).filter(Journal::interrupted).ifPresent(journal -> {
            throw new CtlException(Exit.FAILED, "An operation was interrupted here: " + journal.summary(), "Run 'storeit-ctl resume' first, so that the data are whole.");
        });
    }

    /** The database that a rollback needs gets its time into its name where another is to be kept under its present one. */
    static void keepPairApart(Path database, Path name) {
        Journal journal = read(database).orElse(null);
        if (journal == null || !Files.exists(name)) return;
        journal.rename(name, DatabaseSwitch.dated(name), journal);
    }

    /** Gives a kept file another name, once {@code newest} and the journals before it know that name. */
    void rename(Path from, Path to, Journal newest) {
        for (Journal record = newest; record != null; record = record.previous) record.renamed(from, to);
        write();
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    /** After a cleanup that left databases behind: nothing can be rolled back, but the next cleanup still knows them. */
    void forgetPairs() {
        leftovers.removeIf(file -> !Files.exists(file));
        previous = null;
        keptBinary = null;
        keptDatabase = null;
        write();
    }

    /** While another storeit-ctl is at it. */
    String progress() {
        return what() + ", at work: step " + step;
    }

    private String what() {
        return direction.json() + " " + fromVersion + " -> " + toVersion;
    }

    String summary() {
        String what = what();
        return switch (state) {
            case PREPARING -> what + ", interrupted at step " + step + ", before anything was touched";
            case RUNNING -> what + ", interrupted at step " + step;
            case UNDOING -> what + ", interrupted while being undone at step " + step;
            case COMMITTED -> what + ", committed " + endedAt;
            case UNDONE -> what + ", undone " + endedAt + (failure == null ? "" : ": " + failure);
        };
    }

    String advice() {
        if (interrupted()) return "'storeit-ctl resume' finishes or undoes it";
        return rollbackable().map(last -> "'storeit-ctl rollback' goes back to " + last.fromVersion
                + ", 'storeit-ctl cleanup' removes what that needs").orElse(null);
    }

    String whereThingsAre() {
        var text = new StringBuilder("Database: " + installation.database() + "\nBinary: " + installation.binary());
        if (keptDatabase != null) text.append("\nDatabase of ").append(fromVersion).append(": ").append(keptDatabase);
        if (keptBinary != null) text.append("\nBinary of ").append(fromVersion).append(": ").append(keptBinary);
        if (archive != null) text.append("\nSafety backup: ").append(archive);
        return text.toString();
    }

    static String timeForNames() {
        return DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC).format(Instant.now());
    }
}

/** What an operation leaves until it is known to be good. */
final class Leftovers {
    /** What lies beside a database that is in use. */
    private static final Pattern LIVE = Pattern.compile("|-wal|-shm|-journal|\\.(token|operation\\.lock|database\\.lock|migration-journal|work)");

    private Leftovers() {}

    /** All that operations keep or leave beside the files of an installation. */
    static List<Path> beside(Installation installation) {
        var found = new TreeSet<Path>();
        named(installation.database(), found, ending -> !LIVE.matcher(ending).matches());
        named(installation.binary(), found, ending -> ending.equals(".new") || ending.startsWith(".pre-"));
        for (String partial : List.of(".storeit-download", ".first-password", "pre-upgrade.storeit.part", "pre-downgrade.storeit.part")) {
            Path file = installation.dataFolder().resolve(partial);
            if (Files.exists(file)) found.add(file);
        }
        return List.copyOf(found);
    }

    private static void named(Path file, Set<Path> all, Predicate<String> ending) {
        String name = file.getFileName().toString();
        try (Stream<Path> files = Files.list(file.toAbsolutePath().getParent())) {
            for (Path other : files.toList()) {
                String found = other.getFileName().toString();
                if (found.startsWith(name) && ending.test(found.substring(name.length()))) all.add(other);
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    static Result cleanup(Context context, StoreitCtl.Consent given) {
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
            removable.removeIf(file -> !Files.exists(file));
            precious.removeIf(file -> !Files.exists(file));
            boolean removePrecious = !precious.isEmpty() && (given.yes || !given.dryRun && console.asks(
                    "These databases may hold records that are nowhere else: " + Console.few(precious), "Remove them too?"));
            if (removePrecious) removable.addAll(precious);
            var cleaned = new Cleaned(List.copyOf(removable), removePrecious ? List.of() : List.copyOf(precious));
            if (given.dryRun) return Plan.of(console, removable.stream().map(file -> "Remove " + file).toList());
            for (Path file : removable) {
                try {
                    Files.delete(file);
                } catch (IOException failure) {
                    throw CtlException.of(failure);
                }
            }
            journal.ifPresent(record -> FileTree.deleteQuietly(record.workFolder()));
            FileTree.deleteQuietly(Download.folderIn(installation.dataFolder()));
            if (cleaned.kept().isEmpty()) FileTree.deleteQuietly(Journal.file(installation.database()));
            else journal.get().forgetPairs();
            return cleaned;
        });
    }

    record Cleaned(List<Path> removed, List<Path> kept) implements Result {
        @Override
        public void print(Console console) {
            console.print(removed.isEmpty() ? "No rollback files to clean up" : "Cleaned up rollback files:");
            removed.forEach(file -> console.print("  %s", file));
            if (kept.isEmpty()) return;
            console.print("Kept, for they may hold records that are nowhere else (--yes removes them):");
            kept.forEach(file -> console.print("  %s", file));
        }
    }
}

// ---- Install: the first time on a machine, and the last ---------------------------------------------------------------

/** Where the parts of an installation lie: for the whole machine, served by a user of its own, or for one person. */
record Layout(boolean forUser, Path server, Path tool, Path data, Path configuration, Path units, Path cache, Path share) {
    static Layout of(boolean forUser, Settings settings) {
        Layout standard = standard(forUser);
        return new Layout(forUser,
                Objects.requireNonNullElse(settings.binary(), standard.server), standard.tool,
                Objects.requireNonNullElse(settings.dataFolder(), standard.data), standard.configuration, standard.units, standard.cache,
                standard.share);
    }

    static Layout standard(boolean forUser) {
        if (!forUser) return ofMachine();
        return Platform.isMac() ? ofMacUser() : ofUser();
    }

    private static Layout ofMachine() {
        Path programs = Path.of("/usr/local/bin");
        return new Layout(false, programs.resolve("storeit-server"), programs.resolve("storeit-ctl"), Path.of("/var/lib/storeit"),
                Settings.MACHINE_FOLDER, Path.of("/etc/systemd/system"), Path.of("/var/cache/storeit"), Path.of("/usr/local/share"));
    }

    private static Layout ofUser() {
        Path programs = Settings.home().resolve(".local/bin");
        Path configuration = xdg("XDG_CONFIG_HOME", ".config");
        Path share = xdg("XDG_DATA_HOME", ".local/share");
        return new Layout(true, programs.resolve("storeit-server"), programs.resolve("storeit-ctl"), share.resolve("storeit"), configuration.resolve("storeit"),
                configuration.resolve("systemd/user"), xdg("XDG_CACHE_HOME", ".cache").resolve("storeit-server"), share);
    }

    private static Layout ofMacUser() {
        Path programs = Settings.home().resolve(".local/bin");
        Path library = Settings.home().resolve("Library");
        return new Layout(true, programs.resolve("storeit-server"), programs.resolve("storeit-ctl"), library.resolve("Application Support/storeit"),
                Settings.home().resolve(".config/storeit"), library.resolve("LaunchAgents"), library.resolve("Caches/storeit-server"),
                xdg("XDG_DATA_HOME", ".local/share"));
    }

    private static Path xdg(String variable, String otherwise) {
        return Settings.xdg(System.getenv(), variable, otherwise);
    }

    Path database() {
        return data.resolve("storeit.db");
    }

    Path images() {
        return data.resolve("images");
    }

    Path backups() {
        return data.resolve("backups");
    }

    Path environmentFile() {
        return configuration.resolve("storeit.env");
    }

    Path toolConfiguration() {
        return configuration.resolve("ctl.conf");
    }

    /** The first administrator's password, from before the database is made until it was shown: an install that was killed goes on with it. */
    Path firstPassword() {
        return firstPassword(data);
    }

    static Path firstPassword(Path data) {
        return data.resolve(".first-password");
    }
}

/** The user a server runs as. */
record Account(String name, int userId, int groupId) {
    static final String SERVICE = "storeit";

    static Account self() {
        return new Account(System.getProperty("user.name"), FileTree.ownUserId(), FileTree.ownGroupId());
    }

    static Optional<Account> find(String name) {
        var user = Programs.run("id", "-u", name);
        var group = Programs.run("id", "-g", name);
        if (user.exit() != 0 || group.exit() != 0) return Optional.empty();
        return Optional.of(new Account(name, Integer.parseInt(user.output().strip()), Integer.parseInt(group.output().strip())));
    }

    /** Cannot log in, has no home folder of its own, and a number below those of people. */
    static Account create(String name, Path home) {
        boolean group = groupExists(name);
        if (Programs.find("useradd").isPresent()) {
            Programs.require("useradd", "--system", group ? "--gid=" + name : "--user-group", "--home-dir=" + home, "--no-create-home",
                    "--shell=/usr/sbin/nologin", name);
        } else {
            // BusyBox, as in Alpine
            if (!group) Programs.require("addgroup", "-S", name);
            Programs.require("adduser", "-S", "-D", "-H", "-h", home.toString(), "-s", "/sbin/nologin", "-G", name, name);
        }
        return find(name).orElseThrow(() -> new CtlException(Exit.FAILED, "The user " + name + " was made, but 'id " + name + "' does not know it", ""));
    }

    private static boolean groupExists(String name) {
        try (Stream<String> groups = Files.lines(Path.of("/etc/group"))) {
            return groups.anyMatch(line -> line.startsWith(name + ":"));
        } catch (IOException unreadable) {
            return false;
        }
    }

    void remove() {
        Programs.require(Programs.find("userdel").isPresent() ? "userdel" : "deluser", name);
    }
}

/**
 * Puts a released server on a machine that has none, so that it serves now and after the next boot. Every step makes sure of
 * something and may be repeated: an install that was killed is finished by the next one, and one that fails takes away again
 * what it has made, but for data.
 */
final class Installer {
    private static final String ADMINISTRATOR = "admin";
    /** Without the characters people confuse when they copy from a screen. */
    private static final String READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int PASSWORD_LENGTH = 20;
    /** What a service with ProtectHome= and PrivateTmp= does not see. */
    private static final List<String> HIDDEN_FROM_SERVICES = List.of("/root/", "/home/", "/run/user/", "/tmp/", "/var/tmp/");
    private static final long SPACE_FOR_DATA = 64_000_000;

    private final Context context;
    private final Console console;
    private final StoreitCtl.Install options;
    private final Layout layout;
    /** What this run has made, the newest first. */
    private final Deque<Runnable> made = new ArrayDeque<>();
    private Account account;
    private Path java;
    private String version;
    private String url;

    Installer(Context context, StoreitCtl.Install options) {
        this.context = context;
        this.console = context.console();
        this.options = options;
        this.layout = Layout.of(options.forUser, context.settings());
    }

    Result run(String wanted) {
        Services.requireRights(options.forUser, "install");
        Optional<Services> services = options.noService ? Optional.empty() : Optional.of(Services.of(layout));
        Optional<String> present = versionInPlace(wanted);
        Journal.requireNoneInterrupted(layout.database());
        services.ifPresent(Services::check);
        if (services.isPresent()) requireTool();
        // What was set at an earlier install counts, also where that one was killed.
        boolean configured = services.isPresent() && Files.exists(layout.environmentFile());
        url = configured ? context.settings().serverUrl() : Ports.urlOfServer(Map.of("STOREIT_BIND", options.bind));
        if (!configured && ServerProcess.ofProgram(layout.server()).isEmpty()) requireFreePort();
        console.dryRun = options.consent.dryRun;
        java = options.forUser ? javaOfUser() : javaForEverybody();
        Release release = present.isPresent() ? null : release(wanted);
        version = present.orElseGet(() -> release.version());
        if (options.consent.dryRun) return plan(services, release);
        console.say(present.isPresent() ? "Checking StoreIT %s..." : "Installing StoreIT %s...", version);

        Interruption.watch();
        try {
            account = options.forUser ? Account.self() : ensureAccount();
            ensureFolders();
            try (var operation = Locks.tryOperation(layout.database()).orElseThrow(Journal::busy)) {
                if (release != null) placeServer(release);
                requireFittingDatabase();
                boolean newTool = placeTool();
                placeManual();
                services.ifPresent(this::placeConfiguration);
                Optional<String> password = firstAdministrator();
                services.ifPresent(this::startService);
                return installed(services, release != null, newTool, password);
            }
        } catch (RuntimeException | Error failure) {
            throw undo(failure);
        }
    }

    private Plan plan(Optional<Services> services, Release release) {
        var steps = new ArrayList<String>();
        if (!options.forUser && Account.find(Account.SERVICE).isEmpty()) steps.add("Make the user " + Account.SERVICE + ", which the server runs as");
        if (!Files.exists(layout.data())) steps.add("Make the folder " + layout.data());
        if (release != null) {
            Release.Asset asset = release.requireServer();
            steps.add("Download " + asset.name() + " of version " + version + " (" + Console.megabytes(asset.size()) + "), check it and put it at " + layout.server());
        }
        if (Programs.self().isPresent() || Files.exists(layout.tool())) {
            steps.add("See to it that " + layout.tool() + " is there, with its manual and the completions of shells below " + layout.share());
        }
        if (services.isPresent() && !Files.exists(layout.environmentFile())) steps.add("Write the settings " + layout.environmentFile());
        if (!Files.exists(layout.database())) steps.add("Make the database " + layout.database() + " with an administrator, whose password is shown");
        if (services.isPresent()) steps.add("Set up the service and start it; it answers at " + url);
        return Plan.of(console, steps);
    }

    private CtlException undo(Throwable failure) {
        boolean interrupted = Interruption.requested();
        Interruption.shield();
        CtlException reason = interrupted ? new CtlException(Exit.INTERRUPTED, "Interrupted", "", failure) : CtlException.of(failure);
        while (!made.isEmpty()) {
            try {
                made.pop().run();
            } catch (RuntimeException stays) {
                console.warn("Not removed again: %s", CtlException.of(stays).getMessage());
            }
        }
        String kept = Files.exists(layout.database()) ? " The data in " + layout.data() + " stay." : "";
        return new CtlException(reason.exit(), "StoreIT " + version + " was not installed: " + reason.getMessage(),
                (reason.hint().isEmpty() ? "" : reason.hint() + "\n") + "What this run had made was removed again." + kept, failure);
    }

    // -- before anything is touched

    /** The version of a server that is there already; one that was not asked for is left to {@code upgrade}. */
    private Optional<String> versionInPlace(String wanted) {
        if (!Files.exists(layout.server())) return Optional.empty();
        String found = ServerBinary.versionWithoutRunning(layout.server());
        String asked = wanted.replaceFirst("^v", "");
        if (found == null || !asked.equals("latest") && !asked.equals(found)) {
            throw new CtlException(Exit.FAILED, "Binary already exists at " + layout.server() + (found == null ? "" : ", version " + found)
                    + ". Use 'upgrade' instead.", "Or remove it first with 'storeit-ctl uninstall', which keeps the data.");
        }
        return Optional.of(found);
    }

    private InetSocketAddress address() {
        int colon = options.bind.lastIndexOf(':');
        try {
            int port = Integer.parseInt(options.bind.substring(colon + 1));
            var address = new InetSocketAddress(options.bind.substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", ""), port);
            if (colon > 0 && port > 0 && !address.isUnresolved()) return address;
        } catch (IllegalArgumentException noPort) {
            // told below
        }
        throw new CtlException(Exit.USAGE, "'" + options.bind + "' is not an address and a port", "Write it like 0.0.0.0:8080 or 127.0.0.1:8080.");
    }

    private void requireFreePort() {
        InetSocketAddress address = address();
        if (address.getPort() < 1024 && !options.noService) {
            throw new CtlException(Exit.FAILED, "Port " + address.getPort() + " is for root only, and the server does not run as root",
                    "Choose one from 1024 on with --bind, and put a proxy in front.");
        }
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
        } catch (IOException taken) {
            String holder = ServerProcess.listeningOn(address.getPort()).map(process -> ": process " + process.pid() + " has it, "
                    + Console.shortened(String.join(" ", process.arguments()))).orElse(": " + CtlException.reason(taken));
            throw new CtlException(Exit.FAILED, "The server could not listen on " + options.bind + holder,
                    "If that is StoreIT, 'storeit-ctl status' and 'storeit-ctl upgrade' know it already. Else end it, or choose another port: --bind 0.0.0.0:8090");
        }
    }

    private Release release(String wanted) {
        Release release = Releases.of(context).resolve(wanted);
        release.requireTrusted(context, release.requireServer(), options.consent.allowUnsigned);
        FileTree.requireSpace(layout.server(), 2 * release.requireServer().size(), "Make room first.");
        FileTree.requireSpace(layout.data(), SPACE_FOR_DATA, "Make room first.");
        return release;
    }

    /** By its lasting name where it has one: {@code /usr/bin/java} stays when the system's Java is replaced by a newer one. */
    private Path javaOfUser() {
        if (options.java != null) return options.java.toAbsolutePath();
        Path system = Path.of("/usr/bin/java");
        return isNewEnough(List.of(), system) ? system : Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** A Java that a service of another user can run; tried as the user nobody, who may no more than that one. */
    private Path javaForEverybody() {
        if (Programs.find("setpriv").isEmpty()) throw new CtlException(Exit.FAILED, "There is no program setpriv, which runs the server as its user", "Install util-linux.");
        var candidates = new LinkedHashSet<Path>();
        if (options.java != null) {
            candidates.add(options.java.toAbsolutePath());
        } else {
            candidates.add(Path.of("/usr/bin/java"));
            candidates.add(Path.of(System.getProperty("java.home"), "bin", "java"));
            Programs.find("java").ifPresent(candidates::add);
            for (String folder : List.of("/usr/lib/jvm", "/opt")) {
                try (Stream<Path> homes = Files.list(Path.of(folder))) {
                    homes.map(home -> home.resolve("bin/java")).sorted(Comparator.reverseOrder()).forEach(candidates::add);
                } catch (IOException noSuchFolder) {
                    // then there is none in it
                }
            }
        }
        var asNobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--");
        return candidates.stream().filter(Files::exists).filter(Installer::visibleToServices).filter(found -> isNewEnough(asNobody, found)).findFirst()
                .orElseThrow(() -> new CtlException(Exit.FAILED, "There is no Java 17 or newer that the server's user could run; looked at "
                        + Console.few(List.copyOf(candidates)), "The service runs as its own user and sees no home folders. Install a Java for everybody, "
                        + "on Debian: apt install default-jre-headless. Or name one with --java FILE."));
    }

    static boolean hiddenFromServices(Path file) {
        return HIDDEN_FROM_SERVICES.stream().anyMatch(file::startsWith);
    }

    private static boolean visibleToServices(Path java) {
        try {
            return !hiddenFromServices(java) && !hiddenFromServices(java.toRealPath());
        } catch (IOException broken) {
            return false;
        }
    }

    private static boolean isNewEnough(List<String> prefix, Path java) {
        var command = new ArrayList<>(prefix);
        command.addAll(List.of(java.toString(), "-version"));
        var result = Programs.run(command.toArray(String[]::new));
        Matcher version = Pattern.compile("version \"(\\d+)").matcher(result.output());
        return result.exit() == 0 && version.find() && Integer.parseInt(version.group(1)) >= 17;
    }

    // -- user, folders, files

    private Account ensureAccount() {
        Optional<Account> found = Account.find(Account.SERVICE);
        if (found.isPresent()) {
            if (found.get().userId() == 0) throw new CtlException(Exit.FAILED, "The user " + Account.SERVICE + " is root by another name", "Remove it.");
            return found.get();
        }
        Account account = Account.create(Account.SERVICE, layout.data());
        made.push(account::remove);
        console.say("User %s made", account.name());
        return account;
    }

    private void ensureFolders() {
        ensureFolder(layout.server().getParent(), "rwxr-xr-x", false);
        ensureFolder(layout.data(), "rwxr-x---", true);
        ensureFolder(layout.images(), "rwxr-x---", true);
        ensureFolder(layout.backups(), "rwxr-x---", true);
        if (Files.exists(layout.database()) && FileTree.userId(layout.database()) != account.userId()) {
            console.say("%s and what is in it is given to the user %s", layout.data(), account.name());
            giveAll(layout.data());
        }
    }

    /** Data that were copied here, or whose user was made anew, belong to a number that means nothing any more. */
    private void giveAll(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.setAttribute(file, "unix:uid", account.userId(), LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(file, "unix:gid", account.groupId(), LinkOption.NOFOLLOW_LINKS);
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    /** @param ofServer whether it is the server's, also where it was there already */
    private void ensureFolder(Path folder, String mode, boolean ofServer) {
        try {
            FileTree.ensureFolder(folder, mode, made);
            if (ofServer) launch(Map.of()).giveTo(folder);
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    /** The new file gets its name once it is complete, checked, and has run as the server's user. */
    private void placeServer(Release release) {
        Path file = layout.server().resolveSibling(layout.server().getFileName() + ".new");
        try {
            Fetched fetched = release.fetch(context, release.requireServer(), Updates.downloadFolder(context.settings()));
            fetched.requireVersion(release.version(), launch(Map.of()), layout.data().resolve("storeit-server.trial"));
            fetched.placeAt(file);
            new ServerBinary(file, launch(Map.of()), release.version()).requireVersion();
            fetched.discard();
            Files.move(file, layout.server(), StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.fsyncFolder(layout.server().getParent());
            made.push(() -> FileTree.deleteQuietly(layout.server()));
        } catch (IOException failure) {
            throw CtlException.of(failure);
        } finally {
            FileTree.deleteQuietly(file);
        }
    }

    /** Data of another schema are left to {@code upgrade}, which keeps a way back. */
    private void requireFittingDatabase() {
        if (!Files.exists(layout.database()) || Locks.databaseHeld(layout.database())) return;
        DatabaseInspection.State state = DatabaseInspection.inspect(layout.database());
        int expected = new ServerBinary(layout.server(), launch(Map.of()), version).version().expectedSchemaVersion();
        if (state.schemaVersion() == expected || isEmptyFile(layout.database())) return;
        throw new CtlException(Exit.FAILED, "The database " + layout.database() + " does not fit version " + version + ": "
                + (state.schemaVersion() == 0 ? state.reason() : "it has schema " + state.schemaVersion() + ", expected " + expected),
                "Install the version it was used with and upgrade from there, or move it away.");
    }

    private static boolean isEmptyFile(Path file) {
        return file.toFile().length() == 0;
    }

    /** Also the service needs it. */
    private void requireTool() {
        if (Programs.self().isEmpty() && !Files.exists(layout.tool())) {
            throw new CtlException(Exit.FAILED, "This storeit-ctl runs from its source, which cannot be put at " + layout.tool(),
                    "Use the file storeit-ctl of a release.");
        }
    }

    /** For the next upgrade, the backups and the service, wherever it was started from. @return whether it was not there */
    private boolean placeTool() {
        Optional<Path> program = Programs.self().filter(file -> !FileTree.sameFile(layout.tool(), file));
        if (program.isEmpty()) return false;
        Path self = program.get();
        try {
            boolean replaces = Files.exists(layout.tool());
            if (replaces && Files.mismatch(self, layout.tool()) < 0) return false;
            FileTree.place(layout.tool(), Files.readAllBytes(self), "rwxr-xr-x");
            if (!replaces) made.push(() -> FileTree.deleteQuietly(layout.tool()));
            return true;
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    /** Nobody's server waits for a manual. */
    private void placeManual() {
        try {
            ShareFiles.place(layout.tool(), layout, made);
        } catch (IOException failure) {
            console.warn("The manual pages and the completions of shells are not in place: %s", CtlException.reason(failure));
        }
    }

    // -- settings and service

    /** What the server runs with; the environment file says the same, until somebody changes that. */
    private Map<String, String> settings() {
        var settings = new LinkedHashMap<String, String>();
        settings.put("DATABASE_URL", DatabaseUrl.of(layout.database()));
        settings.put("STOREIT_IMAGE_PATH", layout.images().toString());
        settings.put("STOREIT_BIND", options.bind);
        settings.put("STOREIT_SERVER_JAVA", java.toString());
        settings.put("STOREIT_SERVER_CACHE", layout.cache().toString());
        settings.put("STOREIT_CTL_JAVA", java.toString());
        settings.put("RUST_LOG", "info");
        return settings;
    }

    private Launch launch(Map<String, String> extra) {
        var environment = new TreeMap<String, String>();
        if (options.forUser) {
            environment.putAll(System.getenv());
        } else {
            environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
            environment.put("HOME", layout.data().toString());
            environment.put("LANG", "C.UTF-8");
        }
        environment.putAll(settings());
        environment.putAll(extra);
        return new Launch(null, List.of("serve"), environment, layout.data(), account.userId(), account.groupId(), "0077");
    }

    /** Files of settings that are there already are somebody's work and stay as they are. */
    private void placeConfiguration(Services services) {
        ensureFolder(layout.configuration(), "rwxr-xr-x", false);
        ensureFolder(layout.cache(), "rwxr-x---", true);
        try {
            if (!Files.exists(layout.toolConfiguration())) {
                Layout standard = Layout.standard(options.forUser);
                var text = new StringBuilder("# Settings of storeit-ctl: key = value\nserver_url = " + url + "\n");
                // A later command must find what was put elsewhere.
                if (!layout.server().equals(standard.server())) text.append("binary_path = ").append(layout.server()).append('\n');
                if (!layout.data().equals(standard.data())) text.append("data_dir = ").append(layout.data()).append('\n');
                FileTree.place(layout.toolConfiguration(), text.toString().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
                made.push(() -> FileTree.deleteQuietly(layout.toolConfiguration()));
            }
            if (!Files.exists(layout.environmentFile())) {
                var text = new StringBuilder("# Settings of the StoreIT server. They count from its next start: " + services.restartCommand() + "\n");
                settings().forEach((name, value) -> text.append(name).append('=').append(Programs.quoted(value)).append('\n'));
                FileTree.place(layout.environmentFile(), text.toString().getBytes(StandardCharsets.UTF_8), "rw-r-----");
                if (!options.forUser) Files.setAttribute(layout.environmentFile(), "unix:gid", account.groupId());
                made.push(() -> FileTree.deleteQuietly(layout.environmentFile()));
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        if (services.place()) made.push(services::remove);
    }

    /**
     * Starts the server once for itself alone, so that it makes its database, and logs in with a password that nobody else knows yet.
     * @return the password, which has not been shown yet; empty where there are users already
     */
    private Optional<String> firstAdministrator() {
        if (Files.exists(layout.database()) && !Files.exists(layout.firstPassword())) return Optional.empty();
        String password;
        try {
            if (Files.exists(layout.firstPassword())) {
                password = Files.readString(layout.firstPassword()).strip();
            } else {
                password = generated();
                // Never half written: an administrator would be made whose password nobody knows.
                FileTree.place(layout.firstPassword(), (password + "\n").getBytes(StandardCharsets.UTF_8), "rw-------");
                made.push(() -> {
                    if (!Files.exists(layout.database())) FileTree.deleteQuietly(layout.firstPassword());
                });
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        var alone = launch(Map.of("STOREIT_ADMIN_USERNAME", ADMINISTRATOR, "STOREIT_ADMIN_PASSWORD", password));
        endEarlierFirstStart(alone);
        if (Locks.databaseHeld(layout.database())) return logsIn(url, password);
        String here = "127.0.0.1:" + Ports.free();
        Path log = layout.data().resolve(".first-start.log");
        ServerProcess server = new ServerBinary(layout.server(), alone, version)
                .startApart(layout.database(), layout.images(), here, log);
        try (var api = new ServerApi("http://" + here)) {
            Health.await(context, server::isAlive, api, layout.database(), new ServerLog.OfFile(log), new Health.Expectation(version, 0, null, -1));
            return logsIn("http://" + here, password);
        } finally {
            server.terminate();
            server.awaitEnd(context.patience());
            FileTree.deleteQuietly(log);
        }
    }

    /** Of an install that was killed while it ran; told by the password in its environment. */
    private void endEarlierFirstStart(Launch alone) {
        for (ServerProcess process : ServerProcess.ofProgram(layout.server())) {
            if (!alone.environment().get("STOREIT_ADMIN_PASSWORD").equals(process.environment().get("STOREIT_ADMIN_PASSWORD"))) continue;
            process.terminate();
            process.awaitEnd(context.patience());
        }
    }

    private static Optional<String> logsIn(String url, String password) {
        try (var api = new ServerApi(url)) {
            // Refused: somebody has changed it since.
            return Optional.of(password).filter(unchanged -> api.accepts(ADMINISTRATOR, unchanged));
        }
    }

    private static String generated() {
        var random = new SecureRandom();
        var text = new StringBuilder(PASSWORD_LENGTH);
        for (int i = 0; i < PASSWORD_LENGTH; i++) text.append(READABLE.charAt(random.nextInt(READABLE.length())));
        return text.toString();
    }

    private void startService(Services services) {
        if (Objects.requireNonNullElse(layout.cache().toFile().list(), new String[0]).length == 0) {
            new ServerBinary(layout.server(), launch(Map.of()), version).warm(context.patience().multipliedBy(3));
        }
        services.start();
        Path log = layout.data().resolve(".service.log");
        try (var api = new ServerApi(url)) {
            BooleanSupplier alive = () -> {
                boolean living = services.isAlive();
                if (!living) services.saveLog(log);
                return living;
            };
            Health.await(context, alive, api, layout.database(), new ServerLog.OfFile(log), new Health.Expectation(version, 0, null, -1));
        } finally {
            FileTree.deleteQuietly(log);
        }
    }

    private Installed installed(Optional<Services> services, boolean newBinary, boolean newTool, Optional<String> password) {
        var notes = new ArrayList<String>();
        String folder = layout.server().getParent().toString();
        if (!List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":")).contains(folder)) {
            notes.add("Add the binary to your PATH:\n  export PATH=\"" + folder + ":$PATH\"");
        }
        if (options.forUser && Objects.requireNonNullElse(System.getenv("SHELL"), "").endsWith("/zsh")) {
            notes.add("zsh completes the words of storeit-ctl with this line in ~/.zshrc, before compinit:\n  fpath=(" + ShareFiles.zsh(layout) + " $fpath)");
        }
        services.flatMap(Services::limit).ifPresent(notes::add);
        return new Installed(version, newBinary, layout.server(), newTool, layout.tool(), layout.data(), layout.database(), url,
                services.isPresent() ? null : commandLine(), password.isPresent() ? ADMINISTRATOR : null, password.orElse(null), notes);
    }

    /**
     * What there is now.
     *
     * @param startCommand starts the server, where nothing else does
     * @param password of the first administrator; null where there were users already
     */
    record Installed(String version, boolean newBinary, Path binary, boolean newTool, Path tool, Path dataDir, Path database, String url, String startCommand,
            String username, String password, List<String> notes) implements Result {
        @Override
        public void print(Console console) {
            if (newBinary) {
                console.print("Binary installed at %s", binary);
                console.print("Data directory: %s", dataDir);
            }
            if (newTool) console.print("storeit-ctl installed at %s", tool);
            console.print("");
            if (startCommand == null) {
                console.print("StoreIT %s is running at %s", version, url);
            } else {
                console.print("Start the server with:");
                console.print("  %s", startCommand);
                console.print("Then it answers at %s", url);
            }
            if (password == null) {
                console.print("The database %s was there already: its users and their passwords count.", database);
            } else {
                console.print("Log in as:  %s", username);
                console.print("Password:   %s", password);
                console.print("It is shown only this once: log in and change it.");
            }
            for (String note : notes) {
                console.print("");
                console.print("%s", note);
            }
        }

        /** Until somebody could read it, the next install would show it again. */
        @Override
        public void printed() {
            FileTree.deleteQuietly(Layout.firstPassword(dataDir));
        }
    }

    private String commandLine() {
        var words = new ArrayList<String>();
        if (!options.forUser) words.addAll(List.of("setpriv", "--reuid=" + account.name(), "--regid=" + account.name(), "--init-groups", "env"));
        settings().forEach((name, value) -> {
            if (!name.equals("STOREIT_CTL_JAVA") && !name.equals("STOREIT_SERVER_CACHE") && !name.equals("RUST_LOG")) words.add(name + "=" + Programs.quoted(value));
        });
        words.add(Programs.quoted(layout.server()));
        return String.join(" ", words);
    }
}

/**
 * The manual pages and the completions of shells. Every storeit-ctl file has those of its own commands in it, as the tree that is wanted below
 * {@code /usr/local/share}.
 */
final class ShareFiles {
    private static final String FOLDER = "share/";
    private static final String MANUAL = "man/man1/";
    private static final String ZSH = "zsh/site-functions/_storeit-ctl";
    private static final String FISH = "fish/vendor_completions.d/storeit-ctl.fish";
    private static final List<String> COMPLETIONS = List.of("bash-completion/completions/storeit-ctl", ZSH, FISH);

    private ShareFiles() {}

    /**
     * Those of a program, in the place of another version's. A program that runs from its source has none.
     *
     * @param made gets what takes away again each file that was not there
     */
    static void place(Path program, Layout layout, Deque<Runnable> made) throws IOException {
        if (!Files.exists(program)) return;
        try (var jar = new JarFile(program.toFile())) {
            for (JarEntry entry : jar.stream().filter(found -> found.getName().startsWith(FOLDER) && !found.isDirectory()).toList()) {
                Path target = target(layout, entry.getName().substring(FOLDER.length()));
                boolean replaces = Files.exists(target);
                FileTree.ensureFolder(target.getParent(), "rwxr-xr-x", made);
                FileTree.place(target, jar.getInputStream(entry).readAllBytes(), "rw-r--r--");
                if (!replaces) made.push(() -> FileTree.deleteQuietly(target));
            }
        }
    }

    /** Those in place, whichever version they are of. */
    static List<Path> in(Layout layout) {
        Path manual = layout.share().resolve(MANUAL);
        String[] pages = Objects.requireNonNullElse(manual.toFile().list((folder, name) -> name.matches("storeit-ctl(-[a-z-]+)?\\.1")), new String[0]);
        return Stream.concat(Stream.of(pages).sorted().map(manual::resolve), COMPLETIONS.stream().map(name -> target(layout, name))).filter(Files::exists).toList();
    }

    static Path zsh(Layout layout) {
        return target(layout, ZSH).getParent();
    }

    /** fish looks below /usr/local/share only where the environment tells it to, which a login over SSH does not. */
    private static Path target(Layout layout, String name) {
        return name.equals(FISH) && !layout.forUser() ? Path.of("/etc/fish/completions/storeit-ctl.fish") : layout.share().resolve(name);
    }
}

/** What keeps a server running on this machine: systemd, or launchd on macOS. */
interface Services {
    /** Fails when something is in the way; changes nothing. */
    void check();

    /** @return whether this call has made it; false where it was there already */
    boolean place();

    void start();

    boolean isAlive();

    /** When it does not run all the time: what a person should know. */
    Optional<String> limit();

    void saveLog(Path file);

    String restartCommand();

    /** Those of its files that are in place, of which {@link #remove} is going to tell. */
    List<Path> files();

    void remove();

    static Services of(Layout layout) {
        if (Platform.isMac()) return new LaunchdService(layout);
        if (!Files.isDirectory(Path.of("/run/systemd/system"))) {
            throw new CtlException(Exit.FAILED, "This machine is not run by systemd, so there is nothing that would start the server after a boot",
                    "With --no-service everything else is done, and a line to start it is shown.");
        }
        return new SystemdServices(layout);
    }

    /** For {@code install} and {@code uninstall}. */
    static void requireRights(boolean forUser, String command) {
        if (!List.of("linux", "darwin").contains(Platform.system())) {
            throw new CtlException(Exit.FAILED, "'" + command + "' knows Linux and macOS only", "On other systems put the server's file where you like, and run it.");
        }
        if (!forUser && Platform.isMac()) {
            throw new CtlException(Exit.FAILED, "On macOS StoreIT is installed for one person", "Run: storeit-ctl " + command + " --user");
        }
        if (!forUser && FileTree.ownUserId() != 0) {
            throw new CtlException(Exit.FAILED, "Only root can " + command + " for the whole machine", "Run it with sudo, or for yourself only: storeit-ctl "
                    + command + " --user");
        }
    }
}

/** The units of systemd, of the machine or of a user. */
final class SystemdServices implements Services {
    private static final List<String> STARTED = List.of(UnitFiles.SERVER, "storeit-backup.timer", "storeit-upgrade-check.timer");

    private final Layout layout;
    private final SystemdUnit server;

    SystemdServices(Layout layout) {
        this.layout = layout;
        this.server = new SystemdUnit(UnitFiles.SERVER, layout.forUser());
    }

    private Map<String, String> texts() {
        return UnitFiles.of(layout).texts();
    }

    @Override
    public void check() {
        if (layout.forUser() && Programs.run("systemctl", "--user", "show-environment").exit() != 0) {
            throw new CtlException(Exit.FAILED, "Your part of systemd cannot be reached", "Log in directly rather than through su or sudo. Or use "
                    + "--no-service: with it everything else is done, and a line to start the server is shown.");
        }
        if (!layout.forUser() && Installer.hiddenFromServices(layout.data())) {
            throw new CtlException(Exit.FAILED, "A service of the machine does not see " + layout.data(), "Choose another --data-dir.");
        }
        for (String unit : texts().keySet()) {
            Path file = layout.units().resolve(unit);
            if (Files.exists(file) && !isOurs(file)) {
                throw new CtlException(Exit.FAILED, "There is a unit " + file + " already that storeit-ctl has not written",
                        "If a StoreIT runs from it, 'storeit-ctl upgrade' works with it as it is. Else disable it and move it away.");
            }
        }
    }

    private static boolean isOurs(Path unit) {
        try {
            return UnitFiles.isOurs(Files.readString(unit));
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    @Override
    public boolean place() {
        boolean first = !Files.exists(layout.units().resolve(UnitFiles.SERVER));
        boolean changed = false;
        try {
            Files.createDirectories(layout.units());
            for (var unit : texts().entrySet()) {
                Path file = layout.units().resolve(unit.getKey());
                if (Files.exists(file) && Files.readString(file).equals(unit.getValue())) continue;
                FileTree.place(file, unit.getValue().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
                changed = true;
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        if (changed) server.systemctl("daemon-reload");
        return first;
    }

    @Override
    public void start() {
        for (String unit : STARTED) server.systemctl("enable", unit);
        for (String unit : STARTED) {
            server.systemctl("reset-failed", unit);
            server.systemctl("start", "--no-block", unit);
        }
    }

    @Override
    public Optional<String> limit() {
        if (!layout.forUser() || Programs.run("loginctl", "enable-linger").exit() == 0) return Optional.empty();
        return Optional.of("It runs while you are logged in. From boot on: sudo loginctl enable-linger " + Account.self().name());
    }

    @Override
    public boolean isAlive() {
        return server.isUp();
    }

    @Override
    public void saveLog(Path file) {
        var command = new ArrayList<>(List.of("journalctl", "--no-pager", "--output=cat", "--lines=20", layout.forUser() ? "--user-unit" : "--unit", server.name()));
        try {
            FileTree.writeOwnerOnly(file, Programs.run(command.toArray(String[]::new)).output().getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    @Override
    public String restartCommand() {
        return "systemctl " + (layout.forUser() ? "--user " : "") + "restart " + server.name().replace(".service", "");
    }

    @Override
    public List<Path> files() {
        return texts().keySet().stream().map(layout.units()::resolve).filter(file -> Files.exists(file) && isOurs(file)).toList();
    }

    @Override
    public void remove() {
        List<Path> files = files();
        if (files.isEmpty()) return;
        for (String unit : STARTED) {
            if (files.contains(layout.units().resolve(unit))) server.systemctl("disable", "--now", unit);
        }
        try {
            for (Path file : files) Files.delete(file);
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        server.systemctl("daemon-reload");
    }
}

/** An agent of launchd, which runs while its user is logged in. */
final class LaunchdService implements Services {
    private static final String LABEL = "io.storeit.server";

    private final Layout layout;
    private final String domain = "gui/" + FileTree.ownUserId();

    LaunchdService(Layout layout) {
        this.layout = layout;
    }

    private Path file() {
        return layout.units().resolve(LABEL + ".plist");
    }

    private Path log() {
        return Settings.home().resolve("Library/Logs/storeit-server.log");
    }

    /** launchd reads no environment file, so a shell does; changes in it count from the next start as elsewhere. */
    String text() {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
                <plist version="1.0">
                <dict>
                    <key>Label</key>
                    <string>%s</string>
                    <key>ProgramArguments</key>
                    <array>
                        <string>/bin/sh</string>
                        <string>-c</string>
                        <string>set -a; . "$1"; exec "$2" serve</string>
                        <string>storeit</string>
                        <string>%s</string>
                        <string>%s</string>
                    </array>
                    <key>RunAtLoad</key>
                    <true/>
                    <key>KeepAlive</key>
                    <dict>
                        <key>Crashed</key>
                        <true/>
                    </dict>
                    <key>WorkingDirectory</key>
                    <string>%s</string>
                    <key>Umask</key>
                    <integer>63</integer>
                    <key>StandardOutPath</key>
                    <string>%s</string>
                    <key>StandardErrorPath</key>
                    <string>%s</string>
                </dict>
                </plist>
                """.formatted(LABEL, xml(layout.environmentFile()), xml(layout.server()), xml(layout.data()), xml(log()), xml(log()));
    }

    private static String xml(Path path) {
        return path.toString().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    public void check() {
        // Nobody else uses this label.
    }

    @Override
    public Optional<String> limit() {
        return Optional.of("It runs while you are logged in.");
    }

    @Override
    public boolean place() {
        boolean first = !Files.exists(file());
        try {
            Files.createDirectories(layout.units());
            Files.createDirectories(log().getParent());
            FileTree.place(file(), text().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        return first;
    }

    @Override
    public void start() {
        if (!isAlive()) Programs.require("launchctl", "bootstrap", domain, file().toString());
    }

    @Override
    public boolean isAlive() {
        return Programs.run("launchctl", "print", domain + "/" + LABEL).exit() == 0;
    }

    @Override
    public void saveLog(Path file) {
        try {
            Files.copy(log(), file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException noLog) {
            // then there is nothing to show
        }
    }

    @Override
    public String restartCommand() {
        return "launchctl kickstart -k " + domain + "/" + LABEL;
    }

    @Override
    public List<Path> files() {
        return Files.exists(file()) ? List.of(file()) : List.of();
    }

    @Override
    public void remove() {
        if (files().isEmpty()) return;
        if (isAlive()) Programs.require("launchctl", "bootout", domain + "/" + LABEL);
        FileTree.deleteQuietly(file());
    }
}

/** Takes away what {@link Installer} has made; data and settings only when told. */
final class Uninstaller {
    private final Console console;
    private final Layout layout;
    private final StoreitCtl.Uninstall options;

    Uninstaller(Context context, StoreitCtl.Uninstall options) {
        this.console = context.console();
        this.options = options;
        this.layout = Layout.of(options.forUser, context.settings());
    }

    Result run() {
        Services.requireRights(options.forUser, "uninstall");
        requireUnused();
        console.dryRun = options.consent.dryRun;
        if (options.deleteData && Files.exists(layout.data())) {
            console.requireConsent(options.consent.yes, "--yes", "Everything in " + layout.data() + " will be deleted: database, photos and backups.",
                    "Delete the data?");
        }
        if (options.consent.dryRun) return plan();
        if (!Files.isDirectory(layout.data())) return remove();
        try (var operation = Locks.tryOperation(layout.database()).orElseThrow(Journal::busy)) {
            return remove();
        }
    }

    private Plan plan() {
        var steps = new ArrayList<String>();
        List<Path> units = servicesInUse().map(Services::files).orElse(List.of());
        if (!units.isEmpty()) steps.add("Stop the service");
        Stream.concat(units.stream(), files().stream()).forEach(file -> steps.add("Remove " + file));
        if (removesAccount()) steps.add("Remove the user " + Account.SERVICE);
        return Plan.of(console, steps);
    }

    /** Nothing is taken from under an interrupted upgrade, or a server that nobody would stop. */
    private void requireUnused() {
        Journal.requireNoneInterrupted(layout.database());
        if (servicesInUse().isPresent()) return;
        ServerProcess.ofProgram(layout.server()).stream().findFirst().ifPresent(process -> {
            throw new CtlException(Exit.FAILED, "The server runs: process " + process.pid(), "End it first: kill " + process.pid());
        });
    }

    private Optional<Services> servicesInUse() {
        boolean placed = Platform.isMac() || Files.exists(layout.units().resolve(UnitFiles.SERVER));
        return placed && (Platform.isMac() || Files.isDirectory(Path.of("/run/systemd/system"))) ? Optional.of(Services.of(layout)) : Optional.empty();
    }

    /** All but those of the service. */
    private List<Path> files() {
        var files = new ArrayList<>(List.of(layout.server()));
        for (String kept : List.of(".new", ".pre-upgrade", ".pre-downgrade", ".pre-rollback")) {
            files.add(layout.server().resolveSibling(layout.server().getFileName() + kept));
        }
        files.add(layout.tool());
        files.addAll(ShareFiles.in(layout));
        files.add(layout.cache());
        if (options.deleteData) files.addAll(List.of(layout.data(), layout.configuration()));
        return files.stream().filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS)).toList();
    }

    private boolean removesAccount() {
        return options.deleteData && !options.forUser && Account.find(Account.SERVICE).isPresent();
    }

    private Uninstalled remove() {
        var removed = new ArrayList<Path>();
        servicesInUse().ifPresent(services -> {
            removed.addAll(services.files());
            services.remove();
        });
        for (Path file : files()) {
            try {
                FileTree.delete(file);
            } catch (IOException failure) {
                throw CtlException.of(failure);
            }
            removed.add(file);
        }
        if (removesAccount()) Account.find(Account.SERVICE).ifPresent(Account::remove);
        return new Uninstalled(options.forUser, removed, Stream.of(layout.data(), layout.configuration()).filter(Files::exists).toList());
    }

    /** @param kept data and settings, for the next install */
    record Uninstalled(boolean user, List<Path> removed, List<Path> kept) implements Result {
        @Override
        public void print(Console console) {
            if (removed.isEmpty()) {
                console.print("Nothing is installed%s.", user ? " for this user" : "");
                return;
            }
            console.print("Removed:");
            // A line for each page of the manual would hide the others.
            removed.stream().map(file -> file.getParent().endsWith("man/man1") ? file.resolveSibling("storeit-ctl*.1") : file).distinct()
                    .forEach(file -> console.print("  %s", file));
            if (kept.isEmpty()) return;
            console.print("Kept, for the next install (--delete-data removes them):");
            kept.forEach(file -> console.print("  %s", file));
        }
    }
}

// ---- Releases: where other versions come from -------------------------------------------------------------------------

/** A version, comparable; of a pre-release ({@code 0.4.0-rc1}) only that it comes before its release is known. */
record Version(int major, int minor, int patch, String preRelease) implements Comparable<Version> {
    private static final Pattern SHAPE = Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(?:-([0-9A-Za-z.-]+))?");

    static Version parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new CtlException(Exit.USAGE, "'" + text + "' is not a version", "Write it like 0.3.0.");
        }
        return new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)),
                Objects.requireNonNullElse(matcher.group(4), ""));
    }

    static boolean isVersion(String text) {
        return SHAPE.matcher(text).matches();
    }

    /** Servers from 0.3.0 on have a token, locks, a health report, and keep the command line this tool uses. */
    boolean isOurs() {
        return major > 0 || minor >= 3;
    }

    @Override
    public int compareTo(Version other) {
        return Comparator.comparingInt(Version::major).thenComparingInt(Version::minor).thenComparingInt(Version::patch)
                .thenComparing(version -> version.preRelease().isEmpty())
                .thenComparing(Version::preRelease).compare(this, other);
    }
}

/**
 * One release: what it says about itself and about the file that fits this machine. Where it lies may be a hostile mirror, so
 * nothing of it is used before {@link #requireTrusted}, and no file of it leaves its download folder before {@link #fetch}.
 */
final class Release {
    /** @param size in bytes. @param sha256 what the release names beside the file; null where it names none */
    record Asset(String name, String location, long size, String sha256) {}

    private static final String SUMS = "SHA256SUMS";
    private static final String SIGNATURE = "SHA256SUMS.sig";
    /** A hundred times what a real one has, in bytes. */
    private static final int SUMS_LIMIT = 1 << 20;
    private static final Pattern SCHEMA = Pattern.compile("# Schema (\\d{1,6})");

    private final String version;
    private final Map<String, Asset> assets;
    private final Releases source;
    private final String publishedAt;
    private final boolean preRelease;
    /** What SHA256SUMS says of each file; null as long as nothing of this release is trusted. */
    private Map<String, String> sums;

    Release(String version, Map<String, Asset> assets, Releases source) {
        this(version, assets, source, null, !Version.parse(version).preRelease().isEmpty());
    }

    /** @param publishedAt RFC 3339; null where the place of releases does not tell */
    Release(String version, Map<String, Asset> assets, Releases source, String publishedAt, boolean preRelease) {
        this.version = version;
        this.assets = assets;
        this.source = source;
        this.publishedAt = publishedAt;
        this.preRelease = preRelease;
    }

    String version() {
        return version;
    }

    String publishedAt() {
        return publishedAt;
    }

    boolean preRelease() {
        return preRelease;
    }

    /** The schema it needs, to be shown only: from its sums, which nobody has checked. Of releases before 0.3.0 it is known. */
    Optional<Integer> schema() {
        Version parsed = Version.parse(version);
        if (!parsed.isOurs()) return Optional.of(parsed.minor() < 2 ? 1 : 2);
        if (!assets.containsKey(SUMS)) return Optional.empty();
        try {
            return new String(read(assets.get(SUMS), SUMS_LIMIT), StandardCharsets.UTF_8).lines().limit(5).map(SCHEMA::matcher).filter(Matcher::matches)
                    .map(found -> Integer.valueOf(found.group(1))).findFirst();
        } catch (CtlException unreadable) {
            return Optional.empty();
        }
    }

    /** Exact names only, first match wins (contract of the release assets). */
    Optional<Asset> server() {
        return Platform.assetNames().stream().filter(assets::containsKey).findFirst().map(assets::get);
    }

    Asset requireServer() {
        return server().orElseThrow(() -> missing("No matching binary for " + Platform.name() + " in release " + version));
    }

    Asset requireFile(String name) {
        if (!assets.containsKey(name)) throw missing("There is no " + name + " in release " + version);
        return assets.get(name);
    }

    private CtlException missing(String message) {
        return new CtlException(Exit.FAILED, message,
                "Available assets: " + (assets.isEmpty() ? "none" : Console.few(assets.keySet().stream().map(Quoted::bare).toList())));
    }

    /**
     * Reads the checksums and their signature. Signed by a trusted key: silent. Without a signature, or without a key to check it
     * with: asks. Signed by somebody else: refused whatever was allowed, for that is what a forged release looks like.
     */
    void requireTrusted(Context context, Asset wanted, boolean allowUnsigned) {
        Asset list = assets.get(SUMS);
        if (list == null) throw refused("Release " + version + " has no " + SUMS + ", so its files cannot be checked");
        byte[] content = read(list, SUMS_LIMIT);
        if (list.sha256() != null && !list.sha256().equals(hex(sha256().digest(content)))) throw wrong(list, "its SHA-256 is not the one the release names");
        Map<String, String> listed = listed(new String(content, StandardCharsets.UTF_8).lines().toList());
        String sum = listed.get(wanted.name());
        if (sum == null) throw refused(SUMS + " of release " + version + " does not name " + wanted.name());
        if (wanted.sha256() != null && !wanted.sha256().equals(sum)) {
            throw refused("Release " + version + " names another SHA-256 for " + wanted.name() + " than its " + SUMS);
        }
        var keys = TrustedKeys.load(context.settings().releaseKeys());
        Asset signed = assets.get(SIGNATURE);
        if (signed == null) {
            context.console().requireConsent(allowUnsigned, "--allow-unsigned",
                    "The release " + version + " carries no signature; its checksums are checked.", "Use it?");
        } else if (keys.isEmpty()) {
            context.console().requireConsent(allowUnsigned, "--allow-unsigned", "The release " + version
                    + " is signed, but this storeit-ctl knows no key to check that with (--release-keys names some); its checksums are checked.", "Use it?");
        } else if (!keys.signed(content, read(signed, TrustedKeys.SIGNATURE_LENGTH))) {
            throw refused("The signature of release " + version + " was made by no key that is trusted");
        }
        sums = listed;
    }

    /** The first line ties the list to one version, so that an old signed list cannot stand under a new tag. */
    private Map<String, String> listed(List<String> lines) {
        String first = lines.isEmpty() ? "" : lines.get(0).strip();
        // The lists of servers before 0.3.0 have no such line.
        if ((Version.parse(version).isOurs() || first.startsWith("#")) && !first.equals("# StoreIT " + version)) {
            throw refused(SUMS + " of release " + version + " is for another version: " + (first.isEmpty() ? "it is empty" : Quoted.bare(first)));
        }
        var listed = new HashMap<String, String>();
        for (String line : lines) {
            String[] parts = line.strip().split("\\s+\\*?", 2);
            if (parts.length != 2 || !parts[0].matches("[0-9a-fA-F]{64}")) continue;
            String earlier = listed.put(parts[1], parts[0].toLowerCase(Locale.ROOT));
            if (earlier != null && !earlier.equalsIgnoreCase(parts[0])) {
                throw refused(SUMS + " of release " + version + " names " + Quoted.bare(parts[1]) + " twice");
            }
        }
        return listed;
    }

    private byte[] read(Asset asset, int limit) {
        try (Releases.Body body = source.open(asset.location(), 0, null, Math.min(asset.size(), limit))) {
            byte[] content = body.stream().readNBytes(limit + 1);
            if (content.length > limit) throw wrong(asset, "it is longer than " + limit + " bytes");
            return content;
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not read " + asset.name() + " of release " + version + ": " + CtlException.reason(failure),
                    "Check the network, or use a folder of releases with --releases.", failure);
        }
    }

    /** Downloads a file of this trusted release into {@code folder}; what is not right does not stay there. */
    Fetched fetch(Context context, Asset asset, Path folder) {
        return new Download(context, source, asset, Objects.requireNonNull(sums, "not trusted yet").get(asset.name()), folder).run();
    }

    private static CtlException refused(String what) {
        return new CtlException(Exit.FAILED, what, "Do not use this release.");
    }

    static CtlException wrong(Asset asset, String why) {
        return new CtlException(Exit.FAILED, "The download of " + asset.name() + " is not right: " + why, "It was thrown away; nothing was changed.");
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static String sha256(Path file) {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file)) {
            var buffer = new byte[1 << 18];
            for (int read; (read = in.read(buffer)) > 0; ) digest.update(buffer, 0, read);
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
        return hex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }
}

/** The public keys that may sign releases: those of this build and those of the setting {@code release_keys}. */
final class TrustedKeys {
    /** Of an Ed25519 signature (RFC 8032), in bytes. */
    static final int SIGNATURE_LENGTH = 64;

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private final List<PublicKey> keys = new ArrayList<>();

    private TrustedKeys() {}

    static TrustedKeys load(Path configured) {
        var trusted = new TrustedKeys();
        try (InputStream builtIn = StoreitVersion.class.getResourceAsStream("/io/storeit/interchange/release-keys.pem")) {
            if (builtIn != null) trusted.add(new String(builtIn.readAllBytes(), StandardCharsets.US_ASCII), "this build");
        } catch (IOException damaged) {
            throw CtlException.of(damaged);
        }
        if (configured == null) return trusted;
        int before = trusted.keys.size();
        try {
            trusted.add(Files.readString(configured), configured.toString());
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Cannot read the release keys in " + configured + ": " + CtlException.reason(failure),
                    "Check --release-keys or release_keys.", failure);
        }
        if (trusted.keys.size() == before) throw useless(configured.toString(), "there is none in it", null);
        return trusted;
    }

    private void add(String text, String place) {
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            if (!block.group(1).equals("PUBLIC KEY")) throw useless(place, "it holds a " + block.group(1), null);
            try {
                keys.add(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(2)))));
            } catch (GeneralSecurityException | IllegalArgumentException damaged) {
                throw useless(place, "one is no Ed25519 key", damaged);
            }
        }
    }

    private static CtlException useless(String place, String why, Throwable cause) {
        return new CtlException(Exit.FAILED, "Cannot use the release keys of " + place + ": " + why,
                "It has to hold PUBLIC KEY blocks, as 'make release-keys' writes them.", cause);
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    boolean signed(byte[] content, byte[] signature) {
        return keys.stream().anyMatch(key -> signed(content, signature, key));
    }

    private static boolean signed(byte[] content, byte[] signature, PublicKey key) {
        try {
            var check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(content);
            return check.verify(signature);
        } catch (GeneralSecurityException noSignature) {
            return false;
        }
    }
}

/** A file of a release that has passed every check and still lies in its download folder. */
record Fetched(Path file, Release.Asset asset, String sha256) {
    /** Copies it, executable for everybody, and looks at the bytes once more: others may write in the folder above. */
    void placeAt(Path target) {
        boolean good = false;
        MessageDigest digest = Release.sha256();
        try {
            FileTree.createOwnerOnly(target);
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS); var out = Files.newOutputStream(target)) {
                var buffer = new byte[1 << 16];
                for (int n; (n = in.read(buffer)) >= 0; ) {
                    digest.update(buffer, 0, n);
                    out.write(buffer, 0, n);
                }
            }
            if (!Release.hex(digest.digest()).equals(sha256)) throw Release.wrong(asset, "somebody changed it after it was checked");
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
            DurableFiles.fsyncFile(target);
            good = true;
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not write " + target + ": " + CtlException.reason(failure), "", failure);
        } finally {
            if (!good) FileTree.deleteQuietly(target);
        }
    }

    /**
     * Before the file comes near the folder of programs: ours tells its version unasked; any other is run as {@code trial}, a place
     * that the server's user can read.
     */
    void requireVersion(String version, Launch launch, Path trial) {
        boolean good = false;
        try {
            Optional<String> told = ServerBinary.versionInManifest(file);
            if (told.isPresent()) {
                ServerBinary.requireSame(version, told.get());
            } else {
                placeAt(trial);
                // On a file system mounted without the right to execute it can be asked in the folder of programs only.
                if (Files.isExecutable(trial)) new ServerBinary(trial, launch, version).requireVersion();
            }
            good = true;
        } finally {
            FileTree.deleteQuietly(trial);
            if (!good) discard();
        }
    }

    void discard() {
        FileTree.deleteQuietly(file.getParent());
    }
}

/**
 * A file on its way to its download folder: as long as announced and no byte longer, never slower than a trickle, going on where an
 * earlier attempt broke, also one of an earlier run. The partial file is named by the sum it must have in the end, so that
 * no two versions mix; the checks at the end do not care how it came together.
 */
final class Download {
    /** Less than this many bytes within the patience is no progress. */
    static final long TRICKLE = 16 << 10;
    /** In a row without progress. */
    private static final int ATTEMPTS = 4;

    /** The source answered with something else than the rest of the file. */
    static final class NotTheRest extends IOException {
        private static final long serialVersionUID = 1;

        NotTheRest(String message) {
            super(message);
        }
    }

    private final Context context;
    private final Releases source;
    private final Release.Asset asset;
    private final String sha256;
    private final Path folder;
    private final Path part;
    /** What the source calls the state of the file that {@link #part} began with (RFC 9110, 8.8). */
    private final Path validator;

    Download(Context context, Releases source, Release.Asset asset, String sha256, Path folder) {
        this.context = context;
        this.source = source;
        this.asset = asset;
        this.sha256 = sha256;
        this.folder = folder;
        this.part = folder.resolve(sha256 + ".part");
        this.validator = folder.resolve(sha256 + ".validator");
    }

    static Path folderIn(Path dataFolder) {
        return dataFolder.resolve(".storeit-download");
    }

    Fetched run() {
        try {
            requireOwnFolder();
            try (var lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock held = tryLock(lock)) {
                if (held == null) throw new CtlException(Exit.BUSY, "Another storeit-ctl is downloading to " + folder, "Wait until it has ended.");
                return withLock();
            }
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not download " + asset.name() + " to " + folder + ": " + CtlException.reason(failure), "", failure);
        }
    }

    private Fetched withLock() throws IOException {
        try {
            removeOthers();
            boolean continued = length() > 0;
            if (continued) context.console().say("Going on with the download at %s of %s", Console.megabytes(length()), Console.megabytes(asset.size()));
            complete();
            if (!right() && continued) {
                // The beginning may have been damaged where it lay.
                Files.delete(part);
                complete();
            }
            if (!right()) {
                Files.delete(part);
                throw Release.wrong(asset, "its SHA-256 is not the one in SHA256SUMS");
            }
            DurableFiles.fsyncFile(part);
            return new Fetched(part, asset, sha256);
        } finally {
            if (!Files.exists(part)) FileTree.deleteQuietly(folder);
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    /** The folder above may belong to the server's user: neither a link nor a file of somebody else is followed or kept. */
    private void requireOwnFolder() throws IOException {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        // Asked first, for Java 17 takes a link to a folder for no folder here.
        if (!Files.isDirectory(folder.getParent())) Files.createDirectories(folder.getParent(), ownerOnly);
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            var attributes = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean ours = attributes.isDirectory() && attributes.permissions().equals(ownerOnly.value())
                    && (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS) == FileTree.ownUserId();
            if (ours) return;
            FileTree.delete(folder);
        }
        Files.createDirectory(folder, ownerOnly);
    }

    /** Of downloads that nobody went on with. */
    private void removeOthers() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> !file.equals(part) && !file.equals(validator) && !file.endsWith("lock")).forEach(FileTree::deleteQuietly);
        }
        if (length() > asset.size()) Files.delete(part);
    }

    private long length() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private boolean right() throws IOException {
        MessageDigest digest = Release.sha256();
        try (InputStream in = Files.newInputStream(part)) {
            var buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) >= 0; ) digest.update(buffer, 0, n);
        }
        return Release.hex(digest.digest()).equals(sha256);
    }

    /** Until the file is as long as announced; a connection that breaks is taken up again. */
    private void complete() throws IOException {
        int failures = 0;
        long farthest = length();
        while (length() < asset.size() || !Files.exists(part)) {
            try {
                transfer(length());
            } catch (IOException failure) {
                Interruption.check();
                if (failure instanceof NotTheRest) Files.deleteIfExists(part);
                // Beyond where it ever was: a source that lets it begin anew each time has to come to an end as well.
                failures = length() - farthest >= TRICKLE ? 1 : failures + 1;
                farthest = Math.max(farthest, length());
                if (failures == ATTEMPTS) throw broken(failure);
                pause(failures);
            }
        }
        context.console().endProgress();
    }

    private CtlException broken(IOException failure) throws IOException {
        String rest = length() == 0 ? "" : " " + Console.megabytes(length()) + " of " + Console.megabytes(asset.size())
                + " are here; the same command goes on from there.";
        return new CtlException(Exit.FAILED, "Could not download " + asset.name() + ": " + CtlException.reason(failure),
                "Check the network, or use a folder of releases with --releases." + rest, failure);
    }

    private static void pause(int failures) {
        try {
            Thread.sleep(100L << failures);
        } catch (InterruptedException interrupted) {
            Interruption.check();
        }
    }

    private void transfer(long from) throws IOException {
        String known = from > 0 && Files.exists(validator) ? Files.readString(validator) : null;
        try (Releases.Body body = source.open(asset.location(), known == null ? 0 : from, known, asset.size())) {
            if (body.length() >= 0 && body.offset() + body.length() != asset.size()) {
                Files.deleteIfExists(part);
                throw Release.wrong(asset, "it has " + (body.offset() + body.length()) + " bytes, the release says " + asset.size());
            }
            if (body.offset() == 0) begin(body.validator());
            try (var out = FileChannel.open(part, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                out.position(body.offset());
                copy(body.stream(), out);
            }
        }
    }

    private void begin(String newValidator) throws IOException {
        FileTree.createOwnerOnly(part);
        Files.deleteIfExists(validator);
        if (newValidator != null) Files.writeString(validator, newValidator);
    }

    private void copy(InputStream in, FileChannel out) throws IOException {
        var buffer = new byte[1 << 16];
        long since = System.nanoTime();
        long few = 0;
        for (int n; (n = in.read(buffer)) >= 0; ) {
            Interruption.check();
            if (out.position() + n > asset.size()) {
                Files.deleteIfExists(part);
                throw Release.wrong(asset, "it has more bytes than the " + asset.size() + " the release says");
            }
            write(ByteBuffer.wrap(buffer, 0, n), out);
            context.console().progress("Download", out.position() >> 10, asset.size() >> 10, "KiB");
            few += n;
            if (few >= TRICKLE) {
                few = 0;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > context.patience().toNanos()) {
                throw new IOException("it comes too slowly: " + few + " bytes in " + context.patience().toSeconds() + " s");
            }
        }
        if (out.position() < asset.size()) throw new IOException("it ended after " + out.position() + " of " + asset.size() + " bytes");
    }

    /** A full disk is no broken connection: trying again does not help. */
    private void write(ByteBuffer bytes, FileChannel out) {
        try {
            while (bytes.hasRemaining()) out.write(bytes);
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not write the download to " + folder + ": " + CtlException.reason(failure), "", failure);
        }
    }
}

/** A place with releases: the GitHub API, or a folder with one sub-folder per tag. */
interface Releases {
    /** @param wanted {@code latest}, or a version with or without a leading {@code v} */
    Release resolve(String wanted);

    /** All of them, or the hundred newest; the newest version first. */
    List<Release> all();

    /** The time that the last answer came with, where the place has a clock. */
    default Optional<Instant> clock() {
        return Optional.empty();
    }

    /**
     * @param from where to begin, in bytes, if the file still is what {@code validator} names; else it comes from its beginning
     * @param size how many bytes it has at most, which bounds the time it may take
     */
    Body open(String location, long from, String validator, long size) throws IOException;

    /** @param length of the stream, in bytes; -1 when it is not known. @param validator null where the file has none */
    record Body(InputStream stream, long offset, long length, String validator) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    static Releases of(Context context) {
        String place = context.settings().releasesUrl();
        if (place.startsWith("http://") || place.startsWith("https://")) return new GitHubReleases(place, context.patience());
        try {
            return new FolderReleases(place.startsWith("file:") ? Path.of(URI.create(place)) : Path.of(place).toAbsolutePath());
        } catch (IllegalArgumentException malformed) {
            throw new CtlException(Exit.USAGE, "Cannot use " + place + " as a place of releases: " + malformed.getMessage(),
                    "Give a web address, a folder, or file:///and/a/folder.", malformed);
        }
    }

    private static String version(String wanted) {
        String version = wanted.startsWith("v") ? wanted.substring(1) : wanted;
        if (!wanted.equals("latest")) Version.parse(version);
        return version;
    }

    /** {@code <folder>/v0.3.0/<assets>}; the latest is the highest version that is no pre-release. */
    record FolderReleases(Path folder) implements Releases {
        @Override
        public Release resolve(String wanted) {
            String version = Releases.version(wanted);
            if (Files.exists(folder.resolve("SHA256SUMS"))) return onlyOne(wanted, version);
            try (Stream<Path> entries = Files.list(folder)) {
                List<String> tags = tags(entries);
                List<String> full = tags.stream().filter(name -> Version.parse(name).preRelease().isEmpty()).toList();
                String tag = wanted.equals("latest") ? (full.isEmpty() ? null : full.get(full.size() - 1)) : "v" + version;
                if (tag == null || !tags.contains(tag)) {
                    throw new CtlException(Exit.FAILED, "There is no release " + (tag == null ? "" : version + " ") + "in " + folder,
                            tags.isEmpty() ? "Check --releases." : "There are: " + String.join(", ", tags));
                }
                return new Release(tag.substring(1), assets(folder.resolve(tag)), this);
            } catch (IOException failure) {
                throw new CtlException(Exit.FAILED, "Cannot read the releases in " + folder + ": " + CtlException.reason(failure),
                        "Check --releases.", failure);
            }
        }

        @Override
        public List<Release> all() {
            if (Files.exists(folder.resolve("SHA256SUMS"))) return List.of(onlyOne("latest", "latest"));
            try (Stream<Path> entries = Files.list(folder)) {
                var found = new ArrayList<Release>();
                for (String tag : tags(entries)) found.add(0, new Release(tag.substring(1), assets(folder.resolve(tag)), this));
                return found;
            } catch (IOException failure) {
                throw new CtlException(Exit.FAILED, "Cannot read the releases in " + folder + ": " + CtlException.reason(failure),
                        "Check --releases.", failure);
            }
        }

        private static List<String> tags(Stream<Path> entries) {
            return entries.filter(Files::isDirectory).map(path -> path.getFileName().toString()).filter(name -> name.startsWith("v") && Version.isVersion(name))
                    .sorted(Comparator.comparing(Version::parse)).toList();
        }

        /** A folder with the files of one release in it, as they were downloaded or built; its sums name the version. */
        private Release onlyOne(String wanted, String version) {
            try (Stream<String> lines = Files.lines(folder.resolve("SHA256SUMS"))) {
                String found = lines.findFirst().orElse("").strip().replaceFirst("^# StoreIT ", "");
                if (!Version.isVersion(found) || !wanted.equals("latest") && !found.equals(version)) {
                    throw new CtlException(Exit.FAILED, "There is no release " + wanted + " in " + folder,
                            "The files there are those of " + (Version.isVersion(found) ? "version " + found : "no version of StoreIT") + ".");
                }
                return new Release(found, assets(folder), this);
            } catch (IOException failure) {
                throw new CtlException(Exit.FAILED, "Cannot read the release in " + folder + ": " + CtlException.reason(failure),
                        "Check --releases.", failure);
            }
        }

        private static Map<String, Release.Asset> assets(Path tag) throws IOException {
            var assets = new TreeMap<String, Release.Asset>();
            try (Stream<Path> files = Files.list(tag)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String name = file.getFileName().toString();
                    assets.put(name, new Release.Asset(name, file.toString(), Files.size(file), null));
                }
            }
            return assets;
        }

        @Override
        public Body open(String location, long from, String validator, long size) throws IOException {
            return new Body(Files.newInputStream(Path.of(location)), 0, -1, null);
        }
    }

    /** https://docs.github.com/rest/releases/releases: {@code /latest} and {@code /tags/v<version>}. */
    final class GitHubReleases implements Releases {
        /** A hundred times what a real answer has, in bytes. */
        private static final int ANSWER_LIMIT = 8 << 20;
        private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(?:\\d{1,18}|\\*)");

        private final String url;
        private final Duration patience;
        private final OkHttpClient client;
        private Instant clock;

        GitHubReleases(String url, Duration patience) {
            this.url = url.replaceAll("/+$", "");
            // None would mean for ever.
            this.patience = patience.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : patience;
            var builder = Http.client(url).newBuilder().followSslRedirects(false).readTimeout(this.patience);
            if (isSecure()) builder.connectionSpecs(List.of(ConnectionSpec.MODERN_TLS));
            this.client = builder.build();
        }

        private boolean isSecure() {
            return url.startsWith("https:");
        }

        @Override
        public Release resolve(String wanted) {
            String version = Releases.version(wanted);
            String address = url + (wanted.equals("latest") ? "/latest" : "/tags/v" + version);
            return release(Json.object(ask(address, wanted.equals("latest") ? "the latest release" : "release " + version)), wanted, version, address);
        }

        @Override
        public List<Release> all() {
            String address = url + "?per_page=100";
            var found = new ArrayList<Release>();
            for (Object entry : Json.list(ask(address, "the list of releases"))) {
                boolean published = entry instanceof Map<?, ?> map && !Boolean.TRUE.equals(map.get("draft"));
                if (published && ((Map<?, ?>) entry).get("tag_name") instanceof String tag && Version.isVersion(tag)) {
                    found.add(release((Map<?, ?>) entry, "latest", null, address));
                }
            }
            found.sort(Comparator.comparing((Release release) -> Version.parse(release.version())).reversed());
            return found;
        }

        @Override
        public Optional<Instant> clock() {
            return Optional.ofNullable(clock);
        }

        private Release release(Map<?, ?> answer, String wanted, String version, String address) {
            String tag = String.valueOf(answer.get("tag_name"));
            if (answer.get("tag_name") == null && !wanted.equals("latest")) tag = "v" + version;
            if (!Version.isVersion(tag)) {
                throw new CtlException(Exit.FAILED, "The release at " + address + " names no version: " + Quoted.bare(tag),
                        "Check the releases URL.");
            }
            String found = tag.startsWith("v") ? tag.substring(1) : tag;
            if (!wanted.equals("latest") && !found.equals(version)) {
                throw new CtlException(Exit.FAILED, "Asked for release " + version + ", was given " + found, "Check the releases URL.");
            }
            var assets = new TreeMap<String, Release.Asset>();
            if (answer.get("assets") instanceof List<?> list) list.forEach(entry -> add(entry, assets, found));
            String published = answer.get("published_at") instanceof String text && text.matches("[0-9T:.Z+-]{10,40}") ? text : null;
            return new Release(found, assets, this, published, Boolean.TRUE.equals(answer.get("prerelease")) || !Version.parse(found).preRelease().isEmpty());
        }

        /** An entry that lacks something is none. */
        private static void add(Object entry, Map<String, Release.Asset> assets, String version) {
            if (!(entry instanceof Map<?, ?> map) || !(map.get("name") instanceof String name) || !(map.get("size") instanceof Long size) || size < 0
                    || !(map.get("browser_download_url") instanceof String location)) return;
            String sum = map.get("digest") instanceof String digest && digest.startsWith("sha256:") ? digest.substring(7).toLowerCase(Locale.ROOT) : null;
            if (assets.put(name, new Release.Asset(name, location, size, sum)) != null) {
                throw new CtlException(Exit.FAILED, "Release " + version + " has two files named " + Quoted.bare(name), "Do not use this release.");
            }
        }

        /** @param what is asked for, in words */
        private String ask(String address, String what) {
            Call call = call(new Request.Builder().url(address(address)).header("Accept", "application/vnd.github+json").build(), 0);
            try (Response response = call.execute()) {
                requireSamePlace(response);
                clock = response.headers().getInstant("Date");
                if (response.code() == 404) {
                    throw new CtlException(Exit.FAILED, "There is no " + what.replaceFirst("^the ", "") + " at " + url,
                            "'storeit-ctl releases' shows what there is.", said(response));
                }
                requireQuota(response);
                if (response.code() != 200) {
                    throw new CtlException(Exit.FAILED,
                            "Could not ask for " + what + ": " + address + " answered " + response.code() + trouble(response.code()),
                            "Try again later, or use a folder of releases with --releases.", said(response));
                }
                byte[] body = response.body().byteStream().readNBytes(ANSWER_LIMIT + 1);
                if (body.length > ANSWER_LIMIT) {
                    throw new CtlException(Exit.FAILED, "The answer of " + address + " has no end", "Check the releases URL.");
                }
                return new String(body, StandardCharsets.UTF_8);
            } catch (IOException failure) {
                String cure = CtlException.cure(failure);
                throw new CtlException(Exit.FAILED, "Could not ask for " + what + " at " + url + ": " + CtlException.reason(failure),
                        cure.isEmpty() ? "Check the network, or use a folder of releases with --releases." : cure, failure);
            }
        }

        private static String trouble(int code) {
            return code >= 500 ? ": it is in trouble itself" : code == 401 || code == 403 ? ": it lets nobody in from here" : "";
        }

        /** The words of the other side, for {@code --verbose}. */
        private static IOException said(Response response) throws IOException {
            return new IOException(response.request().url().host() + " said: " + response.code() + " " + Quoted.bare(response.peekBody(1 << 12).string(), 1000));
        }

        /** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
        private static void requireQuota(Response response) throws IOException {
            boolean used = "0".equals(response.header("x-ratelimit-remaining")) || response.header("retry-after") != null;
            if (response.code() != 429 && !(response.code() == 403 && used)) return;
            long seconds = number(response.header("retry-after"));
            if (seconds < 0) seconds = number(response.header("x-ratelimit-reset")) - Instant.now().getEpochSecond();
            // An address may ask anew each hour; more than a day is no answer.
            String when = seconds > 0 && seconds < 86_400 ? "in " + Console.counted((seconds + 59) / 60, "minute", "minutes") : "in an hour";
            throw new CtlException(Exit.FAILED,
                    response.request().url().host() + " has answered too many questions from this address and answers no more for now",
                    "Try again " + when + ", or use a folder of releases with --releases.", said(response));
        }

        private static long number(String text) {
            return text != null && text.matches("\\d{1,12}") ? Long.parseLong(text) : -1;
        }

        @Override
        public Body open(String location, long from, String validator, long size) throws IOException {
            var request = new Request.Builder().url(address(location)).header("Accept-Encoding", "identity");
            if (from > 0) request.header("Range", "bytes=" + from + "-").header("If-Range", validator);
            Response response = call(request.build(), size).execute();
            boolean good = false;
            try {
                requireSamePlace(response);
                long offset = switch (response.code()) {
                    case 200 -> 0;
                    case 206 -> offset(response, from);
                    case 416 -> throw new Download.NotTheRest(response.request().url().host() + " has no bytes after the first " + from);
                    default -> throw unexpected(response);
                };
                good = true;
                return new Body(response.body().byteStream(), offset, response.body().contentLength(), validator(response));
            } finally {
                if (!good) response.close();
            }
        }

        private static long offset(Response response, long from) throws IOException {
            Matcher range = CONTENT_RANGE.matcher(response.header("Content-Range", ""));
            if (from == 0 || !range.matches() || Long.parseLong(range.group(1)) != from) {
                throw new Download.NotTheRest(response.request().url().host() + " sent another part of the file than asked for");
            }
            return from;
        }

        /** A weak one does not promise the same bytes. */
        private static String validator(Response response) {
            String tag = response.header("ETag");
            return tag != null && !tag.startsWith("W/") ? tag : response.header("Last-Modified");
        }

        /** A server in trouble is asked again, one that says no is not. */
        private static IOException unexpected(Response response) {
            String what = response.request().url().host() + " answered " + response.code();
            if (response.code() >= 500 || response.code() == 429) return new IOException(what);
            throw new CtlException(Exit.FAILED, "Could not download " + Quoted.bare(response.request().url().encodedPath(), 200) + ": " + what,
                    "Check the releases URL, or use a folder of releases with --releases.");
        }

        /** As long as the slowest transfer that is still accepted would take, so that endless headers end too. */
        private Call call(Request request, long size) {
            Call call = client.newCall(request);
            call.timeout().timeout(patience.multipliedBy(3 + size / Download.TRICKLE).toMillis(), TimeUnit.MILLISECONDS);
            return call;
        }

        /** What is looked up through TLS is downloaded through TLS. */
        private HttpUrl address(String text) {
            HttpUrl address = HttpUrl.parse(text);
            if (address == null) throw new CtlException(Exit.FAILED, "Not a web address: " + Quoted.bare(text, 200), "Check the releases URL.");
            if (isSecure() && !address.isHttps()) throw plain(address.host());
            return address;
        }

        private void requireSamePlace(Response response) {
            if (!response.isRedirect()) return;
            String target = Quoted.bare(response.header("Location", "nowhere"), 200);
            if (isSecure()) throw plain(response.request().url().host());
            throw new CtlException(Exit.FAILED, response.request().url().host() + " redirects to " + target, "Name that place with --releases.");
        }

        private static CtlException plain(String host) {
            return new CtlException(Exit.FAILED, host + " wants the download to come over plain HTTP, where anybody on the way could exchange it",
                    "Do not use this release; check the releases URL.");
        }
    }
}

/** What can be installed, the newest first. @param version what is in place; null when that cannot be seen */
record ReleaseList(String place, String version, Integer schemaVersion, List<ReleaseList.Entry> releases) implements Result {
    /**
     * @param publishedAt RFC 3339, where the place of releases tells. @param schemaVersion null where the release does not tell
     * @param schema      how that compares with what is in place: {@code same}, {@code newer}, {@code older}; null when one is not known
     * @param command     moves there; null for what is in place and what has no file for this machine
     */
    record Entry(String version, String publishedAt, boolean preRelease, Integer schemaVersion, String schema, boolean installable, boolean inPlace,
            String command) {}

    /** Older ones tell theirs only when they are asked for one by one. */
    private static final int WITH_SCHEMA = 12;

    static ReleaseList of(Context context) {
        var known = new Beside<>(() -> InPlace.of(context));
        List<Release> releases = Releases.of(context).all();
        List<Beside<Optional<Integer>>> schemas = releases.stream().limit(WITH_SCHEMA).map(release -> new Beside<>(release::schema)).toList();
        InPlace place = known.get();
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < releases.size(); i++) {
            Release release = releases.get(i);
            int order = place.version() == null ? 1 : Version.parse(release.version()).compareTo(Version.parse(place.version()));
            Integer schema = order == 0 ? place.schema() : i < schemas.size() ? schemas.get(i).get().orElse(null) : null;
            boolean installable = release.server().isPresent();
            String command = order == 0 || !installable ? null
                    : "storeit-ctl " + (place.version() == null ? "install " : order > 0 ? "upgrade " : "downgrade ") + release.version();
            entries.add(new Entry(release.version(), release.publishedAt(), release.preRelease(), schema, compared(schema, place.schema()),
                    installable, order == 0, command));
        }
        return new ReleaseList(context.settings().releasesUrl(), place.version(), place.schema(), entries);
    }

    private static String compared(Integer schema, Integer here) {
        if (schema == null || here == null) return null;
        return schema.equals(here) ? "same" : schema > here ? "newer" : "older";
    }

    private record InPlace(String version, Integer schema) {
        static InPlace of(Context context) {
            try (var api = new ServerApi(context.settings().serverUrl())) {
                Optional<ServerApi.Facts> facts = api.probe();
                if (facts.isPresent()) return new InPlace(facts.get().appVersion(), facts.get().schemaVersion());
                return Installation.find(context, false).map(found -> new InPlace(Optional.ofNullable(ServerBinary.versionWithoutRunning(found.binary()))
                        .filter(Version::isVersion).orElse(null), StatusReport.schema(found.database()))).orElse(new InPlace(null, null));
            } catch (CtlException invisible) {
                return new InPlace(null, null);
            }
        }
    }

    @Override
    public void print(Console console) {
        if (releases.isEmpty()) console.print("There are no releases at %s", place);
        else console.print("%-12s %-10s %-10s", "Version", "Published", "Schema");
        for (Entry entry : releases) {
            String other = entry.schema() == null || entry.schema().equals("same") ? "" : " (" + entry.schema() + ")";
            String schema = entry.schemaVersion() == null ? "?" : entry.schemaVersion() + other;
            String published = entry.publishedAt() == null ? "-" : entry.publishedAt().substring(0, Math.min(10, entry.publishedAt().length()));
            String what = entry.inPlace() ? "in place" : entry.installable() ? entry.command() : "no file for " + Platform.name();
            console.print("%-12s %-10s %-10s %s", entry.version(), published, schema, what + (entry.preRelease() ? " (pre-release)" : ""));
        }
    }
}

/** Newer versions, of the server to be told about and of this tool to be put in its own place. */
final class Updates {
    private Updates() {}

    /** What {@code upgrade --check} tells. */
    record Check(String currentVersion, String newestVersion, boolean available) implements Result {
        @Override
        public void print(Console console) {
            if (available) console.print("Version %s is available; %s is in place. 'storeit-ctl upgrade' moves to it.", newestVersion, currentVersion);
            else console.print("Version %s is in place; there is no newer release.", currentVersion);
        }
    }

    static Result check(Context context, String wanted) {
        String current = currentServer(context);
        Release release = Releases.of(context).resolve(wanted);
        boolean available = Version.parse(release.version()).compareTo(Version.parse(current)) > 0;
        if (available) release.requireServer();
        return new Check(current, release.version(), available);
    }

    private static String currentServer(Context context) {
        try (var api = new ServerApi(context.settings().serverUrl())) {
            Optional<ServerApi.Facts> facts = api.probe();
            if (facts.isPresent()) return facts.get().appVersion();
        }
        Path binary = Installation.require(context, false).binary();
        String version = ServerBinary.versionWithoutRunning(binary);
        if (version == null || !Version.isVersion(version)) throw new CtlException(Exit.FAILED, binary + " does not tell its version", "");
        return version;
    }

    /** @param changed false: {@code version} was in place already */
    record ToolUpdated(boolean changed, String previousVersion, String version, Path file) implements Result {
        @Override
        public void print(Console console) {
            if (changed) console.print("storeit-ctl %s is in place: %s", version, file);
            else console.print("storeit-ctl %s is already in place: nothing to do.", version);
        }
    }

    static Result replaceTool(Context context, StoreitCtl.SelfUpdate options) {
        Path live = options.file != null ? realPath(options.file) : running();
        String current = ServerBinary.versionInManifest(live).filter(Version::isVersion).orElseThrow(() -> new CtlException(Exit.FAILED,
                live + " is no storeit-ctl that could be replaced", "Name the right one with --file."));
        var console = context.console();
        Release release = Releases.of(context).resolve(options.version);
        String version = release.version();
        int order = Version.parse(version).compareTo(Version.parse(current));
        if (order == 0 || order < 0 && options.version.equals("latest")) return new ToolUpdated(false, current, current, live);
        if (!Version.parse(version).isOurs()) {
            throw new CtlException(Exit.FAILED, "storeit-ctl " + version + " is another program, which cannot take the place of this one",
                    "Any storeit-ctl can move the server to any version.");
        }
        Release.Asset asset = release.requireFile("storeit-ctl");
        Backups.requireWritableFolder(live);
        console.dryRun = options.changing.dryRun;
        release.requireTrusted(context, asset, options.allowUnsigned);
        if (options.changing.dryRun) {
            return Plan.of(console, List.of("Download storeit-ctl " + version + " (" + Console.megabytes(asset.size()) + ") and check it",
                    "Run it once, to see that it starts here", "Put it in the place of " + live + ", version " + current));
        }
        console.say("Downloading storeit-ctl %s...", version);
        Fetched fetched = release.fetch(context, asset, downloadFolder(context.settings()));
        try {
            requireProgram(fetched.file(), version);
        } catch (CtlException wrong) {
            fetched.discard();
            throw wrong;
        }
        Path fresh = live.resolveSibling(live.getFileName() + ".new");
        fetched.placeAt(fresh);
        try {
            Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(live));
            if (FileTree.ownUserId() == 0) new Launch(null, List.of(), Map.of(), null, FileTree.userId(live), FileTree.groupId(live), "").giveTo(fresh);
        } catch (IOException failure) {
            FileTree.deleteQuietly(fresh);
            throw CtlException.of(failure);
        }
        FileTree.replace(live, fresh, null);
        fetched.discard();
        replaceManual(console, live);
        return new ToolUpdated(true, current, version, live);
    }

    /** Where install has put the one of the old version. */
    private static void replaceManual(Console console, Path program) {
        try {
            for (var layout : List.of(Layout.standard(false), Layout.standard(true))) {
                if (FileTree.sameFile(layout.tool(), program) && !ShareFiles.in(layout).isEmpty()) ShareFiles.place(program, layout, new ArrayDeque<>());
            }
        } catch (IOException failure) {
            console.warn("The manual pages and the completions of shells are still those of the old version: %s", CtlException.reason(failure));
        }
    }

    /** It has to start, with the Java of this machine, before it takes the place of one that does. */
    private static void requireProgram(Path file, String version) {
        String told = ServerBinary.versionInManifest(file).orElse("something else");
        if (told.equals(version)) told = firstLine(List.of("sh", file.toString(), "--version"));
        if (!told.equals("storeit-ctl " + version)) {
            throw new CtlException(Exit.FAILED, "The storeit-ctl released as " + version + " says it is " + Quoted.bare(told), "Nothing was changed.");
        }
    }

    private static String firstLine(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8);
            process.waitFor();
            return text.lines().findFirst().orElse("nothing");
        } catch (IOException failure) {
            throw CtlException.of(failure);
        } catch (InterruptedException interrupted) {
            throw new CtlException(Exit.INTERRUPTED, "Interrupted", "", interrupted);
        }
    }

    private static Path running() {
        return Programs.self().orElseThrow(() -> new CtlException(Exit.FAILED,
                "This storeit-ctl runs from its source, not from a file that could be replaced", "Get the newer storeit-ctl.java, or name a storeit-ctl with --file."));
    }

    private static Path realPath(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Cannot replace " + file + ": " + CtlException.reason(failure), "", failure);
        }
    }

    /** Where the safety backups go, if that was named and is this user's to write, else among what this tool remembers. */
    static Path downloadFolder(Settings settings) {
        Path named = settings.dataFolder();
        return Download.folderIn(named != null && Files.isWritable(named) ? named : Settings.stateFolder());
    }
}

/** Names of this machine in release assets. */
final class Platform {
    private Platform() {}

    static String name() {
        return system() + "-" + architecture();
    }

    static List<String> assetNames() {
        String base = "storeit-server-" + name();
        return switch (system()) {
            case "linux" -> List.of(base + "-musl", base);
            case "windows" -> List.of(base + ".exe");
            default -> List.of(base);
        };
    }

    static boolean isMac() {
        return system().equals("darwin");
    }

    /** The property lets a test see what is done on a system where it does not run: Java itself believes {@code os.name}. */
    static String system() {
        String name = System.getProperty("storeit.system", System.getProperty("os.name")).toLowerCase(Locale.ROOT);
        if (name.startsWith("mac")) return "darwin";
        return name.startsWith("windows") ? "windows" : name;
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> System.getProperty("os.arch");
        };
    }
}

// ---- The server: over HTTP, as a process, as a binary -----------------------------------------------------------------

/** HTTP clients that load no TLS for plain addresses (that alone costs 50 ms). */
final class Http {
    private Http() {}

    static OkHttpClient client(String url) {
        var builder = new OkHttpClient.Builder().connectTimeout(Duration.ofSeconds(10)).readTimeout(Duration.ofSeconds(60));
        if (url.startsWith("http:")) builder.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT));
        return builder.build();
    }
}

/** The HTTP routes of a StoreIT server that this tool uses. */
final class ServerApi implements AutoCloseable {
    record Facts(String appVersion, int schemaVersion, int expectedVersion) {}

    record Health(String digest, long changes, long unreadablePhotos) {}

    private record Answer(int status, String contentType, String body) {
        boolean isJson() {
            return contentType != null && contentType.startsWith("application/json");
        }
    }

    private final String url;
    /** In milliseconds. */
    private static final int LONGEST_CONNECT = 10_000;
    private static final int LONGEST_ANSWER = 5_000;
    /** In bytes: an answer to this tool is small; a foreign server's may not be. */
    private static final int ANSWER_LIMIT = 1 << 20;

    private OkHttpClient client;
    private final Map<String, String> credentials = new HashMap<>();

    ServerApi(String url) {
        this.url = url;
    }

    /** Only for what is more than a short question: to load it takes longer than such a question and its answer. */
    private OkHttpClient client() {
        if (client == null) client = Http.client(url);
        return client;
    }

    /** @return empty when nothing listens there; an exception when something else than StoreIT answers */
    Optional<Facts> probe() {
        Answer mode;
        try {
            mode = get("/api/v1/auth/mode");
        } catch (ConnectException nobody) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "The server at " + url + " does not answer: " + CtlException.reason(failure),
                    "Look at its log; is --server-url right?", failure);
        }
        if (mode.status() >= 500) {
            throw new CtlException(Exit.FAILED, "The server at " + url + " answers " + mode.status(), "Look at its log.");
        }
        if (!mode.isJson() || !(Json.object(mode.body()).get("mode") instanceof String)) throw foreign();
        try {
            Answer schema = get("/api/v1/admin/schema-version");
            if (schema.status() != 200 || !schema.isJson()) throw foreign();
            Map<String, Object> versions = Json.object(schema.body());
            if (!(versions.get("app_version") instanceof String version) || !Version.isVersion(version)) throw foreign();
            return Optional.of(new Facts(version, (int) Json.number(versions, "schema_version"),
                    (int) Json.number(versions, "expected_version")));
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "The server at " + url + " does not answer: " + CtlException.reason(failure), "", failure);
        }
    }

    /** Whether something answers there that does not say that it cannot yet. */
    boolean answers() {
        try {
            return get("/api/v1/auth/mode").status() < 500;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** As {@link #probe}, for waiting: a connection that breaks is no answer yet. */
    Optional<Facts> probeQuietly() {
        try {
            return probe();
        } catch (CtlException failure) {
            if (failure.getCause() instanceof IOException) return Optional.empty();
            throw failure;
        }
    }

    private CtlException foreign() {
        return new CtlException(Exit.FAILED, "Something that is not StoreIT answers at " + url, "Set the right address with --server-url.");
    }

    /** Servers from 0.3.0 on: the token beside the database. Older ones: the cookie, or user and password. */
    void authenticate(Facts facts, Optional<Path> database, Settings settings) {
        if (database.isPresent() && Version.parse(facts.appVersion()).isOurs() && useTokenBeside(database.get())) return;
        if (!settings.authCookie().isEmpty()) {
            credentials.put("Cookie", settings.authCookie());
            return;
        }
        Optional<Login> login = settings.login();
        if (login.isPresent()) {
            logIn(login.get());
            return;
        }
        throw new CtlException(Exit.FAILED, "The server at " + url + " wants an administrator's login" + tokenProblem(database, facts),
                (database.isEmpty() && Version.parse(facts.appVersion()).isOurs() ? "Run as root or as the server's user, who need none; or give" : "Give")
                        + " --username NAME and --password-file FILE, or set auth_cookie.");
    }

    private static String tokenProblem(Optional<Path> database, Facts facts) {
        if (database.isEmpty() || !Version.parse(facts.appVersion()).isOurs()) return "";
        Path token = tokenFile(database.get());
        if (!Files.exists(token)) return "; there is no token file " + token;
        return "; the token file " + token + " belongs to " + FileTree.owner(token);
    }

    private static Path tokenFile(Path database) {
        return database.resolveSibling(database.getFileName() + ".token");
    }

    boolean useTokenBeside(Path database) {
        try {
            Map<String, Object> token = Json.object(Files.readString(tokenFile(database)));
            credentials.put("Authorization", "Bearer " + token.get("token"));
            return true;
        } catch (IOException unreadable) {
            return false;   // authenticate() says whose it is
        }
    }

    /** Whether this is the password of that user. */
    boolean accepts(String username, String password) {
        try (Response response = client().newCall(login(username, password)).execute()) {
            return response.code() == 200;
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not log in at " + url + ": " + CtlException.reason(failure), "", failure);
        }
    }

    private Request login(String username, String password) {
        var body = new LinkedHashMap<String, String>();
        body.put("username", username);
        body.put("password", password);
        return request("/api/v1/auth/local/login").post(json(Json.text(body))).build();
    }

    private void logIn(Login login) {
        try (Response response = client().newCall(login(login.username(), login.password())).execute()) {
            if (response.code() == 429) {
                throw new CtlException(Exit.FAILED, "The server at " + url + " takes no more passwords for a moment, for many were wrong",
                        "Wait half a minute, then try again.");
            }
            if (response.code() != 200) {
                throw new CtlException(Exit.FAILED, "The server at " + url + " does not accept this password of " + login.username(),
                        "Check --username, and --password-file FILE: the first line of the file is the password.",
                        new IOException("it answered " + response.code() + ": " + response.peekBody(1 << 12).string()));
            }
            for (String cookie : response.headers("Set-Cookie")) {
                if (cookie.startsWith("storeit_session=")) credentials.put("Cookie", cookie.split(";", 2)[0]);
            }
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not log in at " + url + ": " + CtlException.reason(failure), "", failure);
        }
    }

    /** What {@code status} shows. @param counts records by kind; null without the token */
    record Pulse(boolean writesOpen, Map<String, Long> counts) {}

    /** Absent at servers before 0.3.0. */
    Optional<Pulse> pulse(Optional<Path> database) {
        database.ifPresent(this::useTokenBeside);
        try {
            Answer answer = get("/health?counts=true");
            if (answer.status() != 200 || !answer.isJson()) return Optional.empty();
            Map<String, Object> health = Json.object(answer.body());
            Map<String, Long> counts = null;
            if (health.get("counts") instanceof Map<?, ?> told) {
                counts = new LinkedHashMap<>();
                for (var entry : told.entrySet()) if (entry.getValue() instanceof Long rows) counts.put((String) entry.getKey(), rows);
            }
            return Optional.of(new Pulse(!"held".equals(health.get("writes")), counts));
        } catch (IOException noAnswer) {
            return Optional.empty();
        }
    }

    /** Absent at servers before 0.3.0, and without the token. */
    Optional<Health> health() {
        try {
            Answer answer = get("/health");
            if (answer.status() != 200 || !answer.isJson()) return Optional.empty();
            Map<String, Object> health = Json.object(answer.body());
            if (!health.containsKey("content")) return Optional.empty();
            String digest = health.get("content") instanceof Map<?, ?> content && content.get("digest") instanceof String text ? text : null;
            long unreadable = health.get("photos") instanceof Map<?, ?> photos && photos.get("unreadable") instanceof Long count ? count : 0;
            return Optional.of(new Health(digest, Json.number(health, "changes"), unreadable));
        } catch (IOException noAnswer) {
            return Optional.empty();
        }
    }

    String startBackup(boolean withImages, boolean allowMissingImages) {
        Answer answer = call(request("/api/v1/admin/backup")
                .post(json("{\"include_images\":" + withImages + ",\"allow_missing_images\":" + allowMissingImages + "}")).build());
        if (answer.status() == 401 || answer.status() == 403) {
            throw new CtlException(Exit.FAILED, "Failed to start backup: the server wants an administrator (" + answer.status() + ")",
                    "Give --username and --password-file of one, or a fresh auth_cookie.");
        }
        if (answer.status() != 200) throw unexpected("start the backup", answer);
        Map<String, Object> job = Json.object(answer.body());
        if (!(job.get("job_id") instanceof String id)) throw unexpected("start the backup", answer);
        return id;
    }

    Map<String, Object> backupStatus(String job) {
        Answer answer = call(request("/api/v1/admin/backup/" + job + "/status").build());
        if (answer.status() != 200) throw unexpected("report on the backup", answer);
        return Json.object(answer.body());
    }

    /** Uploads an archive that replaces everything. @return the job that works on it */
    String startRestore(Path archive) {
        var form = new MultipartBody.Builder().setType(MultipartBody.FORM)
                .addFormDataPart("options", "{\"mode\":\"replace\"}")
                .addFormDataPart("file", "archive.storeit", RequestBody.create(archive.toFile(), MediaType.get("application/octet-stream"))).build();
        Answer answer = call(request("/api/v1/admin/restore").post(form).build());
        if (answer.status() != 200 || !(Json.object(answer.body()).get("job_id") instanceof String id)) throw unexpected("take the archive", answer);
        return id;
    }

    Map<String, Object> restoreStatus(String job) {
        Answer answer = call(request("/api/v1/admin/restore/" + job + "/status").build());
        if (answer.status() != 200) throw unexpected("report on the restore", answer);
        return Json.object(answer.body());
    }

    /** Writes the archive to {@code target}, owner-only and fsynced; a partial file does not stay. */
    void download(String job, Path target) {
        Path part = partialDownload(target);
        try (Response response = client().newCall(request("/api/v1/admin/backup/" + job + "/download").build()).execute()) {
            if (response.code() != 200) throw new IOException("the server answered " + response.code());
            long expected = response.body().contentLength();
            FileTree.requireSpace(part, expected, "Make room there, or choose another place.");
            FileTree.createOwnerOnly(part);
            long written;
            try (InputStream in = response.body().byteStream(); var out = Files.newOutputStream(part)) {
                written = in.transferTo(out);
            }
            if (expected >= 0 && written != expected) throw new IOException("it ended after " + written + " of " + expected + " bytes");
            DurableFiles.fsyncFile(part);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.fsyncFolder(target.getParent());
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not save the backup to " + target + ": " + CtlException.reason(failure), "", failure);
        } finally {
            FileTree.deleteQuietly(part);
        }
    }

    /** It was fetched: the server need not keep its copy for the hour that it would. Those before 0.3.0 have no such route. */
    void forgetBackup(String job) {
        try (Response heard = client().newCall(request("/api/v1/admin/backup/" + job).delete().build()).execute()) {
            // whatever it says
        } catch (IOException unheard) {
            // then it goes after that hour
        }
    }

    static Path partialDownload(Path target) {
        return target.resolveSibling(target.getFileName() + ".download");
    }

    private CtlException unexpected(String what, Answer answer) {
        String reason = answer.isJson() ? Json.reason(answer.body()) : "";
        String told = !reason.isEmpty() ? reason : answer.status() >= 500 ? "it is in trouble itself" : "it answered " + answer.status();
        return new CtlException(Exit.FAILED, "The server could not " + what + ": " + Quoted.bare(told, 300), "Its log tells more.",
                new IOException("it answered " + answer.status() + ": " + Console.shortened(answer.body())));
    }

    /** For short questions: a server that hangs is found out soon. */
    private Answer get(String path) throws IOException {
        var connection = (HttpURLConnection) URI.create(url + path).toURL().openConnection();
        connection.setConnectTimeout(LONGEST_CONNECT);
        connection.setReadTimeout(LONGEST_ANSWER);
        connection.setInstanceFollowRedirects(false);
        credentials.forEach(connection::setRequestProperty);
        int status = connection.getResponseCode();
        if (status < 0) throw new IOException("what listens there does not speak HTTP");
        InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
        if (body == null) return new Answer(status, connection.getContentType(), "");
        try (body) {
            var text = new String(body.readNBytes(ANSWER_LIMIT), StandardCharsets.UTF_8);
            if (body.read() >= 0) connection.disconnect();
            return new Answer(status, connection.getContentType(), text);
        }
    }

    private Answer call(Request request) {
        try (Response response = client().newCall(request).execute()) {
            return new Answer(response.code(), response.header("Content-Type"), response.peekBody(ANSWER_LIMIT).string());
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "The server at " + url + " does not answer: " + CtlException.reason(failure), "Look at its log.", failure);
        }
    }

    private Request.Builder request(String path) {
        var builder = new Request.Builder().url(url + path);
        credentials.forEach(builder::header);
        return builder;
    }

    private static RequestBody json(String text) {
        return RequestBody.create(text, MediaType.get("application/json"));
    }

    @Override
    public void close() {
        if (client == null) return;
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}

/** A server binary, run with the environment and as the user of the installation. */
final class ServerBinary {
    record Versions(String appVersion, int expectedSchemaVersion) {}

    /** What a database or an archive was found to hold, from the JSON of {@code verify}; counts by the name of the data file. */
    record Content(int schemaVersion, Map<String, Long> counts, String digest, List<String> problems, List<String> missingImages) {
        static Content of(String json) {
            Map<String, Object> report = Json.object(json);
            var counts = new LinkedHashMap<String, Long>();
            if (report.get("counts") instanceof Map<?, ?> map) map.forEach((table, rows) -> counts.put((String) table, (Long) rows));
            var problems = new ArrayList<String>();
            if (report.get("problems") instanceof List<?> list) {
                for (Object problem : list) {
                    if (problem instanceof Map<?, ?> parts) {
                        problems.add(new VerificationReport.Problem(String.valueOf(parts.get("what")), String.valueOf(parts.get("where"))).toString());
                    }
                }
            }
            var missing = new ArrayList<String>();
            if (report.get("missing_images") instanceof List<?> list) list.forEach(key -> missing.add(String.valueOf(key)));
            String digest = report.get("digest") instanceof Map<?, ?> parts ? parts.get("version") + ":" + parts.get("value") : null;
            return new Content((int) Json.number(report, "schema_version"), counts, digest, problems, missing);
        }

        /** Of a database, that it holds what a backup holds. */
        void requireSame(Content backup, Path archive) {
            String hint = "Keep " + archive + " and report this.";
            backup.counts().forEach((table, rows) -> {
                long there = counts.getOrDefault(table, -1L);
                // An import puts back the default group that every login falls back to.
                if (there != rows && !(table.equals(Table.GROUPS.key()) && there == rows + 1)) {
                    throw new CtlException(Exit.FAILED, "The rehearsed database holds " + there + " " + table + ", the backup " + rows, hint);
                }
            });
            if (backup.schemaVersion() == schemaVersion && !Objects.equals(backup.digest(), digest)) {
                throw new CtlException(Exit.FAILED, "The rehearsed database does not hold what the backup holds: their digests differ", hint);
            }
        }

        /** By this tool's own code, for servers that have no such command. */
        static Content of(VerificationReport report) {
            return of(report.toJson().toString());
        }
    }

    /** For commands that need none. Without ?mode=rwc, or servers before 0.3.0 would create the database they are asked about. */
    private static final Map<String, String> NO_DATABASE = Map.of("DATABASE_URL", "sqlite:/nonexistent/storeit.db");

    private final Path file;
    private final Launch launch;
    private final String version;

    /** No server at hand: this tool's own code does what it can. */
    static final ServerBinary NONE = new ServerBinary(null, null, "0.0.0");

    ServerBinary(Path file, Launch launch, String version) {
        this.file = file;
        this.launch = launch;
        this.version = version;
    }

    static ServerBinary of(Installation installation) {
        return new ServerBinary(installation.binary(), installation.launch(), null);
    }

    Versions version() {
        String output = execute(NO_DATABASE, List.of("version"));
        try {
            Map<String, Object> versions = Json.object(output);
            return new Versions((String) Objects.requireNonNull(versions.get("app_version")), (int) Json.number(versions, "expected_schema_version"));
        } catch (RuntimeException unreadable) {
            throw new CtlException(Exit.FAILED, file + " does not tell its version", "It said: " + Console.shortened(output), unreadable);
        }
    }

    /** A release may have been put together wrongly. */
    Versions requireVersion() {
        Versions told = version();
        requireSame(version, told.appVersion());
        return told;
    }

    static void requireSame(String released, String told) {
        if (!told.equals(released)) {
            throw new CtlException(Exit.FAILED, "The file released as " + released + " says it is " + Quoted.bare(told),
                    "Tell whoever made this release; do not use it.");
        }
    }

    /** The version a jar of ours carries in its manifest. */
    static Optional<String> versionInManifest(Path file) {
        try (var jar = new JarFile(file.toFile())) {
            return Optional.ofNullable(jar.getManifest().getMainAttributes().getValue("Implementation-Version"));
        } catch (IOException | NullPointerException notOurs) {
            return Optional.empty();   // a native binary, a script, or nothing at all
        }
    }

    /** Files other than a jar of ours are asked by running them, which takes longer. */
    static String versionWithoutRunning(Path file) {
        Optional<String> told = versionInManifest(file);
        if (told.isPresent()) return told.get();
        if (!Files.isExecutable(file)) return null;
        try {
            return new ServerBinary(file, Launch.bare(), null).version().appVersion();
        } catch (CtlException silent) {
            return null;
        }
    }

    /** @param sameMachine whether the archive comes from this machine, so that its image folder is right here */
    void importInto(Path database, Path archive, Path imageFolder, boolean sameMachine) {
        var arguments = new ArrayList<>(List.of("import", archive.toString(), "--mode", "replace"));
        if (isOurs() && sameMachine) arguments.add("--same-machine");
        run(database, imageFolder, arguments);
    }

    /** Checks a database without its images: by the server's own command where it has one, else by this tool's code. */
    Content verify(Path database, Path imageFolder) {
        Content content = isOurs()
                ? Content.of(runForReport(environment(database, imageFolder), List.of("verify", "--json", "--without-images")))
                : Content.of(VerificationReport.of(database, DatabaseVerification.verify(database, null, Progress.NONE)));
        if (!content.problems().isEmpty()) {
            throw new CtlException(Exit.FAILED, "The rehearsed database is not right: " + content.problems().get(0),
                    content.problems().size() + " problems in all.");
        }
        return content;
    }

    /**
     * Reads an archive of this server to its end; the archive may be newer than this tool, which then knows less about its rows than the server
     * does. Root never runs the server's file as root: whoever can change that file or its variables would be root too.
     */
    Content verifyArchive(Path archive) {
        boolean newer = ArchiveReader.readManifest(archive).schemaVersion() > SchemaTransforms.newest();
        boolean byServer = isOurs() && (!launch.otherUser() || newer && FileTree.userId(archive) == launch.userId());
        return byServer
                ? Content.of(runForReport(NO_DATABASE, List.of("verify", archive.toString(), "--json")))
                : Content.of(VerificationReport.of(archive, ArchiveVerification.verify(archive, Progress.NONE)));
    }

    private boolean isOurs() {
        return Version.parse(version).isOurs();
    }

    /** Writes the cache by which later starts are quicker, where the server can do that in time: it is not worth more waiting. */
    void warm(Duration limit) {
        if (!isOurs()) return;
        try {
            Process process = command(NO_DATABASE, List.of("__warm")).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) return;
            // The shell of the launch stub then removes what was half written.
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.waitFor();
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not run " + file + ": " + CtlException.reason(failure), "", failure);
        } catch (InterruptedException interrupted) {
            Interruption.check();
            throw new CtlException(Exit.INTERRUPTED, "Interrupted", "");
        }
    }

    String run(Path database, Path imageFolder, List<String> arguments) {
        return execute(environment(database, imageFolder), arguments);
    }

    /** A report is printed whole also when it names problems. */
    private String runForReport(Map<String, String> extra, List<String> arguments) {
        Output output = spawn(extra, arguments);
        if (!output.text().stripLeading().startsWith("{")) throw failed(arguments, output);
        return output.text();
    }

    /** Servers before 0.3.0 need the mode to create a file, and take the path literally. */
    private static Map<String, String> environment(Path database, Path imageFolder) {
        return Map.of("DATABASE_URL", DatabaseUrl.of(database), "STOREIT_IMAGE_PATH", imageFolder.toString());
    }

    /** Starts the server on another database and port, beside the one that runs. */
    ServerProcess startApart(Path database, Path imageFolder, String bind, Path log) {
        var extra = new HashMap<>(environment(database, imageFolder));
        extra.put("STOREIT_BIND", bind);
        return launch.plain(extra).spawn(List.of(), file, List.of("serve"), log);
    }

    private record Output(int exit, String text, String errors) {}

    private String execute(Map<String, String> extra, List<String> arguments) {
        Output output = spawn(extra, arguments);
        if (output.exit() != 0) throw failed(arguments, output);
        return output.text();
    }

    private CtlException failed(List<String> arguments, Output output) {
        String said = (output.errors().isBlank() ? output.text() : output.errors()).strip().replaceFirst("^Error: ", "");
        String reason = said.lines().findFirst().orElse("it does not say why");
        return new CtlException(Exit.FAILED, "'" + file.getFileName() + " " + arguments.get(0) + "' failed (exit " + output.exit() + "): "
                + Console.shortened(reason), Console.shortened(said.substring(Math.min(said.length(), reason.length()))));
    }

    private ProcessBuilder command(Map<String, String> extra, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(file.toString());
        command.addAll(arguments);
        var builder = new ProcessBuilder(launch.asUser(command)).directory(launch.folderOrRoot())
                .redirectInput(ProcessBuilder.Redirect.from(File.separatorChar == '/' ? new File("/dev/null") : new File("NUL")));
        launch.fill(builder.environment(), extra);
        return builder;
    }

    private Output spawn(Map<String, String> extra, List<String> arguments) {
        Path errors = null;
        try {
            errors = Files.createTempFile("storeit-ctl-", ".err");
            Process process = command(extra, arguments).redirectError(errors.toFile()).start();
            String text;
            try {
                text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Output(process.waitFor(), text, Files.readString(errors));
            } catch (InterruptedException | InterruptedIOException interrupted) {
                process.destroy();
                Interruption.check();
                throw new CtlException(Exit.INTERRUPTED, "Interrupted", "");
            }
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not run " + file + ": " + CtlException.reason(failure), "", failure);
        } finally {
            if (errors != null) FileTree.deleteQuietly(errors);
        }
    }
}

/** A process, known by its number and its start time, so that a number used again is never mistaken for it (Linux /proc). */
record ServerProcess(long pid, long startTicks) {
    private static final Path PROC = Path.of("/proc");

    static ServerProcess of(long pid) {
        return new ServerProcess(pid, stat(pid).map(Stat::startTicks).orElse(-1L));
    }

    /** The process that listens on a TCP port of this machine. */
    static Optional<ServerProcess> listeningOn(int port) {
        List<String> sockets = new ArrayList<>();
        String ending = ":" + HexFormat.of().withUpperCase().toHexDigits((char) port);
        for (String table : List.of("net/tcp", "net/tcp6")) {
            try (Stream<String> lines = Files.lines(PROC.resolve(table))) {
                lines.skip(1).map(line -> line.strip().split("\\s+"))
                        .filter(fields -> fields.length > 9 && fields[3].equals("0A") && fields[1].endsWith(ending))
                        .forEach(fields -> sockets.add("socket:[" + fields[9] + "]"));
            } catch (IOException noSuchTable) {
                // IPv6 switched off, or no Linux: then nothing is found there
            }
        }
        if (sockets.isEmpty()) return Optional.empty();
        return all().filter(pid -> holds(pid, sockets)).findFirst().map(ServerProcess::of);
    }

    /** Processes that run one of the programs on a database or archive in a private folder of this tool. */
    static List<ServerProcess> workingIn(Path folder, List<Path> programs) {
        if (!Files.isDirectory(folder)) return List.of();
        return all().map(ServerProcess::of).filter(process -> programs.stream().anyMatch(program -> process.argumentsOf(program).isPresent())
                && (process.environment().getOrDefault("DATABASE_URL", "").contains(folder + "/")
                        || process.arguments().stream().anyMatch(argument -> argument.startsWith(folder + "/")))).toList();
    }

    /** The process that runs a program with these arguments and this database, listening already or not yet. */
    static Optional<ServerProcess> running(Path program, Launch launch) {
        return all().map(ServerProcess::of).filter(ServerProcess::isAlive)
                .filter(process -> process.argumentsOf(program).filter(launch.arguments()::equals).isPresent()
                        && List.of("DATABASE_URL", "STOREIT_BIND").stream()
                                .allMatch(name -> Objects.equals(process.environment().get(name), launch.environment().get(name))))
                .findFirst();
    }

    /** All that run this file as their program; in a container the same path is another file. */
    static List<ServerProcess> ofProgram(Path program) {
        return all().map(ServerProcess::of)
                .filter(process -> process.isAlive() && !process.inContainer() && process.argumentsOf(program).isPresent()).toList();
    }

    /** What follows the program on the command line; empty when the process runs another program, or may not be looked at. */
    Optional<List<String>> argumentsOf(Path program) {
        try {
            List<String> all = arguments();
            return all.isEmpty() ? Optional.empty() : argumentsOf(program, executable(), all, folder());
        } catch (CtlException notOurs) {
            return Optional.empty();
        }
    }

    /** The same of a command line that may not run. */
    static Optional<List<String>> argumentsOf(Path program, Path executable, List<String> all, Path folder) {
        if (FileTree.sameFile(program, executable)) return Optional.of(all.subList(1, all.size()));
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).endsWith(program.getFileName().toString()) && FileTree.sameFile(program, folder.resolve(all.get(i)))) {
                return Optional.of(all.subList(i + 1, all.size()));
            }
        }
        return Optional.empty();
    }

    private static Stream<Long> all() {
        try (Stream<Path> entries = Files.list(PROC)) {
            return entries.map(path -> path.getFileName().toString()).filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf).sorted(Comparator.reverseOrder()).toList().stream();
        } catch (IOException noProc) {
            return Stream.empty();
        }
    }

    private static boolean holds(long pid, List<String> sockets) {
        try (Stream<Path> descriptors = Files.list(PROC.resolve(pid + "/fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return sockets.contains(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException gone) {
                    return false;
                }
            });
        } catch (IOException notOurs) {
            return false;
        }
    }

    private record Stat(char state, long parent, long startTicks) {}

    private static Optional<Stat> stat(long pid) {
        try {
            String text = Files.readString(PROC.resolve(pid + "/stat"));
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Stat(fields[0].charAt(0), Long.parseLong(fields[1]), Long.parseLong(fields[19])));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    boolean isAlive() {
        if (!Files.exists(PROC.resolve("self"))) return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();   // macOS
        return stat(pid).filter(now -> now.startTicks() == startTicks && now.state() != 'Z' && now.state() != 'X').isPresent();
    }

    /** SIGTERM, after making sure that the number still means this process. */
    void terminate() {
        if (isAlive()) ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }

    void awaitEnd(Duration duration) {
        var patience = new Patience(duration, "process " + pid + " to end");
        while (isAlive()) patience.pause("");
    }

    List<String> arguments() {
        return strings("cmdline");
    }

    Map<String, String> environment() {
        return environment(strings("environ"));
    }

    /** Of entries {@code NAME=VALUE}; the last of a name counts. */
    static Map<String, String> environment(List<String> entries) {
        var environment = new TreeMap<String, String>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            if (equals > 0) environment.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
        return environment;
    }

    private List<String> strings(String file) {
        try {
            String text = Files.readString(PROC.resolve(pid + "/" + file));
            return text.isEmpty() ? List.of() : List.of(text.split("\0"));
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "May not look at the server's process " + pid, "Run storeit-ctl as root, or as the server's user.", failure);
        }
    }

    Path folder() {
        return link("cwd");
    }

    Path executable() {
        return link("exe");
    }

    /** For the moment before a process of a unit becomes the unit's program. */
    boolean isSystemd() {
        try {
            return Files.readSymbolicLink(PROC.resolve(pid + "/exe")).getFileName().toString().startsWith("systemd");
        } catch (IOException hidden) {
            return false;
        }
    }

    /** Its program's file has another content now, as after an update of packages. */
    boolean programWasReplaced() {
        try {
            return Files.readSymbolicLink(PROC.resolve(pid + "/exe")).toString().endsWith(" (deleted)");
        } catch (IOException hidden) {
            return false;
        }
    }

    private Path link(String name) {
        try {
            // A binary that was replaced under a running process reads "<path> (deleted)".
            String target = Files.readSymbolicLink(PROC.resolve(pid + "/" + name)).toString();
            return Path.of(target.endsWith(" (deleted)") ? target.substring(0, target.length() - 10) : target);
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "May not look at the server's process " + pid, "Run storeit-ctl as root, or as the server's user.", failure);
        }
    }

    /** A line of {@code /proc/PID/status}, such as {@code Uid} or {@code Umask}; its first value. */
    String status(String name) {
        try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/status"))) {
            return lines.filter(line -> line.startsWith(name + ":")).findFirst()
                    .map(line -> line.substring(name.length() + 1).strip().split("\\s+")[0]).orElse("");
        } catch (IOException gone) {
            return "";
        }
    }

    /** Another process-id namespace than ours: a container. */
    boolean inContainer() {
        try {
            return !Files.readSymbolicLink(PROC.resolve(pid + "/ns/pid")).equals(Files.readSymbolicLink(PROC.resolve("self/ns/pid")));
        } catch (IOException unknown) {
            return false;
        }
    }

    /** The name of the parent when it is a supervisor that would start the server again behind our back. */
    Optional<String> foreignSupervisor() {
        return stat(pid).map(Stat::parent).filter(parent -> parent > 1).map(parent -> {
            try {
                return Files.readString(PROC.resolve(parent + "/comm")).strip();
            } catch (IOException gone) {
                return "";
            }
        }).filter(List.of("supervisord", "runsv", "s6-supervise", "supervise", "circusd", "monit", "god", "containerd-shim", "conmon", "docker-proxy")::contains);
    }

    /** The systemd service the process is in, from its control group; empty for sessions and scopes. */
    Optional<SystemdUnit> unit() {
        if (!Files.isDirectory(Path.of("/run/systemd/system"))) return Optional.empty();
        try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/cgroup"))) {
            return lines.map(line -> line.substring(line.lastIndexOf(':') + 1)).map(SystemdUnit::ofControlGroup).flatMap(Optional::stream).findFirst()
                    .filter(unit -> unit.mainProcess().filter(main -> main.pid() == pid).isPresent());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}

/** A systemd service, of the system or of a user. What it is made of is asked of systemd; its files are never read. */
record SystemdUnit(String name, boolean user) {
    private static final String NOT_FOUND = "not-found";
    private static final Pattern COMMAND = Pattern.compile("\\{ path=(.*?) ; argv\\[\\]=(.*?) ; ignore_errors=");

    static Optional<SystemdUnit> ofControlGroup(String group) {
        String last = group.substring(group.lastIndexOf('/') + 1);
        if (!last.endsWith(".service") || last.matches("user@\\d+\\.service")) return Optional.empty();
        return Optional.of(new SystemdUnit(last, group.contains("/user@")));
    }

    /** The unit of this name that systemd knows: root's own are the system's, another user's come first. */
    static Optional<SystemdUnit> known(String name) {
        if (!Files.isDirectory(Path.of("/run/systemd/system"))) return Optional.empty();
        String service = name.contains(".") ? name : name + ".service";
        var system = new SystemdUnit(service, false);
        var own = new SystemdUnit(service, true);
        return (FileTree.ownUserId() == 0 ? Stream.of(system, own) : Stream.of(own, system)).filter(SystemdUnit::isKnown).findFirst();
    }

    private boolean isKnown() {
        try {
            return !state().getOrDefault("LoadState", NOT_FOUND).equals(NOT_FOUND);
        } catch (CtlException noManager) {
            return false;
        }
    }

    /** What {@code doctor} judges. */
    Map<String, String> standing() {
        return show("LoadState", "ActiveState", "UnitFileState", "NeedDaemonReload", "NRestarts", "Result");
    }

    /** To be copied, as the next one. */
    String journal() {
        return "journalctl " + (user ? "--user " : "") + "-u " + name + " -n 50";
    }

    String command(String what) {
        return "systemctl " + (user ? "--user " : "") + what + (what.equals("daemon-reload") ? "" : " " + name);
    }

    private Map<String, String> state() {
        return show("LoadState", "ActiveState", "SubState", "MainPID", "Job", "NRestarts", "Result", "ExecMainStatus");
    }

    private Map<String, String> show(String... properties) {
        var values = new LinkedHashMap<String, String>();
        for (String line : systemctl("show", "--property=" + String.join(",", properties), name).split("\n")) {
            int equals = line.indexOf('=');
            // A property with several values has a line for each.
            if (equals > 0) values.merge(line.substring(0, equals), line.substring(equals + 1), (first, next) -> first + "\n" + next);
        }
        return values;
    }

    Optional<ServerProcess> mainProcess() {
        return mainProcess(show("MainPID"));
    }

    private static Optional<ServerProcess> mainProcess(Map<String, String> state) {
        long pid = Long.parseLong(state.getOrDefault("MainPID", "0"));
        return pid == 0 ? Optional.empty() : Optional.of(ServerProcess.of(pid)).filter(process -> !process.isSystemd());
    }

    /** Running, starting, or about to be started. */
    boolean isUp() {
        Map<String, String> state = state();
        return List.of("activating", "active", "reloading").contains(state.get("ActiveState")) || hasJob(state);
    }

    private static boolean hasJob(Map<String, String> state) {
        return !state.getOrDefault("Job", "0").equals("0");
    }

    /** Starts it and returns its process, which may be starting still. systemd's own counts of failed starts do not matter. */
    ServerProcess start(Duration duration) {
        systemctl("reset-failed", name);
        Instant begun = Instant.now();
        systemctl("start", "--no-block", name);
        var log = new ServerLog.OfUnit(this, begun);
        var patience = new Patience(duration, name);
        while (true) {
            Map<String, String> state = state();
            Optional<ServerProcess> main = mainProcess(state);
            boolean waits = state.get("ActiveState").matches("activating|deactivating|reloading") && !state.get("SubState").equals("auto-restart");
            boolean over = !state.getOrDefault("NRestarts", "0").equals("0") || main.isEmpty() && !waits && !hasJob(state);
            if (over) throw new CtlException(Exit.FAILED, "The server ended while starting: " + log.reason(), log.end());
            if (main.isPresent()) return main.get();
            patience.pause(state.get("SubState"));
        }
    }

    /** Also when it is waiting for its next start after a crash. */
    void stop() {
        systemctl("stop", name);
    }

    /** How its process ended last, such as {@code exit-code 3}. */
    String outcome() {
        Map<String, String> state = state();
        String status = state.getOrDefault("ExecMainStatus", "");
        return state.getOrDefault("Result", "ended") + (status.isEmpty() || status.equals("0") ? "" : " " + status);
    }

    /** The last lines its processes wrote since then; empty when this user may not read them. */
    String log(Instant since, int lines) {
        Programs.run("journalctl", "--sync");
        var log = Programs.run("journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=" + lines, "--since=@" + since.getEpochSecond(),
                (user ? "_SYSTEMD_USER_UNIT=" : "_SYSTEMD_UNIT=") + name);
        return log.exit() == 0 ? log.output() : "";
    }

    /** Its command line, program first. systemd shows arguments with blanks between them. */
    List<String> command() {
        Map<String, String> shown = show("ExecStart", "LoadState");
        Matcher command = COMMAND.matcher(shown.getOrDefault("ExecStart", ""));
        if ("masked".equals(shown.get("LoadState"))) throw masked("Cannot tell what " + name + " starts", null);
        if (!command.find()) throw new CtlException(Exit.FAILED, name + " starts no program", "Name the binary with --binary FILE.");
        var words = new ArrayList<>(List.of(command.group(2).split(" ")));
        words.set(0, command.group(1));
        return words;
    }

    /** How its server is started: systemd runs {@code env -0} with the unit's own settings. */
    Launch launch(List<String> arguments) {
        Map<String, String> settings = show("User", "Group", "WorkingDirectory", "UMask", "Environment", "EnvironmentFiles", "PassEnvironment", "UnsetEnvironment");
        var command = new ArrayList<>(List.of("systemd-run", "--quiet", "--pipe", "--wait", "--collect"));
        if (user) command.add("--user");
        for (String property : List.of("User", "Group", "PassEnvironment", "UnsetEnvironment")) {
            if (!settings.getOrDefault(property, "").isEmpty()) command.add("--property=" + property + "=" + settings.get(property));
        }
        String folder = settings.getOrDefault("WorkingDirectory", "").replaceFirst("^!", "");
        if (!folder.isEmpty()) command.add("--property=WorkingDirectory=-" + folder);
        for (String file : settings.getOrDefault("EnvironmentFiles", "").split("\n")) {
            if (!file.isEmpty()) command.add("--property=EnvironmentFile=" + file.replaceFirst("(.*) \\(ignore_errors=yes\\)$", "-$1").replaceFirst(" \\(ignore_errors=no\\)$", ""));
        }
        words(settings.getOrDefault("Environment", "")).forEach(variable -> command.add("--setenv=" + variable));
        command.addAll(List.of("/usr/bin/env", "-0"));
        var environment = ServerProcess.environment(List.of(Programs.require(command.toArray(String[]::new)).split("\0")));
        String account = settings.getOrDefault("User", "");
        String group = settings.getOrDefault("Group", "");
        return Launch.of(this, arguments, environment, Path.of(folder.equals("~") ? environment.get("HOME") : folder.isEmpty() ? "/" : folder),
                account.isEmpty() ? FileTree.ownUserId() : number("id", "-u", account),
                !group.isEmpty() ? Integer.parseInt(Programs.require("getent", "group", group).split(":")[2])
                        : account.isEmpty() ? -1 : number("id", "-g", account),
                settings.getOrDefault("UMask", ""));
    }

    private static int number(String... command) {
        return Integer.parseInt(Programs.require(command).strip());
    }

    /** The words of a list as systemd shows it: in double quotes where they need it, with C's escapes. */
    static List<String> words(String list) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && i + 1 < list.length()) {
                char escaped = list.charAt(++i);
                int known = "abfnrtv".indexOf(escaped);
                word.append(known < 0 ? escaped : "\u0007\b\f\n\r\t\u000b".charAt(known));
            } else if (c == ' ' && !quoted) {
                words.add(word.toString());
                word.setLength(0);
            } else {
                word.append(c);
            }
        }
        if (!word.isEmpty()) words.add(word.toString());
        return words;
    }

    String systemctl(String... arguments) {
        var command = new ArrayList<>(List.of("systemctl"));
        if (user) command.add("--user");
        command.addAll(List.of(arguments));
        var result = Programs.run(command.toArray(String[]::new));
        // A unit that systemd has not loaded has no failure to forget.
        if (result.exit() != 0 && !arguments[0].equals("reset-failed")) throw refused(arguments[0], result.output(), String.join(" ", command));
        return result.output();
    }

    private CtlException masked(String could, IOException original) {
        return new CtlException(Exit.FAILED, could + ": the unit is masked, so systemd will not start it", command("unmask"), original);
    }

    /** Before its server is stopped: it has to come up again. */
    void requireStartable() {
        if ("masked".equals(show("LoadState").get("LoadState"))) throw masked("Cannot start " + name + " again after a stop", null);
    }

    /** What systemd answers (its errors of D-Bus in the words of systemctl), in ours; its own are behind {@code --verbose}. */
    CtlException refused(String what, String said, String command) {
        var original = new IOException("'" + command + "' said: " + Console.shortened(said));
        String could = what.equals("show") ? "Cannot ask systemd about " + name : "Cannot " + what + " " + name;
        if (said.contains("is masked")) return masked(could, original);
        if (said.contains("not found") || said.contains("not loaded")) {
            return new CtlException(Exit.FAILED, could + ": systemd knows no such unit",
                    "'systemctl list-unit-files' shows those it knows; name the right one with --unit.", original);
        }
        if (said.contains("Interactive authentication required") || said.contains("Access denied") || said.contains("Permission denied")) {
            return new CtlException(Exit.FAILED, could + ": only root may", "Run it again as root: sudo storeit-ctl ...", original);
        }
        if (said.contains("Failed to connect to") || said.contains("has not been booted with systemd") || said.contains("Host is down")) {
            return new CtlException(Exit.FAILED, could + ": systemd cannot be reached from here", user
                    ? "Log in as that user directly (sudo and su give no session), or: export XDG_RUNTIME_DIR=/run/user/$(id -u)"
                    : "Run it on the machine itself, not in a container.", original);
        }
        if (said.contains("timed out") || said.contains("Timeout")) {
            return new CtlException(Exit.FAILED, could + ": it did not end in the time that its unit allows", journal(), original);
        }
        return new CtlException(Exit.FAILED, could + ": " + Console.shortened(said), "systemctl status " + name, original);
    }
}

/**
 * The units of an installation, for systemd's unit files: paths are written in the syntax of those files ({@code %} doubled, or a
 * specifier). They stand here because this one file must be able to install them; those in {@code scripts/systemd} are written
 * from here.
 *
 * @param user        for the manager of a user, which has no other user to run a server as and can take less from it
 * @param data        the folder of database, images and backups
 * @param environment the file with the server's variables; timers and {@code resume --at-boot} see them too
 */
record UnitFiles(boolean user, String server, String ctl, String data, String environment) {
    static final String SERVER = "storeit.service";

    static final UnitFiles SYSTEM = of(Layout.standard(false));
    static final UnitFiles USER = new UnitFiles(true, "%h/.local/bin/storeit-server", "%h/.local/bin/storeit-ctl", "%h/.local/share/storeit",
            "%h/.config/storeit/storeit.env");

    static UnitFiles of(Layout layout) {
        return new UnitFiles(layout.forUser(), escaped(layout.server()), escaped(layout.tool()), escaped(layout.data()), escaped(layout.environmentFile()));
    }

    private static String escaped(Path path) {
        return path.toString().replace("%", "%%");
    }

    /** The text of each unit by its name. */
    Map<String, String> texts() {
        var texts = new LinkedHashMap<String, String>();
        texts.put(SERVER, server(SERVER));
        texts.put("storeit-backup.service", backup("storeit-backup.service"));
        texts.put("storeit-backup.timer", timer("storeit-backup.timer", "A backup of StoreIT each night", "*-*-* 03:10:00", "20min"));
        texts.put("storeit-upgrade-check.service", upgradeCheck("storeit-upgrade-check.service"));
        texts.put("storeit-upgrade-check.timer", timer("storeit-upgrade-check.timer", "A look for newer releases of StoreIT each day", "daily", "6h"));
        return texts;
    }

    void writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (var unit : texts().entrySet()) Files.writeString(folder.resolve(unit.getKey()), unit.getValue());
    }

    private String server(String name) {
        return header(name) + """
                [Unit]
                Description=StoreIT server
                Documentation=https://github.com/Bronson-Brown-deVost/StoreIT
                %s# A server that ends five times within a minute is left alone. storeit-ctl resets that count before each start of its own.
                StartLimitIntervalSec=60
                StartLimitBurst=5

                [Service]
                # Not notify: servers before 0.3.0 notify nobody. Readiness is that the server answers HTTP, which ExecStartPost awaits.
                Type=exec
                %sWorkingDirectory=%s
                EnvironmentFile=%s
                # Puts right what a power cut interrupted; else it ends at once. A fault in it must not keep the server down.
                ExecStartPre=%s-%s resume --at-boot
                ExecStart=%s serve
                ExecStartPost=-%s __ready
                Restart=on-failure
                RestartSec=2
                # What the server refuses (1), a wrong setting (2), no Java (127): trying again changes nothing.
                RestartPreventExitStatus=1 2 127
                # Java's exit code after SIGTERM, when it comes before the server has begun.
                SuccessExitStatus=143
                TimeoutStartSec=15min
                UMask=0077

                """.formatted(
                user ? "" : "Wants=network-online.target\nAfter=network-online.target\n", account(), data, environment, user ? "" : "+",
                word(ctl), word(server), word(ctl)) + sandbox() + """

                [Install]
                WantedBy=%s
                """.formatted(user ? "default.target" : "multi-user.target");
    }

    /** Who works on what: the same for all services. */
    private String account() {
        return user ? "" : "User=" + Account.SERVICE + "\nGroup=" + Account.SERVICE + "\n";
    }

    private String backup(String name) {
        return header(name) + """
                [Unit]
                Description=StoreIT backup
                After=%s

                [Service]
                Type=oneshot
                %sWorkingDirectory=%s
                EnvironmentFile=%s
                # The new archive is read to its end before an old one is deleted.
                ExecStart=%s backup -o %s --keep-daily 7 --keep-weekly 4 --keep-monthly 6
                Nice=10
                UMask=0077

                """.formatted(SERVER, account(), data, environment, word(ctl), word(data + "/backups/")) + sandbox();
    }

    private String upgradeCheck(String name) {
        return header(name) + """
                [Unit]
                Description=Look for a newer release of StoreIT
                After=%s

                [Service]
                # It only tells; upgrading is left to people.
                Type=oneshot
                %sWorkingDirectory=%s
                EnvironmentFile=%s
                ExecStart=%s upgrade --check
                Nice=10
                UMask=0077

                """.formatted(SERVER, account(), data, environment, word(ctl)) + sandbox();
    }

    private String timer(String name, String description, String calendar, String spread) {
        return header(name) + """
                [Unit]
                Description=%s

                [Timer]
                OnCalendar=%s
                RandomizedDelaySec=%s
                # After a time switched off, at the next start.
                Persistent=true

                [Install]
                WantedBy=timers.target
                """.formatted(description, calendar, spread);
    }

    /** Whether a unit was written by this tool, whichever version of it. */
    static boolean isOurs(String text) {
        return text.startsWith("# Written by 'storeit-ctl install'");
    }

    private static String header(String name) {
        return """
                # Written by 'storeit-ctl install', which also replaces it. What you add belongs into a drop-in: systemctl edit %s
                """.formatted(name);
    }

    /**
     * What no server and no storeit-ctl of any version needs. Java compiles while it runs, so MemoryDenyWriteExecute= cannot be set; the
     * manager of a user cannot take away file systems and capabilities.
     */
    private String sandbox() {
        String everywhere = """
                NoNewPrivileges=yes
                LockPersonality=yes
                RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
                RestrictNamespaces=yes
                RestrictRealtime=yes
                RestrictSUIDSGID=yes
                SystemCallArchitectures=native
                SystemCallFilter=@system-service
                SystemCallFilter=~@privileged @resources
                SystemCallErrorNumber=EPERM
                """;
        return user ? everywhere : """
                # Another folder (images on a second disk, say) needs a line of its own in a drop-in.
                ReadWritePaths=%s
                CapabilityBoundingSet=
                AmbientCapabilities=
                PrivateDevices=yes
                PrivateTmp=yes
                ProtectClock=yes
                ProtectControlGroups=yes
                ProtectHome=yes
                ProtectHostname=yes
                ProtectKernelLogs=yes
                ProtectKernelModules=yes
                ProtectKernelTunables=yes
                ProtectProc=invisible
                ProtectSystem=strict
                RemoveIPC=yes
                """.formatted(word(data)) + everywhere;
    }

    /** One word of a line that systemd splits at spaces. */
    private static String word(String text) {
        return text.matches("[\\w./%@:+-]+") ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}

/** How the server is started: as a service of systemd, or as the plain process it was found to be. */
record Launch(SystemdUnit unit, List<String> arguments, Map<String, String> environment, Path folder, int userId, int groupId, String umask) {
    /** Variables that tie a process to the start it came from. */
    private static final List<String> OF_ONE_START = List.of("NOTIFY_SOCKET", "INVOCATION_ID", "JOURNAL_STREAM", "MAINPID", "LISTEN_PID", "LISTEN_FDS",
            "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC");

    static Launch of(ServerProcess process, List<String> arguments) {
        return of(process.unit().orElse(null), arguments, process.environment(), process.folder(),
                Integer.parseInt(process.status("Uid")), Integer.parseInt(process.status("Gid")), process.status("Umask"));
    }

    static Launch of(SystemdUnit unit, List<String> arguments, Map<String, String> environment, Path folder, int userId, int groupId, String umask) {
        environment.keySet().removeAll(OF_ONE_START);
        return new Launch(unit, arguments, environment, folder, userId, groupId, umask);
    }

    /** For a server that was never seen running: this user, this environment, the given database. */
    static Launch bare() {
        return new Launch(null, List.of(), new TreeMap<>(System.getenv()), null, FileTree.ownUserId(), -1, "");
    }

    /** The same without systemd and with some variables changed, for a rehearsal. */
    Launch plain(Map<String, String> extra) {
        var changed = new TreeMap<>(environment);
        changed.putAll(extra);
        return new Launch(null, arguments, changed, folder, userId, groupId, umask);
    }

    boolean otherUser() {
        return FileTree.ownUserId() == 0 && userId != 0;
    }

    List<String> asUser(List<String> command) {
        if (!otherUser()) return command;
        var whole = new ArrayList<>(List.of("setpriv", "--reuid=" + userId, "--regid=" + groupId, "--clear-groups", "--"));
        whole.addAll(command);
        return whole;
    }

    /** The server's user must be able to read and replace what it is given. */
    void giveTo(Path... files) throws IOException {
        if (!otherUser()) return;
        for (Path file : files) {
            Files.setAttribute(file, "unix:uid", userId);
            Files.setAttribute(file, "unix:gid", groupId);
        }
    }

    File folderOrRoot() {
        return folder != null && Files.isDirectory(folder) ? folder.toFile() : new File("/");
    }

    void fill(Map<String, String> target, Map<String, String> extra) {
        target.clear();
        target.putAll(environment);
        target.putAll(extra);
    }

    ServerProcess start(Path binary, Path log, Duration patience) {
        return unit == null ? spawn(List.of("setsid"), binary, arguments, log) : unit.start(patience);
    }

    /** With {@code setsid} in front it survives Ctrl-C and the closing of the terminal. */
    ServerProcess spawn(List<String> prefix, Path binary, List<String> serverArguments, Path log) {
        var command = new ArrayList<String>();
        command.add(binary.toString());
        command.addAll(serverArguments);
        var whole = new ArrayList<>(prefix);
        whole.addAll(List.of("sh", "-c", (umask.isEmpty() ? "" : "umask " + umask + "; ") + "exec \"$@\"", "sh"));
        whole.addAll(asUser(command));
        try {
            if (!Files.exists(log)) {
                FileTree.createOwnerOnly(log);
                giveTo(log);
            }
            var builder = new ProcessBuilder(whole).directory(folderOrRoot())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            fill(builder.environment(), Map.of());
            Process process = builder.start();
            return ServerProcess.of(process.pid());
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Could not start " + binary + ": " + CtlException.reason(failure), "", failure);
        }
    }

    /** Returns when the process has ended, not when its files look as if it had. */
    void stop(Optional<ServerProcess> process, Duration patience) {
        if (unit != null) unit.stop();
        else process.ifPresent(ServerProcess::terminate);
        process.ifPresent(running -> running.awaitEnd(patience));
    }
}

/** Where the parts of one StoreIT installation are, and how its server is started. */
record Installation(Path binary, Path database, Path imageFolder, Path dataFolder, Launch launch, ServerProcess process) {
    /**
     * From the running server's own process: its environment decides, not the shell this tool was called from. For a server
     * that does not run: what was recorded when it was last seen, else the data folder that was named.
     */
    static Optional<Installation> find(Context context, boolean answering) {
        Settings settings = context.settings();
        if (answering) {
            Optional<Installation> running = listening(settings);
            running.ifPresent(found -> seen(found, settings));
            return running;
        }
        if (settings.unit() != null) {
            return Optional.of(SystemdUnit.known(settings.unit()).map(unit -> of(unit, settings)).orElseThrow(() -> new CtlException(Exit.FAILED,
                    "systemd knows no unit " + settings.unit(), "'systemctl list-units --all' shows those it knows.")));
        }
        Optional<Installation> recorded = recorded(settings);
        Optional<Installation> unit = ofUnit(settings, recorded);
        if (unit.isPresent()) return unit;
        // What listens there without answering may be anything.
        return recorded.isPresent() ? recorded : inDataFolder(settings).or(() -> listening(settings));
    }

    /** That of the process which has the server's port on this machine, whether that is a StoreIT or not. */
    static Optional<Installation> listening(Settings settings) {
        if (!Ports.isLocal(settings.serverUrl())) return Optional.empty();
        return ServerProcess.listeningOn(Ports.of(settings.serverUrl())).map(found -> of(found, settings));
    }

    /** The first time a server is seen it is remembered, so that one that dies later can be found. */
    static void seen(Installation running, Settings settings) {
        if (Files.exists(record(settings.serverUrl()))) return;
        try {
            remember(running, settings.serverUrl());
        } catch (CtlException unwritable) {
            // An operation that depends on the record says so itself.
        }
    }

    /** The unit the server was last seen in, or the usual one if it is for this address: its environment may have changed since. */
    private static Optional<Installation> ofUnit(Settings settings, Optional<Installation> recorded) {
        if (recorded.isPresent() && recorded.get().launch().unit() == null || !Ports.isLocal(settings.serverUrl())) return Optional.empty();
        String name = recorded.map(found -> found.launch().unit().name()).orElse(UnitFiles.SERVER);
        try {
            return SystemdUnit.known(name).map(unit -> of(unit, settings)).filter(settings::agreesWith)
                    .filter(found -> recorded.isPresent() || Ports.of(Ports.urlOfServer(found.launch().environment())) == Ports.of(settings.serverUrl()));
        } catch (CtlException mayNotAsk) {
            if (recorded.isPresent() || settings.dataFolder() != null) return Optional.empty();
            throw mayNotAsk;
        }
    }

    private static Installation of(SystemdUnit unit, Settings settings) {
        Optional<ServerProcess> running = unit.mainProcess();
        if (running.isPresent()) {
            try {
                return of(running.get(), settings);
            } catch (CtlException gone) {
                // It has just ended: the unit itself tells.
            }
        }
        List<String> command = unit.command();
        Path folder = Path.of("/");
        Program program = program(Path.of(command.get(0)), command, folder, unit.name(), settings);
        return of(program, unit.launch(program.arguments()), null, settings);
    }

    private static Installation of(ServerProcess process, Settings settings) {
        Program program = program(process.executable(), process.arguments(), process.folder(), "process " + process.pid(), settings);
        return of(program, Launch.of(process, program.arguments()), process, settings);
    }

    private static Installation of(Program program, Launch launch, ServerProcess process, Settings settings) {
        ServerPaths paths = ServerPaths.of(launch.environment(), launch.folder());
        Path data = settings.dataFolder() != null ? settings.dataFolder() : paths.database().getParent();
        return new Installation(program.binary(), paths.database(), paths.imageFolder(), data, launch, process);
    }

    private record Program(Path binary, List<String> arguments) {}

    /**
     * Native: the executable. Java: the jar behind {@code -jar}. A script: the first argument that is a program of its own.
     * A binary that was named must be the one that runs.
     */
    private static Program program(Path executable, List<String> arguments, Path folder, String whose, Settings settings) {
        Path named = settings.binary();
        if (named != null) {
            return ServerProcess.argumentsOf(named, executable, arguments, folder).map(rest -> new Program(named, rest))
                    .orElseThrow(() -> new CtlException(Exit.FAILED, "The server at " + settings.serverUrl() + " is another program than " + named
                            + ": " + whose + ", " + Console.shortened(String.join(" ", arguments)), "Set the right --server-url or --binary."));
        }
        int jar = arguments.indexOf("-jar");
        boolean java = executable.getFileName().toString().equals("java");
        if (java && jar >= 0 && jar + 1 < arguments.size()) {
            return new Program(folder.resolve(arguments.get(jar + 1)).normalize(), arguments.subList(jar + 2, arguments.size()));
        }
        if (java || executable.getFileName().toString().matches("(python|node|ruby|perl|bash|dash|sh)[0-9.]*")) {
            for (int i = 1; i < arguments.size(); i++) {
                Path argument = folder.resolve(arguments.get(i)).normalize();
                if (!arguments.get(i).startsWith("-") && Files.isRegularFile(argument) && Files.isExecutable(argument)) {
                    return new Program(argument, arguments.subList(i + 1, arguments.size()));
                }
            }
            throw new CtlException(Exit.FAILED, "Cannot tell which file of " + whose + " is the server: " + String.join(" ", arguments),
                    "Name it with --binary FILE.");
        }
        return new Program(executable, arguments.subList(1, arguments.size()));
    }

    private static Optional<Installation> recorded(Settings settings) {
        Path record = record(settings.serverUrl());
        if (Files.isReadable(record)) {
            try {
                return Optional.of(Json.read(record, Installation.class)).filter(found -> settings.agreesWith(found));
            } catch (IOException damaged) {
                throw new CtlException(Exit.FAILED, "Cannot read " + record + ": " + damaged.getMessage(), "Remove it and name --data-dir and --binary.", damaged);
            }
        }
        return Optional.empty();
    }

    /** A server that was never seen running, in a folder that was named. */
    private static Optional<Installation> inDataFolder(Settings settings) {
        Path data = settings.dataFolder();
        if (data == null || !Files.isRegularFile(data.resolve("storeit.db"))) return Optional.empty();
        Path binary = settings.binary() != null ? settings.binary() : Layout.standard(Platform.isMac()).server();
        Path database = data.resolve("storeit.db");
        var environment = new TreeMap<>(System.getenv());
        environment.put("DATABASE_URL", DatabaseUrl.of(database));
        environment.remove(ServerPaths.FROM_VARIABLE);
        if (ServerPaths.imageFolderSetting(database).isEmpty()) environment.put(ServerPaths.FROM_VARIABLE, data.resolve("images").toString());
        environment.put("STOREIT_BIND", URI.create(settings.serverUrl()).getHost().replace("localhost", "127.0.0.1") + ":" + Ports.of(settings.serverUrl()));
        int owner = FileTree.userId(database);
        Launch launch = new Launch(null, List.of("serve"), environment, data, owner, FileTree.groupId(database), "");
        return Optional.of(new Installation(binary, database, ServerPaths.of(environment, data).imageFolder(), data, launch, null));
    }

    /** Where an installation is when its server does not run; owner-only, for the environment may hold secrets. */
    static void remember(Installation installation, String serverUrl) {
        Path record = record(serverUrl);
        try {
            Files.createDirectories(record.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileTree.place(record, Json.write(installation), "rw-------");
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    static void forget(String serverUrl) {
        FileTree.deleteQuietly(record(serverUrl));
    }

    private static Path record(String serverUrl) {
        return Settings.stateFolder().resolve(serverUrl.replaceAll("^https?://", "").replaceAll("[^A-Za-z0-9.-]", "_") + ".json");
    }

    /** @param answers whether a server answers at the address */
    static Installation require(Context context, boolean answers) {
        return find(context, answers).orElseThrow(() -> unknown(context, answers));
    }

    static CtlException unknown(Context context, boolean answers) {
        String url = context.settings().serverUrl();
        return answers
                ? new CtlException(Exit.FAILED, "The server at " + url + " answers, but its process cannot be seen from here", "Run as root, or as the server's user.")
                : new CtlException(Exit.FAILED, "No server answers at " + url + ", and where its files lie is not known",
                        "Start it, name its address with --server-url, or name its files with --binary FILE and --data-dir FOLDER.");
    }

    /** May this user stop it, and would it stay stopped? */
    void requireControl() {
        for (long holder : Holders.staying(database, id -> process != null && id == process.pid())) {
            throw new CtlException(Exit.FAILED, "Another process has the database open: " + holder + ", "
                    + Console.shortened(String.join(" ", ServerProcess.of(holder).arguments())), "End it, then try again.");
        }
        if (process == null || !process.isAlive()) return;
        if (process.inContainer()) {
            throw new CtlException(Exit.FAILED, "The server runs in a container", "Upgrade it there: docker compose pull && docker compose up -d");
        }
        process.foreignSupervisor().ifPresent(supervisor -> {
            throw new CtlException(Exit.FAILED, "The server is kept running by " + supervisor + ", which this tool does not know how to stop",
                    "Stop it there, then run this command again: it goes on from the stopped server.");
        });
        int self = FileTree.ownUserId();
        if (launch.unit() != null && !launch.unit().user() && self != 0) {
            throw new CtlException(Exit.FAILED, "May not stop " + launch.unit().name(), "Run as root.");
        }
        if (launch.unit() != null) launch.unit().requireStartable();
        if (self != 0 && self != launch.userId()) {
            throw new CtlException(Exit.FAILED, "May not stop the server: it belongs to user " + launch.userId(), "Run as root, or as that user.");
        }
    }

    String supervisor() {
        if (launch.unit() != null) return "systemd (" + launch.unit().name() + ")";
        return "none (process " + (process == null ? "?" : process.pid()) + ", unsupervised)";
    }

    /** The server of this installation, whichever start it came from. */
    Optional<ServerProcess> runningProcess(Journal journal) {
        if (launch.unit() != null) return launch.unit().mainProcess();
        for (ServerProcess known : new ServerProcess[] {journal.startedProcess, process}) {
            if (known != null && known.isAlive()) return Optional.of(known);
        }
        return ServerProcess.running(binary, launch);
    }
}

// ---- Plumbing ---------------------------------------------------------------------------------------------------------

/** Programs of the system, run to their end. */
final class Programs {
    /** {@code output} is what it wrote to both streams. */
    record Output(int exit, String output) {}

    private static final int NOT_FOUND = 127;

    private Programs() {}

    /**
     * This very program, if it is one file that runs by itself: the launch stub names it by its real path. Not by its classes' own word: out of
     * a start-up cache of Java 25 they tell where the file lay that the cache was made with.
     */
    static Optional<Path> self() {
        Path file = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0]).toAbsolutePath();
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(2), StandardCharsets.US_ASCII);
            return start.equals("#!") ? Optional.of(file) : Optional.empty();
        } catch (IOException noFile) {
            return Optional.empty();
        }
    }

    /** In the path, and where the programs of administrators are: the path of {@code su} lacks those. */
    static Optional<Path> find(String name) {
        return Stream.concat(Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":")), Stream.of("/usr/sbin", "/sbin"))
                .filter(folder -> folder.startsWith("/")).map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
    }

    /** As stty tells it of the terminal this runs in; COLUMNS comes before. */
    static Optional<Integer> terminalWidth() {
        String told = System.getenv("COLUMNS");
        if (told == null || !told.matches("[1-9][0-9]{1,3}")) {
            try {
                Process process = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).redirectError(ProcessBuilder.Redirect.DISCARD).start();
                told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip().replaceFirst("^\\d+ ", "");
            } catch (IOException noTerminal) {
                return Optional.empty();
            }
        }
        return told.matches("[1-9][0-9]{1,3}") ? Optional.of(Integer.valueOf(told)) : Optional.empty();
    }

    /** For a value in an environment file, or in a command that is shown to be copied. */
    static String quoted(Object value) {
        String text = value.toString();
        return text.matches("[\\w/.:,@%+=?~-]*") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** The Java that a launch stub takes in this environment. @param variable that names one before all others */
    static Optional<Path> javaOf(Map<String, String> environment, String variable) {
        String named = environment.getOrDefault(variable, "");
        String home = environment.getOrDefault("JAVA_HOME", "");
        Stream<String> path = Stream.of(environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin").split(":")).map(folder -> folder + "/java");
        return Stream.concat(Stream.of(named.isEmpty() ? home.isEmpty() ? "" : home + "/bin/java" : named), path)
                .filter(text -> text.startsWith("/")).map(Path::of).filter(Files::isExecutable).findFirst();
    }

    /** The command of this system; null where none is known. */
    static String installJava() {
        return Stream.of("apt-get install default-jre-headless", "dnf install java-21-openjdk-headless", "apk add openjdk21-jre-headless",
                "pacman -S jre-openjdk-headless", "brew install openjdk").filter(command -> find(command.split(" ")[0]).isPresent()).findFirst().orElse(null);
    }

    /** From the file that lies in every Java since 9; {@code unknown} where there is none. */
    static String versionOfJava(Path java) {
        try (Stream<String> lines = Files.lines(java.toRealPath().resolve("../../release").normalize())) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION=")).findFirst().map(line -> line.substring(13).replace("\"", "")).orElse("unknown");
        } catch (IOException | UncheckedIOException none) {
            return "unknown";
        }
    }

    static Output run(String... command) {
        String[] found = command.clone();
        if (!command[0].contains("/")) {
            Optional<Path> program = find(command[0]);
            if (program.isEmpty()) return new Output(NOT_FOUND, "there is no program " + command[0]);
            found[0] = program.get().toString();
        }
        try {
            Process process = new ProcessBuilder(found).redirectErrorStream(true).redirectInput(new File("/dev/null")).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Output(process.waitFor(), output);
        } catch (IOException failure) {
            return new Output(NOT_FOUND, CtlException.reason(failure));
        } catch (InterruptedException interrupted) {
            throw new CtlException(Exit.INTERRUPTED, "Interrupted", "");
        }
    }

    static String require(String... command) {
        Output result = run(command);
        if (result.exit() != 0) {
            throw new CtlException(Exit.FAILED, "'" + String.join(" ", command) + "' failed: " + Console.shortened(result.output()), "");
        }
        return result.output();
    }
}

/** TCP ports of server addresses. */
final class Ports {
    private Ports() {}

    static int of(String url) {
        URI address = URI.create(url);
        return address.getPort() > 0 ? address.getPort() : "https".equals(address.getScheme()) ? 443 : 80;
    }

    /** Where a server with this environment answers on this machine. */
    static String urlOfServer(Map<String, String> environment) {
        String bind = Objects.requireNonNullElse(environment.get("STOREIT_BIND"), "");
        int colon = bind.lastIndexOf(':');
        String host = colon <= 0 ? "" : bind.substring(0, colon);
        return "http://" + (host.isEmpty() || host.equals("0.0.0.0") || host.equals("[::]") ? "localhost" : host)
                + ":" + (colon < 0 ? "8080" : bind.substring(colon + 1));
    }

    static boolean isLocal(String url) {
        try {
            InetAddress address = InetAddress.getByName(URI.create(url).getHost());
            return address.isLoopbackAddress() || address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException unknownHost) {
            return false;
        }
    }

    static int free() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    /** Somebody else on the server's port is named, for the server itself could only say that it is in use. */
    static void awaitFree(String url, Duration duration) {
        int port = of(url);
        var patience = new Patience(duration, "port " + port + " to become free");
        while (taken(port)) {
            patience.pause("", ServerProcess.listeningOn(port)
                    .map(process -> "process " + process.pid() + " has it: " + Console.shortened(String.join(" ", process.arguments())))
                    .orElse("a process of another user has it"));
        }
    }

    private static boolean taken(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}

/** A file as the file system knows it: what its name points at now, whatever it was renamed from. */
final class FileIdentity {
    private FileIdentity() {}

    static String of(Path file) {
        try {
            return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }
}

/** Room on file systems. */
final class Space {
    /** @param bytes on the file system of {@code place} */
    record Need(Path place, long bytes) {}

    private Space() {}

    /** Of an upgrade or downgrade: the safety backup, the rows of the archive, three copies of the database, and the binary twice. */
    static List<Need> forMove(Installation installation, long binary) {
        try {
            long database = Files.size(installation.database());
            var needs = new LinkedHashMap<String, Need>();
            add(needs, installation.dataFolder(), database + FileTree.size(installation.imageFolder()) + binary);
            add(needs, installation.database().getParent(), 4 * database);
            add(needs, installation.binary().getParent(), binary);
            return List.copyOf(needs.values());
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    private static void add(Map<String, Need> needs, Path place, long bytes) throws IOException {
        FileStore store = Files.getFileStore(place);
        String key = String.valueOf(Files.getAttribute(place, "unix:dev")) + store.name();
        needs.merge(key, new Need(place, bytes), (first, next) -> new Need(first.place(), first.bytes() + next.bytes()));
    }
}

/** Files and folders. */
final class FileTree {
    /** Linux only. */
    private static final Path OWN_PROCESS = Path.of("/proc/self");

    private FileTree() {}

    static boolean sameFile(Path first, Path second) {
        try {
            return Files.isRegularFile(second) && Files.isSameFile(first, second);
        } catch (IOException missing) {
            return first.toAbsolutePath().normalize().equals(second.toAbsolutePath().normalize());
        }
    }

    static void createOwnerOnly(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    static void writeOwnerOnly(Path file, byte[] content) throws IOException {
        createOwnerOnly(file);
        Files.write(file, content);
        DurableFiles.fsyncFile(file);
    }

    /** The file appears complete, or the one before stays. */
    static void place(Path file, byte[] content, String mode) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            writeOwnerOnly(part, content);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(mode));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.fsyncFolder(file.getParent());
        } finally {
            deleteQuietly(part);
        }
    }

    /** @param made gets what takes away again each folder that was not there */
    static void ensureFolder(Path folder, String mode, Deque<Runnable> made) throws IOException {
        if (Files.isDirectory(folder)) return;
        Path above = folder.getParent();
        if (!Files.exists(above)) ensureFolder(above, "rwxr-xr-x", made);
        Files.createDirectory(folder);
        made.push(() -> {
            try {
                Files.delete(folder);
            } catch (IOException notEmpty) {
                // data, or somebody else's
            }
        });
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    /** @param place the file or folder that the bytes are for, which may not be there yet */
    static void requireSpace(Path place, long bytes, String hint) {
        Path folder = place;
        while (!Files.exists(folder)) folder = folder.getParent();
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < bytes) {
                throw new CtlException(Exit.FAILED, "Not enough space on the file system of " + place + ": " + Console.megabytes(bytes) + " needed, "
                        + Console.megabytes(free) + " free", hint);
            }
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    /**
     * Puts {@code replacement} in the place of {@code live}, whose name never vanishes; what was there stays as {@code keptAs}
     * (null: does not stay). For binaries: other servers may run from the same file and keep the one they have.
     */
    static void replace(Path live, Path replacement, Path keptAs) {
        try {
            if (keptAs != null) {
                try {
                    Files.createLink(keptAs, live);
                } catch (UnsupportedOperationException | IOException noHardLinks) {
                    Files.copy(live, keptAs, StandardCopyOption.COPY_ATTRIBUTES);
                    DurableFiles.fsyncFile(keptAs);
                }
            }
            Files.move(replacement, live, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.fsyncFolder(live.getParent());
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) return;
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** For scratch files of ours, whose staying would only be untidy. */
    static void deleteQuietly(Path root) {
        try {
            if (root != null) delete(root);
        } catch (IOException stays) {
            // the next operation removes it, or says why it cannot
        }
    }

    static void deleteWithSideFiles(Path database) {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) deleteQuietly(database.resolveSibling(database.getFileName() + suffix));
    }

    /** Bytes of all files below a folder that may not exist. */
    static long size(Path root) throws IOException {
        if (!Files.isDirectory(root)) return 0;
        var total = new long[1];
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                total[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        return total[0];
    }

    /** Bytes of a file, or of all files in a folder; 0 when there is none. */
    static long sizeOrNone(Path path) {
        try {
            return Files.isDirectory(path) ? size(path) : Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException vanished) {
            return 0;
        }
    }

    /** Such as {@code rw-r-----}. */
    static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    static Instant modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }

    static String namesLike(Path database) {
        try (Stream<Path> files = Files.list(database.getParent())) {
            return String.join(", ", files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(database.getFileName().toString())).sorted().toList());
        } catch (IOException failure) {
            return "(the folder cannot be read)";
        }
    }

    static String owner(Path file) {
        try {
            return Files.getOwner(file).getName();
        } catch (IOException unknown) {
            return "another user";
        }
    }

    /** From the owner of the own process: {@link UnixSystem} says 0, which is root, to users that no list of users knows. */
    static int ownUserId() {
        return Files.exists(OWN_PROCESS) ? userId(OWN_PROCESS) : (int) new UnixSystem().getUid();
    }

    static int ownGroupId() {
        return Files.exists(OWN_PROCESS) ? groupId(OWN_PROCESS) : (int) new UnixSystem().getGid();
    }

    static int userId(Path file) {
        return attribute(file, "unix:uid");
    }

    static int groupId(Path file) {
        return attribute(file, "unix:gid");
    }

    private static int attribute(Path file, String name) {
        try {
            return (int) Files.getAttribute(file, name);
        } catch (IOException failure) {
            throw CtlException.of(failure);
        }
    }
}

/** JSON: records and the journal through databind; small answers by streaming, which starts 40 ms sooner. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Loaded only where a journal or a record is read or written. */
    private static final class Databind {
        static final ObjectMapper MAPPER = new ObjectMapper()
                .setVisibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
                .setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
                .setVisibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
                .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .registerModule(new SimpleModule()
                        .addSerializer(Path.class, new ToStringSerializer(Path.class))
                        .addDeserializer(Path.class, new PathReader()));
    }

    private static final class PathReader extends FromStringDeserializer<Path> {
        PathReader() {
            super(Path.class);
        }

        @Override
        protected Path _deserialize(String text, DeserializationContext context) {
            return Path.of(text);
        }
    }

    static byte[] write(Object value) throws IOException {
        return Databind.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
    }

    static <T> T read(Path file, Class<T> type) throws IOException {
        byte[] content = Files.readAllBytes(file);
        return Databind.MAPPER.readValue(content, type);
    }

    /** As manifests, servers and this tool's own JSON have it. */
    static Map<String, Long> byKey(Map<Table, Long> counts) {
        var keyed = new LinkedHashMap<String, Long>();
        counts.forEach((table, rows) -> keyed.put(table.key(), rows));
        return keyed;
    }

    static ObjectNode tree(Object value) {
        return Databind.MAPPER.valueToTree(value);
    }

    static String text(Object value) {
        try {
            return new String(write(value), StandardCharsets.UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Also what is too long to be held in memory, see {@link #streamed}. */
    static void print(PrintWriter out, ObjectNode object) {
        try {
            Databind.MAPPER.writerWithDefaultPrettyPrinter().without(JsonGenerator.Feature.AUTO_CLOSE_TARGET).writeValue(out, object);
            out.println();
            out.flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    interface Streamed {
        void writeTo(JsonGenerator out) throws IOException;
    }

    /** A value for {@link ObjectNode#putPOJO} that comes into being only while it is printed. */
    static JsonSerializable streamed(Streamed value) {
        return new JsonSerializable.Base() {
            @Override
            public void serialize(JsonGenerator out, SerializerProvider provider) throws IOException {
                value.writeTo(out);
            }

            @Override
            public void serializeWithType(JsonGenerator out, SerializerProvider provider, TypeSerializer type) throws IOException {
                value.writeTo(out);
            }
        };
    }

    static void append(JsonGenerator out, ObjectNode value) {
        try {
            out.writeTree(value);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) {
        return (Map<String, Object>) read(text, JsonToken.START_OBJECT);
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(String text) {
        return (List<Object>) read(text, JsonToken.START_ARRAY);
    }

    private static Object read(String text, JsonToken kind) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != kind) throw new IOException("it begins with " + parser.currentToken());
            return readValue(parser);
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Not the expected JSON: " + Console.shortened(text), "", failure);
        }
    }

    /** The message in an error of a server, {@code {"error": {"message": "..."}}}; empty when it has another shape. */
    static String reason(String text) {
        try {
            return object(text).get("error") instanceof Map<?, ?> error && error.get("message") instanceof String message ? message : "";
        } catch (CtlException otherShape) {
            return "";
        }
    }

    /** @return 0 when it is missing or no integer */
    static long number(Map<String, Object> object, String name) {
        return object.get(name) instanceof Long number ? number : 0;
    }

    private static Map<String, Object> readObject(JsonParser parser) throws IOException {
        var object = new LinkedHashMap<String, Object>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            object.put(name, readValue(parser));
        }
        return object;
    }

    private static Object readValue(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) return readObject(parser);
        if (token == JsonToken.START_ARRAY) {
            var list = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) list.add(readValue(parser));
            return list;
        }
        if (token == JsonToken.VALUE_NUMBER_INT) return parser.getLongValue();
        if (token == JsonToken.VALUE_NUMBER_FLOAT) return parser.getDoubleValue();
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) return parser.getBooleanValue();
        return token == JsonToken.VALUE_NULL ? null : parser.getText();
    }
}

/**
 * What was configured: options over variables over files over defaults. Each value knows where it came from; {@code storeit-ctl
 * config} shows that. Secrets come from a file or from whoever sits at the terminal, never from an argument.
 */
record Settings(Map<Settings.Key, Settings.Value> values, List<Settings.ConfigurationFile> files) {
    /** Of settings for everybody on this machine. */
    static final Path MACHINE_FOLDER = Path.of("/etc/storeit");

    /** In the file its name in small letters, as a variable {@code STOREIT_CTL_} and its name. */
    enum Key {
        SERVER_URL("--server-url", "http://localhost:8080"),
        BINARY_PATH("--binary", null),
        DATA_DIR("--data-dir", null),
        UNIT("--unit", null),
        RELEASES_URL("--releases", "https://api.github.com/repos/Bronson-Brown-deVost/StoreIT/releases"),
        RELEASE_KEYS("--release-keys", null),
        /** Whether {@code status} and {@code doctor} may look for newer releases. */
        UPDATE_CHECK(null, "yes"),
        USERNAME("--username", null),
        PASSWORD_FILE("--password-file", null),
        AUTH_COOKIE(null, null),
        PATIENCE("--patience", "20");

        final String option;
        final String standard;

        Key(String option, String standard) {
            this.option = option;
            this.standard = standard;
        }

        String inFile() {
            return name().toLowerCase(Locale.ROOT);
        }

        String variable() {
            return "STOREIT_CTL_" + name();
        }

        private String given(StoreitCtl options) {
            Object given = switch (this) {
                case SERVER_URL -> options.serverUrl;
                case BINARY_PATH -> options.binary;
                case DATA_DIR -> options.dataFolder;
                case UNIT -> options.unit;
                case RELEASES_URL -> options.releases;
                case RELEASE_KEYS -> options.releaseKeys;
                case USERNAME -> options.username;
                case PASSWORD_FILE -> options.passwordFile;
                case PATIENCE -> options.patienceSeconds;
                case UPDATE_CHECK, AUTH_COOKIE -> null;
            };
            return given == null ? null : given.toString();
        }
    }

    /** @param text null when nothing was configured and there is no default. @param source such as {@code option --server-url} */
    record Value(String text, String source) {}

    /** @param values by key, also of keys that mean nothing. @param present whether there is such a file */
    record ConfigurationFile(Path path, boolean present, Map<String, String> values) {
        private static ConfigurationFile read(Path path) {
            var values = new TreeMap<String, String>();
            try {
                for (String line : Files.readAllLines(path)) {
                    int equals = line.indexOf('=');
                    // As in the file of the older tool: keys in any case, # only at the beginning, other lines are skipped.
                    if (equals > 0 && !line.stripLeading().startsWith("#")) {
                        values.put(line.substring(0, equals).strip().toLowerCase(Locale.ROOT), line.substring(equals + 1).strip());
                    }
                }
            } catch (NoSuchFileException none) {
                return new ConfigurationFile(path, false, values);
            } catch (IOException failure) {
                throw new CtlException(Exit.FAILED, "Cannot read the configuration " + path + ": " + CtlException.reason(failure), "", failure);
            }
            return new ConfigurationFile(path, true, values);
        }

        List<String> unknownKeys() {
            return values.keySet().stream().filter(key -> Stream.of(Key.values()).noneMatch(known -> known.inFile().equals(key))).toList();
        }
    }

    static Settings load(StoreitCtl options) {
        List<ConfigurationFile> files = places().stream().map(ConfigurationFile::read).toList();
        var values = new EnumMap<Key, Value>(Key.class);
        for (Key key : Key.values()) values.put(key, pick(key, options, files));
        var settings = new Settings(values, files);
        settings.check();
        return settings;
    }

    private static Value pick(Key key, StoreitCtl options, List<ConfigurationFile> files) {
        String option = key.given(options);
        if (option != null) return new Value(option, "option " + key.option);
        String variable = System.getenv(key.variable());
        if (variable != null && !variable.isEmpty()) return new Value(variable, "variable " + key.variable());
        for (ConfigurationFile file : files) {
            String configured = file.values().get(key.inFile());
            if (configured != null && !configured.isEmpty()) return new Value(configured, "file " + file.path());
        }
        return new Value(key.standard, "default");
    }

    /** The file that was named, else the user's before the one for everybody on this machine. */
    private static List<Path> places() {
        String named = System.getenv("STOREIT_CTL_CONFIG");
        if (named != null && !named.isEmpty()) return List.of(Path.of(named).toAbsolutePath());
        Path own = xdg(System.getenv(), "XDG_CONFIG_HOME", ".config").resolve("storeit/ctl.conf");
        // The older tool knows no such variable.
        Path usual = home().resolve(".config/storeit/ctl.conf");
        return List.of(Files.exists(own) || !Files.exists(usual) ? own : usual, MACHINE_FOLDER.resolve("ctl.conf"));
    }

    /** What would fail later with less to say about where it came from. */
    private void check() {
        Value url = values.get(Key.SERVER_URL);
        try {
            if (!url.text().matches("(?i)https?://.+") || URI.create(url.text()).getHost() == null) throw new IllegalArgumentException();
        } catch (IllegalArgumentException malformed) {
            throw new CtlException(Exit.USAGE, "'" + url.text() + "' is no address of a server (server_url, " + url.source() + ")",
                    "Write it like http://localhost:8080.");
        }
        require(Key.UPDATE_CHECK, "(?i)yes|no|true|false|on|off|1|0", "neither yes nor no", "yes");
        require(Key.PATIENCE, "\\d{1,6}", "no number of seconds", "20");
    }

    private void require(Key key, String shape, String otherwise, String example) {
        Value value = values.get(key);
        if (value.text().matches(shape)) return;
        throw new CtlException(Exit.USAGE, "'" + Quoted.bare(value.text()) + "' is " + otherwise + " (" + key.inFile() + ", " + value.source() + ")",
                "Write it like this: " + key.inFile() + " = " + example);
    }

    private String text(Key key) {
        return values.get(key).text();
    }

    private Path path(Key key) {
        String text = text(key);
        if (text == null) return null;
        Path path = text.startsWith("~/") ? home().resolve(text.substring(2)) : Path.of(text);
        return path.toAbsolutePath().normalize();
    }

    String serverUrl() {
        return text(Key.SERVER_URL).replaceAll("/+$", "");
    }

    Path binary() {
        return path(Key.BINARY_PATH);
    }

    Path dataFolder() {
        return path(Key.DATA_DIR);
    }

    String unit() {
        return text(Key.UNIT);
    }

    String releasesUrl() {
        return text(Key.RELEASES_URL);
    }

    Path releaseKeys() {
        return path(Key.RELEASE_KEYS);
    }

    /** Null also where it is standard input. */
    Path passwordFile() {
        return "-".equals(text(Key.PASSWORD_FILE)) ? null : path(Key.PASSWORD_FILE);
    }

    Duration patience() {
        return Duration.ofSeconds(Long.parseLong(text(Key.PATIENCE)));
    }

    boolean updateCheck() {
        return text(Key.UPDATE_CHECK).matches("(?i)yes|true|on|1");
    }

    String authCookie() {
        return Objects.requireNonNullElse(text(Key.AUTH_COOKIE), "");
    }

    /** By the variable, as for every other program; Java itself asks the list of users. */
    static Path home() {
        String variable = System.getenv("HOME");
        return Path.of(variable != null && variable.startsWith("/") ? variable : System.getProperty("user.home"));
    }

    /** A relative path in such a variable is invalid by the XDG specification and ignored. */
    static Path xdg(Map<String, String> environment, String variable, String otherwise) {
        String value = environment.getOrDefault(variable, "");
        if (value.startsWith("/")) return Path.of(value);
        String home = environment.getOrDefault("HOME", "");
        return (home.startsWith("/") ? Path.of(home) : home()).resolve(otherwise);
    }

    /** Where this tool keeps what belongs to no single installation. */
    static Path stateFolder() {
        return stateFolder(System.getenv());
    }

    /** The same of whoever has this environment. */
    static Path stateFolder(Map<String, String> environment) {
        return xdg(environment, "XDG_STATE_HOME", ".local/state").resolve("storeit-ctl");
    }

    /** A record of another installation at the same address is not this one. */
    boolean agreesWith(Installation found) {
        return (binary() == null || binary().equals(found.binary())) && (dataFolder() == null || dataFolder().equals(found.dataFolder()));
    }

    /** Whom to log in as; empty when nothing is configured and nobody can be asked. */
    Optional<Login> login() {
        String name = text(Key.USERNAME);
        String file = text(Key.PASSWORD_FILE);
        if (file == null) return Login.ask(serverUrl(), name);
        return name == null ? Optional.empty() : Optional.of(Login.read(name, passwordFile()));
    }
}

/** What {@code config} shows: each setting and where its value came from; of secrets only that they are set. */
record Configuration(List<Configuration.Place> files, List<Configuration.Entry> settings, Path stateFolder) implements Result {
    record Place(Path path, boolean present, List<String> unknownKeys) {}

    /** @param source such as {@code file /etc/storeit/ctl.conf} */
    record Entry(String key, String value, boolean secret, String source, String option, String variable) {}

    static Configuration of(Settings settings) {
        var entries = new ArrayList<Entry>();
        settings.values().forEach((key, value) -> {
            boolean secret = key == Settings.Key.AUTH_COOKIE;
            entries.add(new Entry(key.inFile(), secret ? null : value.text(), secret && value.text() != null, value.source(), key.option,
                    key.variable()));
        });
        List<Place> files = settings.files().stream().map(file -> new Place(file.path(), file.present(), file.unknownKeys())).toList();
        return new Configuration(files, entries, Settings.stateFolder());
    }

    @Override
    public void print(Console console) {
        for (Entry entry : settings) {
            String value = entry.secret() ? "(set, not shown)" : entry.value() == null ? "(not set)" : entry.value();
            console.row(String.format("%-14s", entry.key()), value + "  [" + entry.source() + "]");
        }
        console.print("State is kept in %s", stateFolder);
        for (Place file : files) {
            console.print("%s: %s%s", file.path(), file.present() ? "read" : "not there",
                    file.unknownKeys().isEmpty() ? "" : "; keys that mean nothing: " + String.join(", ", file.unknownKeys().stream().map(Quoted::bare).toList()));
        }
    }
}

/** A name and its password. Read or asked for once a run, however often it is needed. */
record Login(String username, String password) {
    private static Login known;

    /** @param file null: standard input. Its first line is the password */
    static synchronized Login read(String username, Path file) {
        if (known != null) return known;
        try (InputStream in = file == null ? null : Files.newInputStream(file)) {
            known = new Login(username, firstLine(in == null ? System.in : in));
            return known;
        } catch (IOException failure) {
            throw new CtlException(Exit.FAILED, "Cannot read the password file " + file + ": " + CtlException.reason(failure), "", failure);
        }
    }

    /** @param username null: that is asked for too */
    static synchronized Optional<Login> ask(String url, String username) {
        if (known != null) return Optional.of(known);
        if (!Console.isTerminal(0) || !Console.isTerminal(2)) return Optional.empty();
        String name = username != null ? username : answer("Administrator at " + url + ": ");
        if (name.isEmpty()) return Optional.empty();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> echo(true)));
        echo(false);
        try {
            known = new Login(name, answer("Password of " + name + ": "));
            return Optional.of(known);
        } finally {
            echo(true);
            System.err.println();
        }
    }

    private static String answer(String question) {
        System.err.print(question);
        System.err.flush();
        try {
            return firstLine(System.in).strip();
        } catch (IOException noAnswer) {
            return "";
        }
    }

    /** Byte by byte: what follows the line is for the next question. */
    private static String firstLine(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) line.write(next);
        return line.toString(StandardCharsets.UTF_8).replaceFirst("\r$", "");
    }

    /** What is typed is shown or not. Java's own way wants standard output to be the terminal too, which a pipe may be. */
    private static void echo(boolean shown) {
        try {
            new ProcessBuilder("stty", shown ? "echo" : "-echo").inheritIO().start().waitFor();
        } catch (IOException noSuchProgram) {
            // then it is shown
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}

/**
 * Where every kind of output goes: results to standard output, and nothing else; the story of a command, progress, questions,
 * warnings and errors to standard error. With {@code --json} standard output holds one object, the result or the error;
 * with {@code --quiet} the story is not told. An error is one line that says what could not be done to what, and a hint that
 * says what to do next. On a terminal lines are broken at its width, never inside a word or a path, and a few words are coloured
 * unless NO_COLOR (https://no-color.org) is set; nothing is told by colour alone. Elsewhere lines are whole, without control characters.
 */
final class Console {
    /** Of the JSON of all commands; raised when a key changes its meaning or goes. */
    private static final int FORMAT_VERSION = 1;
    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int ERROR = 2;
    private static final int DEFAULT_WIDTH = 80;

    private final CommandLine command;
    private final StoreitCtl options;
    private final List<String> warnings = new ArrayList<>();
    private final List<String> questions = new ArrayList<>();
    private ProgressDisplay progress;
    private int width;

    Console(CommandLine command, StoreitCtl options) {
        this.command = command;
        this.options = options;
    }

    /** A line of the result, on standard output. */
    void print(String text, Object... arguments) {
        line(command.getOut(), OUTPUT, formatted(text, arguments));
    }

    /** A line of a table in the result: what is too long for the terminal goes on beside the head, not below it. */
    void row(String head, String text) {
        int indent = visible(head) + 1;
        String broken = isTerminal(OUTPUT) && width() > 2 * indent ? wrapped(text, width() - indent).replace("\n", "\n" + " ".repeat(indent)) : text;
        print("%s %s", head, broken);
    }

    /** A line of the story. */
    void say(String text, Object... arguments) {
        if (!options.quiet) tell(formatted(text, arguments));
    }

    /** A step of the documented ones. */
    void step(int number, int of, String text, Object... arguments) {
        say(styled("bold", "[" + number + "/" + of + "]", ERROR) + " " + formatted(text, arguments));
    }

    void warn(String text, Object... arguments) {
        String warning = formatted(text, arguments);
        warnings.add(warning);
        tell(styled("yellow", "Warning:", ERROR) + " " + warning);
    }

    void error(CtlException failure) {
        tell(styled("bold,red", "Error:", ERROR) + " " + failure.getMessage());
        if (!failure.hint().isEmpty()) tell(failure.hint());
    }

    private void tell(String text) {
        endProgress();
        line(command.getErr(), ERROR, text);
    }

    private void line(PrintWriter stream, int descriptor, String text) {
        stream.println(isTerminal(descriptor) ? wrapped(text, width()) : text);
        stream.flush();
    }

    private static String formatted(String text, Object... arguments) {
        return arguments.length == 0 ? text : String.format(Locale.ROOT, text, arguments);
    }

    /** @param style of picocli's markup, such as {@code bold,green}. @return the text as it is where colours are not wanted */
    String styled(String style, String text) {
        return styled(style, text, OUTPUT);
    }

    private static String styled(String style, String text, int descriptor) {
        return colours(descriptor) ? CommandLine.Help.Ansi.ON.string("@|" + style + " " + text + "|@") : text;
    }

    static CommandLine.Help.Ansi ansi() {
        return colours(OUTPUT) ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
    }

    private static boolean colours(int descriptor) {
        String unwanted = System.getenv("NO_COLOR");
        return (unwanted == null || unwanted.isEmpty()) && !"dumb".equals(System.getenv("TERM")) && isTerminal(descriptor);
    }

    /** Columns of the terminal. */
    int width() {
        if (width == 0) width = Programs.terminalWidth().orElse(DEFAULT_WIDTH);
        return width;
    }

    /** Shows how far something is: a bar on a terminal, elsewhere a line now and then. @param unit of both, such as {@code KiB} */
    void progress(String name, long done, long total, String unit) {
        if (options.quiet || total <= 0) return;
        if (progress == null) {
            progress = isTerminal(ERROR) ? new ProgressDisplay.Bar(command.getErr(), width(), name, total, unit) : new ProgressDisplay.Lines(this::say, name, unit, System::nanoTime);
        }
        progress.show(done, total);
    }

    void endProgress() {
        if (progress == null) return;
        ProgressDisplay shown = progress;
        progress = null;
        shown.close();
    }

    /** Shows how far work of interchange is. */
    Progress following(String name, String unit) {
        return new Progress() {
            private long total;
            private long next;

            @Override
            public void status(String status) {}

            @Override
            public void total(long steps) {
                total = steps;
            }

            @Override
            public void done(long steps) {
                if (steps < next) return;
                next = steps + Math.max(1, total / 1000);
                progress(name, steps, total, unit);
            }
        };
    }

    /** Prints what a command found or did. @return the exit code */
    int finish(Result result) {
        endProgress();
        if (options.json) printJson(result.exit(), result.json());
        else result.print(this);
        command.getOut().flush();
        result.printed();
        return result.exit().code;
    }

    /** Prints what went wrong, once. @return the exit code */
    int failure(CtlException failure) {
        error(failure);
        if (options.verbose || failure.exit() == Exit.INTERNAL) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            cause.printStackTrace(command.getErr());
            command.getErr().flush();
        }
        if (options.json) {
            var body = new ObjectNode(JsonNodeFactory.instance);
            body.putObject("error").put("message", failure.getMessage()).put("hint", failure.hint());
            printJson(failure.exit(), body);
        }
        return failure.exit().code;
    }

    private void printJson(Exit exit, ObjectNode body) {
        var object = new ObjectNode(JsonNodeFactory.instance);
        object.put("command", command.getCommandName()).put("format_version", FORMAT_VERSION).put("exit_code", exit.code).put("exit", exit.json());
        object.setAll(body);
        warnings.forEach(object.putArray("warnings")::add);
        Json.print(command.getOut(), object);
    }

    /** Whether questions are only noted: nothing is going to be done. */
    boolean dryRun;

    /** What a command that is only planned would have to ask. */
    List<String> questions() {
        return List.copyOf(questions);
    }

    boolean interactive() {
        return isTerminal(INPUT);
    }

    static boolean outputIsTerminal() {
        return isTerminal(OUTPUT);
    }

    /** States a fact and asks; without a terminal nobody is asked and the answer is no. */
    boolean asks(String fact, String question) {
        if (!interactive()) return false;
        tell(fact);
        command.getErr().print(question + " [y/N] ");
        command.getErr().flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
        } catch (IOException noAnswer) {
            return false;
        }
    }

    /** A question that {@code option} may have answered beforehand; anything but a yes ends the command. */
    void requireConsent(boolean answered, String option, String fact, String question) {
        if (answered) return;
        if (dryRun) {
            questions.add(fact + " " + question + " (" + option + ")");
        } else if (!asks(fact, question)) {
            throw new CtlException(Exit.CONSENT, fact, interactive() ? "You answered no." : "To go on: " + option);
        }
    }

    static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException noProc) {
            return System.console() != null;
        }
    }

    private static int visible(String text) {
        return text.replaceAll("\u001b\\[[0-9;]*m", "").length();
    }

    /** Breaks lines between words; escape sequences of colours have no width. */
    static String wrapped(String text, int columns) {
        var result = new StringBuilder();
        for (String paragraph : text.split("\n")) {
            String indent = paragraph.substring(0, paragraph.length() - paragraph.stripLeading().length());
            int column = 0;
            for (String word : paragraph.strip().split(" ")) {
                int length = visible(word);
                if (column > 0 && column + 1 + length > columns) {
                    result.append('\n').append(indent.isEmpty() ? "" : indent + "  ");
                    column = indent.isEmpty() ? 0 : indent.length() + 2;
                } else if (column > 0) {
                    result.append(' ');
                    column++;
                } else {
                    result.append(indent);
                    column = indent.length();
                }
                result.append(word);
                column += length;
            }
            result.append('\n');
        }
        return result.substring(0, Math.max(0, result.length() - 1));
    }

    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    static String few(List<?> things) {
        String text = String.join(", ", things.stream().limit(5).map(String::valueOf).toList());
        return things.size() > 5 ? text + " and " + (things.size() - 5) + " more" : text;
    }

    /** Such as {@code 318 items, 31 photos}. @param counts by the tables' keys */
    static String contents(Map<String, Long> counts, Table... tables) {
        return Stream.of(tables).map(table -> counted(counts.getOrDefault(table.key(), 0L), table.label(), table.label() + "s"))
                .collect(Collectors.joining(", "));
    }

    static String counted(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    static String shortened(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > 300 ? line.substring(0, 300) + "..." : line;
    }

    /** Such as {@code 3 items added, 1 item changed}. */
    static String difference(Map<Table, RecordDifference.Difference> difference) {
        var parts = new ArrayList<String>();
        difference.forEach((table, found) -> {
            count(parts, found.added(), table, "added");
            count(parts, found.changed(), table, "changed");
            count(parts, found.removed(), table, "removed");
        });
        return parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    private static void count(List<String> parts, long records, Table table, String what) {
        if (records > 0) parts.add(counted(records, table.label(), table.label() + "s") + " " + what);
    }

    /** Such as {@code items: serial_number of 2 records (Drill, Saw)}. */
    static String loss(LossReport.Loss loss) {
        String examples = few(loss.examples().stream().map(example -> Quoted.bare(example.name())).toList());
        if (loss.field().equals("_password_hash")) {
            return "the " + (loss.records() == 1 ? "password" : "passwords") + " of " + counted(loss.records(), "user", "users") + ": "
                    + examples.replace("local:", "");
        }
        return Quoted.bare(loss.table()) + ": " + Quoted.bare(loss.field()) + " of " + counted(loss.records(), "record", "records") + " (" + examples + ")";
    }
}

/** How far something is. */
interface ProgressDisplay {
    void show(long done, long total);

    void close();

    /** Overwrites itself on a terminal, with rate and time left; gone when it is closed. */
    final class Bar implements ProgressDisplay {
        private final ProgressBar bar;

        Bar(PrintWriter stream, int width, String name, long total, String unit) {
            bar = ProgressBar.builder().setTaskName(name).setInitialMax(total).setUnit(" " + unit, 1).showSpeed()
                    .setUpdateIntervalMillis(100).setStyle(ProgressBarStyle.ASCII).clearDisplayOnFinish()
                    .setConsumer(new TerminalLine(stream, width)).build();
        }

        @Override
        public void show(long done, long total) {
            bar.maxHint(total).stepTo(done);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** One line of a terminal, written again and again. */
    final class TerminalLine implements ProgressBarConsumer {
        private final PrintWriter stream;
        private final int width;

        TerminalLine(PrintWriter stream, int width) {
            this.stream = stream;
            this.width = width;
        }

        @Override
        public int getMaxRenderedLength() {
            return width - 1;
        }

        @Override
        public void accept(String rendered) {
            stream.print("\r" + rendered + "\u001b[K");
            stream.flush();
        }

        @Override
        public void clear() {
            stream.print("\r\u001b[K");
            stream.flush();
        }

        @Override
        public void close() {
            clear();
        }
    }

    /** For logs: a whole line every ten seconds. */
    final class Lines implements ProgressDisplay {
        private static final Duration INTERVAL = Duration.ofSeconds(10);

        private final Consumer<String> log;
        private final String name;
        private final String unit;
        private final LongSupplier nanoTime;
        private final long start;
        private long shown;

        Lines(Consumer<String> log, String name, String unit, LongSupplier nanoTime) {
            this.log = log;
            this.name = name;
            this.unit = unit;
            this.nanoTime = nanoTime;
            start = nanoTime.getAsLong();
            shown = start;
        }

        @Override
        public void show(long done, long total) {
            long now = nanoTime.getAsLong();
            if (done <= 0 || now - shown < INTERVAL.toNanos()) return;
            shown = now;
            double seconds = (now - start) / 1e9;
            log.accept(String.format(Locale.ROOT, "  %s: %d of %d %s (%d %%), %.0f %s/s, about %.0f s left", name, done, total, unit, 100 * done / total,
                    done / seconds, unit, (total - done) * seconds / done));
        }

        @Override
        public void close() {}
    }
}

/** The one exception of this program: what could not be done to what, what to do next, and the exit code. */
final class CtlException extends RuntimeException {
    private final Exit exit;
    private final String hint;

    CtlException(Exit exit, String message, String hint) {
        this(exit, message, hint, null);
    }

    CtlException(Exit exit, String message, String hint, Throwable cause) {
        super(message, cause);
        this.exit = exit;
        this.hint = hint.isEmpty() && cause instanceof IOException known ? cure(known) : hint;
    }

    /** Gives every failure an exit code and, where the message of the machine says too little, words. */
    static CtlException of(Throwable failure) {
        if (failure instanceof CtlException known) return known;
        if (failure instanceof ArchiveException archive) return new CtlException(Exit.ARCHIVE, archive.getMessage(), archive.hint(), archive);
        if (failure instanceof DatabaseException database) return new CtlException(Exit.FAILED, database.getMessage(), database.hint(), database);
        if (failure instanceof UncheckedIOException unchecked) return of(unchecked.getCause());
        if (failure instanceof IOException io) return new CtlException(Exit.FAILED, reason(io), "", io);
        return new CtlException(Exit.INTERNAL, "Unexpected: " + failure, "This is a fault in storeit-ctl; the lines below belong into a report.", failure);
    }

    /** What the system says, in words; its own are behind {@code --verbose}. */
    static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException denied) return "no permission for " + denied.getFile();
        if (failure instanceof NoSuchFileException || failure instanceof FileNotFoundException) return "there is no " + failure.getMessage();
        if (failure instanceof FileAlreadyExistsException) return failure.getMessage() + " exists already";
        if (failure instanceof DirectoryNotEmptyException) return "the folder " + failure.getMessage() + " is not empty";
        if (failure instanceof ConnectException) return "nothing listens there";
        if (failure instanceof InterruptedIOException) return "no answer in time";
        if (failure instanceof UnknownHostException) return "no such host is known (is there a network?)";
        if (failure instanceof SSLException) return "the encrypted connection was refused";
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        String file = failure instanceof FileSystemException known && known.getFile() != null ? ": " + known.getFile() : "";
        for (Known known : Known.values()) if (message.contains(known.system)) return known.words + file;
        return message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    /** What to do about it, where a message does not tell; empty when that is not known. */
    static String cure(IOException failure) {
        if (failure instanceof AccessDeniedException denied) return "Run as root, or as the user it belongs to: ls -ld " + denied.getFile();
        if (failure instanceof SSLException) return "See whether the clock of this machine is right: date";
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        for (Known known : Known.values()) if (message.contains(known.system)) return known.cure;
        return "";
    }

    /** What the C library says of errors of the file system (strerror, in the locale that Java keeps: C). */
    private enum Known {
        FULL("No space left on device", "the disk is full", "Make room: df -h shows which disk, storeit-ctl doctor what can go."),
        QUOTA("Disk quota exceeded", "this user's share of the disk is used up", "Make room: quota -s shows how much."),
        READ_ONLY("Read-only file system", "the file system is read-only",
                "Linux makes it so after an error of the disk: dmesg tells. A unit may also write only where its ReadWritePaths= says."),
        BROKEN("Input/output error", "the disk gives an error", "dmesg tells more. Copy what can be read to another disk before anything else."),
        FILES("Too many open files", "this process may open no more files", "Raise the limit: ulimit -n 4096"),
        NOT_PERMITTED("Operation not permitted", "the system does not permit it", "Run as root."),
        LONG("File name too long", "the name is too long for this file system", "Choose a shorter one."),
        STALE("Stale file handle", "the network file system has lost it", "Mount it again."),
        RESET("Connection reset", "the connection was cut", "Try again."),
        BROKEN_PIPE("Broken pipe", "who was to take it has ended", "");

        final String system;
        final String words;
        final String cure;

        Known(String system, String words, String cure) {
            this.system = system;
            this.words = words;
            this.cure = cure;
        }
    }

    Exit exit() {
        return exit;
    }

    String hint() {
        return hint;
    }
}

/** Exit codes: help, man pages and docs/command-line.md show these texts, {@code --json} the names. */
enum Exit {
    OK(0, "done"),
    FAILED(1, "could not be done; nothing was changed"),
    USAGE(2, "wrong usage"),
    ROLLED_BACK(3, "failed after the stop; the previous version is serving again"),
    ATTENTION(4, "needs attention: run 'storeit-ctl resume'"),
    ARCHIVE(5, "the archive cannot be used"),
    CONSENT(6, "a question needs an answer: see the option named in the message"),
    BUSY(7, "another storeit-ctl works on this installation"),
    INTERNAL(70, "a fault in storeit-ctl itself"),
    INTERRUPTED(130, "interrupted; the previous version is serving");

    final int code;
    private final String meaning;

    Exit(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    String json() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** By code, in order. */
    static Map<String, String> descriptions() {
        var descriptions = new LinkedHashMap<String, String>();
        for (Exit exit : values()) descriptions.put(String.valueOf(exit.code), exit.meaning);
        return descriptions;
    }
}
