package io.storeit.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A made-up inventory: one administrator, ten locations, a container for every four hundred items, and the items. The same seed and size
 * give the same inventory. It is written twice, as the archive a StoreIT 0.2.1 would export and as CSV files for {@code sqlite3}.
 */
record Inventory(long seed, int items) {

    /** Logs in at a server with this inventory; the hash is of argon2id with the parameters StoreIT 0.2.1 uses. */
    static final String USERNAME = "admin";
    static final String PASSWORD = "changeme";

    private static final String GROUP = "00000000-0000-0000-0000-000000000001";
    private static final String TIME = "2026-03-01T12:00:00.000";
    private static final int LOCATIONS = 10;
    private static final int ITEMS_PER_CONTAINER = 400;
    private static final JsonFactory JSON = new JsonFactory();

    /** The words of the texts. With the numbers mixed in, the search index has some ten thousand different terms. */
    private static final List<String> WORDS = List.of(("drill saw hammer screwdriver wrench pliers level clamp chisel file sandpaper ladder rope "
            + "cable charger adapter battery lamp bulb fuse socket switch plug extension router printer camera tripod lens headphones "
            + "keyboard mouse monitor speaker radio phone tablet laptop plate bowl cup glass fork spoon knife pan pot lid kettle toaster "
            + "blender mixer scale jar bottle box basket tin bag suitcase backpack tent sleeping mat stove lantern compass map helmet "
            + "gloves scarf jacket boots skates skis sledge racket ball net bicycle pump tyre chain lock lubricant paint brush roller tape "
            + "glue nails screws bolts washers hinges hooks bracket shelf curtain blanket pillow towel sheet candle vase frame mirror clock "
            + "puzzle game cards dice book album folder envelope stamps pencil ruler scissors needle thread fabric wool buttons zip Schlüssel "
            + "Käsereibe Weihnachtsschmuck Gießkanne crème brûlée old new spare broken small large red blue green black white wooden steel "
            + "plastic rubber cotton leather left right upper lower winter summer garden kitchen cellar attic garage guest").split(" "));

    int containers() {
        return items / ITEMS_PER_CONTAINER + 1;
    }

    /** The rows of one kind, each as its values in archive form (text, Integer, Boolean, List of texts, or null) under its column's name. */
    private record Row(List<String> columns, List<Object> values) {
        static Row of(Object... columnsAndValues) {
            List<String> columns = new ArrayList<>();
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < columnsAndValues.length; i += 2) {
                columns.add((String) columnsAndValues[i]);
                values.add(columnsAndValues[i + 1]);
            }
            return new Row(columns, values);
        }
    }

    @FunctionalInterface
    private interface RowSink {
        void row(Row row) throws IOException;
    }

    /**
     * Writes the archive: zstd at level 3 around a tar, one JSON array per table, and, if there are images, one photo of an item per image.
     *
     * @param work where the JSON of the items lies while its size is not known
     */
    void writeArchive(Path archive, List<Image> images, Path work) throws IOException {
        try (var tar = new TarArchiveOutputStream(new ZstdOutputStream(new BufferedOutputStream(Files.newOutputStream(archive), 1 << 20), 3))) {
            put(tar, "backup/manifest.json", """
                    {
                      "format_version": 2,
                      "schema_version": 2,
                      "app_version": "0.2.1",
                      "created_at": "2026-04-02T08:15:30.482913077+00:00",
                      "includes_images": %s
                    }""".formatted(!images.isEmpty()));
            table(tar, work, "users", this::users);
            table(tar, work, "groups", this::groups);
            table(tar, work, "memberships", this::memberships);
            put(tar, "backup/data/settings.json", "[]");
            table(tar, work, "locations", this::locations);
            table(tar, work, "containers", this::containers);
            table(tar, work, "items", this::items);
            table(tar, work, "photos", sink -> photos(images, sink));
            put(tar, "backup/data/nfc_tags.json", "[]");
            for (Image image : images) {
                putFile(tar, "backup/images/" + image.key(), image.file());
            }
        }
    }

    /** Writes {@code locations.csv}, {@code containers.csv}, {@code items.csv} in the order of the table's columns, and {@code search.csv}. */
    void writeCsv(Path folder) throws IOException {
        try (var search = Files.newBufferedWriter(folder.resolve("search.csv"))) {
            csv(folder.resolve("locations.csv"), this::locations, List.of("id", "group_id", "parent_id", "name", "description", "created_at",
                    "updated_at", "latitude", "longitude"), "location", search);
            csv(folder.resolve("containers.csv"), this::containers, List.of("id", "group_id", "parent_location_id", "parent_container_id", "name",
                    "description", "color", "created_at", "updated_at"), "container", search);
            csv(folder.resolve("items.csv"), this::items, List.of("id", "group_id", "container_id", "location_id", "name", "description",
                    "aliases", "keywords", "category", "barcode", "material", "color", "condition_notes", "quantity", "ai_raw", "created_at",
                    "updated_at"), "item", search);
        }
    }

    /** An image file and the key it is stored under. */
    record Image(String key, Path file) {}

    /** Fills {@code folder} with files that do not compress, as photos do, each named by its SHA-256 the way StoreIT names images. */
    static List<Image> writeImages(Path folder, long seed, int count, int bytes) throws IOException {
        var random = new Random(seed);
        var content = new byte[bytes];
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            random.nextBytes(content);
            String hash = HexFormat.of().formatHex(sha256(content));
            String key = hash.substring(0, 2) + "/" + hash + ".webp";
            Path file = folder.resolve(key);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
            images.add(new Image(key, file));
        }
        return images;
    }

    // The rows

    private interface Rows {
        void to(RowSink sink) throws IOException;
    }

    private void users(RowSink sink) throws IOException {
        sink.row(Row.of(
                "_password_hash", "$argon2id$v=19$m=19456,t=2,p=1$vn/Ro3VlfyBUXV1oxgC5yQ$sp9R+sQtRHgrG61pmiP3jrGlLlURI62AkPbQ5Ax+rm8",
                "created_at", TIME + "Z",
                "display_name", "Administrator",
                "email", "admin@localhost",
                "external_id", "local:" + USERNAME,
                "id", id("user", 0),
                "is_admin", true,
                "updated_at", TIME + "Z"));
    }

    private void groups(RowSink sink) throws IOException {
        sink.row(Row.of("created_at", TIME + "Z", "id", GROUP, "name", "default", "updated_at", TIME + "Z"));
    }

    private void memberships(RowSink sink) throws IOException {
        sink.row(Row.of("group_id", GROUP, "role", "owner", "user_id", id("user", 0)));
    }

    private void locations(RowSink sink) throws IOException {
        for (int i = 0; i < LOCATIONS; i++) {
            sink.row(Row.of(
                    "created_at", TIME + "Z",
                    "description", "Room " + i,
                    "group_id", GROUP,
                    "id", id("location", i),
                    "latitude", null,
                    "longitude", null,
                    "name", "Location " + i,
                    "parent_id", i == 0 ? null : id("location", 0),
                    "updated_at", TIME + "Z"));
        }
    }

    private void containers(RowSink sink) throws IOException {
        for (int i = 0; i < containers(); i++) {
            sink.row(Row.of(
                    "color", "grey",
                    "created_at", TIME + "Z",
                    "description", "Box " + i,
                    "group_id", GROUP,
                    "id", id("container", i),
                    "name", "Container " + i,
                    "parent_container_id", null,
                    "parent_location_id", id("location", i % LOCATIONS),
                    "updated_at", TIME + "Z"));
        }
    }

    private void items(RowSink sink) throws IOException {
        var random = new Random(seed);
        for (int i = 0; i < items; i++) {
            sink.row(Row.of(
                    "ai_raw", null,
                    "aliases", IntStream.range(0, random.nextInt(3)).mapToObj(n -> words(random, 1)).toList(),
                    "barcode", random.nextInt(4) == 0 ? String.valueOf(4_000_000_000_000L + random.nextInt(1_000_000_000)) : null,
                    "category", words(random, 1),
                    "color", random.nextBoolean() ? words(random, 1) : null,
                    "condition_notes", random.nextInt(5) == 0 ? words(random, 6) : null,
                    "container_id", id("container", random.nextInt(containers())),
                    "created_at", TIME + "Z",
                    "description", words(random, 6 + random.nextInt(10)),
                    "group_id", GROUP,
                    "id", id("item", i),
                    "keywords", IntStream.range(0, 1 + random.nextInt(3)).mapToObj(n -> words(random, 1)).toList(),
                    "location_id", null,
                    "material", random.nextBoolean() ? words(random, 1) : null,
                    "name", words(random, 2) + " " + random.nextInt(10_000),
                    "quantity", 1 + random.nextInt(9),
                    "updated_at", TIME + "Z"));
        }
    }

    private void photos(List<Image> images, RowSink sink) throws IOException {
        for (int i = 0; i < images.size(); i++) {
            sink.row(Row.of(
                    "created_at", TIME + "Z",
                    "entity_id", id("item", i % items),
                    "entity_type", "item",
                    "id", id("photo", i),
                    "is_primary", i < items,
                    "large_key", null,
                    "mime_type", "image/webp",
                    "rotation", 0,
                    "storage_key", images.get(i).key(),
                    "thumbnail_key", null));
        }
    }

    /** A random UUID in all but its origin: without the order of insertion in it, like those of real records. */
    private String id(String kind, int number) {
        var random = new Random(seed * 31 + kind.hashCode() + number * 0x9E3779B97F4A7C15L);
        return new UUID(random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() & ~(3L << 62) | 1L << 63).toString();
    }

    private static String words(Random random, int count) {
        return IntStream.range(0, count).mapToObj(i -> WORDS.get(random.nextInt(WORDS.size()))).collect(Collectors.joining(" "));
    }

    // As an archive

    private static void table(TarArchiveOutputStream tar, Path work, String name, Rows rows) throws IOException {
        Path spool = Files.createTempFile(work, name, ".json");
        try {
            try (var json = JSON.createGenerator(new BufferedOutputStream(Files.newOutputStream(spool), 1 << 20))) {
                json.useDefaultPrettyPrinter();
                json.writeStartArray();
                rows.to(row -> write(json, row));
                json.writeEndArray();
            }
            putFile(tar, "backup/data/" + name + ".json", spool);
        } finally {
            Files.delete(spool);
        }
    }

    private static void write(JsonGenerator json, Row row) throws IOException {
        json.writeStartObject();
        for (int i = 0; i < row.columns().size(); i++) {
            json.writeFieldName(row.columns().get(i));
            write(json, row.values().get(i));
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        if (value instanceof List<?> texts) {
            json.writeStartArray();
            for (Object text : texts) {
                json.writeString((String) text);
            }
            json.writeEndArray();
        } else {
            json.writePOJO(value);
        }
    }

    private static void put(TarArchiveOutputStream tar, String name, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        var entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static void putFile(TarArchiveOutputStream tar, String name, Path file) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setSize(Files.size(file));
        tar.putArchiveEntry(entry);
        Files.copy(file, tar);
        tar.closeArchiveEntry();
    }

    // As CSV

    private void csv(Path file, Rows rows, List<String> columns, String entityType, Writer search) throws IOException {
        try (var out = Files.newBufferedWriter(file)) {
            rows.to(row -> {
                csvLine(out, columns.stream().map(column -> databaseForm(row.values().get(row.columns().indexOf(column)))).toList());
                csvLine(search, List.of(entityType, text(row, "id"), GROUP, searchable(row)));
            });
        }
    }

    private static void csvLine(Writer out, List<String> values) throws IOException {
        out.write(values.stream().map(value -> '"' + value.replace("\"", "\"\"") + '"').collect(Collectors.joining(",", "", "\n")));
    }

    /** Times without their zone, lists as JSON. CSV has no null: an empty text stands for it. */
    private static String databaseForm(Object value) {
        if (value == null) {
            return "";
        }
        if (value.equals(TIME + "Z")) {
            return TIME;
        }
        if (value instanceof List<?> texts) {
            return texts.stream().map(text -> "\"" + text + "\"").collect(Collectors.joining(",", "[", "]"));
        }
        return value.toString();
    }

    private static String searchable(Row row) {
        List<String> parts = new ArrayList<>();
        for (String column : List.of("name", "description", "aliases", "keywords", "category")) {
            int at = row.columns().indexOf(column);
            if (at >= 0 && row.values().get(at) instanceof List<?> texts) {
                texts.forEach(text -> parts.add((String) text));
            } else if (at >= 0) {
                parts.add((String) row.values().get(at));
            }
        }
        return String.join(" ", parts);
    }

    private static String text(Row row, String column) {
        return (String) row.values().get(row.columns().indexOf(column));
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
