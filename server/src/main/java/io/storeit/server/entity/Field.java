package io.storeit.server.entity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.storeit.server.http.JsonBody;
import io.storeit.server.problem.Problem;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A field of a location, container or item that clients set: how it is read from a request, and its rule. It has the same name in
 * requests, answers and the database.
 *
 * @param reader the value in a request; JSON null when the field is absent or null
 * @param absent the value of a new record when the field is absent or null; null when the field is required
 * @param rule   throws VALIDATION_ERROR for a value that breaks it. It applies to requests; old data may break it
 */
record Field(String name, Function<JsonBody, JsonNode> reader, JsonNode absent, Consumer<JsonNode> rule) {

    /** Limits the characters of a text that may have paragraphs. */
    private static final int LONGEST_TEXT = 100_000;
    private static final int LONGEST_LIST = 1000;

    /** Returns whether null clears it. Otherwise null means the same as absent. */
    boolean nullable() {
        return absent != null && absent.isNull();
    }

    static Field requiredName() {
        return new Field("name", body -> text(body, "name"), null, value -> Names.check("name", value.textValue()));
    }

    static Field shortText(String name) {
        return new Field(name, body -> text(body, name), NullNode.instance, value -> requireLength(name, value, Names.LONGEST));
    }

    static Field longText(String name) {
        return new Field(name, body -> text(body, name), NullNode.instance, value -> requireLength(name, value, LONGEST_TEXT));
    }

    static Field texts(String name) {
        return new Field(name, body -> body.optionalTexts(name).<JsonNode>map(Field::array).orElse(NullNode.instance), array(List.of()), value -> {
            if (value.size() > LONGEST_LIST) {
                throw Problem.validation(name + " must not have more than " + LONGEST_LIST + " entries");
            }
            value.forEach(text -> requireLength(name, text, Names.LONGEST));
        });
    }

    static Field quantity() {
        return new Field("quantity", Field::quantity, IntNode.valueOf(1), value -> {
            if (value.intValue() < 0) {
                throw Problem.validation("quantity must not be negative");
            }
        });
    }

    /** @param limit the largest angle to either side */
    static Field degrees(String name, int limit) {
        return new Field(name, body -> number(body, name), NullNode.instance, value -> {
            if (Math.abs(value.doubleValue()) > limit) {
                throw Problem.validation(name + " must be between -" + limit + " and " + limit);
            }
        });
    }

    private static JsonNode text(JsonBody body, String name) {
        return body.optionalText(name).<JsonNode>map(TextNode::valueOf).orElse(NullNode.instance);
    }

    private static JsonNode quantity(JsonBody body) {
        var value = body.optionalInteger("quantity");
        return value.isPresent() ? IntNode.valueOf(value.getAsInt()) : NullNode.instance;
    }

    private static JsonNode number(JsonBody body, String name) {
        var value = body.optionalNumber(name);
        // Adding zero turns -0 into 0, which the database would return.
        return value.isPresent() ? DoubleNode.valueOf(value.getAsDouble() + 0.0) : NullNode.instance;
    }

    private static ArrayNode array(List<String> texts) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }

    private static void requireLength(String name, JsonNode text, int longest) {
        if (!text.isNull()) {
            Names.checkLength(name, text.textValue(), longest);
        }
    }
}
