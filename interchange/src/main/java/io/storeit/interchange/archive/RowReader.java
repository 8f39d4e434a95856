package io.storeit.interchange.archive;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.base.Timestamps;
import io.storeit.interchange.base.Uuids;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Iterates over the rows of one data file and checks each against the columns of its table. Everything that one row alone shows
 * is reported here, naming file and row; what takes several rows is the business of the importer and of verification.
 */
final class RowReader {

    private static final String HINT = "The archive was changed or written by another program: use another backup, or repair this file.";

    /** Lists the keys that name image files, as columns or carried along as extra keys. */
    private static final List<String> IMAGE_KEYS =
            List.of("storage_key", "thumbnail_key", "large_key", "_thumbnail_key", "_large_key");

    /** Reads one value and leaves the parser behind it, in the middle of the row. */
    private static final ObjectReader TREES = Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Table table;
    private final boolean understood;
    private final Map<String, Column> columns = new HashMap<>();
    private final long requiredColumns;
    private final ArchiveLimits limits;
    private final Budget budget;
    private final JsonParser parser;
    private long number;
    private boolean started;

    /**
     * @param schemaVersion of the rows; of a newer one than this build knows, rows are only known to be JSON
     * @param in            the content of the data file, from which no IOException comes
     */
    RowReader(Table table, int schemaVersion, InputStream in, ArchiveLimits limits) {
        this.table = table;
        this.limits = limits;
        this.understood = schemaVersion <= SchemaTransforms.newest();
        if (understood) {
            SchemaTransforms.columns(table, schemaVersion).forEach(column -> columns.put(column.key(), column));
        }
        this.requiredColumns = columns.values().stream().filter(column -> !column.nullable()).count();
        this.budget = new Budget(strictUtf8(in));
        try {
            this.parser = Json.MAPPER.getFactory().createParser(budget);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Creates a reader that refuses bytes that are not UTF-8 instead of replacing them. */
    static Reader strictUtf8(InputStream in) {
        return new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    }

    /** Returns the number of the row {@link #next} returned last, 1 for the first; after the end the number of rows. */
    long number() {
        return number;
    }

    /** Returns the next row, or null after the last, when only the end of the file follows. */
    ObjectNode next() {
        try {
            if (!started) {
                started = true;
                if (parser.nextToken() != JsonToken.START_ARRAY) {
                    throw new ArchiveException(table.fileName() + ": must be a list, found " + found(), HINT);
                }
            }
            budget.used = 0;
            JsonToken token = parser.nextToken();
            if (token == JsonToken.END_ARRAY) {
                if (parser.nextToken() != null) {
                    throw new ArchiveException(table.fileName() + ": has data after its last row", HINT);
                }
                parser.close();
                return null;
            }
            number++;
            if (number > limits.maxRows()) {
                throw new ArchiveException(table.fileName() + ": has more than " + limits.maxRows() + " rows", ArchiveEntries.TOO_BIG);
            }
            ObjectNode row = table == Table.SETTINGS ? setting(token) : object(token);
            if (understood) {
                checkRules(row);
            }
            return row;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private ObjectNode object(JsonToken token) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            throw refusal("must be an object, found " + found());
        }
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        int required = 0;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            Column column = columns.get(key);
            JsonNode value;
            if (column == null) {
                value = tree();
                wellFormed(key);
            } else {
                value = value(column);
                required += column.nullable() ? 0 : 1;
                // The very text that others will look it up with: comparing is then over at once.
                key = column.key();
            }
            if (row.replace(key, value) != null) {
                throw refusal("key " + Quoted.of(key) + " occurs twice");
            }
        }
        if (required < requiredColumns) {
            for (Column column : columns.values()) {
                if (!column.nullable() && !row.has(column.key())) {
                    throw refusal(column.key() + " is missing");
                }
            }
        }
        return row;
    }

    /** Reads one setting, which is a pair of strings rather than an object. */
    private ObjectNode setting(JsonToken token) throws IOException {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        boolean pair = token == JsonToken.START_ARRAY
                && parser.nextToken() == JsonToken.VALUE_STRING;
        if (pair) {
            row.put("key", wellFormed(parser.getText()));
            pair = parser.nextToken() == JsonToken.VALUE_STRING;
        }
        if (pair) {
            row.put("value", wellFormed(parser.getText()));
            pair = parser.nextToken() == JsonToken.END_ARRAY;
        }
        if (!pair) {
            throw refusal("must be a list of two strings");
        }
        return row;
    }

    private JsonNode value(Column column) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL && column.nullable()) {
            return JsonNodeFactory.instance.nullNode();
        }
        return switch (column.kind()) {
            case TEXT -> TextNode.valueOf(text(column, "a text"));
            case UUID -> {
                String id = Uuids.normalise(text(column, "a UUID"));
                if (id == null) {
                    throw mustBe(column, "a UUID");
                }
                yield TextNode.valueOf(id);
            }
            case TIME -> {
                String expected = "a time with zone, such as 2026-04-02T08:15:30Z";
                String time = Timestamps.normalise(text(column, expected));
                if (time == null) {
                    throw mustBe(column, expected);
                }
                yield TextNode.valueOf(time);
            }
            case ROLE -> oneOf(column, "owner", "member");
            case ENTITY_TYPE -> oneOf(column, "location", "container", "item");
            case TAG_ENTITY_TYPE -> oneOf(column, "location", "container");
            case BOOLEAN -> {
                if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
                    throw mustBe(column, "true or false");
                }
                yield BooleanNode.valueOf(token == JsonToken.VALUE_TRUE);
            }
            case INTEGER -> {
                if (token != JsonToken.VALUE_NUMBER_INT || parser.getNumberType() != JsonParser.NumberType.INT) {
                    throw mustBe(column, "a 32-bit integer");
                }
                yield IntNode.valueOf(parser.getIntValue());
            }
            case REAL -> {
                if (!token.isNumeric() || Double.isInfinite(parser.getDoubleValue())) {
                    throw mustBe(column, "a number");
                }
                yield DoubleNode.valueOf(parser.getDoubleValue());
            }
            case STRINGS -> strings(column);
            case JSON -> tree();
        };
    }

    private String text(Column column, String expected) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw mustBe(column, expected);
        }
        return wellFormed(parser.getText());
    }

    private TextNode oneOf(Column column, String... values) throws IOException {
        String text = text(column, String.join(" or ", values));
        for (String value : values) {
            if (value.equals(text)) {
                return TextNode.valueOf(value);
            }
        }
        throw mustBe(column, String.join(" or ", values));
    }

    private ArrayNode strings(Column column) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw mustBe(column, "a list of strings");
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (JsonToken token; (token = parser.nextToken()) != JsonToken.END_ARRAY; ) {
            if (token != JsonToken.VALUE_STRING) {
                throw refusal(column.key() + " must be a list of strings, found " + found() + " in it");
            }
            list.add(wellFormed(parser.getText()));
        }
        return list;
    }

    /** Checks rules of single rows that the database has too; here the message can name the row. */
    private void checkRules(ObjectNode row) {
        switch (table) {
            case CONTAINERS -> exactlyOne(row, "parent_location_id", "parent_container_id");
            case ITEMS -> exactlyOne(row, "container_id", "location_id");
            case PHOTOS -> {
                for (String key : IMAGE_KEYS) {
                    JsonNode value = row.get(key);
                    if (value != null && value.isTextual() && !StorageKey.isValid(value.textValue())) {
                        throw refusal(key + " is not a valid image file name: " + Quoted.of(value));
                    }
                }
            }
            case USERS, GROUPS, MEMBERSHIPS, SETTINGS, LOCATIONS, NFC_TAGS -> {
            }
        }
    }

    private void exactlyOne(ObjectNode row, String first, String second) {
        boolean hasFirst = row.hasNonNull(first);
        if (hasFirst == row.hasNonNull(second)) {
            throw refusal((hasFirst ? "has both " + first + " and " : "has neither " + first + " nor ") + second);
        }
    }

    /** Refuses a string with half a surrogate pair, because it has no UTF-8 form. */
    private String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    throw refusal("has a string with an unpaired surrogate: " + Quoted.of(text));
                }
                i++;
            }
        }
        return text;
    }

    private JsonNode tree() throws IOException {
        JsonNode tree;
        try {
            tree = TREES.readTree(parser);
        } catch (NumberFormatException e) {
            throw refusal("has a number with too large an exponent");
        }
        if (!Json.numbersAreBounded(tree)) {
            throw refusal("has a number with too large an exponent");
        }
        return wellFormed(tree);
    }

    private JsonNode wellFormed(JsonNode node) {
        if (node.isTextual()) {
            wellFormed(node.textValue());
        } else if (node.isContainerNode()) {
            node.fieldNames().forEachRemaining(this::wellFormed);
            for (JsonNode child : node) {
                wellFormed(child);
            }
        }
        return node;
    }

    private ArchiveException mustBe(Column column, String expected) throws IOException {
        return refusal(column.key() + " must be " + expected + ", found " + found());
    }

    private String found() throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case VALUE_STRING -> Quoted.of(parser.getText());
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            default -> Quoted.bare(parser.getText());
        };
    }

    private ArchiveException refusal(String fault) {
        return new ArchiveException(where() + ": " + fault, HINT);
    }

    /** Returns the place for a message; between rows it is the row about to be read. */
    private String where() {
        return number == 0 ? table.fileName() : table.fileName() + " row " + number;
    }

    private ArchiveException unreadable(IOException e) {
        if (e instanceof CharacterCodingException) {
            return new ArchiveException(where() + ": is not UTF-8 here or shortly after", HINT, e);
        }
        if (e instanceof JsonEOFException) {
            return new ArchiveException(where() + ": the file is truncated", HINT, e);
        }
        if (e instanceof StreamConstraintsException) {
            return new ArchiveException(where() + ": is nested too deeply or has a text or number that is too long", HINT, e);
        }
        String detail = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        return new ArchiveException(where() + ": is not valid JSON (" + Quoted.bare(detail, 120) + ")", HINT, e);
    }

    /** Limits the characters read for one row; not exactly, because the parser reads ahead a few thousand. */
    private final class Budget extends FilterReader {
        private long used;

        Budget(Reader in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            char[] one = new char[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
        }

        @Override
        public int read(char[] chars, int offset, int length) throws IOException {
            if (used > limits.maxRowChars()) {
                throw new ArchiveException(table.fileName() + " row " + Math.max(number, 1) + ": has more than " + limits.maxRowChars()
                        + " characters", ArchiveEntries.TOO_BIG);
            }
            int read = in.read(chars, offset, length);
            used += Math.max(read, 0);
            return read;
        }
    }
}
