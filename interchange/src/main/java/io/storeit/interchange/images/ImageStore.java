package io.storeit.interchange.images;

import java.nio.file.Path;

/** Image files on disk, named by their hash. */
public final class ImageStore {

    private final Path folder;

    public ImageStore(Path folder) {
        this.folder = folder;
    }

    public Path folder() {
        return folder;
    }
}
