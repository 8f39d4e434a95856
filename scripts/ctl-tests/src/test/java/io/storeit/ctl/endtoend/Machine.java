package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.storeit.scripts.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A machine with StoreIT on it, in a folder of its own: an installed binary, a household with its photos, a free port, a folder of
 * releases, a home. Servers and storeit-ctl are real processes; each inherits a variable that names the machine, by which
 * {@link #close} finds those that storeit-ctl started and ends them, and no others.
 */
final class Machine implements AutoCloseable {
    static final String ADMINISTRATOR = "admin";
    static final String PASSWORD = "changeme";

    /**
     * {@link #PASSWORD} hashed by a server's own way, but with the least memory and passes. Nearly every test logs its administrator
     * in, and with the hash a server makes of its own accord that costs more than starting the server does.
     */
    private static final String QUICK_HASH = "$argon2id$v=19$m=8,t=1,p=1$04AC9Hb8tsP6EvlJRHFWlw$yDeEeiBLHzceWK1+OVhfY8Y022rcpf/N+Z1qw2CBxF8";

    private static final String MARKER = "STOREIT_TEST_MACHINE";
    private static final AtomicInteger NEXT_PORT = new AtomicInteger(20_000 + new Random().nextInt(8_000));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    final Path folder;
    final Path binary;
    final Path database;
    final Path images;
    final Path releases;
    final int port;
    private final String id = UUID.randomUUID().toString();
    private final Map<String, String> serverEnvironment = new HashMap<>();
    private final Map<String, String> toolEnvironment = new HashMap<>();
    private Path serverWorkingFolder;

    private Machine(Path folder) {
        try {
            this.folder = Files.createDirectories(folder).toRealPath();
            binary = Files.createDirectories(this.folder.resolve("bin")).resolve("storeit-server");
            database = Files.createDirectories(this.folder.resolve("data")).resolve("storeit.db");
            images = this.folder.resolve("images");
            releases = Files.createDirectories(this.folder.resolve("releases"));
            Files.createDirectories(this.folder.resolve("home"));
            Files.createDirectories(this.folder.resolve("tmp"));
            port = freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        serverWorkingFolder = this.folder;
        serverEnvironment.putAll(commonEnvironment());
        serverEnvironment.put("DATABASE_URL", "sqlite:" + database + "?mode=rwc");
        serverEnvironment.put("STOREIT_IMAGE_PATH", images.toString());
        serverEnvironment.put("STOREIT_BIND", "127.0.0.1:" + port);
        serverEnvironment.put("RUST_LOG", "info");
        serverEnvironment.put("NO_COLOR", "1");
        toolEnvironment.putAll(commonEnvironment());
        // The service's environment counts, not that of the shell: whoever believes these writes a file a check finds.
        toolEnvironment.put("DATABASE_URL", "sqlite:" + misleadingDatabase() + "?mode=rwc");
        toolEnvironment.put("STOREIT_IMAGE_PATH", this.folder.resolve("home/not-the-images").toString());
        toolEnvironment.put("STOREIT_CTL_CONFIG", writeConfiguration().toString());
    }

    private Map<String, String> commonEnvironment() {
        var common = new HashMap<String, String>();
        common.put(MARKER, id);
        common.put("PATH", System.getenv("PATH"));
        common.put("HOME", folder.resolve("home").toString());
        // Java asks the user database for the home folder, not HOME: without this, records of test machines end up in the developer's.
        common.put("XDG_STATE_HOME", folder.resolve("home/state").toString());
        common.put("TMPDIR", folder.resolve("tmp").toString());
        common.put("LC_ALL", "C.UTF-8");
        common.put("JAVA_HOME", System.getProperty("java.home"));
        // Killed processes leave the libraries they unpacked; here they go with the machine. None lives long enough for checking bytecode
        // again, for compiling early, or for Java's second compiler to pay, and some hundreds are started.
        var options = "-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=2 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
                + " -Djava.io.tmpdir=" + folder.resolve("tmp");
        common.put("STOREIT_SERVER_JAVA_OPTS", options + " -Xms64m -Xmn24m");
        common.put("STOREIT_CTL_JAVA_OPTS", options);
        for (var program : List.of("STOREIT_SERVER", "STOREIT_CTL")) {
            common.put(program + "_CACHE", StartUpCache.folder().toString());
        }
        return common;
    }

    private Path writeConfiguration() {
        var password = write(folder.resolve("home/password"), PASSWORD + "\n");
        return write(folder.resolve("home/ctl.conf"), """
                # the machine of a test
                server_url = %s
                releases_url = %s
                username = %s
                password_file = %s
                """.formatted(url(), releases, ADMINISTRATOR, password));
    }

    // ---- Setting up

    /** Nothing installed, nothing configured but where this machine is. */
    static Machine bare(Path folder) {
        return new Machine(folder);
    }

    /** The release installed, its fixture household in place (but for {@link #QUICK_HASH}), nothing started. */
    static Machine with(Release release, Path folder) {
        var machine = new Machine(folder);
        machine.install(release.asset());
        copyTree(release.fixture().resolve("images"), machine.images);
        machine.useDatabaseOf(release);
        machine.sql("UPDATE users SET password_hash = '%s' WHERE external_id = 'local:%s'".formatted(QUICK_HASH, ADMINISTRATOR));
        return machine;
    }

    /** {@link #with} and started. */
    static Machine running(Release release, Path folder) {
        var machine = with(release, folder);
        machine.start();
        return machine;
    }

    /** The database of the fixture, byte for byte. */
    void useDatabaseOf(Release release) {
        copyFile(release.fixture().resolve("storeit.db"), database);
        database.toFile().setWritable(true);
    }

    void install(Path asset) {
        copyFile(asset, binary);
    }

    /** The image folder is known from the setting in the database only, as after a change in the user interface. */
    void useImageFolderOfSetting() {
        serverEnvironment.remove("STOREIT_IMAGE_PATH");
        sql("INSERT OR REPLACE INTO settings (key, value) VALUES ('image_storage_path', '%s')".formatted(images));
    }

    /** The tool is given no user and no password. */
    void forgetPassword() {
        forget("username|password_file");
    }

    /** The tool's configuration names no releases; what the environment names counts then. */
    void forgetReleases() {
        forget("releases_url");
    }

    private void forget(String keys) {
        var file = folder.resolve("home/ctl.conf");
        try {
            write(file, Files.readString(file).replaceAll("(?m)^(%s) = .*$".formatted(keys), ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void setServerVariable(String name, String value) {
        serverEnvironment.put(name, value);
    }

    void setToolVariable(String name, String value) {
        toolEnvironment.put(name, value);
    }

    void runServersIn(Path workingFolder) {
        serverWorkingFolder = workingFolder;
    }

    /** Changes the database of a stopped server. */
    void sql(String... statements) {
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + database)) {
            for (var statement : statements) {
                connection.createStatement().executeUpdate(statement);
            }
        } catch (java.sql.SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Publishes releases as they are built. */
    Machine publish(Release... wanted) {
        for (var release : wanted) {
            if (Files.exists(release(release))) {
                publish(release.version, release.asset());
            } else {
                copyTree(release.published(), release(release));
            }
        }
        return this;
    }

    /** Publishes {@code asset} as the release {@code version}; its sums are right. */
    void publish(String version, Path asset) {
        Release.publish(releases, version, asset);
    }

    /** The real release with {@code lines} of shell in front of its launch stub; its sums are right. */
    void publishSabotaged(Release release, String lines) {
        publish(release.version, sabotaged(release, lines));
    }

    Path sabotaged(Release release, String lines) {
        try {
            var original = Files.readAllBytes(release.asset());
            var head = "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8);
            var file = Files.createTempFile(folder, "sabotaged", "");
            try (var out = Files.newOutputStream(file)) {
                out.write(head);
                out.write((lines + "\n").getBytes(StandardCharsets.UTF_8));
                out.write(original, head.length, original.length - head.length);
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of a published release. */
    Path release(Release release) {
        return releases.resolve("v" + release.version);
    }

    // ---- Servers

    /** Starts the installed binary as a person in a shell would, and waits until it answers. */
    ProcessHandle start() {
        var server = startAnother(binary, Map.of());
        awaitServing();
        return server;
    }

    /** Starts a server of this machine with some variables set differently; does not wait. */
    ProcessHandle startAnother(Path file, Map<String, String> variables) {
        var builder = serverCommand(file);
        builder.environment().putAll(variables);
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("server.log").toFile()));
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        try {
            return builder.start().toHandle();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a line as a person types it into a shell of this machine; does not wait. */
    void startInShell(String line) {
        var builder = new ProcessBuilder("sh", "-c", "exec env " + line);
        builder.environment().clear();
        builder.environment().putAll(commonEnvironment());
        builder.directory(folder.resolve("home").toFile());
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("server.log").toFile()));
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        try {
            builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command of the installed binary, with the server's environment. */
    CommandRun server(String... arguments) {
        return RunningCommand.start(serverCommand(binary, arguments), List.of(serverCommandLine(binary, arguments))).await();
    }

    /** Runs a program with the server's environment and some more variables. */
    CommandRun asService(Map<String, String> variables, Path program, String... arguments) {
        var builder = serverCommand(program, arguments);
        builder.environment().putAll(variables);
        return RunningCommand.start(builder, List.of(serverCommandLine(program, arguments))).await();
    }

    private ProcessBuilder serverCommand(Path file, String... arguments) {
        var builder = new ProcessBuilder(serverCommandLine(file, arguments));
        builder.environment().clear();
        builder.environment().putAll(serverEnvironment);
        builder.directory(serverWorkingFolder.toFile());
        return builder;
    }

    private static String[] serverCommandLine(Path file, String... arguments) {
        return Stream.concat(Stream.of(file.toString()), Stream.of(arguments)).toArray(String[]::new);
    }

    void awaitServing() {
        Waiting.until("a server at " + url(), this::isServing);
    }

    boolean isServing() {
        return get("/api/v1/auth/mode").map(answer -> answer.statusCode() == 200).orElse(false);
    }

    /** The release now serving, by what it says of itself. */
    String servingVersion() {
        return json(get("/api/v1/admin/schema-version").orElseThrow(() -> new AssertionError("no server at " + url())).body())
                .path("app_version").asText();
    }

    int servingSchema() {
        return json(get("/api/v1/admin/schema-version").orElseThrow(() -> new AssertionError("no server at " + url())).body())
                .path("schema_version").asInt();
    }

    /** What our server says to whoever can read its token file. */
    JsonNode health() {
        try {
            var token = json(Files.readString(beside(database, ".token"))).path("token").asText();
            return json(send(HttpRequest.newBuilder(URI.create(url() + "/health")).header("Authorization", "Bearer " + token))
                    .orElseThrow().body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends every server of this machine with SIGTERM and waits for its end. */
    void stopServers() {
        signalServers(false);
    }

    void killServers() {
        signalServers(true);
    }

    private void signalServers(boolean forcibly) {
        var servers = servers();
        servers.forEach(server -> {
            if (forcibly) {
                server.destroyForcibly();
            } else {
                server.destroy();
            }
        });
        Waiting.until("the end of the servers", () -> servers().isEmpty());
    }

    /** All running servers of this machine, also those storeit-ctl started. */
    List<ProcessHandle> servers() {
        return processes().stream().filter(process -> commandLine(process.pid()).stream().noneMatch(Tool::isProgram)).toList();
    }

    private List<ProcessHandle> processes() {
        var marked = new ArrayList<ProcessHandle>();
        ProcessHandle.allProcesses().forEach(process -> {
            if (environment(process.pid()).contains(MARKER + "=" + id)) {
                marked.add(process);
            }
        });
        return marked;
    }

    /** Empty for a process that ended, also one its parent has not asked about yet. */
    private static List<String> environment(long pid) {
        return procFile(pid, "environ");
    }

    static List<String> commandLine(long pid) {
        return procFile(pid, "cmdline");
    }

    private static List<String> procFile(long pid, String name) {
        try {
            return List.of(Files.readString(Path.of("/proc/" + pid + "/" + name), StandardCharsets.ISO_8859_1).split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Another user can then run programs from here, and write into home and tmp. */
    void makeReadableForEveryone() throws IOException {
        var top = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
        for (var path = folder; path.startsWith(top) && !path.equals(top); path = path.getParent()) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.setPosixFilePermissions(folder.resolve("home"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(folder.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    // ---- storeit-ctl

    CommandRun tool(String... arguments) {
        return startTool(arguments).await();
    }

    /** An upgrade with every consent a person could give beforehand. */
    CommandRun upgrade(Release release) {
        return tool("upgrade", release.version, "--yes", "--allow-unsigned", "--patience", "60");
    }

    CommandRun downgrade(Release release) {
        return tool("downgrade", release.version, "--yes", "--allow-unsigned", "--accept-loss", "--patience", "60");
    }

    RunningCommand startTool(String... arguments) {
        return startProgram(Tool.command(), arguments);
    }

    /** Runs another file than the compiled class as storeit-ctl. */
    RunningCommand startProgram(List<String> program, String... arguments) {
        var command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(toolEnvironment);
        builder.directory(folder.resolve("home").toFile());
        var shown = new ArrayList<>(List.of("storeit-ctl"));
        shown.addAll(List.of(arguments));
        return RunningCommand.start(builder, shown);
    }

    /** Runs a line as a person types it into a shell, in which {@code storeit-ctl} is the one under test. */
    CommandRun shell(String line) throws IOException {
        var builder = new ProcessBuilder("sh", "-euc", line);
        builder.environment().clear();
        builder.environment().putAll(environmentWithTool());
        builder.directory(folder.resolve("home").toFile());
        return RunningCommand.start(builder, List.of(line)).await();
    }

    private Map<String, String> environmentWithTool() throws IOException {
        var programs = Files.createDirectories(folder.resolve("home/programs"));
        var tool = write(programs.resolve("storeit-ctl"), "#!/bin/sh\nexec '%s' \"$@\"\n".formatted(String.join("' '", Tool.command())));
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
        var environment = new HashMap<>(toolEnvironment);
        environment.merge("PATH", programs.toString(), (path, first) -> first + ":" + path);
        return environment;
    }

    /** A command line of sh in a real terminal, in which {@code storeit-ctl} is the one under test. */
    Terminal terminal(Map<String, String> more, int columns, int lines, String commandLine) throws Exception {
        var environment = environmentWithTool();
        environment.putAll(more);
        return Terminal.start(Files.createDirectory(folder.resolve("tmux")), environment, columns, lines, commandLine + "; printf 'exit %s\\n' $?; cat");
    }

    /** A value of the journal beside the database, empty when there is none. */
    String journal(String field) {
        var journal = database.resolveSibling(database.getFileName() + ".migration-journal");
        try {
            return Files.exists(journal) ? json(Files.readString(journal)).path(field).asText() : "";
        } catch (IOException e) {
            return "";
        }
    }

    // ---- What there is to see

    HouseholdComparison.Household household() {
        return HouseholdComparison.read(database);
    }

    /** Relative name and SHA-256 of every file in the image folder. */
    Map<String, String> imageFiles() {
        return hashes(images);
    }

    static Map<String, String> hashes(Path folder) {
        var hashes = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                hashes.put(folder.relativize(file).toString(), sha256(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return hashes;
    }

    static String sha256(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The names in the folder of the database, sorted. */
    List<String> dataFiles() {
        return names(database.getParent());
    }

    static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path beside(Path file, String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }

    /** Of a failed or undone operation: {@code release} serves, its binary is installed, its data are those of {@code before}. */
    void assertServes(Release release, HouseholdComparison.Household before) {
        assertThat(servingVersion()).as("version serving at %s", url()).isEqualTo(release.version);
        assertThat(isSame(binary, release.asset())).as("installed binary is that of %s", release).isTrue();
        // What a killed tool had just started, to ask it for its version, say, may still be about to end.
        Waiting.until("one server running, and only one", () -> servers().size() == 1);
        HouseholdComparison.assertSame(before, database);
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return Files.mismatch(one, other) < 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- HTTP

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Empty when nobody answers. */
    Optional<HttpResponse<String>> get(String path) {
        return send(HttpRequest.newBuilder(URI.create(url() + path)));
    }

    Optional<HttpResponse<String>> send(HttpRequest.Builder request) {
        try {
            return Optional.of(HTTP.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Optional<HttpResponse<String>> post(String path, String cookie, String json) {
        var request = HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json));
        if (cookie != null) {
            request.header("Cookie", cookie);
        }
        return send(request);
    }

    Optional<HttpResponse<String>> get(String path, String cookie) {
        return send(HttpRequest.newBuilder(URI.create(url() + path)).header("Cookie", cookie));
    }

    void download(String path, String cookie, Path target) {
        try {
            var request = HttpRequest.newBuilder(URI.create(url() + path)).header("Cookie", cookie).build();
            assertThat(HTTP.send(request, HttpResponse.BodyHandlers.ofFile(target)).statusCode()).isEqualTo(200);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The session cookie, empty when the server does not let this user in or does not answer. */
    Optional<String> login(String username, String password) {
        var body = JSON.createObjectNode().put("username", username).put("password", password).toString();
        return post("/api/v1/auth/local/login", null, body).filter(answer -> answer.statusCode() == 200)
                .flatMap(answer -> answer.headers().firstValue("Set-Cookie")).map(cookie -> cookie.substring(0, cookie.indexOf(';')));
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    static JsonNode object(Map<String, ?> fields) {
        return JSON.valueToTree(fields);
    }

    // ---- The end

    private Path misleadingDatabase() {
        return folder.resolve("home/not-the-database.db");
    }

    @Override
    public void close() {
        Waiting.until("the end of all processes of this machine", () -> {
            processes().forEach(ProcessHandle::destroyForcibly);
            return processes().isEmpty();
        });
        assertThat(misleadingDatabase()).as("a database named by storeit-ctl's own environment").doesNotExist();
    }

    // ---- Files and processes

    /**
     * A free port below those the system gives to outgoing connections: between two starts of a server nobody else gets it by chance.
     * Each call gives another one.
     */
    static int freePort() {
        while (true) {
            var port = NEXT_PORT.getAndIncrement();
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                if (port > 32_000) {
                    throw new UncheckedIOException(taken);
                }
            }
        }
    }

    static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void copyFile(Path from, Path to) {
        runToEnd(new ProcessBuilder("cp", from.toString(), to.toString()));
    }

    static void copyTree(Path from, Path to) {
        runToEnd(new ProcessBuilder("cp", "-R", from.toString(), to.toString()));
        runToEnd(new ProcessBuilder("chmod", "-R", "u+w", to.toString()));
    }

    static String runToEnd(ProcessBuilder builder) {
        try {
            var process = builder.redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(builder.command() + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
