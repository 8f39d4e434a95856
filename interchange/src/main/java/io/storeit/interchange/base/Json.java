package io.storeit.interchange.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;

/** Reads JSON that this code did not write: keys must be unique, numbers keep their exact value, depth and lengths are limited. */
public final class Json {

    /** Limits the nesting of objects and arrays. Rows need 3; free JSON gets the depth old servers accepted. */
    public static final int MAX_DEPTH = 128;

    /** Limits the characters in one string. */
    public static final int MAX_TEXT = 4 << 20;

    /** Limits the digits in one number. */
    public static final int MAX_DIGITS = 1000;

    /** Limits the exponent of a number; beyond it, arithmetic on exact values would fail or never end. */
    public static final int MAX_EXPONENT = 1_000_000;

    /** Reads and writes rows and free JSON. Thread-safe. */
    public static final ObjectMapper MAPPER = mapper();

    private Json() {
    }

    private static ObjectMapper mapper() {
        JsonFactory factory = new JsonFactoryBuilder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(MAX_TEXT)
                        .maxNumberLength(MAX_DIGITS)
                        .maxNameLength(1000)
                        .build())
                .disable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                // Names come from hostile files: a table of all names ever seen would only grow.
                .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
                .build();
        return JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
    }

    /** Returns the list of strings in a database column, or null when the text is not one: old servers read that as an empty list. */
    public static ArrayNode stringsOrNull(String text) {
        if (!(parseOrNull(text) instanceof ArrayNode array)) {
            return null;
        }
        for (JsonNode element : array) {
            if (!element.isTextual()) {
                return null;
            }
        }
        return array;
    }

    /** Returns the JSON value in a database column, or null when the text is not JSON. */
    public static JsonNode parseOrNull(String text) {
        if (text == null) {
            return null;
        }
        try {
            JsonNode node = MAPPER.readTree(text);
            return node.isMissingNode() || !numbersAreBounded(node) ? null : node;
        } catch (JsonProcessingException | NumberFormatException e) {
            return null;
        }
    }

    /** Returns whether every number in a value keeps to {@link #MAX_EXPONENT}. */
    public static boolean numbersAreBounded(JsonNode node) {
        if (node.isBigDecimal()) {
            return Math.abs((long) node.decimalValue().scale()) <= MAX_EXPONENT;
        }
        for (JsonNode child : node) {
            if (!numbersAreBounded(child)) {
                return false;
            }
        }
        return true;
    }
}
