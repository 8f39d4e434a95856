package io.storeit.interchange.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChangeToken;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.Fixtures;
import io.storeit.interchange.sqlite.Rows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The households that reference servers wrote go through import and export, and come back record by record. */
class RoundTripTest {

    @TempDir
    Path folder;

    static Stream<Path> archivesOfReferenceServers() {
        return Stream.of(
                Fixtures.SCHEMA_1.archive(true),
                Fixtures.SCHEMA_2.archive(true),
                Path.of("src/test/resources/fixtures/legacy-gzip/backup.tar.gz"));
    }

    @ParameterizedTest
    @MethodSource("archivesOfReferenceServers")
    void importsWhatReferenceServersExported(Path archive) throws Exception {
        Path database = folder.resolve("new.db");
        ImportReport report = Imports.build(archive, database, folder.resolve("images"));
        report.images().link();
        report.images().finish();

        Path source = archive.toString().contains("schema2") ? Fixtures.SCHEMA_2.database() : Fixtures.SCHEMA_1.database();
        assertSameRecords(source, database);
        assertThat(report.warnings()).isEmpty();
        assertThat(report.counts()).containsEntry(Table.ITEMS, 318L).containsEntry(Table.PHOTOS, 31L);
        assertThat(DatabaseInspection.inspect(database).kind()).isEqualTo(DatabaseInspection.Kind.STOREIT);
        assertThat(Rows.query(database, "SELECT DISTINCT storage_key FROM photos"))
                .allSatisfy(key -> assertThat(new ImageStore(folder.resolve("images")).isIntact(key)).isTrue());
        try (var left = Files.list(folder.resolve("images"))) {
            assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("."));
        }
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("new.db", "images");
        }
    }

    @ParameterizedTest
    @EnumSource(Fixtures.class)
    void exportAndImportKeepEveryRecordAndTheDigest(Fixtures fixture) throws Exception {
        Path archive = folder.resolve("backup.storeit");
        ExportReport exported = Exports.export(fixture.database(), fixture.images(), archive);
        assertThat(exported.notes()).isEmpty();
        assertThat(exported.manifest().losses().isEmpty()).isTrue();

        Path database = folder.resolve("new.db");
        ImportReport imported = Imports.build(archive, database, folder.resolve("images"));
        imported.images().link();
        imported.images().finish();
        assertSameRecords(fixture.database(), database);
        if (fixture == Fixtures.SCHEMA_2) {
            assertThat(imported.digest()).isEqualTo(exported.manifest().digest());
        }

        // And back to the schema it came from: the same digest, whatever the database went through.
        Path again = folder.resolve("again.storeit");
        int schema = exported.manifest().schemaVersion();
        ExportReport back = Exporter.export(database, folder.resolve("images"), again,
                new ExportOptions(true, schema, null, "0.3.0", false), Progress.NONE);
        assertThat(back.manifest().digest()).isEqualTo(exported.manifest().digest());
        assertThat(back.manifest().counts()).isEqualTo(exported.manifest().counts());
        assertThat(back.manifest().losses().isEmpty()).isTrue();
    }

    @Test
    void stampsWhatTheNewDatabaseHolds() throws Exception {
        Path database = folder.resolve("new.db");
        ImportReport report = Imports.build(Fixtures.SCHEMA_2.archive(false), database, folder.resolve("images"));

        assertThat(Rows.query(database, "SELECT value FROM _meta WHERE key = 'content_digest'"))
                .containsExactly("1:" + report.digest().value());
        assertThat(Rows.query(database, "SELECT value FROM _meta WHERE key = 'content_counts'")).containsExactly("""
                {"users":4,"groups":2,"memberships":5,"settings":0,"locations":8,"containers":29,"items":318,"photos":31,"nfc_tags":4}""");
        assertThat(ChangeToken.read(database)).hasValueSatisfying(mark -> assertThat(mark).matches("[0-9a-f-]{36}:0"));
        assertThat(report.digest().version()).isEqualTo(ContentDigest.VERSION);
        assertThat(report.digest().schemaVersion()).isEqualTo(2);
    }

    @Test
    void keepsVariantKeysWhoseFilesAreInTheImageFolder() throws Exception {
        Path archive = folder.resolve("backup.storeit");
        Exports.export(Fixtures.SCHEMA_2.database(), Fixtures.SCHEMA_2.images(), archive);
        String keys = "SELECT id || ' ' || thumbnail_key || ' ' || large_key FROM photos ORDER BY id";

        Path sameMachine = folder.resolve("same.db");
        Imports.build(archive, sameMachine, Fixtures.SCHEMA_2.images());
        assertThat(Rows.query(sameMachine, keys)).isEqualTo(Rows.query(Fixtures.SCHEMA_2.database(), keys));

        Path otherMachine = folder.resolve("other.db");
        Imports.build(archive, otherMachine, folder.resolve("images")).images().discard();
        assertThat(Rows.query(otherMachine, "SELECT count(*) FROM photos WHERE thumbnail_key IS NOT NULL OR large_key IS NOT NULL"))
                .containsExactly("0");
    }

    @Test
    @DisplayName("D26: parents are written before their children")
    void writesParentsBeforeTheirChildren() throws Exception {
        Path archive = folder.resolve("backup.storeit");
        Exports.export(Fixtures.SCHEMA_2.database(), Fixtures.SCHEMA_2.images(), archive);
        List<String> ids = Exports.ids(archive, Table.LOCATIONS);
        List<String> containers = Exports.ids(archive, Table.CONTAINERS);

        for (String pair : Rows.query(Fixtures.SCHEMA_2.database(),
                "SELECT parent_id || ' ' || id FROM locations WHERE parent_id IS NOT NULL")) {
            assertThat(ids.indexOf(pair.split(" ")[0])).isLessThan(ids.indexOf(pair.split(" ")[1]));
        }
        for (String pair : Rows.query(Fixtures.SCHEMA_2.database(),
                "SELECT parent_container_id || ' ' || id FROM containers WHERE parent_container_id IS NOT NULL")) {
            assertThat(containers.indexOf(pair.split(" ")[0])).isLessThan(containers.indexOf(pair.split(" ")[1]));
        }
    }

    @Test
    @DisplayName("D44: up and down through all schema versions without losing a record")
    void goesUpAndDownThroughAllSchemaVersionsWithoutLosingARecord() throws Exception {
        ExportReport first = Exports.export(Fixtures.SCHEMA_1.database(), Fixtures.SCHEMA_1.images(), folder.resolve("1.storeit"));
        Path current = folder.resolve("current.db");
        Imports.build(folder.resolve("1.storeit"), current, folder.resolve("images")).images().link();
        for (int schema = SchemaTransforms.newest(); schema >= SchemaTransforms.OLDEST; schema--) {
            Path archive = folder.resolve("down-" + schema + ".storeit");
            ExportReport down = Exporter.export(current, folder.resolve("images"), archive,
                    new ExportOptions(true, schema, null, "0.3.0", false), Progress.NONE);
            assertThat(down.manifest().schemaVersion()).isEqualTo(schema);
            if (schema == 1) {
                assertThat(down.manifest().digest()).isEqualTo(first.manifest().digest());
            }
        }
    }

    private static void assertSameRecords(Path expected, Path actual) throws Exception {
        for (Table table : Table.values()) {
            assertThat(Rows.of(actual, table)).as(table.sqlName()).isEqualTo(Rows.of(expected, table));
        }
        assertThat(Rows.ofIndex(actual)).as("search_index").isEqualTo(Rows.ofIndex(expected)).hasSize(355);
    }
}
