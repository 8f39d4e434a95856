package io.storeit.interchange.sqlite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.base.Timestamps;
import io.storeit.interchange.base.Uuids;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.Table;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Turns the rows of one table into archive form.
 *
 * <p>SQLite lets any type of value into any column, and people repair databases by hand. One such value must not prevent a household from
 * its backup, so every value is taken over as far as it can be, in the way old servers read it, and the record is named in the warnings.
 * Left out is only a photo that no archive can carry: of no known entity type, or with a file name that may not become a path.
 */
public final class StoredRowReader {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Set<String> ROLES = Set.of("owner", "member");
    private static final Set<String> ENTITY_TYPES = Set.of("location", "container", "item");
    private static final Set<String> TAG_ENTITY_TYPES = Set.of("location", "container");
    /** Is the length of {@code 2026-04-02T08:15:30.482}, the form the database holds. */
    private static final int STORED_TIME = 23;
    private static final char REPLACEMENT = '\uFFFD';
    /** Separates seconds from milliseconds: numbers up to this one are seconds since 1970, larger ones are milliseconds. */
    private static final long LARGEST_SECONDS = 100_000_000_000L;
    /** Limits times to some 1900 years before and after 1970. */
    private static final long LARGEST_MILLISECONDS = 60_000_000_000_000L;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}");

    private final Table table;
    private final List<Column> columns;
    private final Warnings warnings;
    private final List<String> odd = new ArrayList<>();
    private boolean impossible;

    StoredRowReader(Table table, List<Column> columns, Warnings warnings) {
        this.table = table;
        this.columns = List.copyOf(columns);
        this.warnings = warnings;
    }

    /** Returns the columns to select, in the order {@link #read} expects; all are those of the table named or aliased {@code t}. */
    String selection() {
        return columns.stream().map(column -> "t." + column.sqlName()).collect(Collectors.joining(", "));
    }

    /** Returns the current row, or null when no archive can contain it. */
    ObjectNode read(ResultSet rows) throws SQLException {
        ObjectNode row = NODES.objectNode();
        impossible = false;
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            JsonNode value = value(rows, i + 1, column);
            if (value == null && !column.nullable()) {
                value = missing(column);
            }
            row.set(column.key(), value == null ? NODES.nullNode() : value);
        }
        if (table == Table.PHOTOS && !StorageKey.isValid(row.get("storage_key").textValue())) {
            impossible("storage_key", Quoted.of(row.get("storage_key")) + " is not a valid image file name");
        }
        if (!odd.isEmpty()) {
            String record = describe(table, row);
            odd.forEach(oddity -> warnings.add(record + ": " + oddity));
            odd.clear();
        }
        return impossible ? null : row;
    }

    /** Describes a record in words: {@code item "Cordless drill" (8c20ea88-...)}. */
    public static String describe(Table table, ObjectNode row) {
        String key = switch (table) {
            case USERS -> "external_id";
            case GROUPS, LOCATIONS, CONTAINERS, ITEMS -> "name";
            case MEMBERSHIPS -> "user_id";
            case SETTINGS -> "key";
            case PHOTOS -> "storage_key";
            case NFC_TAGS -> "tag_uri";
        };
        String id = row.path("id").asText("");
        return table.label() + " " + Quoted.of(row.path(key)) + (id.isEmpty() ? "" : " (" + id + ")");
    }

    private JsonNode value(ResultSet rows, int index, Column column) throws SQLException {
        Object stored = rows.getObject(index);
        if (stored == null) {
            return null;
        }
        return switch (column.kind()) {
            case TEXT -> NODES.textNode(text(rows, index, column, stored));
            case UUID -> NODES.textNode(uuid(text(rows, index, column, stored), column));
            case TIME -> time(rows, index, column, stored);
            case BOOLEAN -> NODES.booleanNode(truth(rows, index, column, stored));
            case INTEGER -> NODES.numberNode(integer(rows, index, column, stored));
            case REAL -> real(column, stored);
            case STRINGS -> strings(text(rows, index, column, stored), column);
            case JSON -> json(text(rows, index, column, stored), column);
            case ROLE -> oneOf(ROLES, text(rows, index, column, stored), column, NODES.textNode("member"));
            case ENTITY_TYPE -> entityType(text(rows, index, column, stored), column);
            case TAG_ENTITY_TYPE -> oneOf(TAG_ENTITY_TYPES, text(rows, index, column, stored), column, null);
        };
    }

    /** Returns the value that old servers would have written. StoreIT's columns are NOT NULL, so no such row can come from StoreIT. */
    private JsonNode missing(Column column) {
        if (column.kind() == Column.Kind.ENTITY_TYPE) {
            impossible(column.sqlName(), "is not set");
            return NODES.nullNode();
        }
        odd(column, "is not set");
        return switch (column.kind()) {
            case TEXT, ENTITY_TYPE, TAG_ENTITY_TYPE -> NODES.textNode("");
            case UUID -> NODES.textNode(uuidOf(""));
            case TIME -> NODES.textNode(Timestamps.format(0));
            case BOOLEAN -> NODES.booleanNode(false);
            case INTEGER -> NODES.numberNode(0);
            case REAL -> NODES.numberNode(0.0);
            case STRINGS -> NODES.arrayNode();
            case JSON -> NODES.nullNode();
            case ROLE -> NODES.textNode("member");
        };
    }

    private String text(ResultSet rows, int index, Column column, Object stored) throws SQLException {
        if (stored instanceof String text) {
            if (text.indexOf(REPLACEMENT) >= 0 && !isUtf8(rows.getBytes(index))) {
                odd(column, "is not valid UTF-8; unreadable bytes were replaced");
            }
            return text;
        }
        if (stored instanceof byte[] bytes) {
            odd(column, "holds bytes instead of text");
            return new String(bytes, StandardCharsets.UTF_8);
        }
        odd(column, "holds a number instead of text");
        return stored.toString();
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private String uuid(String text, Column column) {
        String normal = Uuids.normalise(text);
        if (normal == null) {
            normal = uuidOf(text);
            odd(column, Quoted.of(text) + " is not a UUID; it is replaced by " + normal + " everywhere");
        } else if (!normal.equals(text)) {
            odd(column, Quoted.of(text) + " became " + normal);
        }
        return normal;
    }

    /** Returns equal ids for equal texts, so that references keep pointing to the same record. */
    private static String uuidOf(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private JsonNode time(ResultSet rows, int index, Column column, Object stored) throws SQLException {
        String text = text(rows, index, column, stored);
        long millis = Timestamps.parseStored(text);
        if (millis == Timestamps.NONE) {
            millis = fromNumber(text);
            if (millis == Timestamps.NONE) {
                odd(column, Quoted.of(text) + " is not a time" + (column.nullable() ? "" : "; it is replaced by 1970"));
                return column.nullable() ? null : NODES.textNode(Timestamps.format(0));
            }
            odd(column, Quoted.of(text) + " became " + Timestamps.format(millis));
            return NODES.textNode(Timestamps.format(millis));
        }
        // Second 60 is the one valid spelling of this length that is not the usual one.
        boolean usual = text.length() == STORED_TIME && text.charAt(10) == 'T' && text.charAt(17) != '6';
        if (!usual && text.indexOf('-', 10) > 0) {
            odd(column, Quoted.of(text) + " became " + Timestamps.format(millis));
        }
        return NODES.textNode(usual ? text + "Z" : Timestamps.format(millis));
    }

    /** Converts seconds or milliseconds since 1970, which other programs write, to milliseconds, or {@link Timestamps#NONE}. */
    private static long fromNumber(String text) {
        if (!NUMBER.matcher(text).matches()) {
            return Timestamps.NONE;
        }
        long value = Long.parseLong(text);
        long millis = Math.abs(value) <= LARGEST_SECONDS ? value * 1000 : value;
        return Math.abs(millis) <= LARGEST_MILLISECONDS ? millis : Timestamps.NONE;
    }

    private boolean truth(ResultSet rows, int index, Column column, Object stored) throws SQLException {
        long value = rows.getLong(index);
        if (!(stored instanceof Number) || value != 0 && value != 1) {
            odd(column, "holds " + quoted(stored) + ", taken as " + (value != 0));
        }
        return value != 0;
    }

    private int integer(ResultSet rows, int index, Column column, Object stored) throws SQLException {
        if (stored instanceof Integer value) {
            return value;
        }
        int value = (int) rows.getLong(index);
        odd(column, "holds " + quoted(stored) + ", which old servers show as " + value);
        return value;
    }

    private JsonNode real(Column column, Object stored) {
        double value = stored instanceof Number number ? number.doubleValue() : Double.NaN;
        if (!Double.isFinite(value)) {
            odd(column, "holds " + quoted(stored) + ", which an archive cannot hold as a number");
            return null;
        }
        return NODES.numberNode(value + 0.0); // turns -0.0 into 0.0
    }

    private JsonNode strings(String text, Column column) {
        if (text.equals("[]")) {
            return NODES.arrayNode();
        }
        ArrayNode strings = Json.stringsOrNull(text);
        if (strings == null) {
            odd(column, Quoted.of(text) + " is not a list of strings; old servers show an empty one");
            return NODES.arrayNode();
        }
        return strings;
    }

    private JsonNode json(String text, Column column) {
        JsonNode value = Json.parseOrNull(text);
        if (value == null) {
            odd(column, Quoted.of(text) + " is not JSON and was left out");
        }
        return value;
    }

    private JsonNode oneOf(Set<String> allowed, String text, Column column, JsonNode otherwise) {
        if (allowed.contains(text)) {
            return NODES.textNode(text);
        }
        odd(column, Quoted.of(text) + " is unknown" + (otherwise == null ? " and was left out" : "; it became " + otherwise));
        return otherwise;
    }

    private JsonNode entityType(String text, Column column) {
        if (!ENTITY_TYPES.contains(text)) {
            impossible(column.sqlName(), Quoted.of(text) + " is unknown");
        }
        return NODES.textNode(text);
    }

    private static String quoted(Object stored) {
        return stored instanceof byte[] ? "bytes" : stored instanceof String text ? Quoted.of(text) : stored.toString();
    }

    private void odd(Column column, String what) {
        odd.add(column.sqlName() + " " + what);
    }

    private void impossible(String column, String what) {
        impossible = true;
        odd.add("left out, because " + column + " " + what);
    }
}
