package io.storeit.server.db;

import io.storeit.server.Problem;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The server's SQLite file: one connection that writes, behind a lock, and as many that read as there are workers reading at the
 * same time. A public method is one unit of work; what runs inside gets an {@link Sql}.
 *
 * <p>While it is open the file is in WAL mode; {@link #close()} turns it back into one plain file with a rollback journal, as
 * StoreIT 0.1 and 0.2 made it: tools that move only the main file, theirs and people's, then lose nothing.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Database.class.getName());

    /** An idle server's WAL is empty, so that a copy of the main file alone is complete. */
    private static final long CHECKPOINT_AFTER_MILLIS = 1000;
    /** How long a statement waits for another process that has the file locked. */
    private static final int BUSY_MILLIS = 5000;
    /** The same at the end, when a stop has to be done within two seconds; also how long running units of work may then take. */
    private static final int WAIT_AT_CLOSE_MILLIS = 300;

    /** A unit of work. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Sql sql) throws SQLException;
    }

    /** Puts another file in the place of the database's. */
    @FunctionalInterface
    public interface FileSwitch {
        void run() throws Exception;
    }

    private final Path file;
    private final WriteGate gate;
    /**
     * Held for reading by every unit of work, for writing by what must have no connection open. Fair, or a busy server would
     * never let a switch in.
     */
    private final ReentrantReadWriteLock open = new ReentrantReadWriteLock(true);
    private final ReentrantLock writing = new ReentrantLock(true);
    private final ConcurrentLinkedDeque<Connection> idleReaders = new ConcurrentLinkedDeque<>();
    private final ScheduledExecutorService checkpointer;
    private final AtomicBoolean checkpointDue = new AtomicBoolean();
    private volatile long lastWriteNanos;
    private Connection writer;
    private boolean closed;

    private Database(Path file, WriteGate gate) {
        this.file = file;
        this.gate = gate;
        checkpointer = Executors.newSingleThreadScheduledExecutor(work -> {
            var thread = new Thread(work, "checkpoint");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Opens an existing database of this build's schema. */
    public static Database open(Path file, WriteGate gate) {
        var database = new Database(file, gate);
        try {
            database.writer = database.connect();
        } catch (SQLException e) {
            database.checkpointer.shutdownNow();
            throw Problem.refused("cannot open database " + file + ": " + e.getMessage(),
                    "Check that the file and its folder belong to the user the server runs as.", e);
        }
        return database;
    }

    /**
     * Opens one connection. Every setting but the journal mode is the connection's own, so that none is forgotten on the second
     * one.
     */
    private Connection connect() throws SQLException {
        var config = new SQLiteConfig();
        // SQLite does not check references unless asked, on each connection.
        config.enforceForeignKeys(true);
        // Another process (an export, a person with the sqlite3 shell) may hold the lock for a moment; without this the answer is an
        // error at once.
        config.setBusyTimeout(BUSY_MILLIS);
        // Readers go on while something is written. This one is stored in the file; close() takes it back.
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        // An answered write survives a power cut: NORMAL would sync the WAL at checkpoints only.
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        // Native memory, for each connection.
        config.setCacheSize(-2048);
        config.setOpenMode(org.sqlite.SQLiteOpenMode.NOMUTEX);
        // A file that has vanished must be an error, not a new empty database.
        config.resetOpenMode(org.sqlite.SQLiteOpenMode.CREATE);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    public Path file() {
        return file;
    }

    /** Reads. Single statements are consistent in themselves; two of them may see different states. */
    public <T> T read(Work<T> work) {
        open.readLock().lock();
        try {
            Connection reader = idleReaders.pollFirst();
            if (reader == null) {
                refuseWhenClosed();
                reader = connect();
                execute(reader, "PRAGMA query_only = ON");
            }
            try {
                return work.run(new Sql(reader));
            } finally {
                idleReaders.addFirst(reader);
            }
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            open.readLock().unlock();
        }
    }

    /**
     * Changes what archives carry, all or nothing, and counts the change: whoever made a backup can tell from the count whether
     * it is still the newest.
     */
    public <T> T inTransaction(Work<T> work) {
        return write(sql -> {
            T result = work.run(sql);
            if (sql.update("UPDATE _meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'change_counter'") == 0) {
                // The first change to a database that StoreIT 0.1 or 0.2 made.
                sql.update("INSERT INTO _meta (key, value) VALUES ('change_counter', '1')");
                sql.update("INSERT OR IGNORE INTO _meta (key, value) VALUES ('database_id', ?)", UUID.randomUUID().toString());
            }
            return result;
        });
    }

    /** Changes only what no archive carries, such as sessions: all or nothing, but not counted. */
    public <T> T inUncountedTransaction(Work<T> work) {
        return write(work);
    }

    private <T> T write(Work<T> work) {
        gate.check();
        open.readLock().lock();
        try {
            writing.lock();
            try {
                refuseWhenClosed();
                // Once more: the gate may have closed while this write waited for the one before it.
                gate.check();
                // Taking the write lock at the start makes waiting for another process possible; a read that turns into a write
                // cannot wait.
                execute(writer, "BEGIN IMMEDIATE");
                T result;
                try {
                    result = work.run(new Sql(writer));
                    execute(writer, "COMMIT");
                } catch (SQLException | RuntimeException | Error e) {
                    rollback(e);
                    throw e;
                }
                lastWriteNanos = System.nanoTime();
                checkpointSoon();
                return result;
            } finally {
                writing.unlock();
            }
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            open.readLock().unlock();
        }
    }

    private void rollback(Throwable because) {
        try {
            execute(writer, "ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself already, as it does when the disk is full.
            because.addSuppressed(e);
        }
    }

    private void checkpointSoon() {
        if (checkpointDue.compareAndSet(false, true)) {
            checkpointer.schedule(this::checkpoint, CHECKPOINT_AFTER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void checkpoint() {
        checkpointDue.set(false);
        long sinceLastWrite = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastWriteNanos);
        if (sinceLastWrite < CHECKPOINT_AFTER_MILLIS - 50) {
            checkpointSoon();
            return;
        }
        open.readLock().lock();
        writing.lock();
        try {
            if (!closed && !truncateWal()) {
                // A long reader, such as a backup, still needs the WAL.
                checkpointSoon();
            }
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "could not empty the WAL of " + file + ": " + e.getMessage());
        } finally {
            writing.unlock();
            open.readLock().unlock();
        }
    }

    private boolean truncateWal() throws SQLException {
        try (Statement statement = writer.createStatement()) {
            // Not worth making writes wait for: with a reader in the way it is tried again.
            statement.execute("PRAGMA busy_timeout = 0");
            try (ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                return result.next() && result.getInt(1) == 0;
            } finally {
                statement.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
            }
        }
    }

    /**
     * Closes every connection, lets {@code work} put another file in place, and opens again. Reads wait meanwhile; writes should
     * be refused by the gate, or they would wait as well and then go to the new file. When {@code work} throws, the file is
     * opened again as it then is.
     */
    public void switchFile(FileSwitch work) throws Exception {
        open.writeLock().lock();
        try {
            refuseWhenClosed();
            closeConnections();
            try {
                work.run();
            } finally {
                writer = connect();
            }
        } finally {
            open.writeLock().unlock();
        }
    }

    /**
     * Leaves one plain file: no WAL, no journal. Waits for the units of work that are running, which the server has told to end.
     */
    @Override
    public void close() {
        try {
            // A read that does not end must not keep the process; SQLite recovers the WAL at the next start.
            if (!open.writeLock().tryLock(WAIT_AT_CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "a request is still reading the database, closing without it");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            if (!closed) {
                closed = true;
                checkpointer.shutdownNow();
                closeConnections();
            }
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "could not close " + file + " cleanly: " + e.getMessage());
        } finally {
            open.writeLock().unlock();
        }
    }

    private void closeConnections() throws SQLException {
        for (Connection reader = idleReaders.pollFirst(); reader != null; reader = idleReaders.pollFirst()) {
            reader.close();
        }
        try (Connection last = writer; Statement statement = last.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + WAIT_AT_CLOSE_MILLIS);
            // Empties the WAL and deletes it; impossible only while another process has the file open, which then does it.
            statement.execute("PRAGMA journal_mode = DELETE");
        }
    }

    private void refuseWhenClosed() {
        if (closed) {
            throw Problem.unavailable("the server is stopping");
        }
    }

    private static void execute(Connection connection, String command) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    private RuntimeException translated(SQLException e) {
        if (e instanceof SQLiteException sqlite && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code) {
            LOG.log(Level.WARNING, "another process has " + file + " locked");
            return Problem.unavailable("the database is locked by another process, try again in a moment");
        }
        return new IllegalStateException("database " + file + ": " + e.getMessage(), e);
    }
}
