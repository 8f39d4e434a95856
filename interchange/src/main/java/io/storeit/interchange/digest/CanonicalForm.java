package io.storeit.interchange.digest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Timestamps;
import io.storeit.interchange.schema.Column;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Writes the canonical form of a row, as {@link ContentDigest} defines it, into one buffer that is used again for the next row.
 */
final class CanonicalForm {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private byte[] buffer = new byte[4096];
    private int length;

    /** Begins another row. */
    void clear() {
        length = 0;
    }

    /** Hands what was written to a hash, without a copy. */
    void hashWith(MessageDigest digest) {
        digest.update(buffer, 0, length);
    }

    /** Returns what was written. */
    byte[] written() {
        return Arrays.copyOf(buffer, length);
    }

    /** Returns the bytes that announce a column: its key as string. */
    static byte[] announcement(String key) {
        var form = new CanonicalForm();
        form.string(key);
        return form.written();
    }

    /** Adds a value from its text in the database, where {@code size} bytes at {@code from} are the text. */
    void stored(Column.Kind kind, byte[] texts, int from, int size) {
        switch (kind) {
            case UUID, TEXT, ROLE, ENTITY_TYPE, TAG_ENTITY_TYPE -> {
                tag('s');
                int32(size);
                reserve(size);
                System.arraycopy(texts, from, buffer, length, size);
                length += size;
            }
            case BOOLEAN -> tag(size == 1 && texts[from] == '0' ? 'f' : 't');
            case INTEGER -> {
                tag('i');
                int64(Long.parseLong(new String(texts, from, size, StandardCharsets.US_ASCII)));
            }
            case TIME -> {
                String time = new String(texts, from, size, StandardCharsets.UTF_8);
                time(Timestamps.parseStored(time), time);
            }
            case STRINGS -> {
                if (size == 2) {
                    tag('l');
                    int32(0);
                } else {
                    ArrayNode list = Json.stringsOrNull(new String(texts, from, size, StandardCharsets.UTF_8));
                    strings(list == null ? JsonNodeFactory.instance.arrayNode() : list);
                }
            }
            case JSON -> {
                tag('j');
                json(Json.parseOrNull(new String(texts, from, size, StandardCharsets.UTF_8)));
            }
            case REAL -> throw new IllegalArgumentException("the text of a real number is not exact");
        }
    }

    /** Returns whether free JSON is null or unreadable, which counts as absent. */
    static boolean isNullJson(Column.Kind kind, byte[] texts, int from, int to) {
        if (kind != Column.Kind.JSON) {
            return false;
        }
        JsonNode value = Json.parseOrNull(new String(texts, from, to - from, StandardCharsets.UTF_8));
        return value == null || value.isNull();
    }

    /** Adds a value of a row in archive form. */
    void value(Column.Kind kind, JsonNode value) {
        switch (kind) {
            case UUID, TEXT, ROLE, ENTITY_TYPE, TAG_ENTITY_TYPE -> text(value.asText());
            case BOOLEAN -> tag(value.asBoolean() ? 't' : 'f');
            case INTEGER -> {
                tag('i');
                int64(value.asLong());
            }
            case REAL -> {
                tag('r');
                int64(Double.doubleToLongBits(value.asDouble() + 0.0));
            }
            case TIME -> time(Timestamps.parse(value.asText()), value.asText());
            case STRINGS -> strings(value);
            case JSON -> {
                tag('j');
                json(value);
            }
        }
    }

    private void time(long millis, String text) {
        if (millis == Timestamps.NONE) {
            text(text);
        } else {
            tag('z');
            int64(millis);
        }
    }

    private void strings(JsonNode value) {
        tag('l');
        int count = value.isArray() ? value.size() : 0;
        for (int i = 0; i < count; i++) {
            if (!value.get(i).isTextual()) {
                count = 0;
            }
        }
        int32(count);
        for (int i = 0; i < count; i++) {
            string(value.get(i).textValue());
        }
    }

    private void json(JsonNode value) {
        switch (value.getNodeType()) {
            case BOOLEAN -> tag(value.booleanValue() ? 't' : 'f');
            case STRING -> text(value.textValue());
            case NUMBER -> {
                tag('d');
                string(exact(value.decimalValue()));
            }
            case ARRAY -> {
                tag('a');
                int32(value.size());
                for (JsonNode element : value) {
                    json(element);
                }
            }
            case OBJECT -> {
                tag('o');
                int32(value.size());
                // Java compares texts by UTF-16 units; beyond U+D800 that is another order than that of the bytes.
                byte[][] names = value.properties().stream()
                        .map(member -> member.getKey().getBytes(StandardCharsets.UTF_8))
                        .sorted(Arrays::compareUnsigned)
                        .toArray(byte[][]::new);
                for (byte[] name : names) {
                    int32(name.length);
                    bytes(name);
                    json(value.get(new String(name, StandardCharsets.UTF_8)));
                }
            }
            case NULL, MISSING, BINARY, POJO -> tag('n');
        }
    }

    private static String exact(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.signum() == 0 ? "0e0" : stripped.unscaledValue() + "e" + -(long) stripped.scale();
    }

    private void text(String text) {
        tag('s');
        string(text);
    }

    /** Writes length and UTF-8 bytes, encoded straight into the buffer. */
    private void string(String text) {
        int chars = text.length();
        reserve(4 + 3 * chars);
        byte[] out = buffer;
        int start = length + 4;
        int at = start;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                out[at++] = (byte) c;
            } else if (c < 0x800) {
                out[at++] = (byte) (0xc0 | c >> 6);
                out[at++] = (byte) (0x80 | c & 0x3f);
            } else if (Character.isHighSurrogate(c) && i + 1 < chars && Character.isLowSurrogate(text.charAt(i + 1))) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                out[at++] = (byte) (0xf0 | point >> 18);
                out[at++] = (byte) (0x80 | point >> 12 & 0x3f);
                out[at++] = (byte) (0x80 | point >> 6 & 0x3f);
                out[at++] = (byte) (0x80 | point & 0x3f);
            } else {
                // Half a surrogate pair has no UTF-8 form; readers refuse it, and here its three-byte form keeps it distinct.
                out[at++] = (byte) (0xe0 | c >> 12);
                out[at++] = (byte) (0x80 | c >> 6 & 0x3f);
                out[at++] = (byte) (0x80 | c & 0x3f);
            }
        }
        INT.set(out, length, at - start);
        length = at;
    }

    private void tag(char tag) {
        reserve(1);
        buffer[length++] = (byte) tag;
    }

    private void int32(int value) {
        reserve(4);
        INT.set(buffer, length, value);
        length += 4;
    }

    private void int64(long value) {
        reserve(8);
        LONG.set(buffer, length, value);
        length += 8;
    }

    void bytes(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    private void reserve(int more) {
        int needed = Math.addExact(length, more);
        if (needed > buffer.length) {
            buffer = Arrays.copyOf(buffer, (int) Math.max(needed, Math.min(2L * buffer.length, Integer.MAX_VALUE - 8)));
        }
    }
}
