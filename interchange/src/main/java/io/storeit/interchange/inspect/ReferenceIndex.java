package io.storeit.interchange.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.DatabaseChecks;
import io.storeit.interchange.sqlite.Scratch;
import io.storeit.interchange.sqlite.Sqlite;
import java.io.Closeable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps what rows say of each other in a temporary database, so that memory does not grow with their number: ids, names that must be
 * unique, parents, members, image files. The references are then checked by the very questions asked of a database just imported.
 */
public final class ReferenceIndex implements Closeable {

    private static final int BATCH = 500;

    /**
     * Describes a row that contradicts another, or names one that does not exist.
     *
     * @param row its number in the data file, 1 for the first
     */
    public record Fault(Table table, long row, String what) {
    }

    /** Describes the relevant columns of one table: the key in a row and how the temporary table declares it. */
    private record Keys(Table table, String declaration, List<String> columns, List<String> unique) {

        static Keys of(Table table) {
            return switch (table) {
                case USERS -> new Keys(table, "id TEXT UNIQUE, external_id TEXT UNIQUE",
                        List.of("id", "external_id"), List.of("id", "external_id"));
                case GROUPS -> new Keys(table, "id TEXT UNIQUE, name TEXT UNIQUE", List.of("id", "name"), List.of("id", "name"));
                case MEMBERSHIPS -> new Keys(table, """
                        user_id TEXT REFERENCES users (id), group_id TEXT REFERENCES groups (id), UNIQUE (user_id, group_id)""",
                        List.of("user_id", "group_id"), List.of());
                case SETTINGS -> new Keys(table, "key TEXT", List.of("key"), List.of());
                case LOCATIONS -> new Keys(table, "id TEXT UNIQUE, parent_id TEXT REFERENCES locations (id)",
                        List.of("id", "parent_id"), List.of("id"));
                case CONTAINERS -> new Keys(table, """
                        id TEXT UNIQUE, parent_location_id TEXT REFERENCES locations (id),
                        parent_container_id TEXT REFERENCES containers (id)""",
                        List.of("id", "parent_location_id", "parent_container_id"), List.of("id"));
                case ITEMS -> new Keys(table, """
                        id TEXT UNIQUE, container_id TEXT REFERENCES containers (id), location_id TEXT REFERENCES locations (id)""",
                        List.of("id", "container_id", "location_id"), List.of("id"));
                case PHOTOS -> new Keys(table, "id TEXT UNIQUE, storage_key TEXT", List.of("id", "storage_key"), List.of("id"));
                case NFC_TAGS -> new Keys(table, "id TEXT UNIQUE, tag_uri TEXT UNIQUE", List.of("id", "tag_uri"), List.of("id", "tag_uri"));
            };
        }

        String insert() {
            return "INSERT OR IGNORE INTO " + table.sqlName() + " (number, " + String.join(", ", columns) + ") VALUES (?"
                    + ", ?".repeat(columns.size()) + ")";
        }
    }

    private final Scratch scratch = new Scratch("check references");
    private final Connection connection = scratch.connection();
    private final Map<Table, Keys> keys = new EnumMap<>(Table.class);
    private final Map<Table, PreparedStatement> inserts = new EnumMap<>(Table.class);
    private final PreparedStatement insertImage;
    private final List<Fault> doubled = new ArrayList<>();

    /** Holds the rows of one table that wait to be inserted, the number first. */
    private final List<Object[]> batch = new ArrayList<>(BATCH);
    private Table batchTable;

    public ReferenceIndex() {
        try {
            for (Table table : Table.values()) {
                Keys of = Keys.of(table);
                keys.put(table, of);
                Sqlite.execute(connection, "CREATE TABLE " + table.sqlName() + " (number INTEGER PRIMARY KEY, " + of.declaration() + ")");
                inserts.put(table, connection.prepareStatement(of.insert()));
            }
            Sqlite.execute(connection, "CREATE TABLE images (key TEXT PRIMARY KEY) WITHOUT ROWID");
            insertImage = connection.prepareStatement("INSERT OR IGNORE INTO images (key) VALUES (?)");
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
    }

    /** Adds one row, as the reader of an archive hands it over. */
    public void row(Table table, long number, ObjectNode row) {
        if (batchTable != table || batch.size() == BATCH) {
            flush();
            batchTable = table;
        }
        List<String> columns = keys.get(table).columns();
        Object[] values = new Object[columns.size() + 1];
        values[0] = number;
        for (int i = 0; i < columns.size(); i++) {
            values[i + 1] = row.path(columns.get(i)).textValue();
        }
        batch.add(values);
    }

    /** Notes that the file of an image exists. */
    public void image(String key) {
        try {
            insertImage.setString(1, key);
            insertImage.executeUpdate();
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
    }

    /** Returns the first contradictions, by kind: duplicates, references to something that does not exist, records that contain themselves. */
    public List<Fault> faults() {
        flush();
        var faults = new ArrayList<>(doubled);
        try {
            for (DatabaseChecks.Defect defect : DatabaseChecks.references(connection)) {
                faults.add(new Fault(defect.table(), defect.row(), defect.what()));
            }
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
        return faults;
    }

    /** Returns the storage keys that photos name and whose files were not noted, sorted. */
    public List<String> missingImages() {
        flush();
        var missing = new ArrayList<String>();
        String sql = "SELECT DISTINCT storage_key FROM photos WHERE storage_key NOT IN (SELECT key FROM images) ORDER BY storage_key";
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                missing.add(rows.getString(1));
            }
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
        return missing;
    }

    /** Removes the temporary database. */
    @Override
    public void close() throws IOException {
        scratch.close();
    }

    private void flush() {
        if (batch.isEmpty()) {
            return;
        }
        try {
            PreparedStatement insert = inserts.get(batchTable);
            for (Object[] values : batch) {
                for (int i = 0; i < values.length; i++) {
                    insert.setObject(i + 1, values[i]);
                }
                insert.addBatch();
            }
            int[] inserted = insert.executeBatch();
            for (int i = 0; i < inserted.length && doubled.size() < DatabaseChecks.NAMED; i++) {
                if (inserted[i] == 0) {
                    doubled.add(new Fault(batchTable, (long) batch.get(i)[0], "another row has the same " + sameAsAnother(batch.get(i))));
                }
            }
            batch.clear();
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
    }

    /** Returns the unique column that refused a row. */
    private String sameAsAnother(Object[] values) throws SQLException {
        Keys of = keys.get(batchTable);
        for (String column : of.unique()) {
            Object value = values[of.columns().indexOf(column) + 1];
            if (Sqlite.text(connection, "SELECT number FROM " + batchTable.sqlName() + " WHERE " + column + " = ?", value).isPresent()) {
                return column;
            }
        }
        return String.join(" and ", of.columns());
    }
}
