package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests restores that add to the current data. */
class MergeTest {
    private static final String DEFAULT_GROUP = "00000000-0000-0000-0000-000000000001";
    private static final String MIRAS_GROUP = "66198627-7714-4bcd-aa7d-a949906b44b0";
    private static final String COUNTS = """
            SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM groups), (SELECT count(*) FROM locations), (SELECT count(*) FROM containers),
                   (SELECT count(*) FROM items), (SELECT count(*) FROM photos), (SELECT count(*) FROM nfc_tags), (SELECT count(*) FROM search_index)""";

    @TempDir
    Path folder;

    @Test
    @DisplayName("D41: merging one's own backup, twice, adds everything in groups of one's own and leaves out tags that exist")
    void ownBackupTwice() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            String admins = Sqlite.value(server.database(), "SELECT count(*) FROM users WHERE is_admin = 1");
            for (int round = 1; round <= 2; round++) {
                JsonNode done = merged(admin, Fixture.SCHEMA_2.archive(), "{\"mode\":\"merge\"}");
                assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
                assertThat(done.path("skipped_tags")).hasSize(4);
            }

            assertThat(Sqlite.value(server.database(), COUNTS)).isEqualTo("12|6|24|87|954|93|4|1065");
            assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM users WHERE is_admin = 1")).isEqualTo(admins);
            assertThat(Sqlite.rows(server.database(), "SELECT external_id FROM users WHERE external_id LIKE '%mira%'"))
                    .containsExactlyInAnyOrder("local:mira", "merged:local:mira", "merged:local:mira-2");
            assertThat(server.anonymous().post("/api/v1/auth/local/login", "{\"username\":\"merged:local:mira\",\"password\":\"correct horse battery\"}").status())
                    .isEqualTo(401);
            assertSound(server.database());

            // Whoever asked for it finds it: tree, search and pictures.
            JsonNode groups = admin.get("/api/v1/auth/me").json().path("groups");
            String copy = id(groups, "default (merged-");
            assertThat(admin.put("/api/v1/auth/me/active-group", "{\"group_id\":\"" + copy + "\"}").status()).isEqualTo(200);
            assertThat(admin.get("/api/v1/locations/tree").json().findValuesAsText("name"))
                    .isEqualTo(server.login("zoe", "z".repeat(100)).get("/api/v1/locations/tree").json().findValuesAsText("name"));
            String photographed = Sqlite.value(server.database(),
                    "SELECT i.id FROM items i JOIN photos p ON p.entity_id = i.id WHERE i.group_id = '" + copy + "'");
            String photo = admin.get("/api/v1/photos/by-entity?entity_type=item&entity_id=" + photographed).json().path(0).path("id").textValue();
            assertThat(admin.get("/api/v1/photos/" + photo + "/thumbnail").status()).isEqualTo(200);
        }
    }

    @Test
    void archivesOfEverySchemaCanBeMergedWithTheirImages() throws IOException {
        try (TestServer server = TestServer.in(folder)) {
            for (Path archive : List.of(Fixture.SCHEMA_1.archive(), Fixture.legacyArchive())) {
                JsonNode done = merged(server.token(), archive, "{\"mode\":\"merge\"}");
                assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            }
            assertSound(server.database());
            assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM items")).isEqualTo("636");
            assertThat(server.token().get("/health").json().path("photos").toString()).isEqualTo("{\"checked\":5,\"unreadable\":0}");
            // The request is not a user's, so all administrators own the new groups.
            Client admin = server.login("admin", TestServer.ADMIN_PASSWORD);
            assertThat(admin.get("/api/v1/auth/me").json().path("groups")).hasSize(1 + 4);
        }
    }

    @Test
    void groupsAndUsersThatTheAdministratorCallsTheSameAreNotDoubled() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            Client zoe = server.login("zoe", "z".repeat(100));
            String zoesId = zoe.get("/api/v1/auth/me").json().path("user").path("id").textValue();
            int roots = zoe.get("/api/v1/locations").json().size();
            // What was Mira's is to be Zoe's.
            JsonNode done = merged(admin, Fixture.SCHEMA_2.archive(), "{\"mode\":\"merge\",\"map_groups\":{\"" + MIRAS_GROUP + "\":\"" + DEFAULT_GROUP
                    + "\"},\"map_users\":{\"" + zoesId + "\":\"" + zoesId + "\"}}");

            assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            assertThat(Sqlite.value(server.database(), COUNTS)).startsWith("7|3|16|58|636|");
            assertThat(zoe.get("/api/v1/locations").json().size()).isGreaterThan(roots);
            assertSound(server.database());
        }
    }

    @Test
    @DisplayName("D28: a merge that fails in its middle changes nothing")
    void failsAsAWhole() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Sqlite.execute(database, "CREATE TRIGGER fail BEFORE INSERT ON nfc_tags BEGIN SELECT RAISE(ABORT, 'for the test'); END");
        String before = Sqlite.value(database, COUNTS);
        String key = Sqlite.value(database, "SELECT storage_key FROM photos");
        try (TestServer server = TestServer.in(folder)) {
            Client admin = server.login("admin", "changeme");
            Files.delete(folder.resolve("images").resolve(key));
            assertThat(merged(admin, Fixture.SCHEMA_2.archive(), "{\"mode\":\"merge\"}").path("status").textValue()).isEqualTo("failed");
            assertThat(merged(admin, Fixture.SCHEMA_2.archive(), "{\"mode\":\"merge\",\"map_groups\":{\"" + MIRAS_GROUP + "\":\"" + MIRAS_GROUP.replace('6', '7') + "\"}}")
                    .path("error").textValue()).isEqualTo("entity not found: group " + MIRAS_GROUP.replace('6', '7'));

            assertThat(Sqlite.value(database, COUNTS)).isEqualTo(before);
            assertThat(folder.resolve("images").resolve(key)).doesNotExist();
            assertThat(server.beside(".work")).isEmptyDirectory();
            // References are checked at once again.
            assertThat(admin.post("/api/v1/locations", "{\"name\":\"after\"}").status()).isEqualTo(201);
        }
    }

    @Test
    @DisplayName("D29: writes beside a merge are done or refused for the moment, none is lost, and reads go on")
    void beside() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            Client zoe = server.login("zoe", "z".repeat(100));
            var running = new AtomicBoolean(true);
            List<Answer> writes = Collections.synchronizedList(new ArrayList<>());
            List<Integer> reads = Collections.synchronizedList(new ArrayList<>());
            var client = new Thread(() -> {
                while (running.get()) {
                    writes.add(zoe.post("/api/v1/locations", "{\"name\":\"beside the merge\"}"));
                    reads.add(zoe.get("/api/v1/auth/me").status());
                }
            });
            client.start();
            JsonNode done = merged(admin, Fixture.SCHEMA_2.archive(), "{\"mode\":\"merge\"}");
            running.set(false);
            join(client);

            assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            assertThat(reads).isNotEmpty().containsOnly(200);
            assertThat(writes).allSatisfy(write -> assertThat(write.status()).isIn(201, 503));
            long written = writes.stream().filter(write -> write.status() == 201).count();
            assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM locations WHERE name = 'beside the merge'")).isEqualTo(Long.toString(written));
            assertSound(server.database());
        }
    }

    private static void assertSound(Path database) {
        assertThat(Sqlite.rows(database, "PRAGMA integrity_check")).containsExactly("ok");
        assertThat(Sqlite.rows(database, "PRAGMA foreign_key_check")).isEmpty();
        assertThat(Sqlite.rows(database, """
                SELECT id FROM items WHERE group_id NOT IN (SELECT id FROM groups)
                   OR id NOT IN (SELECT entity_id FROM search_index WHERE search_index.group_id = items.group_id)""")).isEmpty();
    }

    private static JsonNode merged(Client admin, Path archive, String options) throws IOException {
        Answer started = new Form().text("options", options).file(Files.readAllBytes(archive), "application/octet-stream").post(admin, "/api/v1/admin/restore");
        assertThat(started.status()).as(started.body()).isEqualTo(200);
        String path = "/api/v1/admin/restore/" + started.json().path("job_id").textValue() + "/status";
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).until(
                () -> admin.get(path).json(), status -> Stream.of("complete", "failed").anyMatch(status.path("status").asText()::equals));
    }

    private static String id(JsonNode groups, String start) {
        for (JsonNode group : groups) {
            if (group.path("name").textValue().startsWith(start)) {
                return group.path("id").textValue();
            }
        }
        throw new AssertionError("no group " + start + "… in " + groups);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
