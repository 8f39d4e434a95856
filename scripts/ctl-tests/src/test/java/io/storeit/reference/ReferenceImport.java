package io.storeit.reference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Reads an archive as the reference does, mode {@code replace}: all rows are deleted and inserted one by one in the order of the file,
 * each in a transaction of its own (D27), so a child before its parent stops it halfway (D26).
 */
final class ReferenceImport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ROLES = Set.of("owner", "member");
    private static final Set<String> ENTITY_TYPES = Set.of("location", "container", "item");

    private final ReferenceDatabase database;
    private final Build build;
    private final Path imageFolder;

    ReferenceImport(ReferenceDatabase database, Build build, Path imageFolder) {
        this.database = database;
        this.build = build;
        this.imageFolder = imageFolder;
    }

    void replaceFrom(Path archive, ReferenceProgress progress) {
        try {
            replaceFrom(unpacked(archive), progress);
        } catch (SQLException e) {
            throw new ReferenceException("database error: " + ReferenceDatabase.text(e), e);
        } catch (IOException e) {
            throw new ReferenceException(e.getMessage(), e);
        }
    }

    private void replaceFrom(Map<String, byte[]> entries, ReferenceProgress progress) throws IOException, SQLException {
        var manifest = manifest(entries);
        var files = new EnumMap<DataFile, List<JsonNode>>(DataFile.class);
        for (var file : DataFile.values()) {
            files.put(file, rows(file, entries));
        }
        transform(manifest.path("schema_version").isIntegralNumber() ? manifest.get("schema_version")
                .asInt() : 1, files.get(DataFile.PHOTOS));
        var images = manifest.path("includes_images").asBoolean(false);
        var photos = files.get(DataFile.PHOTOS);
        progress.total(files.values().stream().mapToLong(List::size).sum() + (images ? photos.size() : 0));

        try (var connection = database.connect()) {
            for (var table : List.of("nfc_tags", "photos", "items", "containers", "locations", "sessions", "user_groups", "groups",
                    "users", "settings")) {
                connection.createStatement().executeUpdate("DELETE FROM " + table);
            }
            var done = 0L;
            for (var file : DataFile.values()) {
                for (var row : files.get(file)) {
                    if (file == DataFile.USERS) {
                        check(file, (ObjectNode) row, "");
                    }
                    insert(connection, file, row);
                    progress.done(++done);
                }
            }
            if (images) {
                for (var photo : photos) {
                    copyImage(photo.get("storage_key").textValue(), entries);
                    progress.done(++done);
                }
            }
            rebuildSearchIndex(connection);
            connection.createStatement()
                    .executeUpdate("INSERT OR REPLACE INTO _meta (key, value) VALUES ('schema_version', '%d')".formatted(build.schema()));
        }
    }

    private static Map<String, byte[]> unpacked(Path archive) throws IOException {
        var bytes = Files.readAllBytes(archive);
        try {
            return entries(new ZstdInputStream(new ByteArrayInputStream(bytes)).setLongMax(27));
        } catch (IOException notZstd) {
            try {
                return entries(new GZIPInputStream(new ByteArrayInputStream(bytes)));
            } catch (IOException neither) {
                throw new ReferenceException("failed to iterate over archive", neither);
            }
        }
    }

    /** Of the same name the last wins; anything outside {@code backup/} is of no interest. */
    private static Map<String, byte[]> entries(InputStream compressed) throws IOException {
        var entries = new HashMap<String, byte[]>();
        try (var tar = new TarArchiveInputStream(compressed)) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var name = entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
                if (entry.isFile() && !name.contains("..")) {
                    entries.put(name, tar.readAllBytes());
                }
            }
        }
        if (entries.isEmpty()) {
            throw new IOException("no entries");
        }
        return entries;
    }

    private static JsonNode manifest(Map<String, byte[]> entries) throws IOException {
        if (entries.keySet().stream().noneMatch(name -> name.startsWith("backup/"))) {
            throw new ReferenceException("invalid archive: missing 'backup/' directory");
        }
        var manifest = entries.get("backup/manifest.json");
        if (manifest == null) {
            throw new ReferenceException("invalid archive: missing manifest.json");
        }
        return JSON.readTree(manifest);
    }

    /** Every file is parsed completely before anything is touched, but for the user records (D30). */
    private List<JsonNode> rows(DataFile file, Map<String, byte[]> entries) throws IOException {
        var bytes = entries.get("backup/data/" + file.fileName());
        if (bytes == null) {
            throw new ReferenceException("No such file or directory (os error 2)");
        }
        var rows = new ArrayList<JsonNode>();
        try (var parser = JSON.getFactory().createParser(bytes).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new ReferenceException("invalid type: expected a sequence" + place(parser));
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                JsonNode row = JSON.readTree(parser);
                if (file != DataFile.USERS && file != DataFile.SETTINGS) {
                    check(file, (ObjectNode) row, place(parser));
                }
                rows.add(row);
            }
        } catch (JsonProcessingException e) {
            throw new ReferenceException(e.getOriginalMessage(), e);
        }
        return rows;
    }

    private static String place(JsonParser parser) {
        var location = parser.currentLocation();
        return " at line %d column %d".formatted(location.getLineNr(), location.getColumnNr());
    }

    /** Missing and mistyped values stop the import; the text names line and column but not the file. Ids and times are normalised. */
    private void check(DataFile file, ObjectNode row, String place) {
        for (var column : file.columns(build.schema())) {
            var value = row.get(column.key());
            if (value == null || value.isNull()) {
                if (!column.nullable()) {
                    throw new ReferenceException((value == null ? "missing field `%s`".formatted(column.key())
                            : "invalid type: null") + place);
                }
                continue;
            }
            switch (column.kind()) {
                case UUID -> row.put(column.key(), uuid(text(value, place), place));
                case TIME -> row.put(column.key(), ReferenceTime.columnOfJson(text(value, place)));
                case TEXT -> text(value, place);
                case BOOLEAN -> require(value.isBoolean(), "a boolean", place);
                case INTEGER -> require(value.isIntegralNumber() && value.canConvertToInt(), "i32", place);
                case REAL -> require(value.isNumber(), "f64", place);
                case STRINGS -> require(value.isArray(), "a sequence", place);
                case JSON -> { }
            }
        }
        requireVariant(ROLES, row.path("role"), place);
        requireVariant(ENTITY_TYPES, row.path("entity_type"), place);
    }

    private static String text(JsonNode value, String place) {
        require(value.isTextual(), "a string", place);
        return value.textValue();
    }

    private static void require(boolean holds, String expected, String place) {
        if (!holds) {
            throw new ReferenceException("invalid type: expected " + expected + place);
        }
    }

    private static void requireVariant(Set<String> variants, JsonNode value, String place) {
        if (value.isTextual() && !variants.contains(value.textValue())) {
            throw new ReferenceException("unknown variant `%s`%s".formatted(value.textValue(), place));
        }
    }

    /** Upper case, without hyphens, in braces and as {@code urn:uuid:} are all read and become the usual form. */
    private static String uuid(String text, String place) {
        var hex = text.toLowerCase(Locale.ROOT).replace("urn:uuid:", "").replaceAll("[{}-]", "");
        if (!hex.matches("[0-9a-f]{32}")) {
            throw new ReferenceException("UUID parsing failed" + place);
        }
        return hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
    }

    /** 1 to 2 names a thumbnail no archive contains, which switches its rebuilding off (D32); every other difference is refused (D44). */
    private void transform(int from, List<JsonNode> photos) {
        if (from == build.schema()) {
            return;
        }
        if (from != 1 || build.schema() != 2) {
            throw new ReferenceException("unsupported schema version transform: %d -> %d".formatted(from, build.schema()));
        }
        for (var photo : photos) {
            if (photo.path("thumbnail_key").isNull() || photo.path("thumbnail_key").isMissingNode()) {
                var key = photo.get("storage_key").textValue();
                var dot = key.lastIndexOf('.');
                ((ObjectNode) photo).put("thumbnail_key", (dot < 0 ? key : key.substring(0, dot)) + "_thumb.webp");
            }
        }
    }

    private void insert(Connection connection, DataFile file, JsonNode row) throws SQLException {
        var columns = file.columns(build.schema());
        var names = String.join(", ", columns.stream().map(DataFile.Column::sqlName).toList());
        var marks = String.join(", ", columns.stream().map(column -> "?").toList());
        var verb = file == DataFile.SETTINGS ? "INSERT OR REPLACE" : "INSERT";
        try (var statement = connection.prepareStatement("%s INTO %s (%s) VALUES (%s)".formatted(verb, file.table, names, marks))) {
            for (var i = 0; i < columns.size(); i++) {
                var value = file == DataFile.SETTINGS ? row.path(i) : row.path(columns.get(i).key());
                statement.setObject(i + 1, bound(columns.get(i).kind(), value));
            }
            statement.executeUpdate();
        }
    }

    private static Object bound(DataFile.Kind kind, JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        return switch (kind) {
            case UUID, TEXT, TIME -> value.textValue();
            case BOOLEAN -> value.booleanValue() ? 1 : 0;
            case INTEGER -> value.intValue();
            case REAL -> value.doubleValue();
            case STRINGS, JSON -> value.toString();
        };
    }

    /** A row whose file is missing is passed over silently (D33); the bytes are not compared with the hash in the key (D153). */
    private void copyImage(String key, Map<String, byte[]> entries) throws IOException {
        var bytes = entries.get("backup/images/" + key);
        if (bytes != null) {
            var target = imageFolder.resolve(key);
            Files.createDirectories(target.getParent());
            Files.write(target, bytes);
        }
    }

    private static void rebuildSearchIndex(Connection connection) throws SQLException {
        connection.createStatement().executeUpdate("DELETE FROM search_index");
        for (var type : List.of("location", "container", "item")) {
            try (var rows = connection.createStatement().executeQuery("SELECT * FROM %ss".formatted(type))) {
                while (rows.next()) {
                    var text = new StringBuilder(rows.getString("name"));
                    append(text, rows.getString("description"));
                    if (type.equals("item")) {
                        for (var list : List.of("aliases", "keywords")) {
                            JSON.readTree(rows.getString(list)).forEach(word -> append(text, word.textValue()));
                        }
                        append(text, rows.getString("category"));
                    }
                    index(connection, type, rows.getString("id"), rows.getString("group_id"), text.toString());
                }
            } catch (JsonProcessingException e) {
                throw new ReferenceException(e.getMessage(), e);
            }
        }
    }

    private static void append(StringBuilder text, String part) {
        if (part != null) {
            text.append(' ').append(part);
        }
    }

    static void index(Connection connection, String type, String id, String group, String text) throws SQLException {
        try (var statement = connection.prepareStatement("INSERT INTO search_index (entity_type, entity_id, group_id, searchable_text) VALUES (?, ?, ?, ?)")) {
            statement.setString(1, type);
            statement.setString(2, id);
            statement.setString(3, group);
            statement.setString(4, text);
            statement.executeUpdate();
        }
    }
}
