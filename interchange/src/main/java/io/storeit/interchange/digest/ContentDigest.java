package io.storeit.interchange.digest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.base.Timestamps;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One value that is equal for equal content, whatever wrote it and in whatever order: what makes "nothing was lost" provable.
 *
 * <h2>Definition, version 1</h2>
 *
 * <p>For each table in the order of {@link Table}, one line {@code <key> <rows> <sum>} with a line feed after it, where
 * {@code key} is {@link Table#key()}, {@code rows} the number of rows in decimal and {@code sum} the sum modulo 2^256 of the SHA-256
 * of each row's canonical form (hashes read as big-endian numbers), as 64 lower-case hex digits. The digest is the SHA-256 over the
 * nine lines in US-ASCII. Because sums do not depend on order and can be subtracted from, a changed row is exchanged without reading
 * the others.
 *
 * <p>Not counted as rows: the setting {@code image_storage_path}, which belongs to the machine, and the seeded default group (id
 * {@value #DEFAULT_GROUP_ID}, name {@code default}) as long as no membership, location, container, item or NFC tag names its id.
 *
 * <h2>Canonical form of a row</h2>
 *
 * <p>The digested columns of the schema version (all but a photo's {@code thumbnail_key} and {@code large_key}) that are present and
 * not null, sorted by the bytes of their keys; keys that are no columns do not count. Each is its key as <i>string</i> followed by its
 * <i>value</i>. Numbers are big-endian.
 *
 * <table>
 * <caption>Building blocks</caption>
 * <tr><th>string</th><td>length in bytes as 4 bytes, then the text as UTF-8</td></tr>
 * <tr><th>text, UUID, role, entity type</th><td>{@code 's'}, string</td></tr>
 * <tr><th>boolean</th><td>{@code 'f'} or {@code 't'}</td></tr>
 * <tr><th>integer</th><td>{@code 'i'}, 8 bytes, two's complement</td></tr>
 * <tr><th>real</th><td>{@code 'r'}, the 8 bytes of its IEEE 754 form; -0.0 counts as 0.0</td></tr>
 * <tr><th>time</th><td>{@code 'z'}, milliseconds since 1970 UTC as 8 bytes, two's complement; a text that is no time counts as text</td></tr>
 * <tr><th>list of strings</th><td>{@code 'l'}, number of elements as 4 bytes, each as string; what is no list of strings counts as an empty
 * one</td></tr>
 * <tr><th>free JSON</th><td>{@code 'j'}, then by its type: {@code 'n'} null; {@code 'f'}, {@code 't'}; {@code 's'}, string;
 * {@code 'd'}, string of the number (below); {@code 'a'}, count as 4 bytes, elements; {@code 'o'}, count as 4 bytes, then for each
 * member, sorted by the bytes of the names, name as string and value</td></tr>
 * </table>
 *
 * <p>A number within free JSON is its exact value as {@code <digits>e<exponent>}: an integer without trailing zeros (with {@code -} in
 * front when negative) and the power of ten it is multiplied with, both in decimal; zero is {@code 0e0}. So 1, 1.0 and 10e-1 are equal.
 *
 * <p>An accumulator is not thread-safe. One of these reads a million rows in a few seconds: rows are written into one buffer that is
 * used again and hashed without a copy.
 */
public final class ContentDigest {

    /** The version of the definition above. */
    public static final int VERSION = 1;

    /** The group every StoreIT database is seeded with. */
    public static final String DEFAULT_GROUP_ID = "00000000-0000-0000-0000-000000000001";

    /** The name of the seeded group. */
    public static final String DEFAULT_GROUP_NAME = "default";

    /** The one known setting: a path on the machine the database lives on. */
    public static final String IMAGE_FOLDER_SETTING = "image_storage_path";

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /**
     * A finished digest.
     *
     * @param version       the version of the definition
     * @param schemaVersion the schema version the rows were read in; digests of different ones cannot be compared
     * @param value         the digest, 64 lower-case hex digits
     * @param tables        the sum of each table, 64 lower-case hex digits
     */
    public record Value(int version, int schemaVersion, String value, Map<Table, String> tables) {

        private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

        public Value {
            Objects.requireNonNull(value);
            tables = Collections.unmodifiableMap(new EnumMap<>(tables));
        }

        /** Version and value as one word, for a database to keep: {@code 1:<64 hex digits>}. */
        public String stamp() {
            return version + ":" + value;
        }

        /** The form in a manifest. */
        public ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("version", version).put("schema_version", schemaVersion).put("value", value);
            ObjectNode sums = json.putObject("tables");
            tables.forEach((table, sum) -> sums.put(table.key(), sum));
            return json;
        }

        /** Reads {@link #toJson()}; null when it is not of that form, as a later version's may not be. */
        public static Value parse(JsonNode json) {
            JsonNode version = json.path("version");
            JsonNode schemaVersion = json.path("schema_version");
            JsonNode value = json.path("value");
            if (!version.isInt() || !schemaVersion.isInt() || !isHex(value)) {
                return null;
            }
            var tables = new EnumMap<Table, String>(Table.class);
            for (Table table : Table.values()) {
                JsonNode sum = json.path("tables").path(table.key());
                if (isHex(sum)) {
                    tables.put(table, sum.textValue());
                }
            }
            return new Value(version.intValue(), schemaVersion.intValue(), value.textValue(), tables);
        }

        private static boolean isHex(JsonNode node) {
            return node.isTextual() && HEX.matcher(node.textValue()).matches();
        }
    }

    /** A 256-bit sum and the number of rows in it. */
    private static final class Sum {
        private long rows;
        private long highest;
        private long high;
        private long low;
        private long lowest;

        void add(byte[] hash) {
            rows++;
            add((long) LONG.get(hash, 0), (long) LONG.get(hash, 8), (long) LONG.get(hash, 16), (long) LONG.get(hash, 24));
        }

        void add(Sum other) {
            rows += other.rows;
            add(other.highest, other.high, other.low, other.lowest);
        }

        Sum copy() {
            var copy = new Sum();
            copy.add(this);
            return copy;
        }

        private void add(long a, long b, long c, long d) {
            lowest += d;
            long carry = carry(lowest, d, 0);
            low += c + carry;
            carry = carry(low, c, carry);
            high += b + carry;
            carry = carry(high, b, carry);
            highest += a + carry;
        }

        /** The carry out of an unsigned addition, told from its result, one addend and the carry that went in. */
        private static long carry(long result, long addend, long carryIn) {
            int order = Long.compareUnsigned(result, addend);
            return order < 0 || order == 0 && carryIn == 1 ? 1 : 0;
        }

        String hex() {
            byte[] bytes = new byte[32];
            LONG.set(bytes, 0, highest);
            LONG.set(bytes, 8, high);
            LONG.set(bytes, 16, low);
            LONG.set(bytes, 24, lowest);
            return HexFormat.of().formatHex(bytes);
        }
    }

    /** A digested column with the bytes that announce it. */
    private record Field(Column column, String key, Column.Kind kind, byte[] announcement) {
    }

    private final int schemaVersion;
    private final Map<Table, Field[]> fields = new EnumMap<>(Table.class);
    private final Map<Table, Sum> sums = new EnumMap<>(Table.class);
    private final Sum seededGroup = new Sum();
    private boolean defaultGroupUsed;

    private final MessageDigest sha256 = Sha256.digest();
    private final byte[] hash = new byte[32];
    private byte[] buffer = new byte[4096];
    private int length;

    /** An empty digest for rows in this schema version. */
    public ContentDigest(int schemaVersion) {
        this.schemaVersion = schemaVersion;
        for (Table table : Table.values()) {
            fields.put(table, SchemaTransforms.columns(table, schemaVersion).stream()
                    .filter(Column::digested)
                    .sorted(Comparator.comparing(Column::key))
                    .map(column -> new Field(column, column.key(), column.kind(), announcement(column.key())))
                    .toArray(Field[]::new));
            sums.put(table, new Sum());
        }
    }

    /** Adds one row, as {@code ArchiveReader} hands it over or an export writes it. The row is not changed. */
    public void add(Table table, ObjectNode row) {
        if (table == Table.SETTINGS && IMAGE_FOLDER_SETTING.equals(row.path("key").textValue())) {
            return;
        }
        boolean seeded = false;
        if (table == Table.GROUPS) {
            seeded = DEFAULT_GROUP_ID.equals(row.path("id").textValue()) && DEFAULT_GROUP_NAME.equals(row.path("name").textValue());
        } else if (!defaultGroupUsed) {
            defaultGroupUsed = DEFAULT_GROUP_ID.equals(row.path("group_id").textValue());
        }
        length = 0;
        for (Field field : fields.get(table)) {
            JsonNode value = row.get(field.key);
            if (value != null && !value.isNull()) {
                bytes(field.announcement);
                value(field.kind, value);
            }
        }
        addTo(seeded ? seededGroup : sums.get(table));
    }

    /** The SHA-256 of the canonical form of the row that was added last; not for the setting that does not count. */
    public byte[] lastRow() {
        return hash.clone();
    }

    /** Whether two values of a column count as the same; null counts as absent. */
    public boolean isSame(Column column, JsonNode one, JsonNode other) {
        return Arrays.equals(canonical(column, one), canonical(column, other));
    }

    private byte[] canonical(Column column, JsonNode value) {
        length = 0;
        if (value != null && !value.isNull()) {
            value(column.kind(), value);
        }
        return Arrays.copyOf(buffer, length);
    }

    private void addTo(Sum sum) {
        sha256.update(buffer, 0, length);
        try {
            sha256.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
        sum.add(hash);
    }

    /** The digested columns of a table in the order of the canonical form: what {@link #addStored} takes. */
    public List<Column> columns(Table table) {
        return Arrays.stream(fields.get(table)).map(field -> field.column).toList();
    }

    /**
     * Adds one row from its texts in the database, without making objects of them: what {@link #add} does, at a third of the cost. For
     * tables without real numbers, whose text is not exact, and not for the tables with exceptions, groups and settings.
     *
     * @param texts the values of {@link #columns} as UTF-8, anywhere in this array
     * @param from  where each begins, or -1 for null
     * @param to    where each ends, exclusive
     */
    public void addStored(Table table, byte[] texts, int[] from, int[] to) {
        length = 0;
        Field[] columns = fields.get(table);
        for (int i = 0; i < columns.length; i++) {
            if (from[i] >= 0 && !isNullJson(columns[i], texts, from[i], to[i])) {
                bytes(columns[i].announcement);
                stored(columns[i], texts, from[i], to[i] - from[i]);
            }
        }
        addTo(sums.get(table));
    }

    /** The digest of all rows added so far; more may follow. */
    public Value value() {
        var lines = new StringBuilder();
        var tables = new EnumMap<Table, String>(Table.class);
        for (Table table : Table.values()) {
            Sum sum = sums.get(table);
            if (table == Table.GROUPS && defaultGroupUsed) {
                sum = sum.copy();
                sum.add(seededGroup);
            }
            tables.put(table, sum.hex());
            lines.append(table.key()).append(' ').append(sum.rows).append(' ').append(sum.hex()).append('\n');
        }
        return new Value(VERSION, schemaVersion, Sha256.hex(lines.toString().getBytes(StandardCharsets.US_ASCII)), tables);
    }

    private void stored(Field field, byte[] texts, int from, int size) {
        switch (field.kind) {
            case UUID, TEXT, ROLE, ENTITY_TYPE, TAG_ENTITY_TYPE -> {
                if (!defaultGroupUsed && field.key.equals("group_id")) {
                    defaultGroupUsed = DEFAULT_GROUP_ID.equals(new String(texts, from, size, StandardCharsets.UTF_8));
                }
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

    /** Free JSON that is null, or that nobody can read, counts as absent. */
    private static boolean isNullJson(Field field, byte[] texts, int from, int to) {
        if (field.kind != Column.Kind.JSON) {
            return false;
        }
        JsonNode value = Json.parseOrNull(new String(texts, from, to - from, StandardCharsets.UTF_8));
        return value == null || value.isNull();
    }

    private void value(Column.Kind kind, JsonNode value) {
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

    /** Length and UTF-8 bytes, encoded straight into the buffer. */
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

    private void bytes(byte[] bytes) {
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

    private static byte[] announcement(String key) {
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        byte[] announcement = new byte[4 + name.length];
        INT.set(announcement, 0, name.length);
        System.arraycopy(name, 0, announcement, 4, name.length);
        return announcement;
    }
}
