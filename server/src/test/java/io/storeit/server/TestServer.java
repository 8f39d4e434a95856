package io.storeit.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The real server on a free port over a folder of the test. Every HTTP test starts here. */
final class TestServer implements AutoCloseable {
    static final String ADMIN_PASSWORD = "a password for tests";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Server server;
    private final Path database;

    private TestServer(Server server, Path database) {
        this.server = server;
        this.database = database;
    }

    /** Serves {@code storeit.db} and {@code images} in the folder, and creates them if they do not exist. */
    static TestServer in(Path folder) {
        return in(folder, InstantSource.system(), Map.of());
    }

    /**
     * Serves a copy of a fixture, made in the folder. Its passwords are stored in a form that is checked at once. With the
     * original form, the logins would take half the time of all tests.
     */
    static TestServer of(Fixture fixture, Path folder) {
        Path database = fixture.copyTo(folder);
        Fixture.QUICK_HASHES.forEach((user, hash) -> Sqlite.execute(database,
                "UPDATE users SET password_hash = '%s' WHERE external_id = 'local:%s'".formatted(hash, user)));
        return in(folder);
    }

    /** Serves an exact copy of a fixture, made in the folder. */
    static TestServer ofUnchanged(Fixture fixture, Path folder) {
        fixture.copyTo(folder);
        return in(folder);
    }

    static TestServer in(Path folder, InstantSource clock, Map<String, String> settings) {
        Config config = Config.of(environment(folder, settings), folder);
        try {
            return new TestServer(Server.start(config, clock), config.paths().database());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the environment of a server over this folder. */
    static Map<String, String> environment(Path folder, Map<String, String> settings) {
        var environment = new HashMap<String, String>();
        environment.put("DATABASE_URL", "sqlite:" + folder.resolve("storeit.db") + "?mode=rwc");
        environment.put("STOREIT_IMAGE_PATH", folder.resolve("images").toString());
        environment.put("STOREIT_BIND", "127.0.0.1:0");
        environment.put("STOREIT_ADMIN_PASSWORD", ADMIN_PASSWORD);
        environment.putAll(settings);
        return environment;
    }

    Path database() {
        return database;
    }

    Path beside(String ending) {
        return database.resolveSibling(database.getFileName() + ending);
    }

    int port() {
        return server.address().getPort();
    }

    /** Returns the address as the log shows it. */
    String address() {
        return Server.shown(server.address());
    }

    /** Lists the routes, each as {@code GET /api/v1/items/{id}}. */
    List<String> routes() {
        return server.routes();
    }

    /** Returns a client that has not logged in. */
    Client anonymous() {
        return new Client(this, "Cookie", "");
    }

    /** Returns a client with a session. */
    Client login(String username, String password) {
        String body = Json.MAPPER.createObjectNode().put("username", username).put("password", password).toString();
        Answer answer = anonymous().post("/api/v1/auth/local/login", body);
        String cookie = answer.header("Set-Cookie").orElseThrow(() -> new AssertionError("no session: " + answer.body()));
        return withCookie(cookie.split(";")[0]);
    }

    Client withCookie(String cookie) {
        return new Client(this, "Cookie", cookie);
    }

    /** Returns a client that has read the server's token file. */
    Client token() {
        try {
            JsonNode file = Json.MAPPER.readTree(Files.readAllBytes(beside(".token")));
            return new Client(this, "Authorization", "Bearer " + file.get("token").textValue());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }

    /** Sends requests with one more header. An answer that differs from the API's description fails the test. */
    record Client(TestServer server, String header, String value) {

        Answer get(String path) {
            return get(path, Map.of());
        }

        Answer get(String path, Map<String, String> headers) {
            return send("GET", path, HttpRequest.BodyPublishers.noBody(), headers);
        }

        Answer post(String path, String json) {
            return post(path, json.getBytes(StandardCharsets.UTF_8), "application/json");
        }

        Answer post(String path, byte[] body, String type) {
            return send("POST", path, HttpRequest.BodyPublishers.ofByteArray(body), type);
        }

        Answer put(String path, String json) {
            return send("PUT", path, HttpRequest.BodyPublishers.ofString(json), "application/json");
        }

        Answer delete(String path) {
            return send("DELETE", path);
        }

        Answer send(String method, String path) {
            return send(method, path, HttpRequest.BodyPublishers.noBody(), Map.of());
        }

        Answer send(String method, String path, HttpRequest.BodyPublisher body, String type) {
            return send(method, path, body, type == null ? Map.of() : Map.of("Content-Type", type));
        }

        private Answer send(String method, String path, HttpRequest.BodyPublisher body, Map<String, String> headers) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                    .timeout(Duration.ofSeconds(20))
                    .method(method, body);
            if (!value.isEmpty()) {
                request.header(header, value);
            }
            headers.forEach(request::header);
            try {
                var answer = new Answer(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
                Contract.API.check(method, path, answer);
                return answer;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    record Answer(HttpResponse<byte[]> response) {

        int status() {
            return response.statusCode();
        }

        byte[] bytes() {
            return response.body();
        }

        String body() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            try {
                return Json.MAPPER.readTree(response.body());
            } catch (IOException e) {
                throw new UncheckedIOException(body(), e);
            }
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        /** Returns the code of the one error shape. */
        String errorCode() {
            return json().path("error").path("code").asText("no error: " + body());
        }

        String errorMessage() {
            return json().path("error").path("message").asText("no error: " + body());
        }
    }
}
