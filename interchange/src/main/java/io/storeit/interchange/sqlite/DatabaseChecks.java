package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Checks a database before it is trusted. Each reads only, and each can be asked on a connection of its own. */
public final class DatabaseChecks {

    /** Limits how many defects are named; more would not help to understand the damage. */
    public static final int NAMED = 20;
    /** Separates texts with ASCII's unit separator and record separator, which are never typed. */
    private static final byte SEPARATOR = 31;
    private static final byte NULL = 30;

    /**
     * Describes one defect.
     *
     * @param table what it was found in, or null for the file as a whole
     * @param row   the rowid, which in a database just imported is the number of the row in its file; 0 without a table
     */
    public record Defect(Table table, long row, String what) {
    }

    /** Holds counts and digest of a database. */
    public record Content(Map<Table, Long> counts, ContentDigest.Value digest) {
    }

    private DatabaseChecks() {
    }

    /** Checks the structure of the file, constraints, and every index against its table; since SQLite 3.44 also the search index against its texts. */
    public static List<Defect> integrity(Connection connection) throws SQLException {
        return integrity(connection, "integrity_check");
    }

    /** Checks structure and constraints without looking up every row in every index, which takes half of the time. */
    public static List<Defect> quickIntegrity(Connection connection) throws SQLException {
        return integrity(connection, "quick_check");
    }

    private static List<Defect> integrity(Connection connection, String check) throws SQLException {
        var defects = new ArrayList<Defect>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA " + check + "(" + NAMED + ")")) {
            while (rows.next()) {
                if (!"ok".equals(rows.getString(1))) {
                    defects.add(new Defect(null, 0, rows.getString(1)));
                }
            }
        }
        return defects;
    }

    /** Finds references to records that do not exist, then parents that are inside their own children. */
    public static List<Defect> references(Connection connection) throws SQLException {
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
    public static Content content(Connection connection, int schemaVersion, Warnings warnings, Progress progress) throws SQLException {
        var reader = new ContentReader(connection, schemaVersion, warnings);
        var digest = new ContentDigest(schemaVersion);
        var counts = new EnumMap<Table, Long>(Table.class);
        for (Table table : Table.values()) {
            counts.put(table, add(reader, table, digest));
            progress.done(table.ordinal() + 1L);
        }
        return new Content(counts, digest.value());
    }

    /**
     * Adds up a database that this code has just written, as {@link #content} does but at a third of the cost: SQLite hands over each row
     * as one text.
     *
     * @return empty when a value contains the character that stands between values
     */
    public static Optional<Content> contentJustWritten(Connection connection, int schemaVersion) throws SQLException {
        var digest = new ContentDigest(schemaVersion);
        var reader = new ContentReader(connection, schemaVersion, new Warnings());
        var counts = new EnumMap<Table, Long>(Table.class);
        for (Table table : Table.values()) {
            boolean exact = switch (table) {
                case USERS, GROUPS, MEMBERSHIPS, SETTINGS, LOCATIONS -> false;
                case CONTAINERS, ITEMS, PHOTOS, NFC_TAGS ->
                        digest.columns(table).stream().noneMatch(column -> column.kind() == Column.Kind.REAL);
            };
            long count = exact ? addJoined(connection, table, digest) : add(reader, table, digest);
            if (count < 0) {
                return Optional.empty();
            }
            counts.put(table, count);
        }
        return Optional.of(new Content(counts, digest.value()));
    }

    /** Returns the number of rows, or -1 when some row cannot be split. */
    private static long addJoined(Connection connection, Table table, ContentDigest digest) throws SQLException {
        List<Column> columns = digest.columns(table);
        // NULL becomes a character of its own. A value that is just this character is taken for null, and then the digests differ.
        String joined = columns.stream()
                .map(column -> column.nullable() ? "ifnull(" + column.sqlName() + ", char(" + NULL + "))" : column.sqlName())
                .collect(Collectors.joining(", ", "CAST(concat_ws(char(" + SEPARATOR + "), ", ") AS BLOB)"));
        int[] from = new int[columns.size()];
        int[] to = new int[columns.size()];
        long count = 0;
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT " + joined + " FROM " + table.sqlName())) {
            while (rows.next()) {
                byte[] texts = rows.getBytes(1);
                if (!split(texts, from, to)) {
                    return -1;
                }
                digest.addStored(table, texts, from, to);
                count++;
            }
        }
        return count;
    }

    private static boolean split(byte[] texts, int[] from, int[] to) {
        int value = 0;
        int start = 0;
        for (int i = 0; i <= texts.length; i++) {
            if (i == texts.length || texts[i] == SEPARATOR) {
                if (value == from.length) {
                    return false;
                }
                from[value] = i == start + 1 && texts[start] == NULL ? -1 : start;
                to[value++] = i;
                start = i + 1;
            }
        }
        return value == from.length;
    }

    private static long add(ContentReader reader, Table table, ContentDigest digest) throws SQLException {
        long[] count = new long[1];
        try {
            reader.read(table, row -> {
                digest.add(table, row);
                count[0]++;
            });
        } catch (IOException e) {
            throw new UncheckedIOException("a digest does no input or output", e);
        }
        return count[0];
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
                        "the " + table.label() + " " + Quoted.of(rows.getString(2)) + " contains itself, through " + parent));
            }
        }
    }
}
