package io.storeit.interchange.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveEntries.Entry;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Reads archives of every kind StoreIT ever wrote, to the very end, and hands over one row and one image at a time. Hostile and damaged
 * input stops here, with one line that names file and row.
 *
 * <p>Archives of StoreIT have the manifest first, then the tables in order, then the images, and are read in one pass. Archives packed by
 * other means may have them in any order: what comes too early is passed over and fetched in another pass, so nothing is ever kept.
 */
public final class ArchiveReader {

    private static final String MANIFEST = "manifest.json";

    /**
     * Summarises what was read.
     *
     * @param manifest as it stands in the archive
     * @param counts   rows of each table
     * @param digest   of the rows as they stand in the archive, so in the manifest's schema version; null when that is newer than
     *                 this build knows
     * @param images   number of image files handed over
     */
    public record Contents(Manifest manifest, Map<Table, Long> counts, ContentDigest.Value digest, long images) {
    }

    private final ArchiveSource archive;
    private final ArchiveHandler handler;
    private final ArchiveLimits limits;
    private final boolean anySchema;
    private final boolean rowsOnly;

    private Manifest manifest;
    /** Is null until the manifest is read, and for rows of an unknown schema. */
    private ContentDigest digest;
    private final Map<Table, Long> counts = new EnumMap<>(Table.class);
    /** Holds the finished digest once all rows were read. */
    private ContentDigest.Value found;
    private long images;
    private boolean imagesPending;

    private ArchiveReader(ArchiveSource archive, ArchiveHandler handler, ArchiveLimits limits, boolean anySchema, boolean rowsOnly) {
        this.archive = archive;
        this.handler = handler;
        this.limits = limits;
        this.anySchema = anySchema;
        this.rowsOnly = rowsOnly;
    }

    /**
     * Reads the manifest only. A newer schema than this build knows is not refused, because the caller may only want to look.
     *
     * @throws ArchiveException when there is none or it is of an unknown format
     */
    public static Manifest readManifest(Path archive) {
        return Manifest.parse(readManifestJson(archive));
    }

    /**
     * Reads everything. When this returns, every checksum, count, digest and image hash in the archive was found right.
     *
     * @throws ArchiveException when the archive cannot be used
     * @throws IOException      only what the handler throws
     */
    public static Contents read(Path archive, ArchiveHandler handler, ArchiveLimits limits) throws IOException {
        return new ArchiveReader(ArchiveSource.of(archive), handler, limits, false, false).read();
    }

    /**
     * Reads up to the last row and skips the images. Counts and the digest were found right when this returns, if the manifest states them;
     * what comes after the rows may be damaged.
     *
     * @throws ArchiveException when the archive cannot be used so far
     * @throws IOException      only what the handler throws
     */
    public static Contents readRows(Path archive, ArchiveHandler handler, ArchiveLimits limits) throws IOException {
        return new ArchiveReader(ArchiveSource.of(archive), handler, limits, false, true).read();
    }

    /**
     * Reads everything, also rows of a newer schema than this build knows. Those are handed over as they are: known to be JSON objects that keep
     * to the limits, nothing more.
     *
     * @throws ArchiveException when the archive cannot be used
     * @throws IOException      only what the handler throws
     */
    public static Contents readAnySchema(Path archive, ArchiveHandler handler, ArchiveLimits limits) throws IOException {
        return readAnySchema(ArchiveSource.of(archive), handler, limits);
    }

    /** Reads everything from any source, also rows of a newer schema than this build knows, as they are. */
    public static Contents readAnySchema(ArchiveSource archive, ArchiveHandler handler, ArchiveLimits limits) throws IOException {
        return new ArchiveReader(archive, handler, limits, true, false).read();
    }

    private Contents read() throws IOException {
        do {
            Set<Table> present = pass();
            if (!rowsRead()) {
                requireAll(present);
            }
        } while (!rowsRead() || imagesPending && !rowsOnly);
        return new Contents(manifest, Collections.unmodifiableMap(counts), found, images);
    }

    /**
     * Goes through the whole archive once and hands over what is next: at least one table, or all images.
     *
     * @return the tables that are in the archive
     */
    private Set<Table> pass() throws IOException {
        Set<Table> present = EnumSet.noneOf(Table.class);
        imagesPending = false;
        try (var entries = ArchiveEntries.open(archive, limits)) {
            for (Entry entry; !(rowsOnly && rowsRead()) && (entry = entries.next()) != null; ) {
                switch (entry.kind()) {
                    case MANIFEST -> {
                        if (manifest == null) {
                            manifest(Manifest.parse(parseManifest(entries.content())));
                        }
                    }
                    case DATA -> {
                        present.add(entry.table());
                        if (manifest != null && entry.table().ordinal() == counts.size()) {
                            rows(entry.table(), entries.content());
                        }
                    }
                    case IMAGE -> {
                        imagesPending |= !rowsRead();
                        if (!imagesPending && manifest.includesImages()) {
                            image(entry, entries.content());
                        }
                    }
                }
            }
        }
        if (manifest == null) {
            throw missing(archive, ArchiveEntries.MANIFEST);
        }
        imagesPending &= manifest.includesImages();
        return present;
    }

    private void requireAll(Set<Table> present) {
        for (Table table : Table.values()) {
            if (!present.contains(table)) {
                throw missing(archive, ArchiveEntries.DATA + table.fileName());
            }
        }
    }

    private void manifest(Manifest found) throws IOException {
        boolean understood = found.schemaVersion() <= SchemaTransforms.newest();
        if (!anySchema) {
            requireUnderstood(found);
        }
        digest = understood ? new ContentDigest(found.schemaVersion()) : null;
        manifest = found;
        handler.manifest(found);
    }

    /** Refuses an archive of a newer schema than this build knows. */
    public static void requireUnderstood(Manifest manifest) {
        int newest = SchemaTransforms.newest();
        if (manifest.schemaVersion() > newest) {
            String writer = manifest.appVersion() == null ? "a newer StoreIT" : "StoreIT " + Quoted.bare(manifest.appVersion());
            throw new ArchiveException(
                    "manifest.json: the archive has schema version " + manifest.schemaVersion()
                            + ", this version of StoreIT reads versions up to " + newest,
                    "Use " + writer + " to read it, or write an older one with it: storeit-server export --to-schema " + newest + ".");
        }
    }

    private void rows(Table table, InputStream content) throws IOException {
        var rows = new RowReader(table, manifest.schemaVersion(), content, limits);
        for (ObjectNode row; (row = rows.next()) != null; ) {
            if (digest != null) {
                digest.add(table, row);
            }
            handler.row(table, rows.number(), row);
        }
        counts.put(table, rows.number());
        if (manifest.counts() != null) {
            Long stated = manifest.counts().get(table);
            if (stated != null && stated != rows.number()) {
                throw new ArchiveException(
                        table.fileName() + ": has " + rows.number() + " rows, but the manifest says " + stated, ArchiveEntries.DAMAGED);
            }
        }
        handler.tableEnd(table, rows.number());
        if (rowsRead()) {
            rowsEnd();
        }
    }

    private boolean rowsRead() {
        return counts.size() == Table.values().length;
    }

    private void rowsEnd() throws IOException {
        if (digest != null) {
            found = digest.value();
            checkDigest();
        }
        handler.rowsEnd(found);
    }

    private void image(Entry entry, InputStream content) throws IOException {
        var hashing = new HashingStream(content);
        handler.image(entry.key(), entry.size(), hashing);
        hashing.transferTo(OutputStream.nullOutputStream());
        String hash = Sha256.hex(hashing.sha256);
        StorageKey.hash(entry.key()).ifPresent(expected -> {
            if (!expected.equals(hash)) {
                handler.damagedImage(entry.key(), new ArchiveException("images/" + entry.key() + ": the bytes do not match the SHA-256 in the name",
                        "The image file was damaged before or after the archive was made: use another backup."));
            }
        });
        images++;
    }

    /** Returns whether two digests can be compared: both have the same definition and cover rows of the same schema version. */
    public static boolean isComparable(ContentDigest.Value stated, ContentDigest.Value found) {
        return stated != null && stated.version() == found.version() && stated.schemaVersion() == found.schemaVersion();
    }

    private void checkDigest() {
        ContentDigest.Value stated = manifest.digest();
        if (!isComparable(stated, found)) {
            return;
        }
        if (!stated.value().equals(found.value())) {
            String tables = String.join(", ", found.tables().entrySet().stream()
                    .filter(entry -> !entry.getValue().equals(stated.tables().get(entry.getKey())))
                    .map(entry -> entry.getKey().fileName())
                    .toList());
            throw new ArchiveException((tables.isEmpty() ? "manifest.json" : tables)
                    + ": the content does not match the digest in the manifest", ArchiveEntries.DAMAGED);
        }
    }

    /** Reads the manifest with all its keys, also those that this build does not know. */
    public static ObjectNode readManifestJson(Path archive) {
        try (var entries = ArchiveEntries.open(ArchiveSource.of(archive), ArchiveLimits.DEFAULT)) {
            for (Entry entry; (entry = entries.next()) != null; ) {
                if (entry.kind() == ArchiveEntries.Kind.MANIFEST) {
                    return parseManifest(entries.content());
                }
            }
        }
        throw missing(ArchiveSource.of(archive), ArchiveEntries.MANIFEST);
    }

    private static ObjectNode parseManifest(InputStream content) {
        String hint = "The archive was changed or written by another program: use another backup.";
        try {
            // Decoded as a whole: a manifest is small, and a parser given bytes would guess at other encodings.
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content.readAllBytes())).toString();
            JsonNode json = Json.MAPPER.readTree(text);
            if (json instanceof ObjectNode object) {
                return object;
            }
            throw new ArchiveException(MANIFEST + ": must be an object", hint);
        } catch (JsonProcessingException e) {
            throw new ArchiveException(MANIFEST + ": is not valid JSON (" + Quoted.bare(e.getOriginalMessage(), 120) + ")", hint, e);
        } catch (NumberFormatException e) {
            throw new ArchiveException(MANIFEST + ": has a number with too large an exponent", hint, e);
        } catch (CharacterCodingException e) {
            throw new ArchiveException(MANIFEST + ": is not UTF-8", hint, e);
        } catch (IOException e) {
            throw new ArchiveException(MANIFEST + ": cannot be read", hint, e);
        }
    }

    private static ArchiveException missing(ArchiveSource archive, String name) {
        return new ArchiveException(archive.name() + ": has no " + name,
                "This is not a complete StoreIT archive: use another backup.");
    }

    /** Hashes what is read through it and never closes the stream below. */
    private static final class HashingStream extends BlockStream {
        private final InputStream in;
        private final MessageDigest sha256 = Sha256.digest();

        HashingStream(InputStream in) {
            this.in = in;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            if (read > 0) {
                sha256.update(bytes, offset, read);
            }
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            return readNBytes((int) Math.min(count, 1 << 16)).length;
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        @Override
        public void close() {
        }
    }
}
