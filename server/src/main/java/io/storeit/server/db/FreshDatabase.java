package io.storeit.server.db;

import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.sqlite.SqliteLibrary;
import io.storeit.interchange.transfer.SchemaCreator;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * Makes new databases with Flyway, and only new ones: an existing database is never migrated in place. What comes out has the
 * schema text and the {@code _sqlx_migrations} rows of a database StoreIT 0.2 made, so that those versions open it; Flyway's own
 * table is dropped again, the rows are the only bookkeeping.
 */
public final class FreshDatabase implements SchemaCreator {

    @Override
    public int schemaVersion() {
        return SchemaTransforms.newest();
    }

    /** @param file must not exist; on an error what is there is worthless and to be deleted */
    @Override
    public void create(Path file) {
        SqliteLibrary.load();
        var config = new SQLiteConfig();
        // Nothing of value is in the file before it is complete, and whoever asked for it syncs it then.
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        config.setJournalMode(SQLiteConfig.JournalMode.MEMORY);
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        Flyway.configure(FreshDatabase.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db/migration")
                // A jar without folder entries would otherwise make an empty database, with a warning nobody reads.
                .failOnMissingLocations(true)
                .load()
                .migrate();
        try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE flyway_schema_history");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot finish the new database " + file, e);
        }
    }
}
