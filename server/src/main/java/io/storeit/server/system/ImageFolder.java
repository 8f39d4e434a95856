package io.storeit.server.system;

import java.nio.file.Path;

/** Where the image files are: decided at the start, changed only by a restore that names another folder. */
public final class ImageFolder {
    private final boolean fixed;
    private volatile Path path;

    /** @param fixed the environment names the folder, so nothing else may */
    public ImageFolder(Path path, boolean fixed) {
        this.path = path;
        this.fixed = fixed;
    }

    public Path path() {
        return path;
    }

    public boolean fixed() {
        return fixed;
    }

    public void change(Path newPath) {
        path = newPath;
    }
}
