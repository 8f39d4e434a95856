package io.storeit.interchange.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Timestamps;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Rows of all tables that fit together, and image files, made from a seed: every value a column may hold turns up somewhere. */
public final class RandomHousehold {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String[] WORDS = {
        "Drill", "écrou", "Схема", "工具箱", "🔧", "\"quoted\"", "back\\slash", "tab\there", "line\nbreak", "\u202eright to left", "ß", "", " ", "x".repeat(500),
        "\u0000", "\u007f", "/", "</script>", "'; DROP TABLE items; --", "\ud83d\udc68\u200d\ud83d\udc69"
    };

    public final long seed;
    public final int schemaVersion;
    public final Map<Table, List<ObjectNode>> rows = new EnumMap<>(Table.class);
    /** Bytes by storage key. */
    public final Map<String, byte[]> images = new TreeMap<>();
    private final Random random;

    public RandomHousehold(long seed, int schemaVersion, int items) {
        this.seed = seed;
        this.schemaVersion = schemaVersion;
        this.random = new Random(seed);
        for (Table table : Table.values()) {
            rows.put(table, new ArrayList<>());
        }
        for (int i = 0; i < 3; i++) {
            int number = i;
            add(Table.USERS, row -> row.put("external_id", "local:user" + number));
            add(Table.GROUPS, row -> row.put("name", "group " + number));
        }
        for (int i = 0; i < 3; i++) {
            ObjectNode user = rows.get(Table.USERS).get(i);
            ObjectNode group = rows.get(Table.GROUPS).get(i);
            add(Table.MEMBERSHIPS, row -> row.put("user_id", id(user)).put("group_id", id(group)));
        }
        if (random.nextBoolean()) {
            add(Table.SETTINGS, row -> row.put("key", "image_storage_path").put("value", "/srv/images"));
            add(Table.SETTINGS, row -> row.put("key", "theme").put("value", word()));
        }
        for (int i = 0; i < 4 + items / 10; i++) {
            add(Table.LOCATIONS, row -> row.put("parent_id", maybe(Table.LOCATIONS)));
            add(Table.CONTAINERS, row -> {
                boolean inContainer = !rows.get(Table.CONTAINERS).isEmpty() && random.nextBoolean();
                row.put("parent_location_id", inContainer ? null : any(Table.LOCATIONS));
                row.put("parent_container_id", inContainer ? any(Table.CONTAINERS) : null);
            });
        }
        for (int i = 0; i < items; i++) {
            add(Table.ITEMS, row -> {
                boolean inContainer = random.nextBoolean();
                row.put("container_id", inContainer ? any(Table.CONTAINERS) : null);
                row.put("location_id", inContainer ? null : any(Table.LOCATIONS));
            });
            if (i % 5 == 0) {
                String key = image();
                add(Table.PHOTOS, row -> row.put("entity_type", "item").put("entity_id", any(Table.ITEMS)).put("storage_key", key));
            }
            if (i % 10 == 0) {
                int number = i;
                add(Table.NFC_TAGS, row -> row.put("tag_uri", "https://example.org/?uid=" + number));
            }
        }
    }

    public List<ObjectNode> of(Table table) {
        return rows.get(table);
    }

    /** Two photos in three share the file of the one before. */
    private String image() {
        if (!images.isEmpty() && random.nextInt(3) > 0) {
            return images.keySet().iterator().next();
        }
        byte[] bytes = new byte[random.nextInt(3000)];
        random.nextBytes(bytes);
        String key = key(bytes);
        images.put(key, bytes);
        return key;
    }

    /** The storage key of these bytes. */
    public static String key(byte[] bytes) {
        try {
            String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            return hash.substring(0, 2) + "/" + hash + ".jpg";
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private interface Change {
        void on(ObjectNode row);
    }

    private void add(Table table, Change change) {
        ObjectNode row = NODES.objectNode();
        for (Column column : SchemaTransforms.columns(table, schemaVersion)) {
            if (column.nullable() && random.nextBoolean()) {
                row.putNull(column.key());
            } else {
                value(row, column);
            }
        }
        change.on(row);
        rows.get(table).add(row);
    }

    private void value(ObjectNode row, Column column) {
        String key = column.key();
        switch (column.kind()) {
            case UUID -> row.put(key, uuid());
            case TEXT -> row.put(key, key.endsWith("_key") ? key(new byte[] {(byte) random.nextInt()}) : word());
            case BOOLEAN -> row.put(key, random.nextBoolean());
            case INTEGER -> row.put(key, key.equals("rotation") ? 90 * random.nextInt(4) : random.nextInt() >> random.nextInt(32));
            case REAL -> row.put(key, (random.nextDouble() - 0.5) * 360);
            case TIME -> row.put(key, Timestamps.format((long) (random.nextDouble() * 4_000_000_000_000L)));
            case STRINGS -> {
                ArrayNode list = row.putArray(key);
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(word());
                }
            }
            case JSON -> row.set(key, json());
            case ROLE -> row.put(key, random.nextBoolean() ? "owner" : "member");
            case ENTITY_TYPE -> row.put(key, List.of("location", "container", "item").get(random.nextInt(3)));
            case TAG_ENTITY_TYPE -> row.put(key, random.nextBoolean() ? "location" : "container");
        }
    }

    private ObjectNode json() {
        ObjectNode object = NODES.objectNode();
        object.put("text", word()).put("yes", random.nextBoolean()).put("int", random.nextLong()).putNull("nothing");
        object.put("decimal", new BigDecimal(new BigInteger(90, random), random.nextInt(30)));
        object.put("huge", new BigInteger(200, random));
        object.putArray("list").add(1).add("2").addObject().put("Ä", 1).put("a", new BigDecimal("1.50"));
        return object;
    }

    private String word() {
        return WORDS[random.nextInt(WORDS.length)] + (random.nextBoolean() ? random.nextInt(100) : "");
    }

    private String uuid() {
        return new java.util.UUID(random.nextLong(), random.nextLong()).toString();
    }

    private String any(Table table) {
        List<ObjectNode> candidates = rows.get(table);
        return id(candidates.get(random.nextInt(candidates.size())));
    }

    private String maybe(Table table) {
        return rows.get(table).isEmpty() || random.nextInt(3) == 0 ? null : any(table);
    }

    private static String id(ObjectNode row) {
        return row.get("id").textValue();
    }
}
