package io.storeit.server;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.InterchangeException;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.server.problem.Exit;
import io.storeit.server.problem.Problem;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine;

/**
 * The command line of {@code storeit-server}. Every server from 0.3.0 on keeps these commands and options, because older and
 * newer versions of storeit-ctl rely on them.
 *
 * <p>Results go to standard output. The log goes to standard output too, as with earlier servers. Errors go to standard error,
 * one line with the reason and one with what to do. Only this class turns exceptions into exit codes.
 */
@Command(
        name = "storeit-server",
        description = "Serve a household's inventory from one SQLite file.",
        subcommands = {
            Main.Serve.class, Main.ImportCommand.class, Main.ExportCommand.class, Main.VerifyCommand.class, Main.AutoUpgradeCommand.class,
            Main.ReindexCommand.class, Main.Version.class, Main.Warm.class, HelpCommand.class
        },
        footer = {
            "",
            "Settings are environment variables: DATABASE_URL, STOREIT_IMAGE_PATH,",
            "STOREIT_BIND and others, listed in docs/settings.md."
        },
        sortOptions = false)
public final class Main implements Callable<Integer> {
    private static final Logger LOG = System.getLogger(Main.class.getName());

    private final Environment environment;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Print the version of this program.")
    private boolean version;

    private Main(Environment environment) {
        this.environment = environment;
    }

    public static void main(String[] args) {
        // The output is UTF-8 in every locale, because programs read it later and expect no other encoding.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = run(args, new Environment(System.getenv(), Path.of("").toAbsolutePath(), out, err));
        out.flush();
        System.exit(code);
    }

    /**
     * Runs one command and returns its exit code. What other programs ask for often, and the start of the server, which people
     * wait for, bypass the command line parser: loading it takes a sixth of the start.
     */
    static int run(String[] args, Environment environment) {
        String only = args.length == 1 ? args[0] : "";
        if (only.equals("--version") || only.equals("-V")) {
            environment.out().println(versionLine());
            return Exit.OK.code();
        }
        if (only.equals("version")) {
            return version(environment);
        }
        Log.configure(environment.variables(), environment.out());
        if (args.length == 0 || only.equals("serve")) {
            try {
                return Serving.untilStopped(environment);
            } catch (Exception e) {
                return failed(e, environment);
            }
        }
        return commandLine(environment).execute(args);
    }

    private static CommandLine commandLine(Environment environment) {
        var commandLine = new CommandLine(new Main(environment))
                .setOut(new PrintWriter(environment.out(), true))
                .setErr(new PrintWriter(environment.err(), true))
                .setUsageHelpWidth(80)
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, environment))
                .setParameterExceptionHandler((e, args) -> misused(e, environment));
        commandLine.getCommandSpec().version(versionLine());
        CommandHelp.describe(commandLine);
        return commandLine;
    }

    private static int failed(Exception thrown, Environment environment) {
        if (thrown instanceof Problem problem) {
            return failed(problem.getMessage(), problem.hint(), problem.kind().exit(), environment);
        }
        if (thrown instanceof InterchangeException e) {
            return failed(e.getMessage(), e.hint(), Exit.FAILED, environment);
        }
        if (thrown instanceof FileSystemException e) {
            return failed("cannot use " + e.getFile() + ": " + Reasons.of(e), "Check the path, its permissions and the free space.",
                    Exit.FAILED, environment);
        }
        if (thrown instanceof IOException) {
            return failed(thrown.getMessage(), "Check the disks and the free space on them.", Exit.FAILED, environment);
        }
        LOG.log(Level.ERROR, "internal error", thrown);
        return failed("internal error: " + thrown, "The log above has the details; please report it.", Exit.INTERNAL, environment);
    }

    private static int failed(String message, String hint, Exit exit, Environment environment) {
        environment.out().flush();
        environment.err().println("Error: " + message);
        if (!hint.isEmpty()) {
            environment.err().println(hint);
        }
        return exit.code();
    }

    private static int misused(CommandLine.ParameterException e, Environment environment) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        return failed(CommandHelp.misuse(e), "For more information, try '" + command + " --help'.", Exit.USAGE, environment);
    }

    private static String versionLine() {
        return "storeit-server " + StoreitVersion.APPLICATION;
    }

    /** Prints the JSON that storeit-ctl of any version reads. It never fails: the schema version is 0 when none can be found. */
    private static int version(Environment environment) {
        int schema;
        try {
            Path database = ServerPaths.of(environment.variables(), environment.workingFolder()).database();
            schema = DatabaseInspection.inspect(database).schemaVersion();
        } catch (DatabaseException e) {
            schema = 0;
        }
        environment.out().println("""
                {
                  "app_version": "%s",
                  "expected_schema_version": %d,
                  "schema_version": %d
                }""".formatted(StoreitVersion.APPLICATION, SchemaTransforms.newest(), schema));
        return Exit.OK.code();
    }

    /** Serves when there is no command. */
    @Override
    public Integer call() throws Exception {
        return Serving.untilStopped(environment);
    }

    @Command(name = "serve", description = "Start the web server. The program does the same without a command.", sortOptions = false)
    static final class Serve extends WithHelp {
        @Override
        int run(Environment environment) throws Exception {
            return Serving.untilStopped(environment);
        }
    }

    @Command(
            name = "import",
            description = "Replace the current data with an archive. The replaced database is kept.",
            sortOptions = false)
    static final class ImportCommand extends WithHelp {
        /** The ways to treat the current data. */
        enum Mode { replace, merge }

        @Parameters(index = "0", paramLabel = "ARCHIVE", description = "The .storeit file, or the .tar.gz of an old version.")
        private Path archive;

        @Option(names = "--mode", paramLabel = "MODE", defaultValue = "replace",
                description = "Only 'replace' (the default); 'merge' comes with a later version.")
        private Mode mode;

        @Option(names = "--same-machine", description =
            "The archive was made on this machine: without a database, use the image folder that the archive names.")
        private boolean sameMachine;

        @Override
        int run(Environment environment) throws Exception {
            if (mode == Mode.merge) {
                throw Problem.usage("--mode merge comes with a later version", "Use --mode replace, or keep the databases apart.");
            }
            Import.run(environment.workingFolder().resolve(archive), sameMachine, environment.config());
            return Exit.OK.code();
        }
    }

    @Command(name = "export", description = "Write an archive. The server may run meanwhile.", sortOptions = false)
    static final class ExportCommand extends WithHelp {
        @Option(names = {"-o", "--output"}, required = true, paramLabel = "FILE", description = "The file to write; required.")
        private Path output;

        @Option(names = "--to-schema", paramLabel = "N",
                description = "Convert to this schema version. Values that an older one cannot store are lost and listed.")
        private int toSchema;

        @Option(names = "--for-version", paramLabel = "VERSION", description = "Write an archive that a server of this version can read.")
        private String forVersion;

        @Option(names = "--without-images", description = "Omit the image files.")
        private boolean withoutImages;

        @Option(names = "--allow-missing-images", description = "Continue when an image file is missing or damaged, and list it.")
        private boolean allowMissingImages;

        @Override
        int run(Environment environment) {
            Export.run(environment.workingFolder().resolve(output), toSchema, forVersion, !withoutImages, allowMissingImages, environment);
            return Exit.OK.code();
        }
    }

    @Command(name = "verify", description = "Check an archive, or the database with its images.", sortOptions = false)
    static final class VerifyCommand extends WithHelp {
        @Parameters(index = "0", arity = "0..1", paramLabel = "ARCHIVE", description = "The archive. Without it the database is checked.")
        private Path archive;

        @Option(names = "--json", description = "Print the result as JSON.")
        private boolean json;

        @Option(names = "--without-images", description = "Do not check the image files of the database.")
        private boolean withoutImages;

        @Override
        int run(Environment environment) {
            boolean whole = archive == null
                    ? Verify.database(!withoutImages, json, environment)
                    : Verify.archive(environment.workingFolder().resolve(archive), json, environment);
            return (whole ? Exit.OK : Exit.FAILED).code();
        }
    }

    @Command(
            name = "auto-upgrade",
            description = "Convert the database to the schema of this version. The replaced database is kept.",
            sortOptions = false)
    static final class AutoUpgradeCommand extends WithHelp {
        @Override
        int run(Environment environment) throws Exception {
            AutoUpgrade.run(environment.config());
            return Exit.OK.code();
        }
    }

    @Command(name = "reindex", description = "Rebuild the search index. The server must be stopped.", sortOptions = false)
    static final class ReindexCommand extends WithHelp {
        @Override
        int run(Environment environment) throws Exception {
            Reindex.run(environment);
            return Exit.OK.code();
        }
    }

    @Command(name = "version", description = "Print the versions of program and database as JSON.", sortOptions = false)
    static final class Version extends WithHelp {
        @Override
        int run(Environment environment) {
            return version(environment);
        }
    }

    @Command(name = "__warm", hidden = true, description = "Use most of the program once, so that Java can record its class cache.")
    static final class Warm extends WithHelp {
        @Override
        int run(Environment environment) throws Exception {
            WarmUp.run(environment, args -> commandLine(args.environment()).execute(args.words()));
            return Exit.OK.code();
        }
    }

    /** The common part of all commands. */
    abstract static class WithHelp implements Callable<Integer> {
        @ParentCommand
        private Main parent;

        @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
        private boolean help;

        abstract int run(Environment environment) throws Exception;

        @Override
        public Integer call() throws Exception {
            return run(parent.environment);
        }
    }
}
