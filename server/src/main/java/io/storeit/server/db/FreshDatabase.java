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
 * Creates new databases with Flyway, and only new ones: an existing database is never migrated in place. A new database has the
 * schema text and the {@code _sqlx_migrations} rows of one that StoreIT 0.2 made, so that those versions open it. Flyway's own
 * table is dropped again; the rows are the only record of migrations.
 */
public final class FreshDatabase implements SchemaCreator {

    @Override
    public int schemaVersion() {
        return SchemaTransforms.newest();
    }

    /** @param file must not exist; after an error it is worthless and to be deleted */
    @Override
    public void create(Path file) {
        SqliteLibrary.load();
        var config = new SQLiteConfig();
        // The file has no value before it is complete, and the caller syncs it then.
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        config.setJournalMode(SQLiteConfig.JournalMode.MEMORY);
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        Flyway.configure(FreshDatabase.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db/migration")
                // A jar without folder entries would otherwise create an empty database, with only a warning.
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
