package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Rebuilds the search index from the records, in a database that no other process uses. */
public final class SearchIndex {
    private static final int BUSY_MILLISECONDS = 1000;

    /** Sets how every StoreIT since the first splits texts into words. */
    public static final String TOKENIZER = "porter unicode61";

    /** Creates the index as every StoreIT since the first did. */
    private static final String CREATE = """
            CREATE VIRTUAL TABLE search_index USING fts5(
                entity_type UNINDEXED,
                entity_id UNINDEXED,
                group_id UNINDEXED,
                searchable_text,
                tokenize = '%s'
            )""".formatted(TOKENIZER);

    private SearchIndex() {
    }

    /**
     * Drops the index, whatever its state, and creates a new one in one transaction.
     *
     * @param schemaVersion of the database
     * @return the number of records that can be found
     * @throws DatabaseException when the database cannot be read or written
     */
    public static long rebuild(Path database, int schemaVersion) {
        try (Connection connection = Sqlite.existing(database, BUSY_MILLISECONDS)) {
            connection.setAutoCommit(false);
            drop(connection);
            Sqlite.execute(connection, CREATE);
            fill(connection, schemaVersion, "search_index");
            long count = Sqlite.number(connection, "SELECT count(*) FROM search_index");
            connection.commit();
            return count;
        } catch (SQLException e) {
            throw Sqlite.failure("cannot rebuild the search index of " + database, e);
        }
    }

    /** Returns whether an index exists that can be written and searched; earlier servers work without. */
    public static boolean isThere(Path database) {
        try (Connection connection = Sqlite.existing(database, BUSY_MILLISECONDS)) {
            return Sqlite.text(connection, "SELECT name FROM sqlite_master WHERE name = 'search_index' AND sql LIKE 'CREATE VIRTUAL TABLE%'").isPresent();
        } catch (SQLException e) {
            throw Sqlite.failure("cannot open " + database, e);
        }
    }

    /**
     * Returns the statement that inserts one record, with its {@link SearchText#indexRow} as parameters.
     *
     * @param table with the columns of the index
     */
    public static String insertInto(String table) {
        return "INSERT INTO " + table + " (entity_type, entity_id, group_id, searchable_text) VALUES (?, ?, ?, ?)";
    }

    /** Drops the index, which may be an ordinary table or a view of that name because earlier servers work with either. */
    private static void drop(Connection connection) throws SQLException {
        boolean view = Sqlite.text(connection, "SELECT name FROM sqlite_master WHERE type = 'view' AND name = 'search_index'").isPresent();
        Sqlite.execute(connection, view ? "DROP VIEW search_index" : "DROP TABLE IF EXISTS search_index");
    }

    /**
     * Inserts what the index of a database should hold.
     *
     * @param table with the columns of the index
     */
    public static void fill(Connection connection, int schemaVersion, String table) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(insertInto(table))) {
            var reader = new ContentReader(connection, schemaVersion, new Warnings());
            for (Table records : Table.values()) {
                if (SearchText.TABLES.contains(records)) {
                    reader.read(records, row -> Sqlite.update(insert, SearchText.indexRow(records, row)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
