package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

/** A folder that only its owner can enter, and that is removed when its use is over, also when the process is told to end meanwhile. */
public final class ScratchFolder implements AutoCloseable {
    private final Path folder;
    private final Thread atEnd;

    private ScratchFolder(Path folder) {
        this.folder = folder;
        this.atEnd = new Thread(() -> FileTree.deleteQuietly(folder));
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    /** Creates the folder under this name, in place of what a killed process left. The caller has the operation lock. */
    public static ScratchFolder of(Path folder) throws IOException {
        FileTree.delete(folder);
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new ScratchFolder(folder);
    }

    /** Creates a folder in TMPDIR, else in /var/tmp: many systems have /tmp in memory, where a backup has no room. */
    public static ScratchFolder temporary() {
        String named = System.getenv("TMPDIR");
        Path parent = Stream.of(named == null || named.isEmpty() ? "/var/tmp" : named, System.getProperty("java.io.tmpdir")).map(Path::of)
                .filter(Files::isWritable).findFirst()
                .orElseThrow(() -> new OpsException(Exit.FAILED, "There is no folder for temporary files", "Name one in the variable TMPDIR."));
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
            // then it deletes what there is
        }
    }
}
