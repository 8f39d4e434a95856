package io.storeit.interchange.inspect;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.ReadOnlyView;
import io.storeit.interchange.sqlite.Sqlite;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Counts how many records differ between two databases of the same household, to report what was written since an upgrade. The schema
 * versions may differ: records are matched by id and compared in the columns both have, without those that are rebuilt from other data.
 * Both databases are only read.
 */
public final class RecordDifference {

    /**
     * Counts the differences in one table.
     *
     * @param added   records that only the newer database has
     * @param removed records that only the older database has
     * @param changed records that both have, with different content
     */
    public record Difference(long added, long removed, long changed) {
        public boolean isEmpty() {
            return added == 0 && removed == 0 && changed == 0;
        }
    }

    private RecordDifference() {
    }

    /**
     * Compares two databases by the columns this build knows; either may be newer than it, because storeit-ctl may be older than both.
     *
     * @return one entry for every table, also for those without a difference
     * @throws DatabaseException when one of them is not a StoreIT database or cannot be read
     */
    public static Map<Table, Difference> between(Path newer, Path older) {
        int newerVersion = schemaVersion(newer);
        int olderVersion = schemaVersion(older);
        var differences = new EnumMap<Table, Difference>(Table.class);
        try (var newerView = ReadOnlyView.of(newer);
                var olderView = ReadOnlyView.of(older);
                var connection = newerView.connect()) {
            try (var attach = connection.prepareStatement("ATTACH ? AS older")) {
                attach.setString(1, olderView.uri());
                attach.execute();
            }
            for (Table table : Table.values()) {
                List<String> columns = commonColumns(table, newerVersion, olderVersion);
                differences.put(table, new Difference(
                        missing(connection, table, "main", "older"),
                        missing(connection, table, "older", "main"),
                        changed(connection, table, columns)));
            }
        } catch (SQLException e) {
            throw Sqlite.failure("cannot compare " + newer + " with " + older, e);
        }
        return differences;
    }

    private static int schemaVersion(Path database) {
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        return switch (state.kind()) {
            case STOREIT -> state.schemaVersion();
            case NEWER -> SchemaTransforms.newest();
            case ABSENT, EMPTY, OLDER_DEVELOPMENT, DAMAGED, INCONSISTENT, FOREIGN, UNREADABLE ->
                    throw new DatabaseException("cannot compare: " + state.reason(), "");
        };
    }

    private static List<String> commonColumns(Table table, int newerVersion, int olderVersion) {
        Set<String> older = new HashSet<>(digested(table, olderVersion));
        return digested(table, newerVersion).stream().filter(older::contains).toList();
    }

    private static List<String> digested(Table table, int schemaVersion) {
        return SchemaTransforms.columns(table, schemaVersion).stream().filter(Column::digested).map(Column::sqlName).toList();
    }

    private static long missing(Connection connection, Table table, String from, String in) throws SQLException {
        return Sqlite.number(connection, "SELECT count(*) FROM %1$s.%3$s AS a WHERE NOT EXISTS (SELECT 1 FROM %2$s.%3$s AS b WHERE %4$s)"
                .formatted(from, in, table.sqlName(), sameRecord(table)));
    }

    private static long changed(Connection connection, Table table, List<String> columns) throws SQLException {
        String different = columns.stream().map(column -> "a." + column + " IS NOT b." + column).collect(Collectors.joining(" OR "));
        return Sqlite.number(connection, "SELECT count(*) FROM main.%1$s AS a JOIN older.%1$s AS b ON %2$s WHERE %3$s"
                .formatted(table.sqlName(), sameRecord(table), different));
    }

    private static String sameRecord(Table table) {
        return switch (table) {
            case MEMBERSHIPS -> "a.user_id = b.user_id AND a.group_id = b.group_id";
            case SETTINGS -> "a.key = b.key";
            case USERS, GROUPS, LOCATIONS, CONTAINERS, ITEMS, PHOTOS, NFC_TAGS -> "a.id = b.id";
        };
    }
}
