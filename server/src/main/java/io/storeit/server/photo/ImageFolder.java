package io.storeit.server.photo;

import io.storeit.server.problem.Problem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The folder of the image files. The start determines it; only the settings or a restore that names another folder change it. */
public final class ImageFolder {
    private final boolean fixed;
    private volatile Path path;

    /** @param fixed the environment names the folder, so nothing else may change it */
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

    /** @throws Problem CONFLICT when the folder is fixed */
    public void requireChangeable(Object wanted) {
        if (fixed) {
            throw Problem.of(Problem.Kind.CONFLICT,
                    "the image folder is fixed by STOREIT_IMAGE_PATH (" + path + ") and cannot be changed to " + wanted);
        }
    }

    /** Reads the folder that a client names. */
    public static Path parse(String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw Problem.validation("image_storage_path is not a path: " + text);
        }
    }

    public void change(Path newPath) {
        path = newPath;
    }
}
