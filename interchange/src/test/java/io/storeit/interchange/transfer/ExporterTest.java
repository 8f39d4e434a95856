package io.storeit.interchange.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChangeToken;
import io.storeit.interchange.sqlite.ChildJvm;
import io.storeit.interchange.sqlite.Fixtures;
import io.storeit.interchange.sqlite.FolderState;
import io.storeit.interchange.sqlite.Rows;
import io.storeit.interchange.sqlite.Sqlite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an export makes of odd records, missing images, databases in use and older servers. */
class ExporterTest {

    @TempDir
    Path folder;
    private Path database;
    private Path images;
    private Path archive;

    @BeforeEach
    void copyFixture() throws Exception {
        database = Fixtures.SCHEMA_2.copyTo(Files.createDirectory(folder.resolve("db")));
        images = folder.resolve("images");
        archive = folder.resolve("backup.storeit");
        copyTree(Fixtures.SCHEMA_2.images(), images);
    }

    @Test
    void changesNothingAndLeavesOnlyTheArchive() throws Exception {
        FolderState before = FolderState.of(folder.resolve("db"));
        Exports.export(database, images, archive);
        assertThat(FolderState.of(folder.resolve("db"))).isEqualTo(before);
        assertThat(names(folder)).containsExactlyInAnyOrder("db", "images", "backup.storeit");
    }

    @Test
    @DisplayName("D155: odd values are taken over as far as possible, and named")
    void oddValuesAreTakenOverAsFarAsPossibleAndNamed() throws Exception {
        List<String> ids = Rows.query(database, "SELECT id FROM items WHERE container_id IS NOT NULL ORDER BY rowid LIMIT 12");
        Rows.execute(database,
                "UPDATE items SET created_at = '2026-01-02 03:04:05+01:00' WHERE id = '" + ids.get(0) + "'",
                "UPDATE items SET created_at = '2026-01-02T03:04:05.123456-02:00' WHERE id = '" + ids.get(1) + "'",
                "UPDATE items SET updated_at = 1767323045 WHERE id = '" + ids.get(2) + "'",
                "UPDATE items SET updated_at = 'yesterday' WHERE id = '" + ids.get(3) + "'",
                "UPDATE items SET quantity = 4294967298 WHERE id = '" + ids.get(4) + "'",
                "UPDATE items SET quantity = 'many' WHERE id = '" + ids.get(5) + "'",
                "UPDATE items SET quantity = 2.5 WHERE id = '" + ids.get(6) + "'",
                "UPDATE items SET aliases = 'no list' WHERE id = '" + ids.get(7) + "'",
                "UPDATE items SET ai_raw = '{broken' WHERE id = '" + ids.get(8) + "'",
                "UPDATE items SET description = CAST(x'62fffe61' AS TEXT) WHERE id = '" + ids.get(9) + "'",
                "UPDATE items SET ai_raw = '{\"b\": 1e400, \"a\": [123456789012345678901234567890]}' WHERE id = '" + ids.get(10) + "'",
                "UPDATE items SET id = upper(id) WHERE id = '" + ids.get(11) + "'",
                "UPDATE locations SET latitude = 9e999, longitude = 'west' WHERE name = 'Zuhause'",
                "UPDATE photos SET is_primary = 7 WHERE rowid = 1",
                "INSERT INTO settings VALUES ('number', 5)");

        ExportReport report = Exports.export(database, images, archive);

        assertThat(row(ids.get(0)).get("created_at").textValue()).isEqualTo("2026-01-02T02:04:05.000Z");
        assertThat(row(ids.get(1)).get("created_at").textValue()).isEqualTo("2026-01-02T05:04:05.123Z");
        assertThat(row(ids.get(2)).get("updated_at").textValue()).isEqualTo("2026-01-02T03:04:05.000Z");
        assertThat(row(ids.get(3)).get("updated_at").textValue()).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(row(ids.get(4)).get("quantity").intValue()).isEqualTo(2);
        assertThat(row(ids.get(5)).get("quantity").intValue()).isZero();
        assertThat(row(ids.get(6)).get("quantity").intValue()).isEqualTo(2);
        assertThat(row(ids.get(7)).get("aliases")).isEmpty();
        assertThat(row(ids.get(8)).get("ai_raw").isNull()).isTrue();
        assertThat(row(ids.get(9)).get("description").textValue()).startsWith("b").endsWith("a").contains("\ufffd");
        assertThat(row(ids.get(10)).get("ai_raw").toString()).isEqualTo("{\"b\":1E+400,\"a\":[123456789012345678901234567890]}");
        assertThat(row(ids.get(11)).get("id").textValue()).isEqualTo(ids.get(11));
        assertThat(report.manifest().counts()).containsEntry(Table.ITEMS, 318L);
        assertThat(report.notes()).hasSize(13).allSatisfy(note -> assertThat(note).doesNotContain("\n"));
        assertThat(report.notes()).anySatisfy(note -> assertThat(note).startsWith("item \"").contains(ids.get(3)).contains("\"yesterday\" is not a time"));

        // And such an archive can be imported.
        ImportReport imported = Imports.build(archive, folder.resolve("new.db"), images);
        assertThat(imported.digest()).isEqualTo(report.manifest().digest());
    }

    @Test
    void idsThatAreNoUuidsKeepPointingToTheSameRecord() throws Exception {
        Rows.execute(database,
                "INSERT INTO locations (id, group_id, name) VALUES ('shed', '00000000-0000-0000-0000-000000000001', 'Shed')",
                "INSERT INTO locations (id, group_id, parent_id, name) VALUES ('bench', '', 'shed', 'Bench')");
        ExportReport report = Exports.export(database, images, archive);
        List<ObjectNode> rows = Exports.rows(archive, Table.LOCATIONS);
        ObjectNode shed = rows.stream().filter(row -> row.get("name").textValue().equals("Shed")).findFirst().orElseThrow();
        ObjectNode bench = rows.stream().filter(row -> row.get("name").textValue().equals("Bench")).findFirst().orElseThrow();
        assertThat(bench.get("parent_id")).isEqualTo(shed.get("id"));
        assertThat(report.notes()).hasSize(4);
        Imports.build(archive, folder.resolve("new.db"), images);
    }

    @Test
    void circlesAndDanglingParentsAreExportedAndNamed() throws Exception {
        List<String> ids = Rows.query(database, "SELECT id FROM locations ORDER BY rowid");
        Rows.execute(database, "PRAGMA foreign_keys = OFF",
                "UPDATE locations SET parent_id = '" + ids.get(1) + "' WHERE id = '" + ids.get(0) + "'",
                "UPDATE locations SET parent_id = '99999999-9999-4999-8999-999999999999' WHERE id = '" + ids.get(6) + "'");
        ExportReport report = Exports.export(database, images, archive);
        assertThat(report.manifest().counts()).containsEntry(Table.LOCATIONS, 8L);
        assertThat(report.notes()).isNotEmpty().allSatisfy(note -> assertThat(note).contains("parent_id names a location that does not exist"));
    }

    @Test
    void missingAndDamagedImagesFailTheExportUnlessAllowed() throws Exception {
        List<String> keys = Rows.query(database, "SELECT DISTINCT storage_key FROM photos ORDER BY 1 LIMIT 2");
        Files.delete(images.resolve(keys.get(0)));
        FolderState before = FolderState.of(folder);
        assertThatThrownBy(() -> Exports.export(database, images, archive)).isInstanceOf(DatabaseException.class)
                .hasMessageContaining(keys.get(0));
        assertThat(FolderState.of(folder)).isEqualTo(before);

        byte[] bytes = Files.readAllBytes(images.resolve(keys.get(1)));
        bytes[bytes.length / 2] ^= 1;
        Files.write(images.resolve(keys.get(1)), bytes);
        assertThatThrownBy(() -> export(0, null, false)).isInstanceOf(DatabaseException.class).hasMessageContaining(keys.get(0));
        assertThat(archive).doesNotExist();

        ExportReport report = export(0, null, true);
        assertThat(report.manifest().skippedImages()).containsExactlyElementsOf(keys);
        assertThat(ArchiveReader.readManifest(archive).skippedImages()).containsExactlyElementsOf(keys);
        ImportReport imported = Imports.build(archive, folder.resolve("new.db"), folder.resolve("elsewhere"));
        imported.images().discard();
        assertThat(imported.warnings()).hasSize(2)
                .allSatisfy(warning -> assertThat(warning).contains("it was unreadable when the archive was written"));
    }

    @Test
    void serversBefore03GetArgon2HashesOnlyAndTheLossIsReported() throws Exception {
        Rows.execute(database, "UPDATE users SET password_hash = '$2b$12$" + "a".repeat(53) + "' WHERE external_id = 'local:mira'");
        ExportReport report = export(0, "0.2.1", false);
        assertThat(report.manifest().schemaVersion()).isEqualTo(2);
        LossReport.Loss loss = report.manifest().losses().losses().get(0);
        assertThat(loss.table()).isEqualTo("users");
        assertThat(loss.field()).isEqualTo("_password_hash");
        assertThat(loss.records()).isEqualTo(1);
        assertThat(loss.examples()).singleElement().satisfies(example -> {
            assertThat(example.name()).isEqualTo("local:mira");
            assertThat(example.value()).isEqualTo("bcrypt");
        });
        assertThat(Exports.rows(archive, Table.USERS)).filteredOn(user -> user.hasNonNull("_password_hash")).hasSize(3);
        assertThat(Exports.rows(archive, Table.PHOTOS)).allSatisfy(photo -> {
            assertThat(photo.hasNonNull("thumbnail_key")).isFalse();
            assertThat(photo.hasNonNull("_thumbnail_key")).isTrue();
        });

        Files.delete(archive);
        assertThat(export(0, "0.3.0", false).manifest().losses().isEmpty()).isTrue();
    }

    @Test
    @DisplayName("D34: a disk that is full at the very end fails the export, and the archive that was there stays")
    @Tag("process")
    void aDiskThatIsFullAtTheVeryEndFailsTheExport() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/prlimit")), "limits are set with prlimit");
        Exports.export(database, images, archive);
        byte[] earlier = Files.readAllBytes(archive);
        try (ChildJvm child = ChildJvm.start(ExportInChild.class, database.toString(), images.toString(), archive.toString())) {
            assertThat(child.end()).contains("ArchiveException: cannot write " + archive);
        }
        assertThat(archive).hasBinaryContent(earlier);
        assertThat(names(folder)).containsExactlyInAnyOrder("db", "images", "backup.storeit");
    }

    @Test
    void refusesVersionsNobodyKnows() {
        assertThatThrownBy(() -> export(99, null, false)).isInstanceOf(ArchiveException.class).hasMessageContaining("schema version 2 to 99");
        assertThatThrownBy(() -> export(0, "newest", false)).isInstanceOf(ArchiveException.class).hasMessageContaining("not a version");
    }

    @Test
    @DisplayName("D35: the state of one moment is exported while the database is written")
    void exportsTheStateOfOneMomentFromADatabaseThisProcessWrites() throws Exception {
        try (var server = Sqlite.existing(database, 1000)) {
            Sqlite.text(server, "PRAGMA journal_mode = WAL");
            Sqlite.execute(server, "INSERT INTO settings VALUES ('in', 'the log')");
            ExportReport report = Exporter.export(database, images, archive, new ExportOptions(true, 0, null, "0.3.0", false), new Progress() {
                @Override
                public void status(String status) {
                    if (status.equals("reading items")) {
                        write(server);
                    }
                }

                @Override
                public void total(long steps) {
                }

                @Override
                public void done(long steps) {
                }
            });
            assertThat(report.manifest().counts()).containsEntry(Table.SETTINGS, 1L).containsEntry(Table.NFC_TAGS, 4L);
            assertThat(Sqlite.number(server, "SELECT count(*) FROM nfc_tags")).isZero();
        }
    }

    @Test
    @DisplayName("D43: the state that was read is stamped into the manifest")
    void stampsTheStateItReadIntoTheManifest() throws Exception {
        Path made = folder.resolve("made.db");
        Imports.build(Fixtures.SCHEMA_2.archive(true), made, images);
        Rows.execute(made, "UPDATE _meta SET value = '41' WHERE key = 'change_counter'");
        ExportReport report = Exports.export(made, images, archive);
        assertThat(report.manifest().source().databaseId() + ":" + report.manifest().source().changeCounter())
                .isEqualTo(ChangeToken.read(made).orElseThrow());
        Files.delete(archive);
        assertThat(Exports.export(database, images, archive).manifest().source()).isNull();
    }

    @Test
    void refusesWhatIsNoDatabaseOfThisBuild() throws Exception {
        Path none = folder.resolve("none.db");
        assertThatThrownBy(() -> Exports.export(none, images, archive)).isInstanceOf(DatabaseException.class);
        assertThat(none).doesNotExist();
        Rows.execute(database, "UPDATE _meta SET value = '9'");
        assertThatThrownBy(() -> Exports.export(database, images, archive)).isInstanceOf(DatabaseException.class)
                .hasMessageContaining("inconsistent");
    }

    private static void write(Connection server) {
        try {
            Sqlite.execute(server, "DELETE FROM nfc_tags");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private ExportReport export(int toSchema, String forVersion, boolean allowMissingImages) {
        return Exporter.export(database, images, archive, new ExportOptions(true, toSchema, forVersion, "0.3.0", allowMissingImages),
                Progress.NONE);
    }

    private ObjectNode row(String id) throws IOException {
        return Exports.rows(archive, Table.ITEMS).stream().filter(row -> row.get("id").textValue().equals(id)).findFirst().orElseThrow();
    }

    private static List<String> names(Path folder) throws IOException {
        var names = new ArrayList<String>();
        try (var files = Files.list(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path source : all.toList()) {
                Path target = to.resolve(from.relativize(source).toString());
                if (Files.isDirectory(source)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
                    target.toFile().setWritable(true);
                }
            }
        }
    }
}
