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
 * A JSON object sent by a client, read as strictly as the contract asks. What is no JSON at all (also a byte-order mark, invalid
 * UTF-8, unpaired surrogate escapes, trailing data) is {@code INVALID_REQUEST}; JSON of another shape (an array instead of an
 * object, a missing or doubled field, a number where a text belongs) is {@code UNPROCESSABLE}. Nothing is converted: {@code "1"}
 * and {@code 1.0} are no integers. Fields nobody asks for are ignored, whatever they hold.
 */
public final class JsonBody {
    /** Names, values, beginnings and ends: a batch of some 15,000 items. A body full of empty objects would take the memory otherwise. */
    private static final long MOST_TOKENS = 500_000;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxTokenCount(MOST_TOKENS).build())
            .build();
    /** As deep as StoreIT's own servers read; only fields nobody asks for can be deeper than two. */
    private static final int DEEPEST = 127;
    private static final Object NULL = new Object();

    /** Text, Boolean, BigInteger, Double, NULL, List or JsonBody by name. */
    private final Map<String, Object> fields;
    private final Set<String> doubled;

    private JsonBody(Map<String, Object> fields, Set<String> doubled) {
        this.fields = fields;
        this.doubled = doubled;
    }

    /** The object that is the whole body. */
    public static JsonBody parse(byte[] bytes) {
        return as(JsonBody.class, document(bytes), "the body", "a JSON object");
    }

    /** The objects of the array that is the whole body. */
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
                throw notJson("something follows the JSON value");
            }
            return value;
        } catch (JsonEOFException e) {
            throw notJson("it ends in the middle");
        } catch (StreamConstraintsException e) {
            // Too many tokens, a number of too many digits: without a place.
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

    /** An escape such as {@code \ud800} on its own is half a character: it could be neither stored nor sent as UTF-8. */
    private static String paired(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isLowSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))) {
                throw notJson("a text holds half a character (unpaired surrogate)");
            }
            i++;
        }
        return text;
    }

    private static Problem notJson(String reason) {
        return Problem.invalidRequest("cannot read the request body as JSON: " + reason);
    }

    /** Whether the field is there, be it as null. */
    public boolean has(String name) {
        return fields.containsKey(name);
    }

    /** A text that must be there. */
    public String text(String name) {
        return optionalText(name).orElseThrow(() -> missing(name));
    }

    /** A text, or nothing when the field is absent or null. */
    public Optional<String> optionalText(String name) {
        return field(name).map(value -> as(String.class, value, name, "a text"));
    }

    /** An id that must be there, in its usual form: lower case with hyphens. */
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

    /** A 32-bit integer that must be there. */
    public int integer(String name) {
        return optionalInteger(name).orElseThrow(() -> missing(name));
    }

    /** A 32-bit integer; a fraction, also {@code 1.0}, is none. */
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

    /** A number with or without a fraction; beyond the range of a double it is infinite. */
    public OptionalDouble optionalNumber(String name) {
        Optional<Number> number = field(name).map(value -> as(Number.class, value, name, "a number"));
        return number.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number.get().doubleValue());
    }

    /** A list of texts, or nothing when the field is absent or null. */
    public Optional<List<String>> optionalTexts(String name) {
        return field(name).map(value -> list(String.class, value, name, "a list of texts"));
    }

    /** An object of ids by ids; empty when the field is absent or null. */
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
