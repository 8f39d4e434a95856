package io.storeit.interchange.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.inspect.DatabaseVerification.Report;
import io.storeit.interchange.inspect.RecordDifference.Difference;
import io.storeit.interchange.inspect.VerificationReport.Problem;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Fixtures;
import io.storeit.interchange.sqlite.Rows;
import io.storeit.interchange.transfer.Imports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reading a database to its end finds, and how two databases are compared. */
class DatabaseVerificationTest {

    @TempDir
    Path folder;
    private Path database;

    @BeforeEach
    void copyFixture() throws Exception {
        database = Fixtures.SCHEMA_2.copyTo(folder);
    }

    @Test
    void theHouseholdsOfReferenceServersAreWhole() {
        for (Fixtures fixture : Fixtures.values()) {
            Report report = DatabaseVerification.verify(fixture.database(), fixture.images(), Progress.NONE);
            assertThat(report.problems()).isEmpty();
            assertThat(report.ok()).isTrue();
            assertThat(report.counts()).containsEntry(Table.ITEMS, 318L);
            assertThat(report.notes()).isEmpty();
        }
    }

    @Test
    void namesRecordsWhoseReferencesLeadNowhere() throws Exception {
        Rows.execute(database, "PRAGMA foreign_keys = OFF", "UPDATE items SET container_id = 'gone', location_id = NULL WHERE rowid = 3");
        assertThat(verify().problems()).containsExactly(new Problem("container_id names \"gone\", which does not exist", "items row 3"));
    }

    @Test
    void namesRecordsTheSearchIndexDoesNotKnowAsTheyAre() throws Exception {
        Rows.execute(database, "UPDATE items SET name = 'renamed without the index' WHERE rowid = 3",
                "DELETE FROM search_index WHERE rowid = 1",
                "INSERT INTO search_index SELECT * FROM search_index WHERE rowid = 5");
        assertThat(verify().problems()).hasSize(3).allSatisfy(problem -> assertThat(problem.where()).isEqualTo("search_index"));
        Rows.execute(database, "DROP TABLE search_index");
        assertThat(verify().problems()).containsExactly(new Problem("there is no search index", "search_index"));
    }

    @Test
    void findsASearchIndexThatContradictsItsOwnTexts() throws Exception {
        Rows.execute(database, "DELETE FROM search_index_data WHERE id > 100");
        assertThat(verify().problems()).isNotEmpty().anySatisfy(problem -> assertThat(problem.where()).isEqualTo("database file"));
    }

    @Test
    void namesMissingAndDamagedImages() throws Exception {
        Path images = folder.resolve("images");
        String key = Rows.query(database, "SELECT storage_key FROM photos LIMIT 1").get(0);
        Files.createDirectories(images.resolve(key).getParent());
        Files.writeString(images.resolve(key), "something else");
        Report report = DatabaseVerification.verify(database, images, Progress.NONE);
        assertThat(report.missingImages()).hasSize(29).doesNotContain(key);
        assertThat(report.problems()).singleElement().satisfies(problem -> assertThat(problem.where()).isEqualTo(key));
        assertThat(report.ok()).isFalse();
    }

    @Test
    void aFileThatIsNoDatabaseHasOneProblem() throws Exception {
        Files.writeString(database, "something else that is long enough".repeat(100));
        Report report = verify();
        assertThat(report.problems()).hasSize(1);
        assertThat(report.schemaVersion()).isZero();
    }

    @Test
    void countsWhatTwoDatabasesDifferIn() throws Exception {
        Path newer = folder.resolve("newer.db");
        Imports.build(Fixtures.SCHEMA_1.archive(false), newer, folder.resolve("images"));
        // The same household in the older schema: nothing but a rebuilt column is different.
        assertThat(RecordDifference.between(newer, Fixtures.SCHEMA_1.database())).hasSize(9)
                .allSatisfy((table, difference) -> assertThat(difference.isEmpty()).isTrue());

        Rows.execute(newer, "PRAGMA foreign_keys = OFF",
                "DELETE FROM items WHERE rowid <= 3",
                "UPDATE items SET description = NULL WHERE rowid = 4",
                "UPDATE items SET description = 'new' WHERE rowid IN (4, 5)",
                "INSERT INTO settings VALUES ('theme', 'dark')",
                "UPDATE user_groups SET role = CASE role WHEN 'owner' THEN 'member' ELSE 'owner' END WHERE rowid = 1",
                "UPDATE photos SET thumbnail_key = 'made later'");
        Map<Table, Difference> differences = RecordDifference.between(newer, Fixtures.SCHEMA_1.database());
        assertThat(differences).containsEntry(Table.ITEMS, new Difference(0, 3, 2))
                .containsEntry(Table.SETTINGS, new Difference(1, 0, 0))
                .containsEntry(Table.MEMBERSHIPS, new Difference(0, 0, 1))
                .containsEntry(Table.PHOTOS, new Difference(0, 0, 0));
        assertThat(RecordDifference.between(Fixtures.SCHEMA_1.database(), newer)).containsEntry(Table.ITEMS, new Difference(3, 0, 2));
    }

    /** The tool that rolls back from a newer version may never have heard of its schema. */
    @Test
    void countsWhatADatabaseOfANewerSchemaDiffersIn() throws Exception {
        Rows.execute(database, "ALTER TABLE items ADD COLUMN weight REAL",
                "UPDATE _meta SET value = '99' WHERE key = 'schema_version'",
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (20991231000001, 'later', 1, zeroblob(48), 0)",
                "UPDATE items SET weight = 1.5",
                "DELETE FROM items WHERE rowid <= 3");
        assertThat(RecordDifference.between(database, Fixtures.SCHEMA_2.database())).containsEntry(Table.ITEMS, new Difference(0, 3, 0));
    }

    private Report verify() {
        return DatabaseVerification.verify(database, Fixtures.SCHEMA_2.images(), Progress.NONE);
    }
}
