package io.storeit.server.search;

import io.storeit.interchange.sqlite.SearchQuery;
import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import java.sql.SQLException;
import java.util.List;

/** Searches the full-text index, within one group. */
public final class SearchRepository {
    /** Limits the entries that are read to find words that begin with an unfinished one. */
    private static final int CANDIDATES = 1000;

    private final Database database;

    public SearchRepository(Database database) {
        this.database = database;
    }

    /** @param score the value of SQLite's {@code bm25}: negative, the lower the better */
    record Hit(String entityType, String entityId, double score) {}

    private record Candidate(Hit hit, String text) {}

    /** Returns the best hits first. */
    List<Hit> search(String group, SearchQuery query, int limit) {
        if (query.expression().isEmpty() || limit == 0) {
            return List.of();
        }
        return database.read(sql -> {
            List<Hit> hits = sql.list("""
                    SELECT entity_type, entity_id, rank FROM search_index
                    WHERE search_index MATCH ? AND group_id = ? ORDER BY rank LIMIT ?""",
                    row -> new Hit(row.getString(1), row.getString(2), row.getDouble(3)), query.expression(), group, limit);
            return hits.isEmpty() && !query.shorter().isEmpty() ? searchUnfinished(sql, group, query, limit) : hits;
        });
    }

    private static List<Hit> searchUnfinished(Sql sql, String group, SearchQuery query, int limit) throws SQLException {
        return sql.list("""
                SELECT entity_type, entity_id, rank, searchable_text FROM search_index
                WHERE search_index MATCH ? AND group_id = ? ORDER BY rank LIMIT ?""",
                row -> new Candidate(new Hit(row.getString(1), row.getString(2), row.getDouble(3)), row.getString(4)),
                query.shorter(), group, CANDIDATES).stream()
                .filter(candidate -> query.isBegunIn(candidate.text()))
                .map(Candidate::hit)
                .limit(limit)
                .toList();
    }
}
