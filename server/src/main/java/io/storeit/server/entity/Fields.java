package io.storeit.server.entity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.Problem;
import io.storeit.server.http.JsonBody;
import java.util.List;

/** The fields that clients set on each type of entity. */
public enum Fields {
    LOCATION(Field.requiredName(), Field.longText("description"), Field.degrees("latitude", 90), Field.degrees("longitude", 180)),

    CONTAINER(Field.requiredName(), Field.longText("description"), Field.shortText("color")),

    ITEM(
            Field.requiredName(),
            Field.longText("description"),
            Field.texts("aliases"),
            Field.texts("keywords"),
            Field.shortText("category"),
            Field.shortText("barcode"),
            Field.shortText("material"),
            Field.shortText("color"),
            Field.longText("condition_notes"),
            Field.quantity());

    private final List<Field> fields;

    Fields(Field... fields) {
        this.fields = List.of(fields);
    }

    /** The values of a new record, each field with its default where the request has none. */
    public ObjectNode ofNew(JsonBody body) {
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        for (Field field : fields) {
            JsonNode value = field.reader().apply(body);
            if (value.isNull() && field.absent() == null) {
                throw Problem.unprocessable(field.name() + " is missing");
            }
            values.set(field.name(), value.isNull() ? field.absent() : value);
        }
        check(values, JsonNodeFactory.instance.objectNode());
        return values;
    }

    /** What a request changes: an absent field keeps its value, null clears it or, where there must be a value, keeps it too. */
    public ObjectNode ofUpdate(JsonBody body) {
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        for (Field field : fields) {
            JsonNode value = field.reader().apply(body);
            if (body.has(field.name()) && (field.nullable() || !value.isNull())) {
                changes.set(field.name(), value);
            }
        }
        return changes;
    }

    /** Throws VALIDATION_ERROR when a value breaks its rule, unless the record has it already, as old data may. */
    void check(ObjectNode values, ObjectNode before) {
        for (Field field : fields) {
            JsonNode value = values.get(field.name());
            if (value != null && !value.equals(before.get(field.name()))) {
                field.rule().accept(value);
            }
        }
    }
}
