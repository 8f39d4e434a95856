package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Json;
import io.storeit.server.Program.Result;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests every command as people and storeit-ctl run it: a process with an environment, an exit code and output. */
class CommandTest {
    private static final String PERSONS = "SELECT external_id, password_hash FROM users ORDER BY 1";
    private static final String ITEMS = "SELECT id, name, aliases, quantity, created_at FROM items ORDER BY id";

    @TempDir
    Path folder;

    @Test
    @Tag("process")
    void versionPrintsTheDocumentedJsonAndNothingElse() {
        assertThat(Program.run(folder, "version")).isEqualTo(new Result(0, version(0), ""));
        Fixture.SCHEMA_1.copyTo(folder);
        Map<String, String> before = contents();

        assertThat(Program.run(folder, "version")).isEqualTo(new Result(0, version(1), ""));
        assertThat(contents()).isEqualTo(before);
        assertThat(Program.run(folder, Map.of("DATABASE_URL", "postgres://u:p@h/d"), "version").out()).isEqualTo(version(0));
        assertThat(Program.run(folder, "--version").out()).containsExactly("storeit-server 0.3.0");
    }

    @Test
    void wrongArgumentsEndWith2AndTouchNothing() {
        for (String[] arguments : new String[][] {
            {"foo"}, {"serve", "extra"}, {"import"}, {"import", "x", "--mode", "other"}, {"import", "x", "--mode", "merge"}, {"export"}, {"--foo"}
        }) {
            Result result = inThisProcess(Map.of(), arguments);

            assertThat(result.exit()).as(String.join(" ", arguments)).isEqualTo(2);
            assertThat(result.err()).startsWith("Error: ").hasLineCount(2);
        }
        assertThat(folder.resolve("storeit.db")).doesNotExist();
    }

    @Test
    @DisplayName("D12, D13, D14, D17, D70, D134: settings that cannot be meant are refused by name, also those for an identity provider")
    @Tag("process")
    void wrongSettingsAreRefusedByName() {
        Result hours = inThisProcess(Map.of("STOREIT_SESSION_TTL_HOURS", "one"), "auto-upgrade");
        assertThat(hours.exit()).isEqualTo(2);
        assertThat(hours.err()).contains("STOREIT_SESSION_TTL_HOURS", "'one'");
        Result bind = inThisProcess(Map.of("STOREIT_BIND", "8080"), "auto-upgrade");
        assertThat(bind.err()).contains("invalid socket address", "STOREIT_BIND");
        Result issuer = Program.run(folder, Map.of("STOREIT_AUTH_ISSUER", "https://id.example.org"));
        assertThat(issuer.exit()).isEqualTo(1);
        assertThat(issuer.err()).contains("STOREIT_AUTH_ISSUER", "OpenID Connect");
        assertThat(folder.resolve("storeit.db")).doesNotExist();
    }

    @Test
    @Tag("process")
    void serveRefusesSchema1WithTheDocumentedTextAndChangesNothing() {
        Fixture.SCHEMA_1.copyTo(folder);
        Map<String, String> before = contents();

        Result result = Program.run(folder, "serve");

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains(
                "Error: Schema version mismatch: database has version 1, but this binary expects version 2. Use storeit-ctl to upgrade/downgrade.");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void serveAndAutoUpgradeRefuseWhatTheyDoNotKnowAndChangeNothing() {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Sqlite.execute(database,
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (20990101000001, 'future', 1, x'00', 0)",
                "UPDATE _meta SET value = '9' WHERE key = 'schema_version'");
        refusedUntouched("Schema version mismatch: database has version 9, but this binary expects version 2.");
        Sqlite.execute(database, "DELETE FROM _sqlx_migrations WHERE version = 20990101000001");
        refusedUntouched("inconsistent");
        Sqlite.execute(database, "DROP TABLE _sqlx_migrations");
        refusedUntouched("not a StoreIT database");
    }

    private void refusedUntouched(String reason) {
        Map<String, String> before = contents();
        assertThatThrownBy(() -> TestServer.in(folder)).isInstanceOf(Problem.class).hasMessageContaining(reason);
        assertThat(contents()).isEqualTo(before);
        for (String[] command : new String[][] {{"auto-upgrade"}, {"export", "-o", "x.storeit"}}) {
            Result result = inThisProcess(Map.of(), command);

            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.err()).contains(reason);
            assertThat(contents()).isEqualTo(before);
        }
    }

    @Test
    @Tag("process")
    void importBuildsAsideKeepsTheOldDatabaseAndSaysSo() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Sqlite.execute(database, "DELETE FROM items", "DELETE FROM search_index");
        String replaced = contents().get("storeit.db");

        Result result = Program.run(folder, "import", Fixture.SCHEMA_2.archive().toString(), "--mode", "replace");

        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.log()).containsSubsequence(
                "backing up existing database to " + database + ".pre-import",
                "import completed successfully",
                "previous database saved at " + database + ".pre-import. Delete it after verifying the import, or restore it to rollback.");
        assertThat(contents().get("storeit.db.pre-import")).isEqualTo(replaced);
        assertThat(Sqlite.rows(database, ITEMS)).isEqualTo(Sqlite.rows(Fixture.SCHEMA_2.database(), ITEMS));
        assertThat(Sqlite.rows(database, PERSONS)).isEqualTo(Sqlite.rows(Fixture.SCHEMA_2.database(), PERSONS));
        onlyThese("images", "stderr", "storeit.db", "storeit.db.database.lock", "storeit.db.pre-import");

        assertThat(Program.run(folder, "import", Fixture.legacyArchive().toString()).exit()).isZero();
        assertThat(names().stream().filter(name -> name.startsWith("storeit.db.pre-import"))).hasSize(2);
        assertThat(contents()).containsValue(replaced);
    }

    @Test
    @Tag("process")
    void importNeedsNoDatabaseAndNoModeInTheUrl() {
        Result result = Program.run(folder, Map.of("DATABASE_URL", "sqlite://new/folder/my%20data.db"), "import", Fixture.SCHEMA_1.archive().toString());

        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.log()).doesNotContain("backing up").contains("import completed successfully");
        Path database = folder.resolve("new/folder/my data.db");
        assertThat(Sqlite.rows(database, ITEMS)).isEqualTo(Sqlite.rows(Fixture.SCHEMA_1.database(), ITEMS));
        assertThat(folder.resolve("new/folder/my data.db.pre-import")).doesNotExist();
    }

    @Test
    void aFailedImportLeavesEverythingByteForByte() throws IOException {
        Fixture.SCHEMA_2.copyTo(folder);
        byte[] archive = Files.readAllBytes(Fixture.SCHEMA_2.archive());
        Path truncated = Files.write(folder.resolve("truncated.storeit"), java.util.Arrays.copyOf(archive, archive.length - 20_000));
        Map<String, String> before = contents();
        for (String file : List.of("missing.storeit", "truncated.storeit", "images", "storeit.db")) {
            Result result = inThisProcess(Map.of(), "import", file);

            assertThat(result.exit()).as(file).isEqualTo(1);
            assertThat(result.err()).as(file).startsWith("Error: ").hasLineCount(2);
            Map<String, String> after = contents();
            after.remove("storeit.db.database.lock");
            assertThat(after).as(file).isEqualTo(before);
        }
        assertThat(truncated).exists();
    }

    @Test
    @Tag("process")
    void importKeepsTheImageFolderOfTheMachineAndTakesTheArchivesOnlyWhenToldSo() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Path images = folder.resolve("my images");
        Sqlite.execute(database, "INSERT INTO settings VALUES ('image_storage_path', '" + images + "')");
        Files.move(folder.resolve("images"), images);
        Map<String, String> noVariable = Map.of("STOREIT_IMAGE_PATH", "", "XDG_DATA_HOME", folder.resolve("xdg").toString());
        assertThat(Program.run(folder, noVariable, "export", "-o", "mine.storeit").exit()).isZero();

        // A foreign archive brings its photos into this machine's folder and leaves the setting alone.
        assertThat(Program.run(folder, noVariable, "import", Fixture.SCHEMA_1.archive().toString()).exit()).isZero();
        assertThat(Sqlite.rows(database, "SELECT value FROM settings")).containsExactly(images.toString());

        Files.delete(database);
        assertThat(Program.run(folder, noVariable, "import", "mine.storeit").exit()).isZero();
        assertThat(Sqlite.rows(database, "SELECT value FROM settings")).isEmpty();
        Files.delete(database);
        assertThat(Program.run(folder, noVariable, "import", "mine.storeit", "--same-machine").exit()).isZero();
        assertThat(Sqlite.rows(database, "SELECT value FROM settings")).containsExactly(images.toString());
    }

    @Test
    @Tag("process")
    void autoUpgradeWritesTheDocumentedLinesInTheirOrder() {
        Path database = Fixture.SCHEMA_1.copyTo(folder);
        String old = contents().get("storeit.db");

        Result result = Program.run(folder, "auto-upgrade");

        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.log()).containsSubsequence(
                "schema version mismatch: database has 1, binary expects 2 — auto-upgrading",
                "exported data to temporary archive",
                "backing up database to " + database + ".pre-upgrade",
                "import completed successfully",
                "auto-upgrade complete: schema version 1 -> 2",
                "previous database saved at " + database + ".pre-upgrade. Delete it after verifying the upgrade.");
        assertThat(contents().get("storeit.db.pre-upgrade")).isEqualTo(old);
        assertThat(Sqlite.rows(database, ITEMS)).isEqualTo(Sqlite.rows(Fixture.SCHEMA_1.database(), ITEMS));
        onlyThese("images", "stderr", "storeit.db", "storeit.db.database.lock", "storeit.db.pre-upgrade");

        assertThat(Program.run(folder, "auto-upgrade").log()).containsExactly("schema version 2 matches, no migration needed");
        try (Program server = Program.serve(folder, Map.of())) {
            assertThat(Program.text(server.waitForLine("listening on "))).matches("listening on 127\\.0\\.0\\.1:\\d+");
        }
    }

    @Test
    @Tag("process")
    void autoUpgradeWithoutADatabaseHasNothingToDo() {
        Result result = Program.run(folder, "auto-upgrade");

        assertThat(result.exit()).isZero();
        assertThat(result.log()).containsExactly("no existing database found, skipping auto-upgrade");
        onlyThese("stderr");
    }

    @Test
    @Tag("process")
    void aFailedAutoUpgradeIsNotTriedAgainUntilSomethingChanged() throws IOException {
        Path database = Fixture.SCHEMA_1.copyTo(folder);
        // A reference that leads nowhere: the export takes it along, the import refuses it.
        Sqlite.execute(database, "PRAGMA foreign_keys = OFF", "UPDATE locations SET parent_id = '00000000-0000-4000-8000-000000000000' WHERE name = 'Garage'");
        Map<String, String> before = contents();

        Result first = Program.run(folder, "auto-upgrade");
        assertThat(first.exit()).isEqualTo(1);
        assertThat(first.err()).startsWith("Error: auto-upgrade failed: ").contains("The database was not changed.");
        Map<String, String> after = contents();
        assertThat(after.remove("storeit.db.auto-upgrade-failed")).isNotNull();
        after.remove("storeit.db.database.lock");
        assertThat(after).isEqualTo(before);

        Result second = Program.run(folder, "auto-upgrade");
        assertThat(second.exit()).isEqualTo(1);
        assertThat(second.err()).contains("failed before", "Nothing was tried again");
        assertThat(second.log()).isEmpty();

        Sqlite.execute(database, "UPDATE locations SET parent_id = NULL WHERE name = 'Garage'");
        assertThat(Program.run(folder, "auto-upgrade").exit()).isZero();
        assertThat(folder.resolve("storeit.db.auto-upgrade-failed")).doesNotExist();
    }

    @Test
    @Tag("process")
    void exportAndVerifyAgreeOnTheContent() throws IOException {
        Fixture.SCHEMA_2.copyTo(folder);
        Map<String, String> before = contents();

        Result export = Program.run(folder, "export", "-o", "out.storeit");
        assertThat(export.exit()).as(export.err()).isZero();
        Map<String, String> after = contents();
        after.remove("out.storeit");
        assertThat(after).isEqualTo(before);

        JsonNode archive = verified("verify", "out.storeit", "--json");
        JsonNode database = verified("verify", "--json");
        assertThat(archive.path("kind").textValue()).isEqualTo("archive");
        assertThat(database.path("kind").textValue()).isEqualTo("database");
        assertThat(archive.path("digest")).isEqualTo(database.path("digest"));
        assertThat(archive.path("counts")).isEqualTo(database.path("counts"));
        assertThat(database.path("counts").path("items").intValue()).isEqualTo(318);
        assertThat(Program.run(folder, "verify").out().get(0)).endsWith("storeit.db: valid");
    }

    @Test
    @Tag("process")
    void verifyFindsAMissingPhotoAndEndsWith1() throws IOException {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        String key = Sqlite.value(database, "SELECT storage_key FROM photos");
        Files.delete(folder.resolve("images").resolve(key));

        Result result = Program.run(folder, "verify", "--json");

        assertThat(result.exit()).isEqualTo(1);
        JsonNode json = Json.parseOrNull(String.join("\n", result.out()));
        assertThat(json.path("ok").booleanValue()).isFalse();
        assertThat(json.path("missing_images").toString()).isEqualTo("[\"" + key + "\"]");
    }

    @Test
    @Tag("process")
    void theWarmUpLeavesNothingBehindAndSaysNothing() {
        Path temporary = folder.resolve("tmp");
        assertThat(temporary.toFile().mkdir()).isTrue();
        Result result = Program.run(folder, Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary), "__warm");

        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.out()).isEmpty();
        onlyThese("stderr", "tmp");
        assertThat(temporary).isEmptyDirectory();
    }

    /** Runs a command like {@link Program#run}, without the second that a process takes. */
    private Result inThisProcess(Map<String, String> settings, String... arguments) {
        return Program.inThisProcess(folder, settings, arguments);
    }

    private JsonNode verified(String... arguments) {
        Result result = Program.run(folder, arguments);
        assertThat(result.exit()).as(result.out() + result.err()).isZero();
        JsonNode json = Json.parseOrNull(String.join("\n", result.out()));
        assertThat(json.path("ok").booleanValue()).isTrue();
        assertThat(json.path("schema_version").intValue()).isEqualTo(2);
        return json;
    }

    private static List<String> version(int schema) {
        return List.of("{", "  \"app_version\": \"0.3.0\",", "  \"expected_schema_version\": 2,", "  \"schema_version\": " + schema, "}");
    }

    private void onlyThese(String... expected) {
        assertThat(names()).containsExactlyInAnyOrder(expected);
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lists every file below the folder with the hash of its bytes, except the program's output. */
    private Map<String, String> contents() {
        try (Stream<Path> files = Files.walk(folder)) {
            var contents = new TreeMap<String, String>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(folder.relativize(file).toString(), HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
            }
            contents.remove("stderr");
            return contents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
