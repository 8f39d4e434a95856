package io.storeit.interchange.archive;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.schema.Table;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Iterates over the files in an archive: it undoes zstd or gzip, then tar, then checks the names. What is wrong with the container stops
 * here, so above there are only known names, each once, of bearable size.
 *
 * <p>Known are {@code backup/manifest.json}, {@code backup/data/<table>.json} and {@code backup/images/<storage key>}, with or without
 * {@code ./} in front, and the folders they are in. Regular files under {@code backup/extensions/} are skipped: that is where later
 * versions may put what older readers need not understand. Everything else is refused.
 */
final class ArchiveEntries implements Closeable {

    static final String FOLDER = "backup/";
    static final String MANIFEST = FOLDER + "manifest.json";
    static final String DATA = FOLDER + "data/";
    static final String IMAGES = FOLDER + "images/";
    static final String EXTENSIONS = FOLDER + "extensions/";

    static final String DAMAGED = "The file is damaged or incomplete: copy it again from where it was made, or use another backup.";
    static final String NOT_OURS = "StoreIT does not write such archives: do not trust this one, use another backup.";
    static final String TOO_BIG = "Archives this large or this dense are refused, see the limits in docs/archive-format.md.";

    /** Limits the bytes of the headers of one entry, because long names and extended headers are held in memory. */
    private static final int MAX_HEADER_BYTES = 1 << 20;
    /** Limits the window that an archive may ask a reader to hold to 128 MiB. */
    private static final int MAX_WINDOW_LOG = 27;
    private static final int BLOCK = 512;

    private static final Pattern KNOWN_FOLDER = Pattern.compile("(?:backup/(?:data/|images/(?:[0-9a-f]{2}/)?)?)?");

    /** Distinguishes what an entry contains. */
    enum Kind { MANIFEST, DATA, IMAGE }

    /**
     * Describes one file of the archive.
     *
     * @param name  as in the archive, without {@code ./}
     * @param table only of data files
     * @param key   only of images
     * @param size  in bytes
     */
    record Entry(Kind kind, String name, Table table, String key, long size) {
    }

    private final String archive;
    private final ArchiveLimits limits;
    private final InputStream file;
    private final Meter meter;
    private final TarArchiveInputStream tar;

    private final KeySet imagesSeen = new KeySet();
    private final Set<Table> tablesSeen = EnumSet.noneOf(Table.class);
    private boolean manifestSeen;
    private boolean anythingSeen;
    private long entries;

    private ArchiveEntries(ArchiveSource source, ArchiveLimits limits) {
        this.archive = source.name();
        this.limits = limits;
        var compressed = new Counter(source.open());
        this.file = compressed;
        try {
            this.meter = new Meter(decompress(new BufferedInputStream(compressed, 1 << 17)), compressed);
            this.tar = new TarArchiveInputStream(meter, BLOCK, BLOCK, "UTF-8", false);
        } catch (IOException e) {
            throw closing(damaged(e));
        } catch (ArchiveException e) {
            throw closing(e);
        }
    }

    static ArchiveEntries open(ArchiveSource source, ArchiveLimits limits) {
        return new ArchiveEntries(source, limits);
    }

    /**
     * Returns the next file and skips the rest of the one before. Returns null after the last, when the whole archive was read and every
     * checksum in it was compared.
     */
    Entry next() {
        while (true) {
            TarArchiveEntry header = nextHeader();
            if (header == null) {
                return null;
            }
            if (++entries > limits.maxEntries()) {
                throw new ArchiveException(archive + ": has more than " + limits.maxEntries() + " entries", TOO_BIG);
            }
            String name = checkedName(header);
            if (isFolder(header, name)) {
                continue;
            }
            Entry entry = known(name, header.getSize());
            if (entry != null) {
                return entry;
            }
        }
    }

    /**
     * Returns the content of the current entry as a stream that ends with it. Damage becomes an ArchiveException, so an IOException cannot
     * come from here.
     */
    InputStream content() {
        return new BlockStream() {
            @Override
            public int read(byte[] bytes, int offset, int length) {
                try {
                    return tar.read(bytes, offset, length);
                } catch (IOException e) {
                    throw damaged(e);
                }
            }
        };
    }

    @Override
    public void close() {
        try (file) {
            tar.close();
        } catch (IOException e) {
            // Only read from; everything worth knowing was checked while reading.
        }
    }

    private TarArchiveEntry nextHeader() {
        byte[] sink = new byte[1 << 16];
        try {
            while (anythingSeen && tar.read(sink) >= 0) {
                // Skipped bytes still count for limits and checksums.
            }
            meter.allow(MAX_HEADER_BYTES);
            TarArchiveEntry header = tar.getNextEntry();
            meter.allowAll();
            if (header == null) {
                expectOnlyZeros(sink);
                if (!anythingSeen) {
                    throw new ArchiveException(archive + ": is an empty archive", DAMAGED);
                }
            }
            anythingSeen = true;
            return header;
        } catch (IOException | IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    private void expectOnlyZeros(byte[] sink) throws IOException {
        for (int read; (read = meter.read(sink, 0, sink.length)) >= 0; ) {
            for (int i = 0; i < read; i++) {
                if (sink[i] != 0) {
                    throw new ArchiveException(archive + ": has data after its end", NOT_OURS);
                }
            }
        }
    }

    private String checkedName(TarArchiveEntry header) {
        if (!header.isCheckSumOK()) {
            throw new ArchiveException(archive + ": entry " + entries + " has a header with a wrong checksum", DAMAGED);
        }
        String raw = header.getName();
        String name = raw.startsWith("./") ? raw.substring(2) : raw;
        String fault = null;
        if (name.startsWith("/")) {
            fault = "has an absolute name";
        } else if (name.indexOf('\\') >= 0) {
            fault = "has a name with a backslash";
        } else if (("/" + name + "/").contains("/../")) {
            fault = "has a name that leads out of the archive";
        } else {
            fault = switch (header.getLinkFlag()) {
                case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM, TarConstants.LF_DIR ->
                        header.isSparse() ? "is a sparse file" : null;
                case TarConstants.LF_LINK -> "is a hard link";
                case TarConstants.LF_SYMLINK -> "is a symbolic link";
                case TarConstants.LF_CHR, TarConstants.LF_BLK -> "is a device";
                case TarConstants.LF_FIFO -> "is a pipe";
                default -> "is neither a file nor a folder";
            };
        }
        if (fault != null) {
            throw new ArchiveException(archive + ": entry " + Quoted.of(raw, 100) + " " + fault, NOT_OURS);
        }
        return name;
    }

    private boolean isFolder(TarArchiveEntry header, String name) {
        if (!header.isDirectory()) {
            return false;
        }
        String folder = name.isEmpty() || name.equals(".") ? "" : name.endsWith("/") ? name : name + "/";
        if (header.getSize() != 0 || !KNOWN_FOLDER.matcher(folder).matches() && !isExtension(folder)) {
            throw unknown(name);
        }
        return true;
    }

    /** Returns the checked entry of a known name, or null when the entry is to be skipped. */
    private Entry known(String name, long size) {
        if (name.equals(MANIFEST)) {
            if (manifestSeen) {
                throw doubled(name);
            }
            manifestSeen = true;
            checkSize(name, size, limits.maxManifestBytes());
            return new Entry(Kind.MANIFEST, name, null, null, size);
        }
        if (name.startsWith(DATA)) {
            for (Table table : Table.values()) {
                if (name.length() == DATA.length() + table.fileName().length() && name.endsWith(table.fileName())) {
                    if (!tablesSeen.add(table)) {
                        throw doubled(name);
                    }
                    checkSize(name, size, limits.maxDataBytes());
                    return new Entry(Kind.DATA, name, table, null, size);
                }
            }
            throw unknown(name);
        }
        if (name.startsWith(IMAGES)) {
            String key = name.substring(IMAGES.length());
            if (!StorageKey.isValid(key)) {
                throw unknown(name);
            }
            if (!imagesSeen.add(key)) {
                throw doubled(name);
            }
            checkSize(name, size, limits.maxImageBytes());
            return new Entry(Kind.IMAGE, name, null, key, size);
        }
        if (isExtension(name)) {
            return null;
        }
        throw unknown(name);
    }

    private static boolean isExtension(String name) {
        return name.startsWith(EXTENSIONS);
    }

    private void checkSize(String name, long size, long limit) {
        if (size > limit) {
            throw new ArchiveException(archive + ": " + name + " has " + size + " bytes, more than the " + limit + " allowed", TOO_BIG);
        }
    }

    private ArchiveException unknown(String name) {
        return new ArchiveException(archive + ": unexpected entry " + Quoted.of(name, 100), NOT_OURS);
    }

    private ArchiveException doubled(String name) {
        return new ArchiveException(archive + ": entry " + Quoted.of(name, 100) + " occurs twice", NOT_OURS);
    }

    private ArchiveException damaged(Exception cause) {
        if (cause instanceof EOFException || String.valueOf(cause.getMessage()).startsWith("Truncated")) {
            return new ArchiveException(archive + ": is truncated", DAMAGED, cause);
        }
        if (cause instanceof ZstdIOException zstd && zstd.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
            return new ArchiveException(archive + ": was compressed with a window of more than 128 MiB", TOO_BIG, cause);
        }
        String detail = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new ArchiveException(archive + ": is damaged (" + Quoted.bare(detail) + ")", DAMAGED, cause);
    }

    private ArchiveException closing(ArchiveException e) {
        try {
            file.close();
        } catch (IOException suppressed) {
            e.addSuppressed(suppressed);
        }
        return e;
    }

    /** Chooses the decompressor by the first bytes, never by the name: zstd (or a skippable frame before it) or gzip. */
    private InputStream decompress(BufferedInputStream in) throws IOException {
        in.mark(4);
        byte[] start = in.readNBytes(4);
        in.reset();
        if (start.length == 0) {
            throw new ArchiveException(archive + ": is empty", DAMAGED);
        }
        int magic = 0;
        for (int i = 0; i < start.length; i++) {
            magic |= (start[i] & 0xff) << 8 * i;
        }
        if (magic == 0xfd2fb528 || (magic & 0xfffffff0) == 0x184d2a50) {
            return new ZstdInputStreamNoFinalizer(in, RecyclingBufferPool.INSTANCE).setLongMax(MAX_WINDOW_LOG);
        }
        if ((magic & 0xffff) == 0x8b1f) {
            return new OneGzipMember(in);
        }
        throw new ArchiveException(archive + ": is not a StoreIT archive (neither zstd nor gzip)",
                "Check that this is a .storeit file and not, say, an unpacked or renamed one.");
    }

    /** Reads a single gzip member; the JDK's own stream would swallow whatever follows. */
    private final class OneGzipMember extends BlockStream {
        private final BufferedInputStream source;
        private final GzipCompressorInputStream member;

        OneGzipMember(BufferedInputStream source) throws IOException {
            this.source = source;
            this.member = new GzipCompressorInputStream(source, false);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = member.read(bytes, offset, length);
            if (read < 0 && source.read() >= 0) {
                throw new ArchiveException(archive + ": has data after its end", NOT_OURS);
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            member.close();
        }
    }

    /** Counts the bytes taken from the file. */
    private static final class Counter extends BlockStream {
        private final InputStream in;
        private long count;

        Counter(InputStream in) {
            this.in = in;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            count += Math.max(read, 0);
            return read;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /**
     * Limits the uncompressed bytes on their way to tar: in all, against the compressed ones, and while tar reads headers. It supports mark
     * because tar looks one block ahead at the end. Bounds how many there are, in all, against the compressed ones, and while tar reads
     * headers. Supports mark because tar looks one block ahead at the end.
     */
    private final class Meter extends BlockStream {
        private final BufferedInputStream in;
        private final Counter compressed;
        private long total;
        private long marked;
        private long allowed = Long.MAX_VALUE;

        Meter(InputStream in, Counter compressed) {
            this.in = new BufferedInputStream(in, 1 << 17);
            this.compressed = compressed;
        }

        void allow(long bytes) {
            allowed = total + bytes;
        }

        void allowAll() {
            allowed = Long.MAX_VALUE;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = in.read(bytes, offset, length);
            total += Math.max(read, 0);
            if (total > allowed) {
                throw new ArchiveException(archive + ": entry " + (entries + 1) + " has a header of more than " + MAX_HEADER_BYTES
                        + " bytes", NOT_OURS);
            }
            if (total > limits.maxTotalBytes()) {
                throw new ArchiveException(archive + ": unpacks to more than " + limits.maxTotalBytes() + " bytes", TOO_BIG);
            }
            if (total > limits.ratioFreeBytes() && total / limits.maxRatio() > compressed.count) {
                throw new ArchiveException(archive + ": unpacks to more than " + limits.maxRatio() + " times its size", TOO_BIG);
            }
            return read;
        }

        @Override
        public boolean markSupported() {
            return true;
        }

        @Override
        public void mark(int limit) {
            in.mark(limit);
            marked = total;
        }

        @Override
        public void reset() throws IOException {
            in.reset();
            total = marked;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
