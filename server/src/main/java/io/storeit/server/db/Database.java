package io.storeit.server.db;

import io.storeit.server.problem.Problem;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The server's database: one connection that writes, on a thread of its own, and a few that read, on the threads of the callers. A
 * public method is one unit of work; the code inside gets an {@link Sql}.
 *
 * <p>While it is open the file is in WAL mode. {@link #close()} turns it back into one plain file with a rollback journal, as
 * StoreIT 0.1 and 0.2 made it, so that tools and people who move only the main file lose nothing.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Database.class.getName());

    /**
     * The wait of a close for running units of work, and then for another process that has the file locked, because a stop must
     * be done within two seconds.
     */
    private static final int WAIT_AT_CLOSE_MILLIS = 300;

    /**
     * A unit of work. One that writes runs on the database's thread, between others: it must neither wait for another thread nor
     * begin another unit of work.
     */
    @FunctionalInterface
    public interface Work<T> {
        T run(Sql sql) throws SQLException;
    }

    /** Replaces the database's file by another. */
    @FunctionalInterface
    public interface FileSwitch {
        void run() throws Exception;
    }

    private final DatabaseFile file;
    private final WriteGate gate;
    /**
     * Every unit of work holds it for reading; what needs all connections closed holds it for writing. It is fair, because on a busy
     * server a switch would otherwise never get it.
     */
    private final ReentrantReadWriteLock open = new ReentrantReadWriteLock(true);
    private final Readers readers;
    private final WriteQueue writes;
    private boolean closed;

    private Database(DatabaseFile file, WriteGate gate) {
        this.file = file;
        this.gate = gate;
        readers = new Readers(file);
        writes = new WriteQueue(file, gate, open.readLock());
    }

    /** Opens an existing database of this build's schema. */
    public static Database open(Path file, WriteGate gate) {
        var database = new Database(new DatabaseFile(file), gate);
        try {
            database.writes.connect();
        } catch (SQLException e) {
            database.writes.stop();
            throw Problem.refused("cannot open database " + file + ": " + e.getMessage(),
                    "Check that the user of the server owns the file and its directory.", e);
        }
        return database;
    }

    public Path file() {
        return file.path();
    }

    /** Reads. Each statement is consistent in itself; two of them may see different states. */
    public <T> T read(Work<T> work) {
        refuseInsideWrite();
        open.readLock().lock();
        try {
            refuseWhenClosed();
            return readers.run(work, open.getReadHoldCount() > 1);
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            open.readLock().unlock();
        }
    }

    /**
     * Changes records that archives contain, all or nothing, and counts the change, which shows whether a backup is still the newest.
     * Returns once the change would survive a power cut.
     */
    public <T> T inTransaction(Work<T> work) {
        return write(work, true);
    }

    /** Changes only what no archive contains, such as sessions: all or nothing, but not counted. */
    public <T> T inUncountedTransaction(Work<T> work) {
        return write(work, false);
    }

    private <T> T write(Work<T> work, boolean counted) {
        gate.check();
        refuseInsideWrite();
        if (open.getReadHoldCount() > 0) {
            throw new IllegalStateException("a write inside a read");
        }
        open.readLock().lock();
        try {
            refuseWhenClosed();
            return writes.run(work, counted);
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            open.readLock().unlock();
        }
    }

    /** Counts the writes that have not begun. */
    int writesWaiting() {
        return writes.length();
    }

    /**
     * Closes every connection, lets {@code work} replace the file, and opens it again. Reads wait meanwhile; the gate should refuse
     * writes, which would otherwise wait and then go to the new file. When {@code work} throws, the file is opened as it then is.
     */
    public void switchFile(FileSwitch work) throws Exception {
        open.writeLock().lock();
        try {
            refuseWhenClosed();
            closeConnections();
            try {
                work.run();
            } finally {
                writes.connect();
            }
        } finally {
            open.writeLock().unlock();
        }
    }

    /** Leaves one plain file: no WAL, no journal. Waits for running units of work, which the server has asked to end. */
    @Override
    public void close() {
        try {
            // A read that does not end must not keep the process alive; SQLite recovers the WAL at the next start.
            if (!open.writeLock().tryLock(WAIT_AT_CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "a request is still reading the database, the server stops without closing it");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            if (!closed) {
                closed = true;
                writes.stop();
                closeConnections();
            }
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "cannot close " + file.path() + " cleanly: " + e.getMessage());
        } finally {
            open.writeLock().unlock();
        }
    }

    private void closeConnections() throws SQLException {
        readers.close();
        writes.disconnect(WAIT_AT_CLOSE_MILLIS);
    }

    private void refuseInsideWrite() {
        if (writes.runsThisThread()) {
            throw new IllegalStateException("a unit of work inside a write; use the Sql the write was given");
        }
    }

    private void refuseWhenClosed() {
        if (closed) {
            throw Problem.unavailable("the server is stopping");
        }
    }

    private RuntimeException translated(SQLException e) {
        if (e instanceof SQLiteException sqlite && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code) {
            LOG.log(Level.WARNING, "another process has locked " + file.path());
            return Problem.unavailable("the database is locked by another process, try again in a moment");
        }
        return new IllegalStateException("database " + file.path() + ": " + e.getMessage(), e);
    }
}
