package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The stand-in behaves as the servers it stands for: what contract documents say of them (commands, sequences, archives, HTTP) and a
 * migration can meet, one test each.
 */
@Tag("process")
@Tag("once")
class ReferenceServerTest {
    @TempDir
    Path folder;

    private Machine machine;

    private Machine with(Release release) {
        machine = Machine.with(release, folder);
        return machine;
    }

    private Machine running(Release release) {
        machine = Machine.running(release, folder);
        return machine;
    }

    @AfterEach
    void close() {
        machine.close();
    }

    // ---- The command line

    @Test
    void serveTakesNoOptions() {
        var run = with(Release.REFERENCE_021).server("serve", "--port");
        assertThat(run.requireExit(2).err()).startsWith("error: unexpected argument '--port' found")
                .contains("Usage: storeit-server [COMMAND]", "For more information, try '--help'.");
    }

    @Test
    void anUnknownCommandIsAUsageErrorAndTouchesNothing() {
        var before = Machine.sha256(with(Release.REFERENCE_021).database);
        assertThat(machine.server("foo").requireExit(2).err()).startsWith("error: unrecognized subcommand 'foo'");
        assertThat(Machine.sha256(machine.database)).isEqualTo(before);
    }

    @Test
    void importWithoutAnArchiveIsAUsageError() {
        with(Release.REFERENCE_021).server("import").requireExit(2);
    }

    @Test
    void versionPrintsJsonWithSortedKeys() {
        assertThat(with(Release.REFERENCE_021).server("version").requireExit(0).out()).isEqualTo("""
                {
                  "app_version": "0.2.1",
                  "expected_schema_version": 2,
                  "schema_version": 2
                }
                """);
        assertThat(machine.server("--version").out()).isEqualTo("storeit-server 0.2.1\n");
    }

    @Test
    void versionOfABuildBeforeThePublished010SaysSchema1() {
        var version = Machine.json(with(Release.SCHEMA_1).server("version").out());
        assertThat(version.path("app_version").asText()).isEqualTo("0.1.0");
        assertThat(version.path("expected_schema_version").asInt()).isEqualTo(1);
        assertThat(version.path("schema_version").asInt()).isEqualTo(1);
    }

    @Test
    void versionLeavesAnEmptyFileWhereThereWasNoDatabase() throws IOException {
        Files.delete(with(Release.REFERENCE_021).database);
        assertThat(Machine.json(machine.server("version").requireExit(0).out()).path("schema_version").asInt()).isZero();
        assertThat(machine.database).isEmptyFile();
    }

    @Test
    void theLogShowsErrorsOnlyUnlessAskedForMore() {
        with(Release.REFERENCE_021).setServerVariable("RUST_LOG", "error");
        assertThat(machine.server("auto-upgrade").requireExit(0).out()).isEmpty();
        machine.setServerVariable("RUST_LOG", "info");
        assertThat(machine.server("auto-upgrade").out()).contains(" INFO storeit_server: schema version 2 matches, no migration needed");
    }

    @Test
    void theLogHasColoursAlsoInAPipe() {
        with(Release.REFERENCE_021).setServerVariable("NO_COLOR", "");
        assertThat(machine.server("auto-upgrade").out())
                .contains("\u001b[32m INFO\u001b[0m \u001b[2mstoreit_server\u001b[0m\u001b[2m:\u001b[0m schema version 2 matches");
    }

    // ---- serve

    @Test
    void withoutACommandItServesAndSaysSo() throws IOException {
        running(Release.REFERENCE_021);
        assertThat(Files.readString(machine.folder.resolve("server.log"))).contains("storeit_server: database: sqlite:" + machine.database,
                "storeit_server: images:   " + machine.images, "STOREIT_AUTH_ISSUER not set — using local auth mode",
                "storeit_server: listening on 127.0.0.1:" + machine.port);
    }

    @Test
    void aPlainStartAppliesPendingMigrationsInPlaceAndKeepsNoCopy() {
        var before = with(Release.SCHEMA_1).household();
        machine.install(Release.REFERENCE_021.asset());
        machine.start();
        assertThat(HouseholdComparison.query(machine.database, "SELECT value FROM _meta")).containsExactly("value=2");
        assertThat(HouseholdComparison.query(machine.database, "SELECT count(*) AS rows FROM _sqlx_migrations")).containsExactly("rows=10");
        assertThat(machine.dataFiles()).containsExactly("storeit.db");
        HouseholdComparison.assertSame(before, machine.database);
    }

    @Test
    void aDatabaseItMadeHasTheTablesOfAReferenceDatabase() throws IOException {
        var schema = "SELECT type, name, sql FROM sqlite_master WHERE name <> 'sqlite_sequence'";
        for (var release : List.of(Release.SCHEMA_1, Release.REFERENCE_021)) {
            machine = Machine.with(release, Files.createDirectory(folder.resolve(release.name())));
            Files.delete(machine.database);
            machine.start();
            machine.stopServers();
            assertThat(HouseholdComparison.query(machine.database, schema))
                    .isEqualTo(HouseholdComparison.query(release.fixture().resolve("storeit.db"), schema));
            var migrations = "SELECT version, description, success, hex(checksum) AS checksum FROM _sqlx_migrations";
            assertThat(HouseholdComparison.query(machine.database, migrations))
                    .isEqualTo(HouseholdComparison.query(release.fixture().resolve("storeit.db"), migrations));
            machine.close();
        }
    }

    @Test
    void aMigrationItDoesNotKnowStopsItAndTheFileStaysAsItIs() {
        with(Release.REFERENCE_021).install(Release.SCHEMA_1.asset());
        assertRefusedUntouched("Error: migration 20260318000001 was previously applied but is missing in the resolved migrations");
    }

    @Test
    void aMigrationWithAnotherChecksumStopsIt() {
        with(Release.REFERENCE_021).sql("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 20260304000001");
        assertRefusedUntouched("Error: migration 20260304000001 was previously applied but has been modified");
    }

    @Test
    void aMigrationThatFailedOnceStopsIt() {
        with(Release.REFERENCE_021).sql("UPDATE _sqlx_migrations SET success = 0 WHERE version = 20260304000001");
        assertRefusedUntouched("Error: migration 20260304000001 is partially applied; fix and remove row from `_sqlx_migrations` table");
    }

    @Test
    void aRaisedSchemaVersionAloneStopsServe() {
        with(Release.REFERENCE_021).sql("UPDATE _meta SET value = '3'");
        assertRefusedUntouched("Error: Schema version mismatch: database has version 3, but this binary expects version 2. Use storeit-ctl to upgrade/downgrade.");
    }

    private void assertRefusedUntouched(String error) {
        var before = Machine.sha256(machine.database);
        assertThat(machine.server("serve").requireExit(1).err()).isEqualTo(error + "\n");
        assertThat(Machine.sha256(machine.database)).isEqualTo(before);
    }

    @Test
    void withoutModeRwcAMissingDatabaseIsAnError() throws IOException {
        Files.delete(with(Release.REFERENCE_021).database);
        machine.setServerVariable("DATABASE_URL", "sqlite:" + machine.database);
        assertThat(machine.server("serve").requireExit(1).err()).startsWith("Error:").contains("(code: 14) unable to open database file");
    }

    @Test
    void aTakenPortEndsTheStart() throws IOException {
        with(Release.REFERENCE_021);
        try (var taken = new java.net.ServerSocket(machine.port, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThat(machine.server("serve").requireExit(1).err()).isEqualTo("Error: Address already in use (os error 98)\n");
        }
    }

    @Test
    void anAdministratorIsSeededOnlyWhereThereIsNone() throws IOException {
        Files.delete(with(Release.REFERENCE_021).database);
        machine.start();
        assertThat(machine.login("admin", "changeme")).isPresent();
        assertThat(Files.readString(machine.folder.resolve("server.log")))
                .contains("Creating admin user with default password 'changeme'", "Seeded admin user 'admin' (");
        machine.stopServers();
        machine.start();
        assertThat(HouseholdComparison.query(machine.database, "SELECT count(*) AS rows FROM users")).containsExactly("rows=1");
    }

    @Test
    void itKeepsTheRollbackJournalAndTakesNoLockAndWritesNoToken() {
        running(Release.REFERENCE_021);
        assertThat(HouseholdComparison.query(machine.database, "PRAGMA journal_mode")).containsExactly("journal_mode=delete");
        createItem("with the server running");
        assertThat(machine.dataFiles()).containsExactly("storeit.db");
    }

    @Test
    void nothingKeepsASecondServerFromServingTheSameDatabase() {
        running(Release.REFERENCE_021);
        var port = Machine.freePort();
        machine.startAnother(machine.binary, Map.of("STOREIT_BIND", "127.0.0.1:" + port));
        Waiting.until("a second server",
                () -> machine.send(java.net.http.HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:" + port
                + "/api/v1/auth/mode"))).isPresent());
        assertThat(machine.servers()).hasSize(2);
    }

    @Test
    void sigtermEndsItAtOnceAndCutsOpenRequests() throws Exception {
        var server = with(Release.REFERENCE_021).start();
        try (var open = new Socket("127.0.0.1", machine.port)) {
            // Still without the empty line after the headers, so that it cannot be answered yet, however late the signal comes.
            open.getOutputStream()
                    .write("POST /api/v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n".getBytes(StandardCharsets.US_ASCII));
            var asked = System.nanoTime();
            machine.stopServers();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(2));
            assertThat(readOrEnd(open)).isEqualTo(-1);
        }
        assertThat(server.onExit().get(10, TimeUnit.SECONDS).isAlive()).isFalse();
    }

    private static int readOrEnd(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException cut) {
            return -1;
        }
    }

    // ---- HTTP

    @Test
    void unknownPathsAnswer200WithThePageOfTheWebClientAlsoUnderApi() {
        running(Release.REFERENCE_021);
        for (var path : List.of("/", "/health", "/api/v1/health", "/api/v2/anything")) {
            var answer = machine.get(path).orElseThrow();
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).as(path).contains("text/html");
        }
    }

    @Test
    void theSchemaVersionIsAnonymousAndAConstantOfTheBinary() {
        running(Release.REFERENCE_021);
        machine.sql("UPDATE _meta SET value = '7'");
        var answer = Machine.json(machine.get("/api/v1/admin/schema-version").orElseThrow().body());
        assertThat(answer).isEqualTo(Machine.json("{\"app_version\": \"0.2.1\", \"schema_version\": 2, \"expected_version\": 2}"));
    }

    @Test
    void everyUserOfTheFixtureLogsInAndWrongPasswordsDoNot() {
        running(Release.REFERENCE_021);
        for (var user : Map.of("admin", "changeme", "mira", "correct horse battery", "joão", "pässwörd ✓", "zoe", "z".repeat(100))
                .entrySet()) {
            assertThat(machine.login(user.getKey(), user.getValue())).as(user.getKey()).isPresent();
            assertThat(machine.login(user.getKey(), user.getValue() + "x")).as(user.getKey()).isEmpty();
        }
    }

    @Test
    void aBcryptHashAnswers500AtEveryLogin() {
        with(Release.REFERENCE_021)
                .sql("UPDATE users SET password_hash = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW' WHERE external_id = 'local:mira'");
        machine.start();
        assertThat(machine.post("/api/v1/auth/local/login", null, "{\"username\": \"mira\", \"password\": \"x\"}").orElseThrow()
                .statusCode()).isEqualTo(500);
    }

    @Test
    void sessionsAreStoredAsTheyAre() {
        running(Release.REFERENCE_021);
        var cookie = machine.login("admin", "changeme").orElseThrow();
        assertThat(HouseholdComparison.query(machine.database, "SELECT id FROM sessions"))
                .contains("id=" + cookie.substring("storeit_session=".length()));
    }

    @Test
    void aBackupJobStartsWith200AndOnlyForAdministrators() {
        running(Release.REFERENCE_021);
        assertThat(startBackup(null)).isEqualTo(401);
        assertThat(startBackup(machine.login("mira", "correct horse battery").orElseThrow())).isEqualTo(403);
        assertThat(startBackup(machine.login("admin", "changeme").orElseThrow())).isEqualTo(200);
    }

    private int startBackup(String cookie) {
        return machine.post("/api/v1/admin/backup", cookie, "{\"include_images\": true}").orElseThrow().statusCode();
    }

    @Test
    void whoKnowsTheJobGetsItsStatusAndTheArchiveWithoutALogin() throws IOException {
        running(Release.REFERENCE_021);
        var job = completedBackupJob();
        assertThat(machine.get("/api/v1/admin/backup/" + job + "/download").orElseThrow().statusCode()).isEqualTo(200);
        assertThat(machine.get("/api/v1/admin/backup/unknown/status").orElseThrow().statusCode()).isEqualTo(404);
    }

    @Test
    void aJobIsForgottenAtARestartButItsArchiveStaysInTheTemporaryFolder() {
        running(Release.REFERENCE_021);
        var job = completedBackupJob();
        machine.stopServers();
        machine.start();
        assertThat(machine.get("/api/v1/admin/backup/" + job + "/status").orElseThrow().statusCode()).isEqualTo(404);
        assertThat(machine.folder.resolve("tmp/storeit-backup-" + job + ".storeit")).exists();
    }

    /** 9 data files and 31 photo rows are 40 steps. */
    private String completedBackupJob() {
        var answer = machine.post("/api/v1/admin/backup", machine.login("admin", "changeme")
                .orElseThrow(), "{\"include_images\": true}").orElseThrow();
        var job = Machine.json(answer.body()).path("job_id").asText();
        Waiting.until("the backup", () -> machine.get("/api/v1/admin/backup/" + job + "/status").orElseThrow().body().contains("complete"));
        assertThat(Machine.json(machine.get("/api/v1/admin/backup/" + job + "/status").orElseThrow().body()).path("progress")
                .asInt()).isEqualTo(40);
        return job;
    }

    // ---- export, as a backup job does it

    @Test
    void anExportHasChildrenBeforeTheirParentsBecauseItSortsByName() {
        var archive = backup(running(Release.REFERENCE_021));
        assertThat(archive.rows("locations").findValuesAsText("name")).startsWith("A-shelf").isSorted();
        assertThat(archive.manifest().path("format_version").asInt()).isEqualTo(2);
        assertThat(archive.manifest().path("schema_version").asInt()).isEqualTo(2);
        assertThat(archive.manifest().path("created_at").asText()).endsWith("+00:00");
    }

    @Test
    void anExportOfSchema1HasNoVariantKeys() {
        var archive = backup(running(Release.SCHEMA_1));
        assertThat(archive.manifest().path("schema_version").asInt()).isEqualTo(1);
        assertThat(archive.rows("photos").get(0).has("thumbnail_key")).isFalse();
    }

    @Test
    void anExportPassesOverMissingImagesAndStillCompletes() throws IOException {
        with(Release.REFERENCE_021);
        var lost = HouseholdComparison.query(machine.database, "SELECT storage_key FROM photos LIMIT 1").get(0)
                .substring("storage_key=".length());
        Files.delete(machine.images.resolve(lost));
        machine.start();
        backup(machine);
        assertThat(Files.readString(machine.folder.resolve("server.log")))
                .contains("WARN storeit_server::interchange: skipping photo ", "No such file or directory (os error 2)");
    }

    @Test
    void aTimeItDoesNotUnderstandFailsTheWholeBackupWithoutNamingTheRow() {
        running(Release.REFERENCE_021).sql("UPDATE items SET created_at = '2026-01-01T00:00:00-01:00' WHERE rowid = 1");
        var answer = machine.post("/api/v1/admin/backup", machine.login("admin", "changeme")
                .orElseThrow(), "{\"include_images\": false}").orElseThrow();
        var job = Machine.json(answer.body()).path("job_id").asText();
        Waiting.until("the failure", () -> machine.get("/api/v1/admin/backup/" + job + "/status").orElseThrow().body()
                .contains("internal error: trailing input"));
        assertThat(machine.get("/api/v1/admin/backup/" + job + "/download").orElseThrow().statusCode()).isEqualTo(400);
    }

    private EditedArchive backup(Machine machine) {
        completedBackupJob();
        return new EditedArchive(machine.folder.resolve("tmp")
                .resolve(Machine.names(machine.folder.resolve("tmp")).stream().filter(name -> name.endsWith(".storeit")).findFirst()
                .orElseThrow()));
    }

    // ---- import

    private EditedArchive archiveOf(Release release) {
        return new EditedArchive(release.fixture().resolve("with-images.storeit"));
    }

    private CommandRun importArchive(EditedArchive archive) {
        return machine.server("import", archive.writeTo(folder.resolve("edited.storeit")).toString(), "--mode", "replace");
    }

    @Test
    void anImportReplacesEverythingAndKeepsTheOldDatabase() {
        with(Release.REFERENCE_021).useDatabaseOf(Release.REFERENCE_021);
        var before = machine.household();
        var bytes = Machine.sha256(machine.database);
        var run = importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()).requireExit(0);
        assertThat(run.out()).containsSubsequence("backing up existing database to " + machine.database + ".pre-import",
                "STOREIT_AUTH_ISSUER not set — using local auth mode", "Seeded admin user 'admin'", "import status: running",
                " items to process", "import completed successfully",
                "previous database saved at " + machine.database
                        + ".pre-import. Delete it after verifying the import, or restore it to rollback.");
        HouseholdComparison.assertSame(before, machine.database);
        assertThat(Machine.sha256(machine.beside(machine.database, ".pre-import"))).isEqualTo(bytes);
        assertThat(HouseholdComparison.query(machine.database, "SELECT * FROM sessions")).isEmpty();
    }

    @Test
    void anImportOverwritesAnOlderSavedDatabase() {
        with(Release.REFERENCE_021);
        Machine.write(machine.beside(machine.database, ".pre-import"), "the only good copy");
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()).requireExit(0);
        assertThat(HouseholdComparison.read(machine.beside(machine.database, ".pre-import")).table("items")).hasSize(318);
    }

    @Test
    void itCannotImportItsOwnArchiveOfAHouseholdWithChildrenSortedBeforeParents() {
        var before = Machine.sha256(with(Release.REFERENCE_021).database);
        var run = importArchive(archiveOf(Release.REFERENCE_021)).requireExit(1);
        var reason = "database error: error returned from database: (code: 787) FOREIGN KEY constraint failed";
        assertThat(run.err()).isEqualTo("Error: " + reason + "\n");
        assertThat(run.out()).containsSubsequence("import failed: " + reason, "rolling back: restoring", "rollback complete");
        assertThat(Machine.sha256(machine.database)).isEqualTo(before);
        assertThat(machine.dataFiles()).containsExactly("storeit.db");
    }

    @Test
    void aFailedImportWithoutAnEarlierDatabaseLeavesAHalfFilledOne() throws IOException {
        Files.delete(with(Release.REFERENCE_021).database);
        importArchive(archiveOf(Release.REFERENCE_021)).requireExit(1);
        assertThat(HouseholdComparison.query(machine.database,
                "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM items) AS items"))
                .containsExactly("users=4 | items=0");
    }

    @Test
    void aFailedImportBringsBackWhateverSavedDatabaseItFinds() throws IOException {
        var months = HouseholdComparison.read(with(Release.REFERENCE_021).database);
        Files.move(machine.database, machine.beside(machine.database, ".pre-import"));
        importArchive(archiveOf(Release.REFERENCE_021)).requireExit(1);
        HouseholdComparison.assertSame(months, machine.database);
    }

    @Test
    void anImportNeedsModeRwc() {
        with(Release.REFERENCE_021).setServerVariable("DATABASE_URL", "sqlite:" + machine.database);
        assertThat(importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()).requireExit(1).err())
                .contains("(code: 14) unable to open database file");
    }

    @Test
    void withAPercentEncodedUrlAnImportFindsNothingToSaveAndReplacesTheLiveDatabase() {
        with(Release.REFERENCE_021).setServerVariable("DATABASE_URL", "sqlite:" + machine.database.toString()
                .replace("storeit.db", "%73toreit.db") + "?mode=rwc");
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst().edit("items", ArrayNode::removeAll)).requireExit(0);
        assertThat(machine.dataFiles()).containsExactly("storeit.db");
        assertThat(machine.household().table("items")).isEmpty();
    }

    @Test
    void aMissingArchiveIsNoticedOnlyAfterTheDatabaseWasMoved() {
        with(Release.REFERENCE_021);
        var run = machine.server("import", folder.resolve("nowhere.storeit").toString()).requireExit(1);
        assertThat(run.out()).containsSubsequence("backing up existing database", "Seeded admin user", "rollback complete");
        assertThat(run.err()).isEqualTo("Error: No such file or directory (os error 2)\n");
    }

    @Test
    void whatIsNoArchiveIsSaidToBeNoArchive() {
        with(Release.REFERENCE_021);
        var file = Machine.write(folder.resolve("text.storeit"), "This is no archive.");
        assertThat(machine.server("import", file.toString()).requireExit(1).err()).contains("failed to iterate over archive");
    }

    static Stream<Arguments> whatStopsAnImport() {
        return Stream.of(
                stop("an item without a parent", "(code: 275) CHECK constraint failed", "items", row -> row.putNull("container_id")
                        .putNull("location_id")),
                stop("an item in a container that does not exist", "(code: 787) FOREIGN KEY constraint failed", "items",
                        row -> row.put("container_id", "11111111-1111-4111-8111-111111111111").putNull("location_id")),
                stop("a member without a user", "(code: 787) FOREIGN KEY constraint failed", "memberships",
                        row -> row.put("user_id", "11111111-1111-4111-8111-111111111111")),
                stop("a tag on an item", "unknown variant", "nfc_tags", row -> row.put("entity_type", "thing")),
                stop("an unknown role", "unknown variant `king`", "memberships", row -> row.put("role", "king")),
                stop("a missing rotation", "missing field `rotation` at line 1 column ", "photos", row -> row.remove("rotation")),
                stop("a time without a zone", "premature end of input", "items", row -> row.put("created_at", "2026-01-01T00:00:00")),
                stop("a quantity of 1.0", "invalid type", "items", row -> row.put("quantity", 1.0)),
                Arguments.of("two users with one external id", "(code: 2067) UNIQUE constraint failed: users.external_id", "users",
                        (Consumer<ArrayNode>) rows -> ((ObjectNode) rows.get(1)).set("external_id", rows.get(0).get("external_id"))),
                Arguments.of("two items with one id", "(code: 1555) UNIQUE constraint failed: items.id", "items",
                        (Consumer<ArrayNode>) rows -> ((ObjectNode) rows.get(1)).set("id", rows.get(0).get("id"))));
    }

    private static Arguments stop(String what, String error, String file, Consumer<ObjectNode> change) {
        return Arguments.of(what, error, file, (Consumer<ArrayNode>) rows -> change.accept((ObjectNode) rows.get(0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatStopsAnImport")
    void anImportStopsAt(String what, String error, String file, Consumer<ArrayNode> change) {
        var before = Machine.sha256(with(Release.REFERENCE_021).database);
        assertThat(importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst().edit(file, change)).requireExit(1).err())
                .contains(error);
        assertThat(Machine.sha256(machine.database)).isEqualTo(before);
    }

    @Test
    void anImportAcceptsWhatItNeverChecks() {
        with(Release.REFERENCE_021);
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()
                .edit("items", rows -> rows.forEach(row -> ((ObjectNode) row)
                        .put("group_id", "11111111-1111-4111-8111-111111111111").put("name", "")))
                .edit("photos", rows -> rows.forEach(row -> ((ObjectNode) row)
                        .put("entity_id", "{11111111-1111-4111-8111-111111111111}").put("unknown", true)))
                .edit("locations", rows -> ((ObjectNode) rows.get(0)).put("created_at", "2026-01-01 01:00:00.1239+01:00"))).requireExit(0);
        assertThat(machine.household().table("photos")).allMatch(row -> row.contains("entity_id=11111111-1111-4111-8111-111111111111"));
        assertThat(machine.household().table("locations")).anyMatch(row -> row.contains("created_at=2026-01-01T00:00:00.123 "));
    }

    @Test
    void anImportNeitherMissesImagesNorComparesThemWithTheirHash() {
        with(Release.REFERENCE_021);
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst().removeImages()).requireExit(0);
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst().replaceImages(new byte[] {1})).requireExit(0);
        assertThat(machine.imageFiles()).containsValue("4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a");
    }

    @Test
    void anArchiveOfSchema1GetsThumbnailNamesOfFilesItDoesNotContain() {
        with(Release.REFERENCE_021);
        importArchive(archiveOf(Release.SCHEMA_1).withParentsFirst()).requireExit(0);
        assertThat(HouseholdComparison.query(machine.database, "SELECT thumbnail_key, large_key FROM photos"))
                .allMatch(row -> row.matches("thumbnail_key=[^ ]+_thumb\\.webp \\| large_key=null"));
    }

    @Test
    void aSchema1BuildRefusesArchivesOfSchema2() {
        var before = Machine.sha256(with(Release.SCHEMA_1).database);
        assertThat(importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()).requireExit(1).err())
                .isEqualTo("Error: unsupported schema version transform: 2 -> 1\n");
        assertThat(Machine.sha256(machine.database)).isEqualTo(before);
    }

    @Test
    void aSchema1BuildDropsVariantKeysItFinds() {
        with(Release.SCHEMA_1);
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()
                .editManifest(manifest -> manifest.put("schema_version", 1))).requireExit(0);
        assertThat(machine.household().table("photos")).hasSize(31);
    }

    @Test
    void aNewerSchemaIsRefused() {
        with(Release.REFERENCE_021);
        assertThat(importArchive(archiveOf(Release.REFERENCE_021).editManifest(manifest -> manifest.put("schema_version", 3)))
                .requireExit(1).err())
                .isEqualTo("Error: unsupported schema version transform: 3 -> 2\n");
    }

    @Test
    void anOldGzipArchiveWithoutASchemaIsReadAsSchema1() throws IOException {
        with(Release.SCHEMA_1);
        var run = machine.server("import",
                Release.PROJECT.resolve("interchange/src/test/resources/fixtures/legacy-gzip/backup.tar.gz").toString());
        assertThat(run.requireExit(1).err()).contains("(code: 787) FOREIGN KEY constraint failed");
        assertThat(run.out()).contains("items to process");
    }

    @Test
    void theImageFolderOfTheArchiveBecomesTheSettingAndWinsAtTheNextStart() {
        with(Release.REFERENCE_021).useImageFolderOfSetting();
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()
                .edit("settings", rows -> rows.addArray().add("image_storage_path").add("/elsewhere/images"))).requireExit(0);
        assertThat(machine.household().table("settings")).containsExactly("key=image_storage_path | value=/elsewhere/images");
        machine.start();
        assertThat(readServerLog()).contains("images:   /elsewhere/images");
    }

    private String readServerLog() {
        try {
            return Files.readString(machine.folder.resolve("server.log"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void afterAnImportOldPasswordsWorkAndOldSessionsDoNot() {
        running(Release.REFERENCE_021);
        var cookie = machine.login("mira", "correct horse battery").orElseThrow();
        machine.stopServers();
        importArchive(archiveOf(Release.REFERENCE_021).withParentsFirst()).requireExit(0);
        machine.start();
        assertThat(machine.get("/api/v1/auth/me", cookie).orElseThrow().statusCode()).isEqualTo(401);
        assertThat(machine.login("mira", "correct horse battery")).isPresent();
    }

    // ---- auto-upgrade

    @Test
    void autoUpgradeWithoutADatabaseDoesNothing() throws IOException {
        Files.delete(with(Release.REFERENCE_021).database);
        assertThat(machine.server("auto-upgrade").requireExit(0).out()).contains("no existing database found, skipping auto-upgrade");
        assertThat(machine.database).doesNotExist();
    }

    @Test
    void autoUpgradeOfSchema1ChangesItInPlaceAndSaysThatVersionsMatch() {
        with(Release.SCHEMA_1).install(Release.REFERENCE_021.asset());
        assertThat(machine.server("auto-upgrade").requireExit(0).out()).contains("schema version 2 matches, no migration needed");
        assertThat(machine.dataFiles()).containsExactly("storeit.db");
    }

    @Test
    void autoUpgradeTakesAnyOtherSchemaVersionForAReasonToExportAndImport() {
        with(Release.REFERENCE_021).sql("DELETE FROM nfc_tags", "DELETE FROM items", "DELETE FROM containers",
                "DELETE FROM locations", "UPDATE _meta SET value = '3'");
        var run = machine.server("auto-upgrade").requireExit(0);
        assertThat(run.out()).containsSubsequence("schema version mismatch: database has 3, binary expects 2 — auto-upgrading",
                "exported data to temporary archive",
                "backing up database to " + machine.database + ".pre-upgrade", "auto-upgrade complete: schema version 3 -> 2",
                "previous database saved at " + machine.database + ".pre-upgrade. Delete it after verifying the upgrade.");
        assertThat(machine.folder.resolve("tmp/storeit-auto-upgrade.storeit")).doesNotExist();
    }

    @Test
    void aFailedAutoUpgradeBringsTheDatabaseBack() {
        with(Release.REFERENCE_021).sql("UPDATE _meta SET value = '3'");
        var run = machine.server("auto-upgrade").requireExit(1);
        assertThat(run.err()).startsWith("Error: auto-upgrade failed: database error:")
                .endsWith("Database has been restored to the previous version.\n");
        assertThat(machine.dataFiles()).containsExactly("storeit.db");
    }

    private void createItem(String name) {
        var cookie = machine.login("admin", "changeme").orElseThrow();
        var container = Machine.json(machine.get("/api/v1/containers", cookie).orElseThrow().body()).get(0).path("id").asText();
        var body = Machine.object(Map.of("parent_type", "container", "parent_id", container, "name", name));
        assertThat(machine.post("/api/v1/items", cookie, body.toString()).orElseThrow().statusCode()).isEqualTo(201);
        assertThat(HouseholdComparison.query(machine.database,
                "SELECT searchable_text FROM search_index WHERE searchable_text = '" + name + "'")).hasSize(1);
    }
}
