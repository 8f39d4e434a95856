package io.storeit.server.photo;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.images.ImageStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;

/**
 * An image that is stored under a temporary name in the image folder and then gets the name of its content. Closing deletes the
 * temporary name.
 */
final class NewImage implements AutoCloseable {
    private static final String PREFIX = ".upload-";
    private static final String UNKNOWN_ENDING = "bin";

    private final ImageStore store;
    private final Path file;
    private String key;

    private NewImage(ImageStore store, Path file) {
        this.store = store;
        this.file = file;
    }

    /** Creates an empty file to write the image to. */
    static NewImage in(ImageStore store) throws IOException {
        boolean posix = store.folder().getFileSystem().supportedFileAttributeViews().contains("posix");
        Path file = Files.createTempFile(store.folder(), PREFIX, ".part");
        if (posix) {
            // A temporary file belongs to its owner only, and backups by other users would miss it. So it gets the usual
            // permissions.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
        return new NewImage(store, file);
    }

    /** Deletes what a crash has left of uploads: files that were last written before the given time. */
    static void removeLeftovers(Path folder, Instant since) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path file : files) {
                try {
                    if (Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
                        Files.delete(file);
                    }
                } catch (NoSuchFileException e) {
                    // The upload has just ended.
                    continue;
                }
            }
        }
    }

    /** Returns the file for its bytes. */
    Path file() {
        return file;
    }

    /**
     * Reads what was written and syncs it to the disk.
     *
     * @return the kind of image; empty when it is none of the accepted ones
     */
    Optional<ImageType> complete() throws IOException {
        Optional<ImageType> type = ImageType.of(file);
        String hash = Sha256.hex(file);
        key = hash.substring(0, 2) + "/" + hash + "." + type.map(ImageType::ending).orElse(UNKNOWN_ENDING);
        DurableFiles.fsyncFile(file);
        return type;
    }

    /** Returns the name of its content. */
    String key() {
        return key;
    }

    /** Gives the file its name. An existing file of that name has the same content or is damaged, so replacing it does no harm. */
    void putInPlace() {
        Path place = store.file(key);
        try {
            Files.createDirectories(place.getParent());
            DurableFiles.rename(file, place);
            DurableFiles.fsyncFolder(store.folder());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot store an image as " + place, e);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
