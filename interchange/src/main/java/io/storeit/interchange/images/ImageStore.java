package io.storeit.interchange.images;

import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.base.StorageKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Stores image files on disk, named by their hash: {@code <folder>/<2 hex>/<64 hex>.<ending>}, and the flat names of old installations. A
 * file never changes once it has its name, so it may be read while others are added.
 */
public final class ImageStore {

    private final Path folder;

    /**
     * Creates a store of the image files in a folder.
     *
     * @param folder need not exist yet; {@link StagedImages} makes it
     */
    public ImageStore(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    public Path folder() {
        return folder;
    }

    /**
     * Returns the file of a key, whether it exists or not.
     *
     * @throws IllegalArgumentException for a key of no known shape, such as one that leads out of the folder
     */
    public Path file(String key) {
        if (!StorageKey.isValid(key)) {
            throw new IllegalArgumentException("no storage key: " + key);
        }
        return folder.resolve(key);
    }

    /** Returns whether a file exists for the key; its bytes are not checked. False for anything that is not a key. */
    public boolean has(String key) {
        return StorageKey.isValid(key) && Files.isRegularFile(file(key));
    }

    /**
     * Returns whether the bytes of a file match the hash in its name; true for flat names, which contain none.
     *
     * @throws IOException when the file cannot be read
     */
    public boolean isIntact(String key) throws IOException {
        Optional<String> promised = StorageKey.hash(key);
        return promised.isEmpty() || promised.get().equals(Sha256.hex(file(key)));
    }

    /** Creates a staging area of this store. Nothing is created before the first file is added to it. */
    public StagedImages stage() {
        return new StagedImages(this);
    }
}
