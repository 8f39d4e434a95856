package io.storeit.server;

import io.storeit.interchange.base.StoreitVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs the hidden command {@code __warm}: starts a server over a temporary folder, sends it some requests, exports and imports,
 * so that the JVM has loaded what it usually loads when it records its class cache. It prints nothing and leaves nothing.
 */
final class WarmUp {
    private static final String PASSWORD = "warm-up";

    private WarmUp() {
    }

    /** A command to run in another environment. */
    record Command(String[] words, Environment environment) {
    }

    static void run(Environment real, Consumer<Command> commands) throws IOException {
        Path folder = Files.createTempDirectory("storeit-warm-");
        try (var silence = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            Log.configure(Map.of(), silence);
            var variables = new HashMap<>(real.variables());
            variables.put("DATABASE_URL", "sqlite:" + folder.resolve("warm.db"));
            variables.put("STOREIT_IMAGE_PATH", folder.resolve("images").toString());
            variables.put("STOREIT_BIND", "127.0.0.1:0");
            variables.put("STOREIT_ADMIN_PASSWORD", PASSWORD);
            variables.remove("STOREIT_AUTH_ISSUER");
            var environment = new Environment(variables, folder, silence, silence);
            serveOnce(environment);
            // The second start finds a database, as most starts do.
            serveOnce(environment);
            String archive = folder.resolve("warm.storeit").toString();
            for (List<String> words : List.of(
                    List.of("export", "-o", archive),
                    List.of("verify", archive),
                    List.of("import", archive),
                    List.of("verify", "--json"),
                    List.of("auto-upgrade"))) {
                commands.accept(new Command(words.toArray(String[]::new), environment));
            }
        } finally {
            delete(folder);
        }
    }

    private static void serveOnce(Environment environment) throws IOException {
        try (Server server = Server.start(environment.config(), InstantSource.system())) {
            String url = server.url();
            ask(url + "/health", null, null);
            ask(url + "/api/v1/auth/mode", null, null);
            ask(url + "/api/v1/admin/schema-version", null, null);
            String login = "{\"username\":\"admin\",\"password\":\"" + PASSWORD + "\"}";
            String cookie = ask(url + "/api/v1/auth/local/login", login, null);
            ask(url + "/api/v1/auth/me", null, cookie);
            ask(url + "/api/v1/locations", "{\"name\":\"warm\"}", cookie);
            for (String list : List.of("locations/tree", "containers", "items", "search?q=warm")) {
                ask(url + "/api/v1/" + list, null, cookie);
            }
        }
    }

    /** @return the cookie the answer sets, or null */
    private static String ask(String url, String body, String cookie) throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setRequestProperty("User-Agent", "storeit-server/" + StoreitVersion.APPLICATION);
        if (cookie != null) {
            connection.setRequestProperty("Cookie", cookie);
        }
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
        }
        try (InputStream in = connection.getInputStream()) {
            in.readAllBytes();
        }
        String set = connection.getHeaderField("Set-Cookie");
        return set == null ? null : set.split(";", 2)[0];
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
