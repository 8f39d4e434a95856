package io.storeit.interchange.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.ArchiveException;
import io.storeit.interchange.Json;
import io.storeit.interchange.Table;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
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
    /** Null until a row must wait. */
    private Connection waiting;
    private PreparedStatement insert;
    private Path file;

    /** @param next gets the rows in their new order */
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
        } catch (SQLException | IOException e) {
            throw failure(e);
        }
    }

    /**
     * Hands over the rows that waited. Those whose parent does not exist or that lie inside themselves come last: they are for others to
     * refuse.
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
        try (var statement = waiting.createStatement()) {
            statement.execute("CREATE INDEX by_parent ON waiting (parent)");
            statement.execute("CREATE INDEX by_id ON waiting (id)");
            try (var rows = statement.executeQuery(byDepth)) {
                while (rows.next()) {
                    next.accept((ObjectNode) Json.MAPPER.readTree(rows.getString(1)));
                }
            }
        } catch (SQLException | JsonProcessingException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (waiting != null) {
                waiting.close();
            }
        } catch (SQLException e) {
            throw new IOException(e);
        } finally {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void pass(ObjectNode row) {
        if (parentKey != null) {
            passed.add(row.path("id").asText());
        }
        next.accept(row);
    }

    private void open() throws SQLException, IOException {
        file = Files.createTempFile("storeit-order", ".db");
        waiting = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (var statement = waiting.createStatement()) {
            statement.execute("PRAGMA journal_mode = OFF");
            statement.execute("PRAGMA synchronous = OFF");
            statement.execute("CREATE TABLE waiting (number INTEGER PRIMARY KEY, id TEXT, parent TEXT NOT NULL, row TEXT NOT NULL)");
        }
        waiting.setAutoCommit(false);
        insert = waiting.prepareStatement("INSERT INTO waiting (id, parent, row) VALUES (?, ?, ?)");
    }

    private ArchiveException failure(Exception e) {
        return new ArchiveException("cannot put rows in order: " + e.getMessage(),
                "Check the free space in " + System.getProperty("java.io.tmpdir") + ".", e);
    }
}
