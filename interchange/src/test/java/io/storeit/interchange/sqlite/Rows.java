package io.storeit.interchange.sqlite;

import io.storeit.interchange.schema.Table;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Databases compared by plain SQL, so that nothing of what is tested takes part in the comparison. */
public final class Rows {

    private static final List<String> VARIANT_KEYS = List.of("thumbnail_key", "large_key");

    private Rows() {
    }

    /** Every row of an archived table with all its columns, one text each, sorted; without the variant keys, which may be given up. */
    public static List<String> of(Path database, Table table) throws SQLException {
        var columns = new ArrayList<String>();
        try (var connection = Sqlite.readOnly(Sqlite.uri(database, "mode=ro"));
                var statement = connection.createStatement()) {
            try (var names = statement.executeQuery("SELECT name FROM pragma_table_info('" + table.sqlName() + "') ORDER BY name")) {
                while (names.next()) {
                    if (!VARIANT_KEYS.contains(names.getString(1))) {
                        columns.add("'" + names.getString(1) + "=' || quote(" + names.getString(1) + ")");
                    }
                }
            }
            return all(statement.executeQuery("SELECT " + String.join(" || ' ' || ", columns) + " FROM " + table.sqlName() + " ORDER BY 1"));
        }
    }

    /** Every row of the search index, sorted. */
    public static List<String> ofIndex(Path database) throws SQLException {
        return query(database, """
                SELECT quote(entity_type) || ' ' || quote(entity_id) || ' ' || quote(group_id) || ' ' || quote(searchable_text)
                FROM search_index ORDER BY 1""");
    }

    public static List<String> query(Path database, String sql) throws SQLException {
        try (var connection = Sqlite.readOnly(Sqlite.uri(database, "mode=ro")); var statement = connection.createStatement()) {
            return all(statement.executeQuery(sql));
        }
    }

    public static void execute(Path database, String... statements) throws SQLException {
        try (var connection = Sqlite.existing(database, 1000)) {
            for (String sql : statements) {
                Sqlite.execute(connection, sql);
            }
        }
    }

    private static List<String> all(ResultSet rows) throws SQLException {
        var all = new ArrayList<String>();
        while (rows.next()) {
            all.add(rows.getString(1));
        }
        return all;
    }
}
