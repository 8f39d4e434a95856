package io.storeit.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.storeit.interchange.base.Uuids;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A JSON object that a client sent, read as strictly as the contract demands. A body that is not JSON (also one with a byte-order
 * mark, invalid UTF-8, unpaired surrogate escapes or trailing data) is {@code INVALID_REQUEST}. JSON of another shape (an array
 * instead of an object, a missing or doubled field, a number where a text belongs) is {@code UNPROCESSABLE}. Nothing is
 * converted: {@code "1"} and {@code 1.0} are not integers. Unknown fields are ignored, whatever they contain.
 */
public final class JsonBody {
    /**
     * Limits names, values, beginnings and ends: about 15,000 items in a batch. A body full of empty objects would otherwise use
     * up the memory.
     */
    private static final long MOST_TOKENS = 500_000;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxTokenCount(MOST_TOKENS).build())
            .build();
    /** Limits the depth as StoreIT's own servers do. Only unknown fields can be deeper than two. */
    private static final int DEEPEST = 127;
    private static final Object NULL = new Object();

    /** The values by name: text, Boolean, BigInteger, Double, NULL, List or JsonBody. */
    private final Map<String, Object> fields;
    private final Set<String> doubled;

    private JsonBody(Map<String, Object> fields, Set<String> doubled) {
        this.fields = fields;
        this.doubled = doubled;
    }

    /** Reads the object that is the whole body. */
    public static JsonBody parse(byte[] bytes) {
        return as(JsonBody.class, document(bytes), "the body", "a JSON object");
    }

    /** Reads the objects of the array that is the whole body. */
    public static List<JsonBody> parseList(byte[] bytes) {
        return list(JsonBody.class, document(bytes), "the body", "a JSON array of objects");
    }

    private static Object document(byte[] bytes) {
        String text = decode(bytes);
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                throw notJson("the body is empty");
            }
            Object value = value(parser, 1);
            if (parser.nextToken() != null) {
                throw notJson("there is more text after the JSON value");
            }
            return value;
        } catch (JsonEOFException e) {
            throw notJson("the body ends early");
        } catch (StreamConstraintsException e) {
            // There are too many tokens, or a number has too many digits. The exception knows no place.
            throw notJson(e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw notJson(e.getOriginalMessage() + " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String decode(byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw notJson("the body is not UTF-8");
        }
        if (text.startsWith("\uFEFF")) {
            throw notJson("the body starts with a byte-order mark");
        }
        return text;
    }

    private static Object value(JsonParser parser, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw notJson("the body is nested too deeply");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                var object = new JsonBody(new HashMap<>(), new HashSet<>());
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = paired(parser.currentName());
                    parser.nextToken();
                    if (object.fields.put(name, value(parser, depth + 1)) != null) {
                        object.doubled.add(name);
                    }
                }
                yield object;
            }
            case START_ARRAY -> {
                var array = new ArrayList<Object>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser, depth + 1));
                }
                yield array;
            }
            case VALUE_STRING -> paired(parser.getText());
            case VALUE_NUMBER_INT -> parser.getBigIntegerValue();
            case VALUE_NUMBER_FLOAT -> {
                double number = parser.getDoubleValue();
                if (Double.isInfinite(number)) {
                    throw notJson("a number is out of range");
                }
                yield number;
            }
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> NULL;
            case FIELD_NAME, END_OBJECT, END_ARRAY, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> throw notJson("unexpected end");
        };
    }

    /**
     * Refuses an unpaired surrogate. An escape such as {@code \ud800} on its own is half a character, which can be neither stored
     * nor sent as UTF-8.
     */
    private static String paired(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isLowSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                throw notJson("a text contains half a character (unpaired surrogate)");
            }
            i++;
        }
        return text;
    }

    private static Problem notJson(String reason) {
        return Problem.invalidRequest("cannot read the request body as JSON: " + reason);
    }

    /** Returns whether the field is present, even as null. */
    public boolean has(String name) {
        return fields.containsKey(name);
    }

    /** Returns a required text. */
    public String text(String name) {
        return optionalText(name).orElseThrow(() -> missing(name));
    }

    /** Returns a text, or nothing when the field is absent or null. */
    public Optional<String> optionalText(String name) {
        return field(name).map(value -> as(String.class, value, name, "a text"));
    }

    /** Returns a required id in its usual form: lower case with hyphens. */
    public String id(String name) {
        return optionalId(name).orElseThrow(() -> missing(name));
    }

    public Optional<String> optionalId(String name) {
        return optionalText(name).map(text -> {
            String id = Uuids.normalise(text);
            if (id == null) {
                throw Problem.unprocessable(name + " must be a UUID");
            }
            return id;
        });
    }

    public boolean flag(String name) {
        return optionalFlag(name).orElseThrow(() -> missing(name));
    }

    public Optional<Boolean> optionalFlag(String name) {
        return field(name).map(value -> as(Boolean.class, value, name, "true or false"));
    }

    /** Returns a required 32-bit integer. */
    public int integer(String name) {
        return optionalInteger(name).orElseThrow(() -> missing(name));
    }

    /** Returns a 32-bit integer. A fraction, even {@code 1.0}, is not one. */
    public OptionalInt optionalInteger(String name) {
        Optional<BigInteger> number = field(name).map(value -> as(BigInteger.class, value, name, "an integer"));
        if (number.isEmpty()) {
            return OptionalInt.empty();
        }
        if (number.get().bitLength() > 31) {
            throw Problem.unprocessable(name + " must be an integer of 32 bits");
        }
        return OptionalInt.of(number.get().intValue());
    }

    /** Returns a number with or without a fraction. Beyond the range of a double it is infinite. */
    public OptionalDouble optionalNumber(String name) {
        Optional<Number> number = field(name).map(value -> as(Number.class, value, name, "a number"));
        return number.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number.get().doubleValue());
    }

    /** Returns a list of texts, or nothing when the field is absent or null. */
    public Optional<List<String>> optionalTexts(String name) {
        return field(name).map(value -> list(String.class, value, name, "a list of texts"));
    }

    /** Returns an object of ids by ids; empty when the field is absent or null. */
    public Map<String, String> idsById(String name) {
        Optional<Object> value = field(name);
        if (value.isEmpty()) {
            return Map.of();
        }
        JsonBody object = as(JsonBody.class, value.get(), name, "an object of ids");
        var ids = new HashMap<String, String>();
        for (String key : object.fields.keySet()) {
            String id = Uuids.normalise(key);
            if (id == null) {
                throw Problem.unprocessable(name + " must have UUIDs as names, not '" + key + "'");
            }
            ids.put(id, object.id(key));
        }
        return ids;
    }

    private Optional<Object> field(String name) {
        if (doubled.contains(name)) {
            throw Problem.unprocessable(name + " is given twice");
        }
        Object value = fields.get(name);
        return value == null || value == NULL ? Optional.empty() : Optional.of(value);
    }

    private static <T> T as(Class<T> type, Object value, String name, String wanted) {
        if (!type.isInstance(value)) {
            throw Problem.unprocessable(name + " must be " + wanted);
        }
        return type.cast(value);
    }

    private static <T> List<T> list(Class<T> type, Object value, String name, String wanted) {
        var elements = new ArrayList<T>();
        for (Object element : as(List.class, value, name, wanted)) {
            elements.add(as(type, element, name, wanted));
        }
        return List.copyOf(elements);
    }

    private static Problem missing(String name) {
        return Problem.unprocessable(name + " is missing");
    }
}
