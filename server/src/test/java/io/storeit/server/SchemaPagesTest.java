package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the tables of every schema version with their SQL in docs/schema, which is made from the migrations and kept, so that
 * a change of a released migration is noticed. With the system property {@code prepare}, which {@code make prepare} sets, the
 * pages are written.
 */
@Tag("once")
@Tag("generated")
class SchemaPagesTest {
    private static final Path MIGRATIONS = Path.of("src/main/resources/db/migration");
    private static final Path PAGES = Path.of("../docs/schema");

    @TempDir
    Path folder;

    /** Lists the versions of every build. Schema 3, which only a profile knows, has no page. */
    static IntStream versions() throws IOException {
        try (Stream<Path> migrations = Files.list(MIGRATIONS)) {
            return IntStream.rangeClosed(1, (int) migrations.count());
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void thePageHasTheTablesOfItsVersion(int version) throws IOException {
        Path database = folder.resolve("schema.db");
        Flyway.configure().dataSource("jdbc:sqlite:" + database, null, null).locations("filesystem:" + MIGRATIONS).target(Integer.toString(version)).load().migrate();
        Sqlite.execute(database, "DROP TABLE flyway_schema_history");
        assertThat(Sqlite.value(database, "SELECT value FROM _meta WHERE key = 'schema_version'")).isEqualTo(Integer.toString(version));

        var page = new StringBuilder("-- Schema version " + version + ", made by make prepare. Migrations:\n");
        Sqlite.rows(database, "SELECT version, description FROM _sqlx_migrations ORDER BY version")
                .forEach(row -> page.append("--   ").append(row.replace("|", " ")).append('\n'));
        // Tables that SQLite makes by itself, for the search index and for counting, have names or no text to tell.
        Sqlite.rows(database, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'search\\_index\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                + " ORDER BY type <> 'table', name").forEach(sql -> page.append('\n').append(sql).append(";\n"));
        Path file = PAGES.resolve("schema-" + version + ".sql");
        if (Boolean.getBoolean("prepare")) {
            Files.createDirectories(PAGES);
            Files.writeString(file, page);
        }
        assertThat(file).as("made from the migrations: run make prepare and look at what it changes").exists().hasContent(page.toString());
    }
}
