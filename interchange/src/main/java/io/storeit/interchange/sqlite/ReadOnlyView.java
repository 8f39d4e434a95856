package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Reasons;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a database without changing a byte of it or of its side files, and without leaving a file beside it.
 *
 * <p>SQLite's read-only mode alone does not do that: it creates {@code -wal} and {@code -shm} beside a database in WAL mode, and it
 * refuses one whose last writer was killed (a hot journal, which only a writer may roll back). So, when no process has the file open:
 *
 * <ul>
 * <li>a hot journal: database and journal are copied to a private folder and recovered there;
 * <li>a write-ahead log with content: the log is copied to a private folder, beside a second name (a hard link, else a copy) of the
 *     database, and SQLite reads them there;
 * <li>WAL mode with nothing in the log: opened as immutable;
 * <li>everything else, and every database that some process has open: plain read-only mode with SQLite's own locks.
 * </ul>
 *
 * <p>Closing any descriptor of a database drops the POSIX locks that SQLite holds on it in the same process. So nothing here opens a
 * database that this process has open, other than through SQLite.
 */
public final class ReadOnlyView implements Closeable {

    private static final byte[] HOT_JOURNAL = {
        (byte) 0xd9, (byte) 0xd5, 0x05, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7
    };
    /** Byte 18 of a database file is its write version: 2 means write-ahead log. */
    private static final int WRITE_VERSION = 18;
    private static final byte WAL_MODE = 2;
    /** Locates the byte of {@code -shm} on which every process that uses the log holds a shared lock. */
    private static final long LIVENESS_BYTE = 128;

    private static final String SCRATCH = ".storeit-read-";
    /** Defines when an unused folder is a leftover, because a process id may be that of another container. */
    private static final Duration LEFTOVER = Duration.ofMinutes(10);

    private final String uri;
    private final Path scratch;

    private ReadOnlyView(String uri, Path scratch) {
        this.uri = uri;
        this.scratch = scratch;
    }

    /**
     * Prepares the view. The result must be closed after its last connection.
     *
     * @throws DatabaseException when the file is missing or cannot be read
     */
    public static ReadOnlyView of(Path database) {
        if (!Files.exists(database)) {
            throw new DatabaseException("there is no database at " + database, "Check the path.");
        }
        try {
            if (Holders.thisProcess(database)) {
                return new ReadOnlyView(Sqlite.uri(database, "mode=ro"), null);
            }
            boolean hot = startsWith(DatabaseFiles.rollbackJournal(database), HOT_JOURNAL);
            boolean log = Files.exists(DatabaseFiles.wal(database));
            // Whoever has a database in WAL mode open has a log beside it, so without either no search for holders is needed.
            if ((hot || log) && isInUse(database)) {
                return new ReadOnlyView(Sqlite.uri(database, "mode=ro"), null);
            }
            if (hot) {
                return recovered(database);
            }
            if (log && Files.size(DatabaseFiles.wal(database)) > 0) {
                return withLog(database);
            }
            byte[] head = head(database, WRITE_VERSION + 1);
            boolean walMode = head.length > WRITE_VERSION && head[WRITE_VERSION] == WAL_MODE;
            return new ReadOnlyView(Sqlite.uri(database, walMode ? "immutable=1" : "mode=ro"), null);
        } catch (FileSystemException e) {
            throw new DatabaseException("cannot read " + database + ": " + Reasons.of(e), "Check the permissions of the file and its folder.", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + database, e);
        }
    }

    /** Returns the URI to open or to attach. */
    public String uri() {
        return uri;
    }

    /** Opens a connection to the view. Close it before the view. */
    public Connection connect() throws SQLException {
        return Sqlite.readOnly(uri);
    }

    @Override
    public void close() {
        if (scratch != null) {
            try {
                delete(scratch);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot remove the working folder " + scratch, e);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (var content = Files.list(folder)) {
            files = content.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(folder);
    }

    /** Rolls back in a copy, because the journal's owner has ended and only a writer can recover the database. */
    private static ReadOnlyView recovered(Path database) throws IOException {
        return inScratch(database, copy -> {
            Files.copy(database, copy);
            Files.copy(DatabaseFiles.rollbackJournal(database), DatabaseFiles.rollbackJournal(copy));
            try (var connection = Sqlite.existing(copy, Sqlite.BUSY_MILLISECONDS)) {
                Sqlite.number(connection, "SELECT count(*) FROM sqlite_master");
            } catch (SQLException e) {
                throw Sqlite.failure("cannot roll back the unfinished write of " + database, e);
            }
        });
    }

    private static ReadOnlyView withLog(Path database) throws IOException {
        return inScratch(database, copy -> {
            try {
                Files.createLink(copy, database);
            } catch (IOException | UnsupportedOperationException | SecurityException e) {
                // Another file system, or one without hard links, or a file of another user.
                Files.copy(database, copy);
            }
            Files.copy(DatabaseFiles.wal(database), DatabaseFiles.wal(copy));
        });
    }

    private interface Filling {
        void fill(Path copy) throws IOException;
    }

    private static ReadOnlyView inScratch(Path database, Filling filling) throws IOException {
        Path scratch = scratchFolder(database);
        Path copy = scratch.resolve("copy.db");
        var view = new ReadOnlyView(Sqlite.uri(copy, "mode=ro"), scratch);
        try {
            filling.fill(copy);
            return view;
        } catch (IOException | RuntimeException e) {
            view.close();
            throw e;
        }
    }

    /** Creates the working folder beside the database, where a hard link is possible, or in the temporary folder when that place is not writable. */
    private static Path scratchFolder(Path database) throws IOException {
        Path folder = database.toAbsolutePath().getParent();
        try {
            removeLeftovers(folder);
            return Files.createTempDirectory(folder, SCRATCH + ProcessHandle.current().pid() + "-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException | UnsupportedOperationException e) {
            return Files.createTempDirectory("storeit-read-");
        }
    }

    /** Removes the folders of readers that were killed, because the second name in such a folder keeps a database's space taken. */
    private static void removeLeftovers(Path folder) throws IOException {
        Instant old = Instant.now().minus(LEFTOVER);
        try (var leftovers = Files.newDirectoryStream(folder, SCRATCH + "*-*")) {
            for (Path leftover : leftovers) {
                String pid = leftover.getFileName().toString().substring(SCRATCH.length()).replaceFirst("-.*", "");
                Instant made = Files.getLastModifiedTime(leftover).toInstant();
                if (pid.matches("[0-9]{1,9}") && made.isBefore(old) && !wasRunning(Long.parseLong(pid), made)) {
                    delete(leftover);
                }
            }
        }
    }

    /**
     * Returns whether a process was already running then; process ids are reused, and in a container each start of the server can have the
     * same one.
     */
    static boolean wasRunning(long pid, Instant then) {
        return ProcessHandle.of(pid).map(process -> process.info().startInstant().orElse(then)).filter(start -> !start.isAfter(then)).isPresent();
    }

    private static boolean isInUse(Path database) throws IOException {
        return !Holders.others(database).isEmpty() || sharedMemoryIsLocked(DatabaseFiles.sharedMemory(database));
    }

    /** Finds users of a write-ahead log that {@code /proc} does not show: processes of other users and other systems. */
    private static boolean sharedMemoryIsLocked(Path sharedMemory) throws IOException {
        if (!Files.isWritable(sharedMemory)) {
            return false;
        }
        try (var channel = FileChannel.open(sharedMemory, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock(LIVENESS_BYTE, 1, false)) {
            return lock == null;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean startsWith(Path file, byte[] magic) throws IOException {
        return Arrays.equals(head(file, magic.length), magic);
    }

    private static byte[] head(Path file, int length) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(length);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }
}
