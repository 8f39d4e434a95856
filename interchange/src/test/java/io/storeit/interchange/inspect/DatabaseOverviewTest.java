package io.storeit.interchange.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Fixtures;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabaseOverviewTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void countsTheRecordsOfEverySchema(Fixtures fixture) throws Exception {
        var overview = DatabaseOverview.of(fixture.copyTo(folder));
        assertThat(overview.counts()).hasSize(Table.values().length).containsEntry(Table.ITEMS, 318L).containsEntry(Table.PHOTOS, 31L);
        assertThat(overview.removedImages()).isEmpty();
    }

    @Test
    void namesTheFilesOfDeletedPhotosAlsoWhileSomebodyWrites() throws Exception {
        Path database = Fixtures.SCHEMA_2.copyTo(folder);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database); var statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO _meta (key, value) VALUES ('removed_image:b.jpg', ''), ('removed_image:a.jpg', ''), ('removed', '')");
            assertThat(DatabaseOverview.of(database).removedImages()).containsExactly("a.jpg", "b.jpg");
        }
    }

    @Test
    void refusesWhatIsNoDatabaseOfStoreit() {
        assertThatThrownBy(() -> DatabaseOverview.of(folder.resolve("storeit.db"))).isInstanceOf(DatabaseException.class)
                .hasMessageContaining("there is no database at");
    }
}
