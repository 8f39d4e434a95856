package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/** Creates a directory that only its owner can enter, and removes it when it is closed or the process is asked to end. */
public final class ScratchFolder implements AutoCloseable {
    private final Path folder;
    private final Thread atEnd;

    private ScratchFolder(Path folder) {
        this.folder = folder;
        this.atEnd = new Thread(() -> FileTree.deleteQuietly(folder));
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    /** Creates the directory under this name and removes what a killed process left there. The caller must hold the operation lock. */
    public static ScratchFolder of(Path folder) throws IOException {
        FileTree.delete(folder);
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new ScratchFolder(folder);
    }

    /** Creates a directory in TMPDIR, or else in /var/tmp, because many systems keep /tmp in memory, which is too small for a backup. */
    public static ScratchFolder temporary() {
        String named = System.getenv("TMPDIR");
        Path parent = Stream.of(named == null || named.isEmpty() ? "/var/tmp" : named, System.getProperty("java.io.tmpdir")).map(Path::of)
                .filter(Files::isWritable).findFirst()
                .orElseThrow(() -> new OpsException(Exit.FAILED, "There is no writable directory for temporary files", "Set the variable TMPDIR to one."));
        try {
            return new ScratchFolder(Files.createTempDirectory(parent.toAbsolutePath(), "storeit-ctl-"));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    public Path folder() {
        return folder;
    }

    public Path resolve(String name) {
        return folder.resolve(name);
    }

    @Override
    public void close() {
        FileTree.deleteQuietly(folder);
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException endsAlready) {
            // then the hook deletes the directory
        }
    }
}
