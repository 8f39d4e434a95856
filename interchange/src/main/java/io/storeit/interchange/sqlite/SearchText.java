package io.storeit.interchange.sqlite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.schema.Table;
import java.util.Set;

/**
 * Builds the searchable text of a record: the column {@code searchable_text} of {@code search_index}. One function for create, update and
 * import, so that the index never depends on how a record came in.
 */
public final class SearchText {

    /** Lists the tables whose records are searchable; {@link Table#label()} is their {@code entity_type} in the index. */
    public static final Set<Table> TABLES = Set.of(Table.LOCATIONS, Table.CONTAINERS, Table.ITEMS);

    private SearchText() {
    }

    /**
     * Returns the searchable text of a row in archive form: name and description; for items also aliases, keywords and category. The parts
     * that are set are joined by one blank, and a part that is set but empty counts as set.
     *
     * @throws IllegalArgumentException for a table that is not in {@link #TABLES}
     */
    public static String of(Table table, ObjectNode row) {
        if (!TABLES.contains(table)) {
            throw new IllegalArgumentException("a " + table.label() + " is not searchable");
        }
        var text = new StringBuilder(row.get("name").textValue());
        append(text, row.get("description"));
        if (table == Table.ITEMS) {
            appendAll(text, row.get("aliases"));
            appendAll(text, row.get("keywords"));
            append(text, row.get("category"));
        }
        return text.toString();
    }

    /** Returns what the index holds of a row: type, id, group and text, in the order of its columns. */
    public static Object[] indexRow(Table table, ObjectNode row) {
        return new Object[] {table.label(), row.get("id").textValue(), row.get("group_id").textValue(), of(table, row)};
    }

    private static void appendAll(StringBuilder text, JsonNode parts) {
        for (JsonNode part : parts) {
            append(text, part);
        }
    }

    private static void append(StringBuilder text, JsonNode part) {
        if (part != null && part.isTextual()) {
            text.append(' ').append(part.textValue());
        }
    }
}
