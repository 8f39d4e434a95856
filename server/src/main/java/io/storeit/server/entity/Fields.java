package io.storeit.server.entity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.http.JsonBody;
import io.storeit.server.problem.Problem;
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

    /** Reads the values of a new record, each field with its default where the request has none. */
    public ObjectNode ofNew(JsonBody body) {
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        for (Field field : fields) {
            JsonNode value = field.reader().apply(body);
            if (value.isNull() && field.absent() == null) {
                throw Problem.unprocessable(field.name() + " is missing");
            }
            values.set(field.name(), value.isNull() ? field.absent() : value);
        }
        return differing(values, JsonNodeFactory.instance.objectNode());
    }

    /**
     * Reads what a request changes. An absent field keeps its value. Null clears it or, where a value is required, keeps it too.
     */
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

    /**
     * Selects the values that differ from what clients see of the record, and checks the rule of each. All others stay as they
     * are stored, which in old data may be something that no request could set.
     *
     * @throws Problem VALIDATION_ERROR
     */
    ObjectNode differing(ObjectNode values, ObjectNode seen) {
        ObjectNode differing = JsonNodeFactory.instance.objectNode();
        for (Field field : fields) {
            JsonNode value = values.get(field.name());
            if (value != null && !value.equals(seen.get(field.name()))) {
                field.rule().accept(value);
                differing.set(field.name(), value);
            }
        }
        return differing;
    }
}
