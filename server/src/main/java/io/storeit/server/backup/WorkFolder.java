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
 * {@code <database>.work/}: uploads and archives while somebody works with them. They hold everything the database holds, so they
 * lie beside it, on the same disk, in a folder only the server's user can enter, and not in the shared folder for temporary
 * files.
 */
public final class WorkFolder {
    private static final Logger LOG = System.getLogger(WorkFolder.class.getName());

    private final Path path;

    public WorkFolder(Path database) {
        path = DatabaseFiles.work(database);
    }

    /** The folder, made if it is not there. */
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

    /** Deletes the folder and what is in it. Only for whoever holds the database lock: it is all leftovers then. */
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
            LOG.log(Level.WARNING, "could not empty " + path + ": " + e.getMessage());
        }
    }
}
