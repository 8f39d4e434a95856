package io.storeit.reference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes an archive as the reference does: nine separate reads (D35), rows in alphabetical order (D26), everything in memory (D38),
 * the schema of the binary in the manifest (D43), unreadable images left out without failing (D33).
 */
final class ReferenceExport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectWriter PRETTY = JSON.writer(new DefaultPrettyPrinter()
            .withSeparators(Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
            .withObjectIndenter(new DefaultIndenter("  ", "\n")).withArrayIndenter(new DefaultIndenter("  ", "\n")));

    private final ReferenceDatabase database;
    private final Build build;
    private final Path imageFolder;
    private final ReferenceLog log;

    ReferenceExport(ReferenceDatabase database, Build build, Path imageFolder, ReferenceLog log) {
        this.database = database;
        this.build = build;
        this.imageFolder = imageFolder;
        this.log = log;
    }

    void write(Path target, boolean images, ReferenceProgress progress) {
        try {
            var files = new LinkedHashMap<DataFile, List<Object>>();
            for (var file : DataFile.values()) {
                files.put(file, rows(file));
            }
            var photos = files.get(DataFile.PHOTOS);
            progress.total(files.size() + (images ? photos.size() : 0));
            try (var tar = new TarArchiveOutputStream(new ZstdOutputStream(Files.newOutputStream(target), 3))) {
                tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
                entry(tar, "backup/manifest.json", manifest(images));
                var done = 0L;
                for (var file : files.entrySet()) {
                    entry(tar, "backup/data/" + file.getKey().fileName(), PRETTY.writeValueAsBytes(file.getValue()));
                    progress.done(++done);
                }
                if (images) {
                    images(tar, photos, done, progress);
                }
            }
        } catch (SQLException e) {
            throw new ReferenceException("database error: " + ReferenceDatabase.text(e), e);
        } catch (IOException e) {
            throw new ReferenceException("storage error: " + e.getMessage(), e);
        }
    }

    private byte[] manifest(boolean images) throws JsonProcessingException {
        var manifest = new LinkedHashMap<String, Object>();
        manifest.put("format_version", 2);
        manifest.put("schema_version", build.schema());
        manifest.put("app_version", build.version());
        manifest.put("created_at", OffsetDateTime.now(ZoneOffset.UTC).toString().replace("Z", "+00:00"));
        manifest.put("includes_images", images);
        return PRETTY.writeValueAsBytes(manifest);
    }

    private List<Object> rows(DataFile file) throws SQLException {
        var columns = file.columns(build.schema());
        var rows = new ArrayList<>();
        try (var connection = database.connect();
                var result = connection.createStatement().executeQuery("SELECT * FROM %s ORDER BY %s".formatted(file.table, file.order))) {
            while (result.next()) {
                if (file == DataFile.SETTINGS) {
                    rows.add(List.of(result.getString("key"), result.getString("value")));
                } else {
                    rows.add(row(result, columns));
                }
            }
        }
        return rows;
    }

    static Map<String, Object> row(ResultSet result, List<DataFile.Column> columns) throws SQLException {
        var row = new TreeMap<String, Object>();
        for (var column : columns) {
            var value = value(result, column);
            if (value != null || !column.key().startsWith("_")) {
                row.put(column.key(), value);
            }
        }
        return row;
    }

    private static Object value(ResultSet result, DataFile.Column column) throws SQLException {
        var text = result.getString(column.sqlName());
        if (text == null) {
            return null;
        }
        return switch (column.kind()) {
            case UUID, TEXT -> text;
            case BOOLEAN -> result.getInt(column.sqlName()) != 0;
            case INTEGER -> (int) result.getLong(column.sqlName());
            case REAL -> result.getDouble(column.sqlName());
            case TIME -> ReferenceTime.jsonOfColumn(text);
            case STRINGS -> strings(text);
            case JSON -> json(text);
        };
    }

    /** Text that is not a list of strings counts as an empty list. */
    private static List<String> strings(String text) {
        var strings = new ArrayList<String>();
        var node = json(text);
        if (node == null || !node.isArray()) {
            return List.of();
        }
        for (var element : node) {
            if (!element.isTextual()) {
                return List.of();
            }
            strings.add(element.textValue());
        }
        return strings;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private void images(TarArchiveOutputStream tar, List<Object> photos, long doneBefore, ReferenceProgress progress) throws IOException {
        var done = doneBefore;
        var written = new HashSet<String>();
        for (var photo : photos) {
            var row = (Map<?, ?>) photo;
            var key = (String) row.get("storage_key");
            if (written.add(key)) {
                try {
                    entry(tar, "backup/images/" + key, Files.readAllBytes(imageFolder.resolve(key)));
                } catch (java.nio.file.NoSuchFileException e) {
                    log.warn("storeit_server::interchange",
                            "skipping photo %s: storage error: No such file or directory (os error 2)".formatted(row.get("id")));
                }
            }
            progress.done(++done);
        }
    }

    private static void entry(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        entry.setMode(TarArchiveEntry.DEFAULT_FILE_MODE);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }
}
