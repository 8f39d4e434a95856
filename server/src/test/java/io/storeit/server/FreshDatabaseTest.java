package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.server.db.FreshDatabase;
import java.nio.file.Path;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new database must look to StoreIT 0.1 and 0.2 as if they had made it. */
class FreshDatabaseTest {
    private static final String SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid";
    private static final String MIGRATIONS = "SELECT version, description, success, hex(checksum), typeof(checksum) FROM _sqlx_migrations ORDER BY version";

    @TempDir
    Path folder;

    @Test
    void aFreshDatabaseHasTheSchemaTextOfTheFixture() {
        Path fresh = fresh();

        assertThat(Sqlite.rows(fresh, SCHEMA)).isEqualTo(Sqlite.rows(Fixture.SCHEMA_2.database(), SCHEMA));
    }

    @Test
    void aFreshDatabaseHasTheMigrationRowsOfTheFixture() {
        Path fresh = fresh();

        assertThat(Sqlite.rows(fresh, MIGRATIONS)).hasSize(10).isEqualTo(Sqlite.rows(Fixture.SCHEMA_2.database(), MIGRATIONS));
    }

    @Test
    void theFirstMigrationAloneMakesSchema1() {
        Path file = folder.resolve("schema1.db");
        Flyway.configure().dataSource("jdbc:sqlite:" + file, null, null).locations("classpath:db/migration").target("1").load().migrate();
        Sqlite.execute(file, "DROP TABLE flyway_schema_history");

        assertThat(Sqlite.rows(file, SCHEMA)).isEqualTo(Sqlite.rows(Fixture.SCHEMA_1.database(), SCHEMA));
        assertThat(Sqlite.rows(file, MIGRATIONS)).isEqualTo(Sqlite.rows(Fixture.SCHEMA_1.database(), MIGRATIONS));
        assertThat(Sqlite.value(file, "SELECT value FROM _meta WHERE key = 'schema_version'")).isEqualTo("1");
    }

    @Test
    void aFreshDatabaseIsOnePlainFileWithItsSeedRowsOnly() {
        Path fresh = fresh();

        assertThat(folder).isDirectoryContaining(path -> path.equals(fresh)).isDirectoryNotContaining(path -> !path.equals(fresh));
        assertThat(Sqlite.value(fresh, "PRAGMA journal_mode")).isEqualTo("delete");
        assertThat(Sqlite.rows(fresh, "SELECT id, name FROM groups")).isEqualTo(List.of("00000000-0000-0000-0000-000000000001|default"));
        assertThat(Sqlite.rows(fresh, "SELECT * FROM _meta")).isEqualTo(List.of("schema_version|2"));
        assertThat(Sqlite.value(fresh, "SELECT count(*) FROM users")).isEqualTo("0");
    }

    private Path fresh() {
        Path file = folder.resolve("fresh.db");
        var creator = new FreshDatabase();
        creator.create(file);
        assertThat(Sqlite.value(file, "SELECT value FROM _meta WHERE key = 'schema_version'")).isEqualTo(Integer.toString(creator.schemaVersion()));
        return file;
    }
}
