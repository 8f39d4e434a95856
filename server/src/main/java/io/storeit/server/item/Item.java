package io.storeit.server.item;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Json;
import io.storeit.server.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A thing, as the API shows it. It is in a container or at a location, never both. */
record Item(
        String id,
        String groupId,
        String containerId,
        String locationId,
        String name,
        String description,
        List<String> aliases,
        List<String> keywords,
        String category,
        String barcode,
        String material,
        String color,
        String conditionNotes,
        int quantity,
        String createdAt,
        String updatedAt) {

    /** Lists the columns that {@link #of} reads. */
    static final String COLUMNS = """
            id, group_id, container_id, location_id, name, description, aliases, keywords, category, barcode, material, color, \
            condition_notes, quantity, created_at, updated_at""";

    static Item of(ResultSet row) throws SQLException {
        return new Item(
                row.getString("id"),
                row.getString("group_id"),
                row.getString("container_id"),
                row.getString("location_id"),
                row.getString("name"),
                row.getString("description"),
                texts(row.getString("aliases")),
                texts(row.getString("keywords")),
                row.getString("category"),
                row.getString("barcode"),
                row.getString("material"),
                row.getString("color"),
                row.getString("condition_notes"),
                // Only other tools can have written more than 32 bits. StoreIT has always read the low ones.
                (int) row.getLong("quantity"),
                Times.shown(row.getString("created_at")),
                Times.shown(row.getString("updated_at")));
    }

    /** Reads a list column, which contains a JSON array of texts. Anything else counts as an empty list. */
    private static List<String> texts(String column) {
        var array = Json.stringsOrNull(column);
        if (array == null) {
            return List.of();
        }
        var texts = new ArrayList<String>(array.size());
        for (JsonNode text : array) {
            texts.add(text.textValue());
        }
        return texts;
    }
}
