package io.storeit.interchange.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStream;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.schema.Table;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Makes archives entry by entry, as other programs, old versions and attackers would. */
public final class Forge {

    /** One entry; {@code type} is the letter in the tar header. */
    record Part(String name, char type, String link, byte[] content) {
    }

    final List<Part> parts = new ArrayList<>();
    private boolean pax;

    /** Nine empty tables and a manifest of schema 2 without images. */
    public static Forge empty() {
        var forge = new Forge();
        forge.file("backup/manifest.json", """
                {"format_version": 2, "schema_version": 2, "app_version": "0.2.1",
                 "created_at": "2026-04-02T08:15:30.482913077+00:00", "includes_images": true}""");
        for (Table table : Table.values()) {
            forge.file("backup/data/" + table.fileName(), "[]");
        }
        return forge;
    }

    /** A household as an old server writes it: no counts, no digest. */
    public static Forge of(RandomHousehold household) {
        Forge forge = empty();
        forge.replace("backup/manifest.json", Manifest.of(household.schemaVersion, "0.2.1", Instant.EPOCH, true).toJson().toString());
        for (Table table : Table.values()) {
            ArrayNode rows = Json.MAPPER.createArrayNode();
            for (ObjectNode row : household.of(table)) {
                if (table == Table.SETTINGS) {
                    rows.addArray().add(row.get("key")).add(row.get("value"));
                } else {
                    rows.add(row);
                }
            }
            forge.replace("backup/data/" + table.fileName(), rows.toPrettyString());
        }
        household.images.forEach((key, bytes) -> forge.file("backup/images/" + key, bytes));
        return forge;
    }

    public Forge file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public Forge file(String name, byte[] content) {
        return entry(name, '0', "", content);
    }

    Forge entry(String name, char type, String link, byte[] content) {
        parts.add(new Part(name, type, link, content));
        return this;
    }

    /** Exchanges the content of a file that is there already. */
    public Forge replace(String name, String content) {
        return replace(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public Forge replace(String name, byte[] content) {
        parts.replaceAll(part -> part.name().equals(name) ? new Part(name, part.type(), part.link(), content) : part);
        return this;
    }

    public Forge remove(String name) {
        parts.removeIf(part -> part.name().equals(name));
        return this;
    }

    Forge rename(UnaryOperator<String> change) {
        parts.replaceAll(part -> new Part(change.apply(part.name()), part.type(), part.link(), part.content()));
        return this;
    }

    public Forge shuffle(long seed) {
        Collections.shuffle(parts, new Random(seed));
        return this;
    }

    /** Every header an extended one, as some tar programs do. */
    Forge pax() {
        pax = true;
        return this;
    }

    public byte[] tar() {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes, 512, "UTF-8")) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (Part part : parts) {
                var entry = new TarArchiveEntry(part.name(), (byte) part.type(), true);
                if (entry.isGlobalPaxHeader()) {
                    entry.addPaxHeader("comment", "anything");
                    tar.putArchiveEntry(entry);
                    continue;
                }
                entry.setLinkName(part.link());
                entry.setSize(part.content().length);
                entry.setModTime(0);
                if (pax) {
                    entry.addPaxHeader("path", part.name());
                    entry.addPaxHeader("mtime", "1.5");
                }
                tar.putArchiveEntry(entry);
                tar.write(part.content());
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static byte[] zstd(byte[] plain) {
        return compressed(plain, out -> new ZstdOutputStream(out, 3).setChecksum(true));
    }

    static byte[] gzip(byte[] plain) {
        return compressed(plain, GZIPOutputStream::new);
    }

    interface Compression {
        OutputStream over(OutputStream out) throws IOException;
    }

    static byte[] compressed(byte[] plain, Compression compression) {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = compression.over(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public Path write(Path folder) {
        return write(folder, zstd(tar()));
    }

    public static Path write(Path folder, byte[] bytes) {
        try {
            return Files.write(Files.createTempFile(folder, "forged", ".storeit"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
