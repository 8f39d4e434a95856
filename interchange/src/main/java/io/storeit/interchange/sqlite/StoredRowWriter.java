package io.storeit.interchange.sqlite;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.Table;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** Turns rows in archive form into the values of one table, in the spelling servers have always stored. */
public final class StoredRowWriter {

    /** Writes compact JSON with sorted keys and control characters in lower-case hex: byte for byte what servers before 0.3.0 write. */
    private static final ObjectWriter TEXT = Json.MAPPER.writer()
            .with(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .without(JsonWriteFeature.WRITE_HEX_UPPER_CASE);

    private final Table table;
    private final List<Column> columns;

    /** Prepares to write rows of one table with these columns. */
    public StoredRowWriter(Table table, List<Column> columns) {
        this.table = table;
        this.columns = List.copyOf(columns);
    }

    /** Returns the statement that inserts one row. */
    public String insert() {
        return "INSERT INTO " + table.sqlName() + " ("
                + columns.stream().map(Column::sqlName).collect(Collectors.joining(", ")) + ") VALUES ("
                + String.join(", ", Collections.nCopies(columns.size(), "?")) + ")";
    }

    int indexOf(String key) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).key().equals(key)) {
                return i;
            }
        }
        throw new IllegalArgumentException(table + " has no column " + key);
    }

    /** Returns the values in the order of {@link #insert()}: texts, integers, doubles and nulls. */
    public Object[] values(ObjectNode row) {
        var values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = row.get(columns.get(i).key());
            values[i] = value == null || value.isNull() ? null : stored(columns.get(i).kind(), value);
        }
        return values;
    }

    private static Object stored(Column.Kind kind, JsonNode value) {
        return switch (kind) {
            case UUID, TEXT, ROLE, ENTITY_TYPE, TAG_ENTITY_TYPE -> value.textValue();
            case BOOLEAN -> value.booleanValue() ? 1 : 0;
            case INTEGER -> value.intValue();
            case REAL -> value.doubleValue() + 0.0; // turns -0.0 into 0.0
            case TIME -> withoutZone(value.textValue());
            case STRINGS -> value.isEmpty() ? "[]" : json(value);
            case JSON -> json(value);
        };
    }

    /** Removes the {@code Z}, which is always UTC; the database holds the same time without it. */
    private static String withoutZone(String time) {
        return time.substring(0, time.length() - 1);
    }

    private static String json(JsonNode value) {
        try {
            return TEXT.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a parsed value can always be written", e);
        }
    }
}
