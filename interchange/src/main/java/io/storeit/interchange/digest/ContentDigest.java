package io.storeit.interchange.digest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Computes one value that is equal for equal content, whatever wrote it and in whatever order. It proves that nothing was lost.
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
 * not null, sorted by the bytes of their keys; keys that are not columns do not count. Each is its key as <i>string</i> followed by its
 * <i>value</i>. Numbers are big-endian.
 *
 * <table>
 * <caption>Building blocks</caption>
 * <tr><th>string</th><td>length in bytes as 4 bytes, then the text as UTF-8</td></tr>
 * <tr><th>text, UUID, role, entity type</th><td>{@code 's'}, string</td></tr>
 * <tr><th>boolean</th><td>{@code 'f'} or {@code 't'}</td></tr>
 * <tr><th>integer</th><td>{@code 'i'}, 8 bytes, two's complement</td></tr>
 * <tr><th>real</th><td>{@code 'r'}, the 8 bytes of its IEEE 754 form; -0.0 counts as 0.0</td></tr>
 * <tr><th>time</th><td>{@code 'z'}, milliseconds since 1970 UTC as 8 bytes, two's complement; a text that is not a time counts as text</td></tr>
 * <tr><th>list of strings</th><td>{@code 'l'}, number of elements as 4 bytes, each as string; what is not a list of strings counts as an empty
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

    /** Numbers the definition above. */
    public static final int VERSION = 1;

    /** Identifies the group every StoreIT database is seeded with. */
    public static final String DEFAULT_GROUP_ID = "00000000-0000-0000-0000-000000000001";

    /** Names the seeded group. */
    public static final String DEFAULT_GROUP_NAME = "default";

    /** Names the one known setting: a path on the machine the database is on. */
    public static final String IMAGE_FOLDER_SETTING = "image_storage_path";

    /**
     * Holds a finished digest.
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

        /** Returns version and value as one word, for a database to keep: {@code 1:<64 hex digits>}. */
        public String stamp() {
            return version + ":" + value;
        }

        /** Returns the form in a manifest. */
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

    /** Pairs a digested column with the bytes that announce it. */
    private record Field(Column column, String key, Column.Kind kind, byte[] announcement) {
    }

    private final int schemaVersion;
    private final Map<Table, Field[]> fields = new EnumMap<>(Table.class);
    private final Map<Table, Sum> sums = new EnumMap<>(Table.class);
    private final Sum seededGroup = new Sum();
    private boolean defaultGroupUsed;

    private final MessageDigest sha256 = Sha256.digest();
    private final byte[] hash = new byte[32];
    private final CanonicalForm form = new CanonicalForm();

    /** Creates an empty digest for rows in this schema version. */
    public ContentDigest(int schemaVersion) {
        this.schemaVersion = schemaVersion;
        for (Table table : Table.values()) {
            fields.put(table, SchemaTransforms.columns(table, schemaVersion).stream()
                    .filter(Column::digested)
                    .sorted(Comparator.comparing(Column::key))
                    .map(column -> new Field(column, column.key(), column.kind(), CanonicalForm.announcement(column.key())))
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
        form.clear();
        for (Field field : fields.get(table)) {
            JsonNode value = row.get(field.key);
            if (value != null && !value.isNull()) {
                form.bytes(field.announcement);
                form.value(field.kind, value);
            }
        }
        addTo(seeded ? seededGroup : sums.get(table));
    }

    /** Returns the SHA-256 of the canonical form of the row that was added last; not for the setting that does not count. */
    public byte[] lastRow() {
        return hash.clone();
    }

    /** Returns whether two values of a column count as the same; null counts as absent. */
    public boolean isSame(Column column, JsonNode one, JsonNode other) {
        return Arrays.equals(canonical(column, one), canonical(column, other));
    }

    private byte[] canonical(Column column, JsonNode value) {
        form.clear();
        if (value != null && !value.isNull()) {
            form.value(column.kind(), value);
        }
        return form.written();
    }

    private void addTo(Sum sum) {
        form.hashWith(sha256);
        try {
            sha256.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
        sum.add(hash);
    }

    /** Returns the digested columns of a table in the order of the canonical form, which {@link #addStored} takes. */
    public List<Column> columns(Table table) {
        return Arrays.stream(fields.get(table)).map(field -> field.column).toList();
    }

    /**
     * Adds one row from its texts in the database, as {@link #add} does but without creating objects, at a third of the cost. For tables
     * without real numbers, whose text is not exact, and not for the tables with exceptions, groups and settings.
     *
     * @param texts the values of {@link #columns} as UTF-8, anywhere in this array
     * @param from  where each begins, or -1 for null
     * @param to    where each ends, exclusive
     */
    public void addStored(Table table, byte[] texts, int[] from, int[] to) {
        form.clear();
        Field[] columns = fields.get(table);
        for (int i = 0; i < columns.length; i++) {
            Field field = columns[i];
            if (from[i] >= 0 && !CanonicalForm.isNullJson(field.kind, texts, from[i], to[i])) {
                if (!defaultGroupUsed && field.key.equals("group_id")) {
                    defaultGroupUsed = DEFAULT_GROUP_ID.equals(new String(texts, from[i], to[i] - from[i], StandardCharsets.UTF_8));
                }
                form.bytes(field.announcement);
                form.stored(field.kind, texts, from[i], to[i] - from[i]);
            }
        }
        addTo(sums.get(table));
    }

    /** Returns the digest of all rows added so far; more may follow. */
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
            lines.append(table.key()).append(' ').append(sum.rows()).append(' ').append(sum.hex()).append('\n');
        }
        return new Value(VERSION, schemaVersion, Sha256.hex(lines.toString().getBytes(StandardCharsets.US_ASCII)), tables);
    }
}
