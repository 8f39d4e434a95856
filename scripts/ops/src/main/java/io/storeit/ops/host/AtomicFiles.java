package io.storeit.ops.host;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes and replaces files so that under a name there is always a complete file, also after a power cut. */
public final class AtomicFiles {
    private AtomicFiles() {}

    /** Creates an empty file that only its owner can read. A file of that name is deleted; a link is not followed. */
    public static void createOwnerOnly(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** Writes a file that only its owner can read and forces it to the disk. An interruption leaves an incomplete file. */
    public static void writeOwnerOnly(Path file, byte[] content) throws IOException {
        createOwnerOnly(file);
        Files.write(file, content);
        DurableFiles.fsyncFile(file);
    }

    /**
     * Replaces a file by a complete new one; until then the old file stays.
     *
     * @param mode such as {@code rw-r-----}
     */
    public static void place(Path file, byte[] content, String mode) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            writeOwnerOnly(part, content);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(mode));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.fsyncFolder(file.getParent());
        } finally {
            FileTree.deleteQuietly(part);
        }
    }

    /**
     * Replaces {@code live} by {@code replacement} without a moment in which the name is missing. Programs that run from the old file keep it.
     *
     * @param keptAs the name under which the replaced file is kept; null to delete it
     */
    public static void replace(Path live, Path replacement, Path keptAs) {
        try {
            if (keptAs != null) {
                try {
                    Files.createLink(keptAs, live);
                } catch (UnsupportedOperationException | IOException noHardLinks) {
                    Files.copy(live, keptAs, StandardCopyOption.COPY_ATTRIBUTES);
                    DurableFiles.fsyncFile(keptAs);
                }
            }
            Files.move(replacement, live, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.fsyncFolder(live.getParent());
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }
}
