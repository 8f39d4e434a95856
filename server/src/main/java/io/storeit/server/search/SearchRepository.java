package io.storeit.server.search;

import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import java.sql.SQLException;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Looks into the full-text index, within one group. */
public final class SearchRepository {
    /** How many entries are looked at to find the words that begin as an unfinished one. */
    private static final int CANDIDATES = 1000;
    private static final Pattern ACCENTS = Pattern.compile("\\p{M}+");
    private static final Pattern SEPARATORS = Pattern.compile("[^\\p{L}\\p{N}\\p{Co}]+");

    private final Database database;

    public SearchRepository(Database database) {
        this.database = database;
    }

    /** @param score as SQLite's {@code bm25} gives it: negative, the lower the better */
    record Hit(String entityType, String entityId, double score) {}

    private record Candidate(Hit hit, String text) {}

    /** The best first. */
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

    /**
     * The index holds words without their endings: "electronics" is in it as "electron", and "electroni" is no beginning of that. So
     * look for the shorter word, and keep what really has a word that begins as what was typed.
     */
    private static List<Hit> searchUnfinished(Sql sql, String group, SearchQuery query, int limit) throws SQLException {
        String beginning = folded(query.unfinished());
        return sql.list("""
                SELECT entity_type, entity_id, rank, searchable_text FROM search_index
                WHERE search_index MATCH ? AND group_id = ? ORDER BY rank LIMIT ?""",
                row -> new Candidate(new Hit(row.getString(1), row.getString(2), row.getDouble(3)), row.getString(4)),
                query.shorter(), group, CANDIDATES).stream()
                .filter(candidate -> SEPARATORS.splitAsStream(folded(candidate.text())).anyMatch(word -> word.startsWith(beginning)))
                .map(Candidate::hit)
                .limit(limit)
                .toList();
    }

    /** Lower case without accents, as the index has it. */
    private static String folded(String text) {
        return ACCENTS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("").toLowerCase(Locale.ROOT);
    }
}
