package io.storeit.interchange.sqlite;

import io.storeit.interchange.ContentDigest;
import io.storeit.interchange.Progress;
import io.storeit.interchange.Quoted;
import io.storeit.interchange.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The questions asked of a database before it is trusted. Each reads only, and each can be asked on a connection of its own. */
final class DatabaseChecks {

    /** Defects named one by one; a database with more is no better understood by reading on. */
    static final int NAMED = 20;

    /**
     * One defect.
     *
     * @param table what it was found in, or null for the file as a whole
     * @param row   the rowid, which in a database just imported is the number of the row in its file; 0 without a table
     */
    record Defect(Table table, long row, String what) {
    }

    /** Counts and digest of what a database holds. */
    record Content(Map<Table, Long> counts, ContentDigest.Value digest) {
    }

    private DatabaseChecks() {
    }

    /** The structure of the file, its indexes and constraints; since SQLite 3.44 also the search index against its own texts. */
    static List<Defect> integrity(Connection connection) throws SQLException {
        var defects = new ArrayList<Defect>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA integrity_check(" + NAMED + ")")) {
            while (rows.next()) {
                if (!"ok".equals(rows.getString(1))) {
                    defects.add(new Defect(null, 0, rows.getString(1)));
                }
            }
        }
        return defects;
    }

    /** References to records that do not exist, then parents that lie inside their own children. */
    static List<Defect> references(Connection connection) throws SQLException {
        var defects = new ArrayList<Defect>();
        for (Table table : Table.values()) {
            dangling(connection, table, defects);
        }
        if (defects.isEmpty()) {
            // A dangling parent is unreachable too; circles are looked for only where every parent exists.
            circle(connection, Table.LOCATIONS, "parent_id", defects);
            circle(connection, Table.CONTAINERS, "parent_container_id", defects);
        }
        return defects;
    }

    /** Reads every archived row and adds it up. */
    static Content content(Connection connection, int schemaVersion, Notes notes, Progress progress) throws SQLException {
        var reader = new ContentReader(connection, schemaVersion, notes);
        var digest = new ContentDigest(schemaVersion);
        var counts = new EnumMap<Table, Long>(Table.class);
        for (Table table : Table.values()) {
            long[] count = new long[1];
            try {
                reader.read(table, row -> {
                    digest.add(table, row);
                    count[0]++;
                });
            } catch (IOException e) {
                throw new UncheckedIOException("a digest does no input or output", e);
            }
            counts.put(table, count[0]);
            progress.done(table.ordinal() + 1L);
        }
        return new Content(counts, digest.value());
    }

    private static void dangling(Connection connection, Table table, List<Defect> defects) throws SQLException {
        String violations = """
                SELECT violation.rowid, reference."from"
                FROM pragma_foreign_key_check(?1) AS violation
                JOIN pragma_foreign_key_list(?1) AS reference ON reference.id = violation.fkid
                LIMIT ?2
                """;
        try (var statement = connection.prepareStatement(violations)) {
            statement.setString(1, table.sqlName());
            statement.setInt(2, NAMED);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    long row = rows.getLong(1);
                    String column = rows.getString(2);
                    String value = Sqlite.text(connection,
                            "SELECT " + column + " FROM " + table.sqlName() + " WHERE rowid = ?", row).orElse("");
                    defects.add(new Defect(table, row, column + " names " + Quoted.of(value) + ", which does not exist"));
                }
            }
        }
    }

    private static void circle(Connection connection, Table table, String parent, List<Defect> defects) throws SQLException {
        String unreachable = """
                WITH RECURSIVE tree(id) AS (
                    SELECT id FROM %1$s WHERE %2$s IS NULL
                    UNION ALL
                    SELECT child.id FROM tree JOIN %1$s AS child ON child.%2$s = tree.id
                )
                SELECT rowid, id FROM %1$s WHERE id NOT IN (SELECT id FROM tree) ORDER BY rowid LIMIT %3$d
                """.formatted(table.sqlName(), parent, NAMED);
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(unreachable)) {
            while (rows.next()) {
                defects.add(new Defect(table, rows.getLong(1),
                        "the " + table.label() + " " + Quoted.of(rows.getString(2)) + " lies inside itself, by way of " + parent));
            }
        }
    }
}
