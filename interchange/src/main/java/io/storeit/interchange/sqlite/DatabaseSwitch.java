package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Ownership;
import io.storeit.interchange.base.Reasons;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Moves database files; the only code that does.
 *
 * <p>What may be relied on at every moment, also after a crash or a power cut: the live name exists if it existed before and is one
 * complete database, the old or the new one; no side file (see {@link DatabaseFiles}) is beside a file that changes its name; an older
 * file is never overwritten but first renamed with its time. Every method may be called again after a crash in its middle.
 */
public final class DatabaseSwitch {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);
    /** Limits the wait for a server that is just ending and may still hold the file for a moment. */
    private static final int BUSY_MILLISECONDS = 2_000;

    private DatabaseSwitch() {
    }

    /**
     * Merges everything that belongs to a database into its one file: rolls back an unfinished write, applies the write-ahead log, and
     * leaves rollback-journal mode and no side files. A database that is that already keeps every byte.
     *
     * @throws DatabaseException when another process has the database open or locked, or it cannot be read or written
     */
    public static void makeSelfContained(Path database) {
        refuseWhenHeld(database);
        try (var connection = Sqlite.existing(database, BUSY_MILLISECONDS)) {
            // The first read rolls a hot journal back. Leaving WAL mode takes the log over and needs the file for itself alone.
            Sqlite.number(connection, "SELECT count(*) FROM sqlite_master");
            if ("wal".equals(Sqlite.text(connection, "PRAGMA journal_mode").orElse(""))) {
                String mode = Sqlite.text(connection, "PRAGMA journal_mode = DELETE").orElse("");
                if (!mode.equals("delete")) {
                    throw inUse(database, "its write-ahead log");
                }
            }
            Sqlite.execute(connection, "BEGIN EXCLUSIVE");
            Sqlite.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            throw Sqlite.failure("cannot merge the side files of " + database + " into it", e);
        }
        try {
            // What is left now is a journal without content: of a closed transaction, or of a database that lost its log before.
            for (Path side : DatabaseFiles.sideFiles(database)) {
                Files.delete(side);
            }
            DurableFiles.fsyncFile(database);
            DurableFiles.fsyncFolder(folderOf(database));
        } catch (IOException e) {
            throw failure("cannot remove the side files of " + database, e);
        }
    }

    /**
     * Replaces the live database with a finished one: the live file gets {@code keptAs} as second name, then one rename moves the built
     * file over the live name.
     *
     * @param live   the name that is served; need not exist
     * @param built  a complete, closed database on the same file system
     * @param keptAs the name under which the replaced database stays
     * @return {@code keptAs}, or null when there was no live database to keep
     * @throws DatabaseException when a file is missing, held or cannot be moved; the live database is then as before
     */
    public static Path replace(Path live, Path built, Path keptAs) {
        if (!Files.isRegularFile(built)) {
            throw new DatabaseException("cannot switch to " + built + ": it does not exist", "Run the operation again.");
        }
        refuseSideFiles(built);
        try {
            boolean replaces = Files.exists(live);
            if (replaces) {
                refuseWhenHeld(live);
                refuseSideFiles(live);
                keep(live, keptAs);
                Ownership.copy(live, built);
            }
            DurableFiles.fsyncFile(built);
            DurableFiles.rename(built, live);
            return replaces ? keptAs : null;
        } catch (IOException e) {
            throw failure("cannot replace " + live + " with " + built, e);
        }
    }

    /**
     * Restores a kept database under the live name. The live name never vanishes.
     *
     * @param live       the name that is served; need not exist
     * @param kept       the database to restore; it no longer has this name afterwards
     * @param replacedAs the name under which the database replaced now stays, or null to give it up
     * @throws DatabaseException when a file is missing, held or cannot be moved; the live database is then as before
     */
    public static void restore(Path live, Path kept, Path replacedAs) {
        if (!Files.isRegularFile(kept)) {
            throw new DatabaseException("cannot restore " + kept + ": it does not exist", "Look for a dated copy next to it.");
        }
        refuseSideFiles(kept);
        try {
            if (Files.exists(live) && !Files.isSameFile(live, kept)) {
                putAside(live, replacedAs);
            }
            for (Path orphan : DatabaseFiles.sideFiles(live)) {
                Files.delete(orphan);
            }
            DurableFiles.fsyncFolder(folderOf(live));
            Files.move(kept, live, StandardCopyOption.ATOMIC_MOVE);
            // A rename between two names of one file does nothing and leaves both.
            Files.deleteIfExists(kept);
            DurableFiles.fsyncFolder(folderOf(live));
        } catch (IOException e) {
            throw failure("cannot restore " + kept + " as " + live, e);
        }
    }

    /**
     * Returns an unused name made of a name and the present time, {@code <name>-YYYYMMDD-HHMMSS} in UTC; a second one within the same
     * second gets a number at the end.
     */
    public static Path dated(Path name) {
        return dated(name, InstantSource.system());
    }

    static Path dated(Path name, InstantSource clock) {
        String stem = name.getFileName() + "-" + TIME.format(clock.instant());
        Path free = name.resolveSibling(stem);
        for (int i = 2; Files.exists(free); i++) {
            free = name.resolveSibling(stem + "-" + i);
        }
        return free;
    }

    /**
     * @throws DatabaseException when some other process has the database lock, or has the file open
     */
    static void refuseWhenHeld(Path database) {
        if (!Locks.databaseHeldHere(database) && Locks.databaseHeld(database)) {
            throw inUse(database, "its lock");
        }
        List<Long> holders = Holders.staying(database, nobody -> false);
        if (!holders.isEmpty()) {
            throw inUse(database, "process " + holders.stream().map(String::valueOf).collect(Collectors.joining(", ")));
        }
    }

    private static DatabaseException inUse(Path database, String by) {
        return new DatabaseException("the database " + database + " is in use (" + by + ")", "Stop the server that uses it, then try again.");
    }

    private static void refuseSideFiles(Path database) {
        List<Path> side = DatabaseFiles.sideFiles(database);
        if (!side.isEmpty()) {
            throw new DatabaseException("cannot move " + database + ": " + side.get(0).getFileName() + " still exists",
                    "Stop every program that uses the database, then try again.");
        }
    }

    /** Gives the live file its second name. A crash may have left the link of a first attempt. */
    private static void keep(Path live, Path keptAs) throws IOException {
        if (Files.exists(keptAs)) {
            if (Files.isSameFile(live, keptAs)) {
                return;
            }
            refuseSideFiles(keptAs);
            Files.move(keptAs, dated(keptAs), StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.createLink(keptAs, live);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            copyDurably(live, keptAs);
        }
        DurableFiles.fsyncFolder(folderOf(keptAs));
    }

    /** Copies durably, for file systems without hard links. The name appears only once the copy is complete. */
    private static void copyDurably(Path from, Path to) throws IOException {
        Path part = to.resolveSibling(to.getFileName() + ".part");
        try {
            Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            Ownership.copy(from, part);
            DurableFiles.fsyncFile(part);
            Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Moves the live database aside; it may be damaged, so it is kept with its side files beside it. */
    private static void putAside(Path live, Path replacedAs) throws IOException {
        refuseWhenHeld(live);
        if (replacedAs == null) {
            return;
        }
        try {
            makeSelfContained(live);
        } catch (DatabaseException damaged) {
            refuseWhenHeld(live);
        }
        List<Path> side = DatabaseFiles.sideFiles(live);
        keep(live, replacedAs);
        for (Path file : side) {
            String ending = file.getFileName().toString().substring(live.getFileName().toString().length());
            Files.move(file, DatabaseFiles.beside(replacedAs, ending), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static Path folderOf(Path file) {
        return file.toAbsolutePath().getParent();
    }

    private static DatabaseException failure(String what, IOException e) {
        return new DatabaseException(what + ": " + Reasons.withFile(e), "Check permissions and free space of the folder.", e);
    }
}
