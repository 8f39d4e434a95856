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
 * An image that is on the disk under a passing name, in the image folder, and gets the name its content demands. Closing removes
 * the passing name.
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

    /** An empty file to write the image to. */
    static NewImage in(ImageStore store) throws IOException {
        boolean posix = store.folder().getFileSystem().supportedFileAttributeViews().contains("posix");
        Path file = Files.createTempFile(store.folder(), PREFIX, ".part");
        if (posix) {
            // The usual ones: a temporary file is its owner's only, and backups by other users would miss it.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
        return new NewImage(store, file);
    }

    /** Removes what a crash has left of uploads: files nobody has written to since the given time. */
    static void removeLeftovers(Path folder, Instant since) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path file : files) {
                try {
                    if (Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
                        Files.delete(file);
                    }
                } catch (NoSuchFileException e) {
                    // The upload has ended just now.
                    continue;
                }
            }
        }
    }

    /** Where its bytes go. */
    Path file() {
        return file;
    }

    /**
     * Looks at what was written; afterwards it is on the disk for good.
     *
     * @return what kind of image it is; empty when it is none of those that are taken in
     */
    Optional<ImageType> complete() throws IOException {
        Optional<ImageType> type = ImageType.of(file);
        String hash = Sha256.hex(file);
        key = hash.substring(0, 2) + "/" + hash + "." + type.map(ImageType::ending).orElse(UNKNOWN_ENDING);
        DurableFiles.fsyncFile(file);
        return type;
    }

    /** The name its content demands. */
    String key() {
        return key;
    }

    /**
     * Gives the file its name. A file that has it already has the same content, or is damaged: replacing it does no harm or helps.
     */
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
