package io.storeit.interchange.inspect;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.ReadOnlyView;
import io.storeit.interchange.sqlite.Sqlite;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Summarises what a database holds. It is only read, also while a server has it open.
 *
 * @param counts        records of each table
 * @param removedImages keys of image files whose photo was deleted and that are still in the image folder
 */
public record DatabaseOverview(Map<Table, Long> counts, List<String> removedImages) {

    /** Prefixes the keys of {@code _meta} that name a removed image file; the storage key follows. */
    public static final String REMOVED_IMAGE = "removed_image:";

    /**
     * Reads a database of any schema version.
     *
     * @throws DatabaseException when it is missing, cannot be read or is none of StoreIT's
     */
    public static DatabaseOverview of(Path database) {
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        if (state.schemaVersion() == 0) {
            throw new DatabaseException(state.reason(), "");
        }
        try (var view = ReadOnlyView.of(database); var connection = view.connect(); var statement = connection.createStatement()) {
            var counts = new EnumMap<Table, Long>(Table.class);
            for (Table table : Table.values()) {
                counts.put(table, Sqlite.number(connection, "SELECT count(*) FROM " + table.sqlName()));
            }
            var removed = new ArrayList<String>();
            try (var rows = statement.executeQuery("SELECT substr(key, " + (REMOVED_IMAGE.length() + 1) + ") FROM _meta WHERE key >= '"
                    + REMOVED_IMAGE + "' AND key < '" + REMOVED_IMAGE + "~' ORDER BY key")) {
                while (rows.next()) {
                    removed.add(rows.getString(1));
                }
            }
            return new DatabaseOverview(counts, List.copyOf(removed));
        } catch (SQLException e) {
            throw Sqlite.failure("cannot read " + database, e);
        }
    }
}
