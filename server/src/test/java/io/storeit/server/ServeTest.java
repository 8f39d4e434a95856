package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.server.Program.Result;
import io.storeit.server.TestServer.Client;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a server from its start to its end, including abnormal ends. */
class ServeTest {
    private static final String MIRAS_CONTAINER = "deeb7179-d64e-4343-af86-bb28d5bf8544";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    @Test
    @DisplayName("D16: a new server makes a password of its own, prints it once, and it works")
    @Tag("process")
    void aNewServerPrintsTheAdministratorsPasswordOnceAndItWorks() throws Exception {
        Map<String, String> noPassword = Map.of("STOREIT_ADMIN_PASSWORD", "");
        String password;
        try (Program server = Program.serve(folder, noPassword)) {
            String line = server.waitForLine("the password of the new admin user 'admin' is: ");
            password = line.replaceFirst(".* is: (\\S+) .*", "$1");
            assertThat(password).hasSize(20);
            assertThat(post(server, "/api/v1/auth/local/login", "{\"username\":\"admin\",\"password\":\"" + password + "\"}", "").statusCode()).isEqualTo(200);
            assertThat(server.lines()).noneMatch(text -> text.contains("\u001b")).allMatch(text -> text.matches(
                    "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z ( INFO| WARN|ERROR) storeit_server(::\\w+)?: .*"));
            assertThat(server.lines().stream().map(Program::text)).containsSubsequence(
                    "database: sqlite:" + folder.resolve("storeit.db") + "?mode=rwc", "images:   " + folder.resolve("images"),
                    "STOREIT_AUTH_ISSUER not set — using local auth mode");
        }
        try (Program server = Program.serve(folder, noPassword)) {
            assertThat(server.lines()).noneMatch(line -> line.contains("password"));
        }
    }

    @Test
    void seedingLeavesAUserOfThatNameAlone() {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Sqlite.execute(database, "UPDATE users SET is_admin = 0");
        try (TestServer server = TestServer.in(folder)) {
            assertThat(server.login("admin", "changeme").get("/api/v1/auth/me").json().path("user").path("is_admin").booleanValue()).isFalse();
        }
        try (TestServer server = TestServer.in(folder, InstantSource.system(), Map.of("STOREIT_ADMIN_USERNAME", "chief"))) {
            assertThat(server.login("chief", TestServer.ADMIN_PASSWORD).get("/api/v1/auth/me").json().path("user").path("is_admin").booleanValue()).isTrue();
        }
    }

    @Test
    @Tag("process")
    void sigtermEndsItWithinTwoSecondsAndLeavesOnePlainFile() throws Exception {
        Fixture.SCHEMA_2.copyTo(folder);
        try (Program server = Program.serve(folder, Map.of())) {
            String cookie = login(server);
            assertThat(post(server, "/api/v1/items", item("written just before the stop"), cookie).statusCode()).isEqualTo(201);
            assertThat(folder.resolve("storeit.db.token")).exists();

            long start = System.nanoTime();
            server.handle().destroy();
            int exit = server.waitForEnd();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            assertThat(exit).isZero();
        }
        assertThat(names()).containsExactlyInAnyOrder("images", "stderr", "storeit.db", "storeit.db.database.lock");
        assertThat(Sqlite.value(folder.resolve("storeit.db"), "PRAGMA journal_mode")).isEqualTo("delete");
        assertThat(Sqlite.value(folder.resolve("storeit.db"), "SELECT count(*) FROM items WHERE name = 'written just before the stop'")).isEqualTo("1");
    }

    @Test
    void anIdleServerHasAnEmptyWal() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client mira = server.login("mira", "correct horse battery");
            for (int i = 0; i < 20; i++) {
                assertThat(mira.post("/api/v1/items", item("a")).status()).isEqualTo(201);
            }
            assertThat(server.beside("-wal").toFile().length()).isPositive();
            Awaitility.await().atMost(Duration.ofSeconds(3)).until(() -> server.beside("-wal").toFile().length() == 0);
        }
    }

    @Test
    @Tag("process")
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        Fixture.SCHEMA_2.copyTo(folder);
        List<String> acknowledged = Collections.synchronizedList(new ArrayList<>());
        try (Program server = Program.serve(folder, Map.of())) {
            String cookie = login(server);
            var writers = Stream.of("a", "b", "c").map(name -> new Thread(() -> {
                for (int i = 0;; i++) {
                    String item = name + " " + i;
                    try {
                        if (post(server, "/api/v1/items", item(item), cookie).statusCode() != 201) {
                            return;
                        }
                    } catch (IOException | InterruptedException e) {
                        return;
                    }
                    acknowledged.add(item);
                }
            })).toList();
            writers.forEach(Thread::start);
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> acknowledged.size() > 100);
            server.handle().destroyForcibly();
            for (Thread writer : writers) {
                writer.join();
            }
        }
        try (Program server = Program.serve(folder, Map.of())) {
            assertThat(server.url()).isNotEmpty();
            assertThat(Sqlite.rows(folder.resolve("storeit.db"), "SELECT name FROM items")).containsAll(acknowledged);
            assertThat(Sqlite.value(folder.resolve("storeit.db"), "PRAGMA integrity_check")).isEqualTo("ok");
        }
    }

    @Test
    @Tag("process")
    void onlyOneServerAndNoImportAtATime() {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        try (TestServer server = TestServer.in(folder)) {
            assertThat(server.port()).isPositive();
            for (String[] command : new String[][] {{"serve"}, {"import", Fixture.SCHEMA_2.archive().toString()}}) {
                Result result = Program.run(folder, command);

                assertThat(result.exit()).isEqualTo(1);
                assertThat(result.err()).contains("the database " + database + " is in use", "Stop the server");
            }
            assertThat(folder.resolve("storeit.db.pre-import")).doesNotExist();
            // Reading is allowed beside it.
            assertThat(Program.run(folder, "export", "-o", "x.storeit").exit()).isZero();
            assertThat(Program.run(folder, "version").out()).contains("  \"schema_version\": 2");
        }
    }

    @Test
    void aTakenPortIsRefusedAndTheDatabaseLeftInOneFile() {
        Fixture.SCHEMA_2.copyTo(folder);
        Path other = folder.resolve("other");
        assertThat(other.toFile().mkdir()).isTrue();
        try (TestServer server = TestServer.in(other)) {
            Map<String, String> taken = Map.of("STOREIT_BIND", "127.0.0.1:" + server.port());
            assertThatThrownBy(() -> TestServer.in(folder, InstantSource.system(), taken)).isInstanceOf(Problem.class).hasMessageContaining("cannot listen on");
        }
        assertThat(names()).containsExactlyInAnyOrder("images", "other", "storeit.db", "storeit.db.database.lock");
    }

    @Test
    void onAllAddressesItSaysSoInTheDocumentedFormAndIsReachedOverLoopback() throws IOException {
        for (List<String> bind : List.of(List.of("0.0.0.0:0", "0.0.0.0", "127.0.0.1"), List.of("127.0.0.1:0", "127.0.0.1", "127.0.0.1"))) {
            try (TestServer server = TestServer.in(folder, InstantSource.system(), Map.of("STOREIT_BIND", bind.get(0)))) {
                JsonNode token = Json.MAPPER.readTree(Files.readAllBytes(server.beside(".token")));
                assertThat(server.address()).isEqualTo(bind.get(1) + ":" + server.port());
                assertThat(token.path("url").textValue()).isEqualTo("http://" + bind.get(2) + ":" + server.port());
                assertThat(server.token().get("/health").json().has("content")).isTrue();
            }
        }
    }

    @Test
    void theTokenFileIsTheOwnersAndGoesWithTheServer() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.beside(".token")))).isEqualTo("rw-------");
            JsonNode token = Json.MAPPER.readTree(Files.readAllBytes(server.beside(".token")));
            assertThat(token.path("pid").longValue()).isEqualTo(ProcessHandle.current().pid());
            assertThat(token.path("url").textValue()).isEqualTo("http://127.0.0.1:" + server.port());
        }
        assertThat(folder.resolve("storeit.db.token")).doesNotExist();
    }

    @Test
    @Tag("process")
    void healthTellsEverybodyTheVersionAndTheTokenHolderTheContent() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            assertThat(server.anonymous().get("/health").body()).isEqualTo("{\"status\":\"ok\",\"app_version\":\"0.3.0\",\"schema_version\":2,\"writes\":\"open\"}");
            assertThat(server.login("mira", "correct horse battery").get("/health").json().has("content")).isFalse();
            assertThat(server.token().get("/health").body()).isEqualTo("{\"status\":\"ok\",\"app_version\":\"0.3.0\",\"schema_version\":2,\"writes\":\"open\","
                    + "\"content\":null,\"changes\":0,\"photos\":{\"checked\":5,\"unreadable\":0}}");
            assertThat(server.token().get("/health?counts=true").json().path("counts").path("items").intValue()).isEqualTo(318);
            assertThat(server.anonymous().get("/health?counts=true").json().has("counts")).isFalse();
        }
        assertThat(Program.run(folder, "import", Fixture.SCHEMA_2.archive().toString()).exit()).isZero();
        try (TestServer server = TestServer.in(folder)) {
            JsonNode content = server.token().get("/health").json().path("content");
            assertThat(content.path("digest").textValue()).matches("1:[0-9a-f]{64}");
            assertThat(content.path("counts").path("items").intValue()).isEqualTo(318);
        }
    }

    @Test
    void duringAnUpgradeItReadsButDoesNotWriteUntilTheCommit() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Path journal = folder.resolve("storeit.db.migration-journal");
        Files.writeString(journal, "{\"step\":\"check\",\"tool\":{\"state\":\"other\"},\"state\":\"running\"}");
        try (Locks.Held operation = Locks.tryOperation(database).orElseThrow();
                TestServer server = TestServer.in(folder, InstantSource.fixed(java.time.Instant.parse("2026-11-22T10:00:00Z")), Map.of())) {
            assertThat(operation).isNotNull();
            Client admin = server.withCookie("storeit_session=wy0Qi1B9y1LDC24H1TsRupxEARslJQR8kHYSgcnBisQoboD6gvHED8FqWPjP30Ce");
            assertThat(server.anonymous().get("/health").json().path("writes").textValue()).isEqualTo("held");
            assertThat(admin.get("/api/v1/containers").status()).isEqualTo(200);
            TestServer.Answer refused = admin.post("/api/v1/items", item("too early"));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.errorCode()).isEqualTo("UNAVAILABLE");
            assertThat(refused.header("Retry-After")).contains("1");

            Files.writeString(journal, "{\"state\":\"committed\"}");
            Awaitility.await().atMost(Duration.ofSeconds(2)).until(() -> admin.post("/api/v1/items", item("after the commit")).status() == 201);
            assertThat(server.anonymous().get("/health").json().path("writes").textValue()).isEqualTo("open");
        }
    }

    @Test
    void whenTheToolDiesTheServerGoesOnByItself() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Files.writeString(folder.resolve("storeit.db.migration-journal"), "{\"state\":\"running\"}");
        Locks.Held operation = Locks.tryOperation(database).orElseThrow();
        try (TestServer server = TestServer.in(folder)) {
            assertThat(server.anonymous().get("/health").json().path("writes").textValue()).isEqualTo("held");
            operation.close();
            Awaitility.await().atMost(Duration.ofSeconds(2)).until(() -> server.anonymous().get("/health").json().path("writes").textValue().equals("open"));
        }
    }

    @Test
    void aJournalThatIsOverUnreadableOrAbandonedHoldsNothing() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        for (String journal : List.of("{\"state\":\"committed\"}", "{\"state\":\"undone\"}", "{\"state\":", "running", "[\"running\"]", "")) {
            Files.writeString(folder.resolve("storeit.db.migration-journal"), journal);
            try (Locks.Held operation = Locks.tryOperation(database).orElseThrow(); TestServer server = TestServer.in(folder)) {
                assertThat(operation).isNotNull();
                assertThat(server.anonymous().get("/health").json().path("writes").textValue()).as(journal).isEqualTo("open");
            }
        }
        Files.writeString(folder.resolve("storeit.db.migration-journal"), "{\"state\":\"running\"}");
        try (TestServer server = TestServer.in(folder)) {
            assertThat(server.anonymous().get("/health").json().path("writes").textValue()).isEqualTo("open");
        }
    }

    private static String login(Program server) throws IOException, InterruptedException {
        HttpResponse<String> login = post(server, "/api/v1/auth/local/login", "{\"username\":\"mira\",\"password\":\"correct horse battery\"}", "");
        return login.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    }

    private static HttpResponse<String> post(Program server, String path, String json, String cookie) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        if (!cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String item(String name) {
        return "{\"parent_type\":\"container\",\"parent_id\":\"" + MIRAS_CONTAINER + "\",\"name\":\"" + name + "\"}";
    }
}
