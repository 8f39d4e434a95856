package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Deque;

/** Checks and prepares the directory that a file is going to be written to. */
public final class Destination {
    private Destination() {}

    /** Refuses a file that could not be written: its directory is missing or read-only, or the name belongs to something other than a file. */
    public static void requireWritable(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new OpsException(Exit.FAILED, "The directory " + folder + " does not exist", "Create it, or choose another one.");
        }
        if (Files.isDirectory(target)) {
            throw new OpsException(Exit.FAILED, target + " is a directory", "Name a file in it.");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new OpsException(Exit.FAILED, "Cannot write to " + target + ": it is not a regular file",
                    "To write a backup to standard output, use -o -");
        }
        if (!Files.isWritable(folder)) {
            throw new OpsException(Exit.FAILED, "Cannot write to " + folder + ": permission denied",
                    "Run as a user who has the permission, or choose another directory.");
        }
    }

    /** Fails when the file system has less free space than needed. @param place a file or directory, which may not exist yet */
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
     * Creates a directory, and its parents, where they are missing.
     *
     * @param made gets, for each directory that was created, what removes it again if it is empty
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
                // it holds data, or files of another program
            }
        });
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }
}
