package io.storeit.interchange.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names all files beside a database: SQLite's own, those of the two programs, and databases that were replaced.
 *
 * <p>SQLite's own side files belong to the name of the database: left beside a file that got the name later, they make it malformed, and
 * a database moved without its write-ahead log lacks its newest rows.
 */
public final class DatabaseFiles {

    private DatabaseFiles() {
    }

    /** Returns the name of SQLite's write-ahead log. */
    public static Path wal(Path database) {
        return beside(database, "-wal");
    }

    /** Returns the name of the memory that processes share over SQLite's write-ahead log. */
    public static Path sharedMemory(Path database) {
        return beside(database, "-shm");
    }

    /** Returns the name of SQLite's rollback journal. */
    public static Path rollbackJournal(Path database) {
        return beside(database, "-journal");
    }

    /** Returns the name of the lock that storeit-ctl holds during an operation. */
    public static Path operationLock(Path database) {
        return beside(database, ".operation.lock");
    }

    /** Returns the name of the lock that the process writing the database holds. */
    public static Path databaseLock(Path database) {
        return beside(database, ".database.lock");
    }

    /** Returns the name of storeit-ctl's record of an upgrade, downgrade or rollback. */
    public static Path migrationJournal(Path database) {
        return beside(database, ".migration-journal");
    }

    /** Returns the name of the token file by which a running server authenticates the owner of its files. */
    public static Path token(Path database) {
        return beside(database, ".token");
    }

    /** Returns the name of the folder for uploads and archives while a server works with them. */
    public static Path work(Path database) {
        return beside(database, ".work");
    }

    /** Returns the name of a database that is being imported. */
    public static Path importing(Path database) {
        return beside(database, ".importing");
    }

    /** Returns the name under which an import keeps the database it replaced. */
    public static Path preImport(Path database) {
        return beside(database, ".pre-import");
    }

    /** Returns the name under which an automatic upgrade keeps the database it replaced. */
    public static Path preUpgrade(Path database) {
        return beside(database, ".pre-upgrade");
    }

    /** Returns the name under which a restore keeps the database it replaced. */
    public static Path preRestore(Path database) {
        return beside(database, ".pre-restore");
    }

    /** Returns the name under which a rollback keeps the database it replaced. */
    public static Path preRollback(Path database) {
        return beside(database, ".pre-rollback");
    }

    /** Returns the directory in which storeit-ctl keeps an archive from a pipe until it is restored. */
    public static Path receiving(Path database) {
        return beside(database, ".receiving");
    }

    /** Returns the archive from which storeit-ctl restores while the server is stopped. */
    public static Path restoring(Path database) {
        return beside(database, ".restoring.storeit");
    }

    /** Returns the name of the note that an automatic upgrade leaves when it fails. */
    public static Path autoUpgradeFailed(Path database) {
        return beside(database, ".auto-upgrade-failed");
    }

    /** Lists SQLite's side files that exist, also empty ones. */
    public static List<Path> sideFiles(Path database) {
        return Stream.of(wal(database), sharedMemory(database), rollbackJournal(database)).filter(Files::exists).toList();
    }

    /** Removes a database that no process has open, with its side files. */
    public static void deleteWithSideFiles(Path database) throws IOException {
        for (Path file : Stream.concat(sideFiles(database).stream(), Stream.of(database)).toList()) {
            Files.deleteIfExists(file);
        }
    }

    static Path beside(Path database, String ending) {
        return database.resolveSibling(database.getFileName() + ending);
    }
}
