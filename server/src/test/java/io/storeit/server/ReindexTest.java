package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.inspect.DatabaseVerification;
import io.storeit.server.Program.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the command {@code reindex}. */
class ReindexTest {
    private static final String INDEX = "SELECT entity_type, entity_id, group_id, searchable_text FROM search_index ORDER BY entity_id";
    private static final String SCHEMA = "SELECT name, sql FROM sqlite_master ORDER BY name";

    @TempDir
    Path folder;

    /** The damage that earlier servers, or people, did to an index. */
    enum Damage {
        ENTRY_MISSING("DELETE FROM search_index WHERE rowid < 20"),
        ENTRY_DOUBLED("INSERT INTO search_index SELECT * FROM search_index WHERE rowid < 20"),
        ENTRY_WRONG("UPDATE search_index SET searchable_text = 'x' WHERE rowid < 20"),
        ENTRY_OF_NOTHING("INSERT INTO search_index VALUES ('item', 'gone', 'gone', 'gone')"),
        WORDS_BROKEN("DELETE FROM search_index_data WHERE id > 10"),
        NO_INDEX("DROP TABLE search_index"),
        ORDINARY_TABLE("DROP TABLE search_index", "CREATE TABLE search_index (entity_type, entity_id, group_id, searchable_text)"),
        VIEW("DROP TABLE search_index", "CREATE VIEW search_index AS SELECT 'item' AS entity_type, id AS entity_id, group_id, name AS searchable_text FROM items");

        private final String[] commands;

        Damage(String... commands) {
            this.commands = commands;
        }
    }

    /** Makes a copy without its images, which are irrelevant here. */
    private Path copy() throws IOException {
        return Files.copy(Fixture.SCHEMA_2.database(), folder.resolve("storeit.db"));
    }

    @ParameterizedTest
    @DisplayName("D116: whatever has happened to the index, reindex makes it as the data says")
    @EnumSource
    void repairs(Damage damage) throws IOException {
        Path database = copy();
        List<String> index = Sqlite.rows(database, INDEX);
        List<String> schema = Sqlite.rows(database, SCHEMA);
        Sqlite.execute(database, damage.commands);

        Result result = Program.inThisProcess(folder, Map.of(), "reindex");

        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.out()).containsExactly("Rebuilt the search index: 355 locations, containers and items can be found");
        assertThat(Sqlite.rows(database, INDEX)).isEqualTo(index);
        assertThat(Sqlite.rows(database, SCHEMA)).isEqualTo(schema);
        assertThat(DatabaseVerification.verify(database, null, Progress.NONE).problems()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("D116: a database without an index gets one at the start of the server")
    @EnumSource(names = {"NO_INDEX", "ORDINARY_TABLE", "VIEW"})
    void startsWithoutAnIndex(Damage damage) throws IOException {
        Path database = copy();
        Sqlite.execute(database, damage.commands);

        try (TestServer server = TestServer.in(folder)) {
            assertThat(Household.mira(server).get("/api/v1/search?q=H%C3%BCtte").json().path("results")).isNotEmpty();
            new Household(Household.mira(server)).location("new");
        }
        assertThat(DatabaseVerification.verify(database, null, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void aRunningServerIsNotDisturbed() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Result result = Program.inThisProcess(folder, Map.of(), "reindex");

            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.err()).contains("is in use by another process", "Stop the server");
            assertThat(server.anonymous().get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void withoutADatabaseThereIsNothingToIndex() {
        Result result = Program.inThisProcess(folder, Map.of(), "reindex");

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).startsWith("Error: there is no database to index");
        assertThat(folder.resolve("storeit.db")).doesNotExist();
    }
}
