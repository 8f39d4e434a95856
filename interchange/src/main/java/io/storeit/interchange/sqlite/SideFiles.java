package io.storeit.interchange.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files SQLite keeps beside a database while it is in use. They belong to the name of the database: left beside a file that got
 * the name later, they make it malformed, and a database moved without its write-ahead log lacks its newest rows.
 */
public final class SideFiles {

    private static final List<String> ENDINGS = List.of("-wal", "-shm", "-journal");

    private SideFiles() {
    }

    /** Returns the name of the write-ahead log. */
    public static Path wal(Path database) {
        return beside(database, "-wal");
    }

    static Path sharedMemory(Path database) {
        return beside(database, "-shm");
    }

    /** Returns the name of the rollback journal. */
    public static Path journal(Path database) {
        return beside(database, "-journal");
    }

    static Path beside(Path database, String ending) {
        return database.resolveSibling(database.getFileName() + ending);
    }

    /** Lists the side files that exist, also empty ones. */
    public static List<Path> of(Path database) {
        return ENDINGS.stream().map(ending -> beside(database, ending)).filter(Files::exists).toList();
    }

    /** Removes a database that no process has open, with its side files. */
    public static void deleteWith(Path database) throws IOException {
        for (Path file : Stream.concat(of(database).stream(), Stream.of(database)).toList()) {
            Files.deleteIfExists(file);
        }
    }
}
