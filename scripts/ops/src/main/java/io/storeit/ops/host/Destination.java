package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Deque;

/** Checks and prepares the place that a file is going to be written to. */
public final class Destination {
    private Destination() {}

    /** Refuses a file that could not be written: its folder is missing or read-only, or something other than a file has the name. */
    public static void requireWritable(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new OpsException(Exit.FAILED, "The folder " + folder + " does not exist", "Create it, or choose another place.");
        }
        if (Files.isDirectory(target)) {
            throw new OpsException(Exit.FAILED, target + " is a folder", "Name a file in it.");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new OpsException(Exit.FAILED, "Cannot write to " + target + ": it is not a regular file", "A backup goes to standard output with -o -");
        }
        if (!Files.isWritable(folder)) {
            throw new OpsException(Exit.FAILED, "May not write into " + folder, "Run as a user who may, or choose another place.");
        }
    }

    /** @param place the file or folder that the bytes are for, which may not exist yet */
    public static void requireSpace(Path place, long bytes, String hint) {
        Path folder = place;
        while (!Files.exists(folder)) folder = folder.getParent();
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < bytes) {
                throw new OpsException(Exit.FAILED, "Not enough space on the file system of " + place + ": " + Words.megabytes(bytes) + " needed, "
                        + Words.megabytes(free) + " free", hint);
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /**
     * Creates a folder, and those above it, where they are missing.
     *
     * @param made gets, for each folder that was created, what removes it again if it is empty
     */
    public static void ensureFolder(Path folder, String mode, Deque<Runnable> made) throws IOException {
        if (Files.isDirectory(folder)) return;
        Path above = folder.getParent();
        if (!Files.exists(above)) ensureFolder(above, "rwxr-xr-x", made);
        Files.createDirectory(folder);
        made.push(() -> {
            try {
                Files.delete(folder);
            } catch (IOException notEmpty) {
                // data, or somebody else's
            }
        });
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }
}
