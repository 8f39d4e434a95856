package io.storeit.interchange.sqlite;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/** Reads the archived tables of a database, row by row, in archive form. */
public final class ContentReader {

    /** Takes one row. */
    public interface Sink {
        void row(ObjectNode row) throws IOException, SQLException;
    }

    private final Connection connection;
    private final int schemaVersion;
    private final Warnings warnings;

    /**
     * Creates a reader over an open database.
     *
     * @param warnings gets the records that are stored in an odd way
     */
    public ContentReader(Connection connection, int schemaVersion, Warnings warnings) {
        this.connection = connection;
        this.schemaVersion = schemaVersion;
        this.warnings = warnings;
    }

    /** Reads rows in the order they are stored, which is the fastest. */
    void read(Table table, Sink sink) throws SQLException, IOException {
        StoredRowReader reader = reader(table);
        read(reader, "SELECT " + reader.selection() + " FROM " + table.sqlName() + " AS t", sink);
    }

    /**
     * Reads every parent before its children, which servers before 0.3.0 need. Rows that have no way up to a row without a parent (they are in
     * a circle, or their parent does not exist) come last and are noted.
     */
    public void readParentsFirst(Table table, Sink sink) throws SQLException, IOException {
        switch (table) {
            case LOCATIONS -> readParentsFirst(table, "parent_id", "a location", sink);
            case CONTAINERS -> readParentsFirst(table, "parent_container_id", "a container", sink);
            case USERS, GROUPS, MEMBERSHIPS, SETTINGS, ITEMS, PHOTOS, NFC_TAGS -> read(table, sink);
        }
    }

    private void readParentsFirst(Table table, String parent, String kind, Sink sink) throws SQLException, IOException {
        StoredRowReader reader = reader(table);
        String tree = """
                WITH RECURSIVE tree(id, depth) AS (
                    SELECT id, 0 FROM %1$s WHERE %2$s IS NULL
                    UNION ALL
                    SELECT child.id, tree.depth + 1 FROM tree JOIN %1$s AS child ON child.%2$s = tree.id
                )
                """.formatted(table.sqlName(), parent);
        read(reader, tree + "SELECT " + reader.selection() + " FROM tree JOIN " + table.sqlName()
                + " AS t ON t.id = tree.id ORDER BY tree.depth, t.rowid", sink);
        read(reader, tree + "SELECT " + reader.selection() + " FROM " + table.sqlName()
                + " AS t WHERE t.id NOT IN (SELECT id FROM tree) ORDER BY t.rowid", row -> {
            warnings.add(StoredRowReader.describe(table, row) + ": " + parent + " names " + kind
                    + " that does not exist or is inside it; an import refuses this");
            sink.row(row);
        });
    }

    private StoredRowReader reader(Table table) {
        return new StoredRowReader(table, SchemaTransforms.columns(table, schemaVersion), warnings);
    }

    private void read(StoredRowReader reader, String sql, Sink sink) throws SQLException, IOException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                ObjectNode row = reader.read(rows);
                if (row != null) {
                    sink.row(row);
                }
            }
        }
    }
}
