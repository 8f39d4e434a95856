package io.storeit.server.backup;

import io.storeit.interchange.sqlite.DatabaseFiles;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The folder {@code <database>.work/} for uploads and archives in use. They contain everything the database contains. So they are
 * beside it, on the same disk, in a folder that only the server's user can enter, and not in the shared temporary folder.
 */
public final class WorkFolder {
    private static final Logger LOG = System.getLogger(WorkFolder.class.getName());

    private final Path path;

    public WorkFolder(Path database) {
        path = DatabaseFiles.work(database);
    }

    /** Returns the folder, and creates it if it does not exist. */
    public Path create() throws IOException {
        if (!Files.isDirectory(path)) {
            if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectory(path);
            }
        }
        return path;
    }

    /** Deletes the folder and its files. The caller holds the database lock, so all of them are leftovers. */
    public void empty() {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(path);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot empty " + path + ": " + e.getMessage());
        }
    }
}
