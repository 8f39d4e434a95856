package io.storeit.interchange.archive;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes an archive: {@link #open}, {@link #row} for every row, {@link #manifest}, {@link #image} for every image, {@link #finish}.
 *
 * <p>The file has its name only once it is complete and safely on disk. Until then it is {@code <target>.<random>.part}, readable by the
 * owner only, and it is removed if anything fails. A file of the target's name is replaced.
 *
 * <p>Equal rows, manifest and images in equal order give equal bytes.
 *
 * <p>It throws an {@link ArchiveException} when space or permission is missing.
 */
public final class ArchiveWriter implements Closeable {

    private static final int COPY_BUFFER = 1 << 18;
    /** Sets one time on all image files, so the same image is the same bytes in every archive. */
    private static final Instant IMAGE_TIME = Instant.parse("1980-01-01T00:00:00Z");

    /**
     * Reports an image file that cannot be read, or whose bytes do not match the hash in its name. The archive that was begun is lost; a
     * caller that may leave images out begins another one without this one.
     */
    public static final class ImageException extends IOException {

        private static final long serialVersionUID = 1;

        private final String key;

        ImageException(String key, String message, Throwable cause) {
            super(message, cause);
            this.key = key;
        }

        /** Returns the storage key of the image. */
        public String key() {
            return key;
        }
    }

    private final Path target;
    private final Path part;
    private final FileChannel file;
    private final RowSpool spool;
    private final Map<Table, Long> counts = new EnumMap<>(Table.class);
    private final MessageDigest sha256 = Sha256.digest();
    private final byte[] buffer = new byte[COPY_BUFFER];
    /** Hashes the bytes of images while this thread compresses the same bytes. It has no thread before the first image. */
    private final ExecutorService hasher = Executors.newSingleThreadExecutor(work -> {
        var thread = new Thread(work, "image-hash");
        thread.setDaemon(true);
        return thread;
    });

    /** Is null for rows of a schema this build does not know. */
    private final ContentDigest digest;
    /** Is null until the manifest is written. */
    private Compressor compressor;
    private boolean finished;

    private ArchiveWriter(Path target, int schemaVersion) throws IOException {
        this.target = target.toAbsolutePath();
        String random = Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        this.part = this.target.resolveSibling(this.target.getFileName() + "." + random + ".part");
        this.digest = schemaVersion <= SchemaTransforms.newest() ? new ContentDigest(schemaVersion) : null;
        for (Table table : Table.values()) {
            counts.put(table, 0L);
        }
        Path rows = part.resolveSibling(part.getFileName() + ".rows");
        this.file = create(part);
        FileChannel spoolFile = null;
        try {
            spoolFile = create(rows, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
            this.spool = new RowSpool(spoolFile);
        } catch (IOException e) {
            if (spoolFile != null) {
                spoolFile.close();
            }
            file.close();
            Files.deleteIfExists(part);
            throw e;
        }
    }

    /**
     * Begins an archive.
     *
     * @param target        what the file is called once it is complete
     * @param schemaVersion of the rows that will come; when newer than this build knows, they get no digest
     */
    public static ArchiveWriter open(Path target, int schemaVersion) {
        try {
            return new ArchiveWriter(target, schemaVersion);
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
    }

    /** Adds a row, with ids and times in their one spelling. Tables come in order; one without rows needs no call. */
    public void row(Table table, ObjectNode row) {
        try {
            spool.row(table, row);
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
        counts.merge(table, 1L, Long::sum);
        if (digest != null) {
            digest.add(table, row);
        }
    }

    /**
     * Ends the rows; writes the manifest and all data files.
     *
     * @param manifest what is known besides the rows; counts and digest in it are replaced
     * @return the manifest as it was written
     */
    public Manifest manifest(Manifest manifest) {
        Manifest complete = manifest.withContent(counts, digest == null ? null : digest.value());
        manifest(complete.toJson(), complete.createdAt());
        return complete;
    }

    /** Ends the rows with a manifest that is written as it is; it may hold keys this build does not know. */
    public void manifest(ObjectNode manifest, Instant createdAt) {
        Instant modified = createdAt == null ? Instant.EPOCH : createdAt;
        try {
            spool.end();
            byte[] json = pretty(manifest).getBytes(StandardCharsets.UTF_8);
            compressor = new Compressor(file);
            header(ArchiveEntries.MANIFEST, json.length, modified);
            compressor.write(json);
            compressor.write(TarHeader.padding(json.length));
            for (Table table : Table.values()) {
                header(ArchiveEntries.DATA + table.fileName(), spool.length(table), modified);
                compressor.flush();
                spool.copyTo(file, table);
            }
            spool.close();
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
    }

    /**
     * Adds an image file. Its bytes are compared with the hash in the key on the way.
     *
     * @param key a {@link StorageKey}, not given before
     */
    public void image(String key, Path source) throws ImageException {
        try (FileChannel in = FileChannel.open(source, StandardOpenOption.READ)) {
            image(key, in.size(), Channels.newInputStream(in));
        } catch (NoSuchFileException e) {
            throw new ImageException(key, "the file is missing", e);
        } catch (ImageException e) {
            throw e;
        } catch (IOException e) {
            throw new ImageException(key, "the file cannot be read (" + Reasons.of(e) + ")", e);
        }
    }

    /** Adds an image file of {@code size} bytes from a stream. Its bytes are compared with the hash in the key on the way. */
    public void image(String key, long size, InputStream in) throws ImageException {
        if (!StorageKey.isValid(key)) {
            throw new ImageException(key, "not a valid image file name: " + Quoted.of(key), null);
        }
        if (size > ArchiveLimits.DEFAULT.maxImageBytes()) {
            throw new ImageException(key, "the file has " + size + " bytes, more than an archive may hold", null);
        }
        try {
            // In a frame of its own: programs that store only what they have not yet, such as restic, recognise it in the next archive.
            compressor.flush();
            header(ArchiveEntries.IMAGES + key, size, IMAGE_TIME);
            for (long left = size; left > 0; ) {
                int read = read(key, in, (int) Math.min(left, buffer.length));
                Future<?> hashed = hasher.submit(() -> sha256.update(buffer, 0, read));
                try {
                    compressor.write(buffer, 0, read);
                } finally {
                    await(hashed);
                }
                left -= read;
            }
            compressor.write(TarHeader.padding(size));
        } catch (ImageException e) {
            throw e;
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
        String hash = Sha256.hex(sha256);
        if (!StorageKey.hash(key).orElse(hash).equals(hash)) {
            throw new ImageException(key, "the file is damaged: its bytes do not match the SHA-256 in its name", null);
        }
    }

    private static void await(Future<?> hashed) {
        boolean interrupted = false;
        while (true) {
            try {
                hashed.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private int read(String key, InputStream in, int length) throws ImageException {
        int read;
        try {
            read = in.read(buffer, 0, length);
        } catch (IOException e) {
            throw new ImageException(key, "the file cannot be read (" + Reasons.of(e) + ")", e);
        }
        if (read < 0) {
            throw new ImageException(key, "the file became shorter while it was read", null);
        }
        return read;
    }

    /** Completes the file, makes sure that it is on disk and gives it its name. */
    public void finish() {
        try {
            compressor.write(new byte[2 * TarHeader.BLOCK]);
            compressor.close();
            file.force(true);
            file.close();
            DurableFiles.rename(part, target);
            finished = true;
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
    }

    /** Removes everything that was written, unless {@link #finish} completed the file. */
    @Override
    public void close() {
        hasher.shutdown();
        if (finished) {
            return;
        }
        for (Closeable each : new Closeable[] {spool, compressor == null ? () -> { } : compressor, file}) {
            try {
                each.close();
            } catch (IOException e) {
                // The archive is being given up, most likely because of this very error: closing writes what is still in a buffer.
            }
        }
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw new ArchiveException("cannot remove the unfinished archive " + part + ": " + Reasons.of(e), "Remove it manually.", e);
        }
    }

    private void header(String name, long size, Instant modified) throws IOException {
        compressor.write(TarHeader.of(name, size, modified));
    }

    private static FileChannel create(Path path, StandardOpenOption... more) throws IOException {
        Set<StandardOpenOption> options = new HashSet<>(Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
        options.addAll(Set.of(more));
        boolean posix = Files.getFileStore(path.getParent()).supportsFileAttributeView("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        return FileChannel.open(path, options, attributes);
    }

    /** Formats with two spaces and line feeds on every system, as StoreIT always wrote it. */
    private static String pretty(ObjectNode manifest) throws IOException {
        var indenter = new DefaultIndenter("  ", "\n");
        var printer = new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
        return Json.MAPPER.writer(printer).writeValueAsString(manifest);
    }

    private static ArchiveException cannotWrite(Path target, IOException e) {
        Path folder = target.toAbsolutePath().getParent();
        if (e instanceof NoSuchFileException) {
            return new ArchiveException("cannot write " + target + ": the folder " + folder + " does not exist", "Create it first.", e);
        }
        return new ArchiveException("cannot write " + target + ": " + Reasons.of(e),
                "Check the free space in " + folder + " and whether you may write there, or choose another folder.", e);
    }
}
