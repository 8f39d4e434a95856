package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests backup and restore over HTTP, and their effect on other clients. */
class BackupTest {
    private static final String MIRAS_CONTAINER = "deeb7179-d64e-4343-af86-bb28d5bf8544";

    @TempDir
    Path folder;

    @Test
    @DisplayName("D23: a backup is made in the background, in a folder of the server alone, and downloaded")
    void aBackupIsMadeInTheBackgroundAndDownloaded() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            String job = start(admin);
            JsonNode done = finished(admin, "backup", job);

            // Nine data files and a step for each photo.
            assertThat(done.toString()).isEqualTo("{\"status\":\"complete\",\"progress\":40,\"total\":40,\"notes\":[],\"skipped_images\":[]}");
            Answer download = admin.get("/api/v1/admin/backup/" + job + "/download");
            assertThat(download.status()).isEqualTo(200);
            assertThat(download.header("Content-Type")).contains("application/octet-stream");
            assertThat(download.header("Content-Disposition").orElseThrow()).matches("attachment; filename=\"storeit-backup-\\d{8}-\\d{6}\\.storeit\"");
            Path archive = Files.write(folder.resolve("backup.storeit"), download.bytes());
            Manifest manifest = ArchiveReader.readManifest(archive);
            assertThat(manifest.schemaVersion()).isEqualTo(2);
            assertThat(manifest.includesImages()).isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.beside(".work")))).isEqualTo("rwx------");
        }
        assertThat(folder.resolve("storeit.db.work")).doesNotExist();
    }

    @Test
    @DisplayName("D4: only administrators and the holder of the token get anywhere near a backup")
    void onlyAdministratorsAndTheHolderOfTheTokenGetAnywhereNearABackup() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            String job = start(server.token());
            finished(server.token(), "backup", job);
            Client mira = server.login("mira", "correct horse battery");
            for (String path : List.of("/status", "/download")) {
                assertThat(server.anonymous().get("/api/v1/admin/backup/" + job + path).status()).isEqualTo(401);
                assertThat(mira.get("/api/v1/admin/backup/" + job + path).status()).isEqualTo(403);
                assertThat(server.login("joão", "pässwörd ✓").get("/api/v1/admin/backup/" + job + path).status()).isEqualTo(200);
            }
            assertThat(new Client(server, "Authorization", "Bearer guess").get("/api/v1/admin/backup/" + job + "/status").status()).isEqualTo(401);
        }
    }

    @Test
    void anUnknownJobIs404AndAnUnfinishedDownload400() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.token();
            assertThat(admin.get("/api/v1/admin/backup/no-such-job/status").errorMessage()).isEqualTo("entity not found: backup_job no-such-job");
            assertThat(admin.get("/api/v1/admin/restore/no-such-job/status").errorMessage()).isEqualTo("entity not found: restore_job no-such-job");
            assertThat(admin.post("/api/v1/admin/backup", "{}").status()).isEqualTo(422);
        }
    }

    @Test
    @DisplayName("D39: an archive can be deleted before its time, and goes by itself after an hour")
    void archivesDoNotPileUp() throws IOException {
        var later = new AtomicReference<>(Duration.ZERO);
        Fixture.SCHEMA_2.copyTo(folder);
        try (TestServer server = TestServer.in(folder, () -> InstantSource.system().instant().plus(later.get()), Map.of())) {
            Client admin = server.token();
            String first = start(admin);
            finished(admin, "backup", first);
            String second = start(admin);
            finished(admin, "backup", second);
            assertThat(archives(server)).hasSize(2);

            assertThat(server.login("mira", "correct horse battery").send("DELETE", "/api/v1/admin/backup/" + first).status()).isEqualTo(403);
            assertThat(admin.send("DELETE", "/api/v1/admin/restore/" + first).status()).isEqualTo(404);
            assertThat(admin.send("DELETE", "/api/v1/admin/backup/" + first).status()).isEqualTo(204);
            assertThat(admin.get("/api/v1/admin/backup/" + first + "/status").status()).isEqualTo(404);
            assertThat(archives(server)).hasSize(1);

            later.set(Duration.ofMinutes(61));
            finished(admin, "backup", start(admin));
            assertThat(admin.get("/api/v1/admin/backup/" + second + "/status").status()).isEqualTo(404);
            assertThat(archives(server)).hasSize(1);
        }
    }

    @Test
    @DisplayName("D40: a job can be cancelled while it runs and while it waits")
    void jobsCanBeCancelled() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        manyItems(database);
        try (TestServer server = TestServer.in(folder)) {
            Client admin = server.token();
            List<String> jobs = List.of(start(admin), start(admin));
            jobs.forEach(job -> assertThat(admin.send("DELETE", "/api/v1/admin/backup/" + job).status()).isEqualTo(204));

            for (String job : jobs) {
                JsonNode end = finished(admin, "backup", job);
                assertThat(end.path("status").textValue()).isEqualTo("failed");
                assertThat(end.path("error").textValue()).isEqualTo("cancelled");
            }
            assertThat(archives(server)).isEmpty();
        }
    }

    @Test
    @DisplayName("D33: a backup with a missing photo fails unless that is allowed")
    void aBackupWithAMissingPhotoFailsUnlessAllowed() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        String key = Sqlite.value(database, "SELECT storage_key FROM photos");
        Files.delete(folder.resolve("images").resolve(key));
        try (TestServer server = TestServer.in(folder)) {
            Client admin = server.token();
            JsonNode failed = finished(admin, "backup", start(admin));
            assertThat(failed.path("status").textValue()).isEqualTo("failed");
            assertThat(failed.path("error").textValue()).contains(key);

            String job = admin.post("/api/v1/admin/backup", "{\"include_images\":true,\"allow_missing_images\":true}").json().path("job_id").textValue();
            assertThat(finished(admin, "backup", job).path("skipped_images").toString()).isEqualTo("[\"" + key + "\"]");
        }
    }

    @Test
    @DisplayName("D35: a backup under writes is one state, and imports with the same digest")
    @Tag("process")
    void aBackupUnderWritesIsOneStateAndImportsWithTheSameDigest() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client mira = server.login("mira", "correct horse battery");
            var running = new java.util.concurrent.atomic.AtomicBoolean(true);
            List<Integer> statuses = Collections.synchronizedList(new ArrayList<>());
            var writer = new Thread(() -> {
                while (running.get()) {
                    statuses.add(mira.post("/api/v1/items", item("written during the backup")).status());
                }
            });
            writer.start();
            Awaitility.await().until(() -> statuses.size() > 5);
            Client admin = server.token();
            String job = start(admin);
            finished(admin, "backup", job);
            running.set(false);
            join(writer);

            assertThat(statuses).isNotEmpty().containsOnly(201);
            Path archive = Files.write(folder.resolve("backup.storeit"), admin.get("/api/v1/admin/backup/" + job + "/download").bytes());
            Manifest manifest = ArchiveReader.readManifest(archive);
            Path other = Files.createDirectory(folder.resolve("other"));
            assertThat(Program.run(other, "import", archive.toString()).exit()).isZero();
            assertThat(Sqlite.value(other.resolve("storeit.db"), "SELECT value FROM _meta WHERE key = 'content_digest'"))
                    .isEqualTo("1:" + manifest.digest().value());
            assertThat(manifest.source().databaseId()).isEqualTo(Sqlite.value(server.database(), "SELECT value FROM _meta WHERE key = 'database_id'"));
        }
    }

    @Test
    @DisplayName("D27: replace brings the content of the archive and keeps the old database")
    void replaceBringsTheArchivesContentAndKeepsTheOldDatabase() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            Client mira = server.login("mira", "correct horse battery");
            String job = start(admin);
            finished(admin, "backup", job);
            byte[] archive = admin.get("/api/v1/admin/backup/" + job + "/download").bytes();
            String tooMuch = mira.post("/api/v1/items", item("gone after the restore")).json().path("id").textValue();

            Answer started = restore(admin, archive, "{\"mode\":\"replace\"}");
            assertThat(started.status()).as(started.body()).isEqualTo(200);
            JsonNode done = finished(admin, "restore", started.json().path("job_id").textValue());

            assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            assertThat(done.path("progress")).isEqualTo(done.path("total"));
            // Whoever started it stays logged in, everybody else logs in again, with the password from before.
            assertThat(admin.get("/api/v1/auth/me").json().path("active_group_id").textValue()).isEqualTo("66198627-7714-4bcd-aa7d-a949906b44b0");
            assertThat(mira.get("/api/v1/auth/me").status()).isEqualTo(401);
            Client miraAgain = server.login("mira", "correct horse battery");
            assertThat(miraAgain.get("/api/v1/items/" + tooMuch).status()).isEqualTo(404);
            assertThat(miraAgain.post("/api/v1/items", item("after the restore")).status()).isEqualTo(201);
            assertThat(Sqlite.rows(server.beside(".pre-restore"), "SELECT name FROM items WHERE id = '" + tooMuch + "'")).containsExactly("gone after the restore");
            assertThat(server.token().get("/health").json().path("content").path("digest").textValue())
                    .isEqualTo("1:" + ArchiveReader.readManifest(Files.write(folder.resolve("a.storeit"), archive)).digest().value());
            assertThat(server.beside(".work").resolve("restoring.db")).doesNotExist();
        }
    }

    @Test
    void aBrokenArchiveFailsTheJobAndChangesNothing() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            byte[] whole = Files.readAllBytes(Fixture.SCHEMA_2.archive());
            for (byte[] archive : List.of(new byte[0], "no archive".getBytes(StandardCharsets.UTF_8), java.util.Arrays.copyOf(whole, whole.length / 2))) {
                Answer started = restore(admin, archive, "{\"mode\":\"replace\"}");
                JsonNode failed = finished(admin, "restore", started.json().path("job_id").textValue());

                assertThat(failed.path("status").textValue()).isEqualTo("failed");
                assertThat(failed.path("error").textValue()).isNotBlank();
            }
            assertThat(server.login("mira", "correct horse battery").post("/api/v1/items", item("still here")).status()).isEqualTo(201);
            assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM items")).isEqualTo("319");
            assertThat(folder.resolve("storeit.db.pre-restore")).doesNotExist();
        }
    }

    @Test
    @DisplayName("D29: writes during a restore are acknowledged or refused with Retry-After, and reads go on")
    void writesDuringARestoreAreEitherAcknowledgedOrRefusedWithRetryAfterAndReadsGoOn() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            var running = new java.util.concurrent.atomic.AtomicBoolean(true);
            List<Answer> answers = Collections.synchronizedList(new ArrayList<>());
            var client = new Thread(() -> {
                while (running.get()) {
                    answers.add(admin.post("/api/v1/items", item("during the restore")));
                    answers.add(admin.get("/api/v1/auth/me"));
                }
            });
            client.start();
            Answer started = restore(admin, Files.readAllBytes(Fixture.SCHEMA_2.archive()), "{\"mode\":\"replace\"}");
            JsonNode done = finished(admin, "restore", started.json().path("job_id").textValue());
            running.set(false);
            join(client);

            assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            assertThat(answers).allSatisfy(answer -> {
                assertThat(answer.status()).isIn(200, 201, 503);
                if (answer.status() == 503) {
                    assertThat(answer.header("Retry-After")).isPresent();
                    assertThat(answer.errorCode()).isEqualTo("UNAVAILABLE");
                }
            });
        }
    }

    @ParameterizedTest(name = "D{0}: {1} is refused and changes nothing")
    @CsvSource({
        "7, bad-image-key, storage_key is not a valid image file name",
        "7, bad-path-escape, leads out of the archive",
        "8, bad-link, is a symbolic link",
        "30, bad-wrong-type, quantity must be a 32-bit integer",
        "34, bad-truncated, is truncated",
        "42, bad-unknown-format, unknown archive format 9",
        "153, bad-bit-flipped, damaged",
        "153, bad-image-bytes, do not match the SHA-256 in the name"})
    void hostileAndDamagedArchives(int deviation, String archive, String reason) throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            List<Path> before = filesIn(folder.resolve("images"));
            for (String mode : List.of("replace", "merge")) {
                Answer started = restore(server.token(), Fixture.golden(archive), "{\"mode\":\"" + mode + "\"}");
                JsonNode failed = finished(server.token(), "restore", started.json().path("job_id").textValue());

                assertThat(failed.path("status").textValue()).isEqualTo("failed");
                assertThat(failed.path("error").textValue()).contains(reason);
            }
            assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM items")).isEqualTo("318");
            assertThat(filesIn(folder.resolve("images"))).isEqualTo(before);
            assertThat(server.beside(".pre-restore")).doesNotExist();
        }
    }

    @ParameterizedTest(name = "D{0}: {1} is restored")
    @CsvSource({"26, v2-any-order", "31, v2-images", "32, v1-images", "45, v2-minimal"})
    void oddButUsableArchives(int deviation, String archive) throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Answer started = restore(server.token(), Fixture.golden(archive), "{\"mode\":\"replace\"}");
            JsonNode done = finished(server.token(), "restore", started.json().path("job_id").textValue());

            assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            assertThat(Sqlite.rows(server.database(), "SELECT name FROM groups WHERE id = '00000000-0000-0000-0000-000000000001'")).hasSize(1);
            assertThat(Sqlite.rows(server.database(), "PRAGMA foreign_key_check")).isEmpty();
            for (String key : Sqlite.rows(server.database(), "SELECT thumbnail_key FROM photos WHERE thumbnail_key IS NOT NULL")) {
                assertThat(folder.resolve("images").resolve(key)).exists();
            }
        }
    }

    @Test
    @DisplayName("D37: an upload for a restore may be larger than other bodies")
    void largeUpload() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Answer started = restore(server.token(), new byte[51 * 1024 * 1024], "{\"mode\":\"replace\"}");
            assertThat(started.status()).isEqualTo(200);
            assertThat(finished(server.token(), "restore", started.json().path("job_id").textValue()).path("error").textValue()).contains("not a StoreIT archive");
        }
    }

    @Test
    @DisplayName("D155: a row with a value nobody understands is in the backup as far as possible, and named")
    void oddRow() {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Sqlite.execute(database, "UPDATE items SET created_at = 'yesterday' WHERE id = (SELECT min(id) FROM items)");
        try (TestServer server = TestServer.in(folder)) {
            JsonNode done = finished(server.token(), "backup", start(server.token()));
            assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            assertThat(done.path("notes").toString()).contains(Sqlite.value(database, "SELECT min(id) FROM items"), "created_at");
        }
    }

    @Test
    void aStopCancelsTheBackupAndLeavesOnePlainFile() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        manyItems(database);
        try (TestServer server = TestServer.in(folder)) {
            start(server.token());
            long start = System.nanoTime();
            server.close();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("images", "storeit.db", "storeit.db.database.lock");
        }
    }

    @Test
    void whatIsWrongWithTheRequestIsSaidAtOnce() throws IOException {
        Fixture.SCHEMA_2.copyTo(folder);
        try (TestServer server = TestServer.in(folder, InstantSource.system(), Map.of("STOREIT_RESTORE_LIMIT_MIB", "1"))) {
            Client admin = server.login("admin", "changeme");
            byte[] archive = Files.readAllBytes(Fixture.SCHEMA_2.archive());
            for (String map : List.of("[]", "{\"x\":\"" + MIRAS_CONTAINER + "\"}", "{\"" + MIRAS_CONTAINER + "\":1}")) {
                assertThat(restore(admin, archive, "{\"mode\":\"merge\",\"map_groups\":" + map + "}").status()).as(map).isEqualTo(400);
            }
            assertThat(restore(admin, archive, "{\"mode\":\"other\"}").errorMessage())
                    .isEqualTo("validation error: invalid mode: other, must be 'replace' or 'merge'");
            assertThat(restore(admin, archive, "{}").status()).isEqualTo(400);
            assertThat(restore(admin, archive, "[\"replace\"]").status()).isEqualTo(400);
            assertThat(restore(admin, archive, "mode=replace").status()).isEqualTo(400);
            assertThat(restore(admin, archive, null).errorMessage()).isEqualTo("validation error: missing options field");
            assertThat(restore(admin, null, "{\"mode\":\"replace\"}").errorMessage()).isEqualTo("validation error: missing file field");
            assertThat(admin.post("/api/v1/admin/restore", "x".getBytes(StandardCharsets.UTF_8), "multipart/form-data").status()).isEqualTo(400);
            assertThat(admin.post("/api/v1/admin/restore", "{}").status()).isEqualTo(400);
            assertThat(admin.post("/api/v1/admin/restore", "--" .getBytes(StandardCharsets.UTF_8), "multipart/form-data; boundary=x").status()).isEqualTo(400);
            Answer fixed = restore(admin, archive, "{\"mode\":\"replace\",\"image_storage_path\":\"/somewhere/else\"}");
            assertThat(fixed.status()).isEqualTo(409);
            assertThat(fixed.errorCode()).isEqualTo("CONFLICT");
            assertThat(restore(admin, new byte[1024 * 1024], "{\"mode\":\"replace\"}").status()).isEqualTo(413);
            assertThat(server.login("mira", "correct horse battery").post("/api/v1/admin/restore", "{}").status()).isEqualTo(403);
            assertThat(server.beside(".work")).isEmptyDirectory();
        }
    }

    @Test
    void thePathTheFormSendsAlongMayBeThePresentOne() throws IOException {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client admin = server.login("admin", "changeme");
            Answer started = restore(admin, Files.readAllBytes(Fixture.SCHEMA_1.archive()),
                    "{\"mode\":\"replace\",\"image_storage_path\":\" " + folder.resolve("images") + " \"}");
            JsonNode done = finished(admin, "restore", started.json().path("job_id").textValue());

            assertThat(done.path("status").textValue()).as(done.toString()).isEqualTo("complete");
            assertThat(Sqlite.value(server.database(), "SELECT value FROM _meta WHERE key = 'schema_version'")).isEqualTo("2");
            // Its user is not in this archive under the same id, so the session ended with the old content.
            assertThat(server.token().get("/health").json().path("photos").path("unreadable").intValue()).isZero();
        }
    }

    @Test
    @DisplayName("D36: a restore may move the images to another folder, which is applied last")
    void aRestoreMayMoveTheImagesToAnotherFolder() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Path elsewhere = folder.resolve("elsewhere");
        Map<String, String> noVariable = Map.of("STOREIT_IMAGE_PATH", "", "XDG_DATA_HOME", folder.resolve("xdg").toString());
        try (TestServer server = TestServer.in(folder, InstantSource.system(), noVariable)) {
            Client admin = server.login("admin", "changeme");
            Answer started = restore(admin, Files.readAllBytes(Fixture.SCHEMA_2.archive()), "{\"mode\":\"replace\",\"image_storage_path\":\"" + elsewhere + "\"}");
            assertThat(finished(admin, "restore", started.json().path("job_id").textValue()).path("status").textValue()).isEqualTo("complete");

            assertThat(server.token().get("/health").json().path("photos").toString()).isEqualTo("{\"checked\":5,\"unreadable\":0}");
        }
        assertThat(Sqlite.rows(database, "SELECT value FROM settings")).containsExactly(elsewhere.toString());
    }

    /** Adds so many items that a backup takes a while. */
    private static void manyItems(Path database) {
        Sqlite.execute(database, """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
                INSERT INTO items (id, group_id, container_id, name)
                SELECT printf('%%08x-0000-4000-8000-000000000000', i), '66198627-7714-4bcd-aa7d-a949906b44b0', '%s', 'item ' || i FROM n"""
                .formatted(MIRAS_CONTAINER));
    }

    private static List<Path> archives(TestServer server) throws IOException {
        return filesIn(server.beside(".work"));
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String start(Client admin) {
        Answer answer = admin.post("/api/v1/admin/backup", "{\"include_images\":true}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("job_id").textValue();
    }

    /** Waits until a job has ended, in whatever way, and returns its status. */
    private static JsonNode finished(Client admin, String type, String job) {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).until(() -> {
            // The session that started a restore may end when its user is removed.
            Answer answer = admin.get("/api/v1/admin/" + type + "/" + job + "/status");
            return (answer.status() == 200 ? answer : admin.server().token().get("/api/v1/admin/" + type + "/" + job + "/status")).json();
        }, status -> List.of("complete", "failed").contains(status.path("status").asText()));
    }

    private static Answer restore(Client admin, byte[] archive, String options) {
        var form = new Form();
        if (options != null) {
            form.text("options", options);
        }
        if (archive != null) {
            form.file(archive, "application/octet-stream");
        }
        return form.post(admin, "/api/v1/admin/restore");
    }

    private static String item(String name) {
        return "{\"parent_type\":\"container\",\"parent_id\":\"" + MIRAS_CONTAINER + "\",\"name\":\"" + name + "\"}";
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
