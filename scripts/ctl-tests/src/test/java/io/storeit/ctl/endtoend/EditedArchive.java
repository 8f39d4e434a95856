package io.storeit.ctl.endtoend;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An archive taken apart, changed, and put together again. */
final class EditedArchive {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    EditedArchive(Path archive) {
        try (var tar = new TarArchiveInputStream(new ZstdInputStream(Files.newInputStream(archive)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.put(entry.getName(), tar.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ArrayNode rows(String file) {
        try {
            return (ArrayNode) JSON.readTree(entries.get("backup/data/" + file + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ObjectNode manifest() {
        try {
            return (ObjectNode) JSON.readTree(entries.get("backup/manifest.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    EditedArchive edit(String file, Consumer<ArrayNode> change) {
        var rows = rows(file);
        change.accept(rows);
        entries.put("backup/data/" + file + ".json", rows.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return this;
    }

    EditedArchive editManifest(Consumer<ObjectNode> change) {
        var manifest = manifest();
        change.accept(manifest);
        entries.put("backup/manifest.json", manifest.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return this;
    }

    EditedArchive replaceImages(byte[] bytes) {
        entries.replaceAll((name, old) -> name.startsWith("backup/images/") ? bytes : old);
        return this;
    }

    EditedArchive removeImages() {
        entries.keySet().removeIf(name -> name.startsWith("backup/images/"));
        return this;
    }

    /** Puts every parent before its children, which the importer of the old servers needs. */
    EditedArchive withParentsFirst() {
        edit("locations", rows -> sortParentsFirst(rows, "parent_id"));
        return edit("containers", rows -> sortParentsFirst(rows, "parent_container_id"));
    }

    private static void sortParentsFirst(ArrayNode rows, String parent) {
        var waiting = new java.util.ArrayList<ObjectNode>();
        rows.forEach(row -> waiting.add((ObjectNode) row));
        rows.removeAll();
        var placed = new java.util.HashSet<String>();
        while (!waiting.isEmpty()) {
            waiting.removeIf(row -> {
                var ready = row.path(parent).isNull() || placed.contains(row.get(parent).asText());
                if (ready) {
                    rows.add(row);
                    placed.add(row.get("id").asText());
                }
                return ready;
            });
        }
    }

    Path writeTo(Path file) {
        try (var tar = new TarArchiveOutputStream(new ZstdOutputStream(Files.newOutputStream(file)))) {
            for (var entry : entries.entrySet()) {
                var header = new TarArchiveEntry(entry.getKey());
                header.setSize(entry.getValue().length);
                tar.putArchiveEntry(header);
                tar.write(entry.getValue());
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }
}
