package io.storeit.interchange.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.KeySet;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Scratch;
import java.io.Closeable;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.Consumer;

/**
 * Puts the rows of one table in an order in which parents precede their children, which servers before 0.3.0 need. Rows that already do
 * pass straight through; the others wait in a temporary database until the table ends, so memory does not grow with the table.
 */
final class ParentsFirst implements Closeable {

    private final String parentKey;
    private final Consumer<ObjectNode> next;
    private final KeySet passed = new KeySet();
    /** Is null until a row must wait. */
    private Scratch waiting;
    private PreparedStatement insert;

    /**
     * Creates a sorter for one table.
     *
     * @param next gets the rows in their new order
     */
    ParentsFirst(Table table, Consumer<ObjectNode> next) {
        this.parentKey = switch (table) {
            case LOCATIONS -> "parent_id";
            case CONTAINERS -> "parent_container_id";
            case USERS, GROUPS, MEMBERSHIPS, SETTINGS, ITEMS, PHOTOS, NFC_TAGS -> null;
        };
        this.next = next;
    }

    void row(ObjectNode row) {
        String parent = parentKey == null ? null : row.path(parentKey).textValue();
        if (parent == null || passed.contains(parent)) {
            pass(row);
            return;
        }
        try {
            if (waiting == null) {
                open();
            }
            insert.setString(1, row.path("id").textValue());
            insert.setString(2, parent);
            insert.setString(3, Json.MAPPER.writeValueAsString(row));
            insert.executeUpdate();
        } catch (SQLException e) {
            throw waiting.failure(e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a parsed row can always be written", e);
        }
    }

    /**
     * Hands over the rows that waited. Rows whose parent does not exist or that contain themselves come last: later checks refuse
     * them.
     */
    void end() {
        if (waiting == null) {
            return;
        }
        String byDepth = """
                WITH RECURSIVE tree(number, id, depth) AS (
                    SELECT number, id, 0 FROM waiting WHERE parent NOT IN (SELECT id FROM waiting)
                    UNION ALL
                    SELECT child.number, child.id, depth + 1 FROM tree JOIN waiting AS child ON child.parent = tree.id
                )
                SELECT row FROM waiting LEFT JOIN tree USING (number) ORDER BY depth IS NULL, depth, number
                """;
        try {
            waiting.execute("CREATE INDEX by_parent ON waiting (parent)");
            waiting.execute("CREATE INDEX by_id ON waiting (id)");
            try (var ordered = waiting.prepare(byDepth); var rows = ordered.executeQuery()) {
                while (rows.next()) {
                    next.accept((ObjectNode) Json.MAPPER.readTree(rows.getString(1)));
                }
            }
        } catch (SQLException e) {
            throw waiting.failure(e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a written row can always be read", e);
        }
    }

    @Override
    public void close() throws IOException {
        if (waiting != null) {
            waiting.close();
        }
    }

    private void pass(ObjectNode row) {
        if (parentKey != null) {
            passed.add(row.path("id").asText());
        }
        next.accept(row);
    }

    private void open() throws SQLException {
        waiting = new Scratch("put rows in order");
        waiting.execute("CREATE TABLE waiting (number INTEGER PRIMARY KEY, id TEXT, parent TEXT NOT NULL, row TEXT NOT NULL)");
        insert = waiting.prepare("INSERT INTO waiting (id, parent, row) VALUES (?, ?, ?)");
    }
}
