package io.storeit.server.search;

import io.storeit.server.db.Sql;
import java.sql.SQLException;

/** Writes the full-text index {@code search_index}: one row for each location, container and item, in the transaction of its data. */
public final class SearchIndex {
    private SearchIndex() {
    }

    /** @param type {@code location}, {@code container} or {@code item} */
    public static void add(Sql sql, String type, String id, String group, String text) throws SQLException {
        sql.update("INSERT INTO search_index (entity_type, entity_id, group_id, searchable_text) VALUES (?, ?, ?, ?)", type, id, group, text);
    }

    public static void replace(Sql sql, String type, String id, String group, String text) throws SQLException {
        remove(sql, type, id);
        add(sql, type, id, group, text);
    }

    /**
     * Removes an entry. It reads the rows in FTS5's own table, column by column: through the index it takes four times as long.
     */
    public static void remove(Sql sql, String type, String id) throws SQLException {
        sql.update("DELETE FROM search_index WHERE rowid IN (SELECT id FROM search_index_content WHERE c0 = ? AND c1 = ?)", type, id);
    }
}
