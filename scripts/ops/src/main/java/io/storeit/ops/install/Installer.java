package io.storeit.ops.install;

import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.DatabaseUrl;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Plan;
import io.storeit.ops.console.Result;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Interruption;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Platform;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.ManAndCompletions;
import io.storeit.ops.process.Launch;
import io.storeit.ops.process.Ports;
import io.storeit.ops.process.ServerLog;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.release.VerifiedDownload;
import io.storeit.ops.server.Health;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Context;
import io.storeit.ops.updates.SelfUpdate;
import io.storeit.ops.updates.Trial;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Puts a released server on a machine that has none, so that it serves now and after the next boot. Every step makes sure of
 * something and may be repeated: an install that was killed is finished by the next one, and one that fails takes away again
 * what it has made, but for data.
 */
public final class Installer {
    private static final String ADMINISTRATOR = "admin";
    /** Without the characters people confuse when they copy from a screen. */
    private static final String READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int PASSWORD_LENGTH = 20;
    /** What a service with ProtectHome= and PrivateTmp= does not see. */
    private static final List<String> HIDDEN_FROM_SERVICES = List.of("/root/", "/home/", "/run/user/", "/tmp/", "/var/tmp/");
    private static final long SPACE_FOR_DATA = 64_000_000;

    private final Context context;
    private final Console console;
    private final InstallRequest request;
    private final Layout layout;
    /** What this run has made, the newest first. */
    private final Deque<Runnable> made = new ArrayDeque<>();
    private Account account;
    private Path java;
    private String version;
    private String url;

    public Installer(Context context, InstallRequest request) {
        this.context = context;
        this.console = context.console();
        this.request = request;
        this.layout = Layout.of(request.forUser(), context.settings());
    }

    public Result run() {
        String wanted = request.version();
        requireRights(request.forUser(), "install");
        Optional<SystemdServices> services = request.noService() ? Optional.empty() : Optional.of(SystemdServices.of(layout));
        Optional<String> present = versionInPlace(wanted);
        Journal.requireNoneInterrupted(layout.database());
        services.ifPresent(SystemdServices::check);
        if (services.isPresent()) requireTool();
        // What was set at an earlier install counts, also where that one was killed.
        boolean configured = services.isPresent() && Files.exists(layout.environmentFile());
        url = configured ? context.settings().serverUrl() : Ports.urlOfServer(Map.of("STOREIT_BIND", request.bind()));
        if (!configured && ServerProcess.ofProgram(layout.server()).isEmpty()) requireFreePort();
        console.dryRun(request.consents().dryRun());
        java = request.forUser() ? javaOfUser() : javaForEverybody();
        Release release = present.isPresent() ? null : release(wanted);
        version = present.orElseGet(() -> release.version());
        if (request.consents().dryRun()) return plan(services, release);
        console.say(present.isPresent() ? "Checking StoreIT %s..." : "Installing StoreIT %s...", version);

        Interruption.watch();
        try {
            account = request.forUser() ? Account.self() : ensureAccount();
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

    private Plan plan(Optional<SystemdServices> services, Release release) {
        var steps = new ArrayList<String>();
        if (!request.forUser() && Account.find(Account.SERVICE).isEmpty()) steps.add("Make the user " + Account.SERVICE + ", which the server runs as");
        if (!Files.exists(layout.data())) steps.add("Make the folder " + layout.data());
        if (release != null) {
            Release.Asset asset = release.requireServer();
            steps.add("Download " + asset.name() + " of version " + version + " (" + Words.megabytes(asset.size()) + "), check it and put it at " + layout.server());
        }
        if (Programs.self().isPresent() || Files.exists(layout.tool())) {
            steps.add("See to it that " + layout.tool() + " is there, with its manual and the completions of shells below " + layout.share());
        }
        if (services.isPresent() && !Files.exists(layout.environmentFile())) steps.add("Write the settings " + layout.environmentFile());
        if (!Files.exists(layout.database())) steps.add("Make the database " + layout.database() + " with an administrator, whose password is shown");
        if (services.isPresent()) steps.add("Set up the service and start it; it answers at " + url);
        return Plan.of(console, steps);
    }

    private OpsException undo(Throwable failure) {
        boolean interrupted = Interruption.requested();
        Interruption.shield();
        OpsException reason = interrupted ? new OpsException(Exit.INTERRUPTED, "Interrupted", "", failure) : OpsException.of(failure);
        while (!made.isEmpty()) {
            try {
                made.pop().run();
            } catch (RuntimeException stays) {
                console.warn("Not removed again: %s", OpsException.of(stays).getMessage());
            }
        }
        String kept = Files.exists(layout.database()) ? " The data in " + layout.data() + " stay." : "";
        return new OpsException(reason.exit(), "StoreIT " + version + " was not installed: " + reason.getMessage(),
                (reason.hint().isEmpty() ? "" : reason.hint() + "\n") + "What this run had made was removed again." + kept, failure);
    }

    // -- before anything is touched

    /** Fails for {@code install} and {@code uninstall} on another system than Linux, and for the whole machine without root. */
    static void requireRights(boolean forUser, String command) {
        Platform.requireLinux(command);
        if (!forUser && Owner.ownUserId() != 0) {
            throw new OpsException(Exit.FAILED, "Only root can " + command + " for the whole machine", "Run it with sudo, or for yourself only: storeit-ctl "
                    + command + " --user");
        }
    }

    /** The version of a server that is there already; one that was not asked for is left to {@code upgrade}. */
    private Optional<String> versionInPlace(String wanted) {
        if (!Files.exists(layout.server())) return Optional.empty();
        String found = ServerBinary.versionWithoutRunning(layout.server());
        String asked = wanted.replaceFirst("^v", "");
        if (found == null || !asked.equals("latest") && !asked.equals(found)) {
            throw new OpsException(Exit.FAILED, "Binary already exists at " + layout.server() + (found == null ? "" : ", version " + found)
                    + ". Use 'upgrade' instead.", "Or remove it first with 'storeit-ctl uninstall', which keeps the data.");
        }
        return Optional.of(found);
    }

    private InetSocketAddress address() {
        int colon = request.bind().lastIndexOf(':');
        try {
            int port = Integer.parseInt(request.bind().substring(colon + 1));
            var address = new InetSocketAddress(request.bind().substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", ""), port);
            if (colon > 0 && port > 0 && !address.isUnresolved()) return address;
        } catch (IllegalArgumentException noPort) {
            // told below
        }
        throw new OpsException(Exit.USAGE, "'" + request.bind() + "' is not an address and a port", "Write it like 0.0.0.0:8080 or 127.0.0.1:8080.");
    }

    private void requireFreePort() {
        InetSocketAddress address = address();
        if (address.getPort() < 1024 && !request.noService()) {
            throw new OpsException(Exit.FAILED, "Port " + address.getPort() + " is for root only, and the server does not run as root",
                    "Choose one from 1024 on with --bind, and put a proxy in front.");
        }
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
        } catch (IOException taken) {
            String holder = ServerProcess.listeningOn(address.getPort()).map(process -> ": process " + process.pid() + " has it, "
                    + Words.shortened(String.join(" ", process.arguments()))).orElse(": " + OpsException.reason(taken));
            throw new OpsException(Exit.FAILED, "The server could not listen on " + request.bind() + holder,
                    "If that is StoreIT, 'storeit-ctl status' and 'storeit-ctl upgrade' know it already. Else end it, or choose another port: --bind 0.0.0.0:8090");
        }
    }

    private Release release(String wanted) {
        Release release = Releases.of(context).resolve(wanted);
        release.requireTrusted(context, release.requireServer(), request.consents().allowUnsigned());
        Destination.requireSpace(layout.server(), 2 * release.requireServer().size(), "Make room first.");
        Destination.requireSpace(layout.data(), SPACE_FOR_DATA, "Make room first.");
        return release;
    }

    /** By its lasting name where it has one: {@code /usr/bin/java} stays when the system's Java is replaced by a newer one. */
    private Path javaOfUser() {
        if (request.java() != null) return request.java().toAbsolutePath();
        Path system = Path.of("/usr/bin/java");
        return isNewEnough(List.of(), system) ? system : Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** A Java that a service of another user can run; tried as the user nobody, who may no more than that one. */
    private Path javaForEverybody() {
        if (Programs.find("setpriv").isEmpty()) throw new OpsException(Exit.FAILED, "There is no program setpriv, which runs the server as its user", "Install util-linux.");
        var candidates = new LinkedHashSet<Path>();
        if (request.java() != null) {
            candidates.add(request.java().toAbsolutePath());
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
                .orElseThrow(() -> new OpsException(Exit.FAILED, "There is no Java 17 or newer that the server's user could run; looked at "
                        + Words.few(List.copyOf(candidates)), "The service runs as its own user and sees no home folders. Install a Java for everybody, "
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
            if (found.get().userId() == 0) throw new OpsException(Exit.FAILED, "The user " + Account.SERVICE + " is root by another name", "Remove it.");
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
        if (Files.exists(layout.database()) && Owner.userId(layout.database()) != account.userId()) {
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
            throw OpsException.of(failure);
        }
    }

    /** @param ofServer whether it is the server's, also where it was there already */
    private void ensureFolder(Path folder, String mode, boolean ofServer) {
        try {
            Destination.ensureFolder(folder, mode, made);
            if (ofServer) launch(Map.of()).giveTo(folder);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** The new file gets its name once it is complete, checked, and has run as the server's user. */
    private void placeServer(Release release) {
        Path file = layout.server().resolveSibling(layout.server().getFileName() + ".new");
        try {
            VerifiedDownload fetched = release.fetch(context, release.requireServer(), SelfUpdate.downloadFolder(context.settings()));
            Trial.requireVersion(fetched, release.version(), launch(Map.of()), layout.data().resolve("storeit-server.trial"));
            fetched.placeAt(file);
            new ServerBinary(file, launch(Map.of()), release.version()).requireVersion();
            fetched.discard();
            Files.move(file, layout.server(), StandardCopyOption.ATOMIC_MOVE);
            DatabaseSwitch.fsyncFolder(layout.server().getParent());
            made.push(() -> FileTree.deleteQuietly(layout.server()));
        } catch (IOException failure) {
            throw OpsException.of(failure);
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
        throw new OpsException(Exit.FAILED, "The database " + layout.database() + " does not fit version " + version + ": "
                + (state.schemaVersion() == 0 ? state.reason() : "it has schema " + state.schemaVersion() + ", expected " + expected),
                "Install the version it was used with and upgrade from there, or move it away.");
    }

    private static boolean isEmptyFile(Path file) {
        return file.toFile().length() == 0;
    }

    /** Also the service needs it. */
    private void requireTool() {
        if (Programs.self().isEmpty() && !Files.exists(layout.tool())) {
            throw new OpsException(Exit.FAILED, "This storeit-ctl runs from its source, which cannot be put at " + layout.tool(),
                    "Use the file storeit-ctl of a release.");
        }
    }

    /** For the next upgrade, the backups and the service, wherever it was started from. @return whether it was not there */
    private boolean placeTool() {
        Optional<Path> program = Programs.self().filter(file -> !FileFacts.sameFile(layout.tool(), file));
        if (program.isEmpty()) return false;
        Path self = program.get();
        try {
            boolean replaces = Files.exists(layout.tool());
            if (replaces && Files.mismatch(self, layout.tool()) < 0) return false;
            AtomicFiles.place(layout.tool(), Files.readAllBytes(self), "rwxr-xr-x");
            if (!replaces) made.push(() -> FileTree.deleteQuietly(layout.tool()));
            return true;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Nobody's server waits for a manual. */
    private void placeManual() {
        try {
            ManAndCompletions.place(layout.tool(), layout, made);
        } catch (IOException failure) {
            console.warn("The manual pages and the completions of shells are not in place: %s", OpsException.reason(failure));
        }
    }

    // -- settings and service

    /** What the server runs with; the environment file says the same, until somebody changes that. */
    private Map<String, String> settings() {
        var settings = new LinkedHashMap<String, String>();
        settings.put("DATABASE_URL", DatabaseUrl.of(layout.database()));
        settings.put("STOREIT_IMAGE_PATH", layout.images().toString());
        settings.put("STOREIT_BIND", request.bind());
        settings.put("STOREIT_SERVER_JAVA", java.toString());
        settings.put("STOREIT_SERVER_CACHE", layout.cache().toString());
        settings.put("STOREIT_CTL_JAVA", java.toString());
        settings.put("RUST_LOG", "info");
        return settings;
    }

    private Launch launch(Map<String, String> extra) {
        var environment = new TreeMap<String, String>();
        if (request.forUser()) {
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
    private void placeConfiguration(SystemdServices services) {
        ensureFolder(layout.configuration(), "rwxr-xr-x", false);
        ensureFolder(layout.cache(), "rwxr-x---", true);
        try {
            if (!Files.exists(layout.toolConfiguration())) {
                Layout standard = Layout.standard(request.forUser());
                var text = new StringBuilder("# Settings of storeit-ctl: key = value\nserver_url = " + url + "\n");
                // A later command must find what was put elsewhere.
                if (!layout.server().equals(standard.server())) text.append("binary_path = ").append(layout.server()).append('\n');
                if (!layout.data().equals(standard.data())) text.append("data_dir = ").append(layout.data()).append('\n');
                AtomicFiles.place(layout.toolConfiguration(), text.toString().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
                made.push(() -> FileTree.deleteQuietly(layout.toolConfiguration()));
            }
            if (!Files.exists(layout.environmentFile())) {
                var text = new StringBuilder("# Settings of the StoreIT server. They count from its next start: " + services.restartCommand() + "\n");
                settings().forEach((name, value) -> text.append(name).append('=').append(Programs.quoted(value)).append('\n'));
                AtomicFiles.place(layout.environmentFile(), text.toString().getBytes(StandardCharsets.UTF_8), "rw-r-----");
                if (!request.forUser()) Files.setAttribute(layout.environmentFile(), "unix:gid", account.groupId());
                made.push(() -> FileTree.deleteQuietly(layout.environmentFile()));
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
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
                AtomicFiles.place(layout.firstPassword(), (password + "\n").getBytes(StandardCharsets.UTF_8), "rw-------");
                made.push(() -> {
                    if (!Files.exists(layout.database())) FileTree.deleteQuietly(layout.firstPassword());
                });
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
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

    private void startService(SystemdServices services) {
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

    private Installed installed(Optional<SystemdServices> services, boolean newBinary, boolean newTool, Optional<String> password) {
        var notes = new ArrayList<String>();
        String folder = layout.server().getParent().toString();
        if (!List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":")).contains(folder)) {
            notes.add("Add the binary to your PATH:\n  export PATH=\"" + folder + ":$PATH\"");
        }
        if (request.forUser() && Objects.requireNonNullElse(System.getenv("SHELL"), "").endsWith("/zsh")) {
            notes.add("zsh completes the words of storeit-ctl with this line in ~/.zshrc, before compinit:\n  fpath=(" + ManAndCompletions.zsh(layout) + " $fpath)");
        }
        services.flatMap(SystemdServices::limit).ifPresent(notes::add);
        return new Installed(version, newBinary, layout.server(), newTool, layout.tool(), layout.data(), layout.database(), url,
                services.isPresent() ? null : commandLine(), password.isPresent() ? ADMINISTRATOR : null, password.orElse(null), notes);
    }

    /**
     * What there is now.
     *
     * @param startCommand starts the server, where nothing else does
     * @param password of the first administrator; null where there were users already
     */
    public record Installed(String version, boolean newBinary, Path binary, boolean newTool, Path tool, Path dataDir, Path database, String url, String startCommand,
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
        if (!request.forUser()) words.addAll(List.of("setpriv", "--reuid=" + account.name(), "--regid=" + account.name(), "--init-groups", "env"));
        settings().forEach((name, value) -> {
            if (!name.equals("STOREIT_CTL_JAVA") && !name.equals("STOREIT_SERVER_CACHE") && !name.equals("RUST_LOG")) words.add(name + "=" + Programs.quoted(value));
        });
        words.add(Programs.quoted(layout.server()));
        return String.join(" ", words);
    }
}
