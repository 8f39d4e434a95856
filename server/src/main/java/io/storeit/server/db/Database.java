package io.storeit.server.db;

import io.storeit.server.problem.Problem;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The server's SQLite file: one connection that writes, on a thread of its own, and a few that read, on the threads of whoever
 * asks. A public method is one unit of work; what runs inside gets an {@link Sql}.
 *
 * <p>Writes that arrive while another is being made durable wait and then share one commit, so that many of them cost one write to
 * the disk. Each is in a savepoint of its own and fails alone; none returns before the commit.
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
    /** Writes in one commit at most: the first of them waits for the last. */
    private static final int MOST_PER_COMMIT = 64;
    /** Each reading connection has a cache of its own, and more of them than processors read no faster. */
    static final int READERS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    /**
     * A unit of work. One that writes runs on the database's thread, between others: it must neither wait for another thread nor
     * begin another unit of work.
     */
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
    private final Semaphore readers = new Semaphore(READERS);
    private final ConcurrentLinkedDeque<Sql> idleReaders = new ConcurrentLinkedDeque<>();
    private final Queue<Write<?>> waiting = new ConcurrentLinkedQueue<>();
    /** The one thread that uses {@link #writer}, unless {@link #open} is held for writing. */
    private final ScheduledExecutorService writing;
    private volatile Thread writingThread;
    private Sql writer;
    /** Both are the writing thread's. */
    private boolean checkpointDue;
    private long lastWriteNanos;
    private boolean closed;

    private Database(Path file, WriteGate gate) {
        this.file = file;
        this.gate = gate;
        writing = Executors.newSingleThreadScheduledExecutor(work -> {
            writingThread = new Thread(work, "database");
            writingThread.setDaemon(true);
            return writingThread;
        });
    }

    /** Opens an existing database of this build's schema. */
    public static Database open(Path file, WriteGate gate) {
        var database = new Database(file, gate);
        try {
            database.writer = database.connect();
        } catch (SQLException e) {
            database.writing.shutdownNow();
            throw Problem.refused("cannot open database " + file + ": " + e.getMessage(),
                    "Check that the file and its folder belong to the user the server runs as.", e);
        }
        return database;
    }

    /**
     * Opens one connection. Every setting but the journal mode is the connection's own, so that none is forgotten on the second
     * one.
     */
    private Sql connect() throws SQLException {
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
        return new Sql(config.createConnection("jdbc:sqlite:" + file));
    }

    public Path file() {
        return file;
    }

    /** Reads. Single statements are consistent in themselves; two of them may see different states. */
    public <T> T read(Work<T> work) {
        refuseInsideWrite();
        open.readLock().lock();
        // A read inside another must not wait for a connection that the outer one keeps.
        boolean outermost = open.getReadHoldCount() == 1;
        if (outermost) {
            readers.acquireUninterruptibly();
        }
        try {
            Sql reader = idleReaders.pollFirst();
            if (reader == null) {
                refuseWhenClosed();
                reader = connect();
                reader.execute("PRAGMA query_only = ON");
            }
            try {
                return work.run(reader);
            } finally {
                idleReaders.addFirst(reader);
            }
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            if (outermost) {
                readers.release();
            }
            open.readLock().unlock();
        }
    }

    /**
     * Changes what archives carry, all or nothing, and counts the change: whoever made a backup can tell from the count whether
     * it is still the newest. Returns once the change would survive a power cut.
     */
    public <T> T inTransaction(Work<T> work) {
        return write(new Write<>(work, true));
    }

    /** Changes only what no archive carries, such as sessions: all or nothing, but not counted. */
    public <T> T inUncountedTransaction(Work<T> work) {
        return write(new Write<>(work, false));
    }

    private <T> T write(Write<T> write) {
        gate.check();
        refuseInsideWrite();
        if (open.getReadHoldCount() > 0) {
            throw new IllegalStateException("a write inside a read");
        }
        open.readLock().lock();
        try {
            refuseWhenClosed();
            waiting.add(write);
            writing.execute(this::commitWaiting);
            return write.outcome();
        } catch (SQLException e) {
            throw translated(e);
        } finally {
            open.readLock().unlock();
        }
    }

    /** Writes that nobody has begun to work on. */
    int writesWaiting() {
        return waiting.size();
    }

    /** Commits, together, what has come to wait since the commit before. */
    private void commitWaiting() {
        var group = new ArrayList<Write<?>>();
        while (group.size() < MOST_PER_COMMIT && !waiting.isEmpty()) {
            group.add(waiting.remove());
        }
        if (group.isEmpty()) {
            // It went with those before it.
            return;
        }
        try {
            // Once more: the gate may have closed while these waited.
            gate.check();
            commit(group);
            lastWriteNanos = System.nanoTime();
            checkpointSoon();
        } catch (SQLException | RuntimeException | Error e) {
            group.forEach(write -> write.fail(e));
        }
        // Not before the transaction is over, for whoever waits keeps the file from being closed or switched meanwhile.
        group.forEach(Write::answer);
    }

    /** @throws SQLException when none of them was committed */
    private void commit(List<Write<?>> group) throws SQLException {
        // Taking the write lock at the start makes waiting for another process possible; a read that turns into a write cannot wait.
        writer.update("BEGIN IMMEDIATE");
        try {
            int changes = 0;
            for (Write<?> write : group) {
                if (write.run(writer) && write.counted) {
                    changes++;
                }
            }
            countChanges(changes);
            writer.update("COMMIT");
        } catch (SQLException | RuntimeException | Error e) {
            try {
                writer.update("ROLLBACK");
            } catch (SQLException alreadyRolledBack) {
                // By SQLite itself, as it does when the disk is full.
                e.addSuppressed(alreadyRolledBack);
            }
            throw e;
        }
    }

    private void countChanges(int changes) throws SQLException {
        if (changes > 0
                && writer.update("UPDATE _meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'change_counter'", changes) == 0) {
            // The first change to a database that StoreIT 0.1 or 0.2 made.
            writer.update("INSERT INTO _meta (key, value) VALUES ('change_counter', ?)", Integer.toString(changes));
            writer.update("INSERT OR IGNORE INTO _meta (key, value) VALUES ('database_id', ?)", UUID.randomUUID().toString());
        }
    }

    /** A unit of work on its way to the writing thread and back. */
    private static final class Write<T> {
        private final Work<T> work;
        private final boolean counted;
        private final CompletableFuture<T> outcome = new CompletableFuture<>();
        private T result;
        private Throwable failure;

        private Write(Work<T> work, boolean counted) {
            this.work = work;
            this.counted = counted;
        }

        /**
         * Does the work, or nothing.
         *
         * @return false when it failed and was undone
         * @throws SQLException when it failed and took the whole transaction with it
         */
        private boolean run(Sql sql) throws SQLException {
            sql.update("SAVEPOINT work");
            try {
                result = work.run(sql);
            } catch (SQLException | RuntimeException | Error e) {
                fail(e);
                try {
                    sql.update("ROLLBACK TO work");
                } catch (SQLException noSavepoint) {
                    e.addSuppressed(noSavepoint);
                    throw e;
                }
            }
            sql.update("RELEASE work");
            return failure == null;
        }

        /** The first reason counts. */
        private void fail(Throwable reason) {
            failure = failure == null ? reason : failure;
        }

        private void answer() {
            if (failure == null) {
                outcome.complete(result);
            } else {
                outcome.completeExceptionally(failure);
            }
        }

        /** Waits for the commit, also when interrupted: nobody could say whether the work was done. */
        private T outcome() throws SQLException {
            try {
                return outcome.join();
            } catch (CompletionException e) {
                Throwable reason = e.getCause();
                if (reason instanceof SQLException sql) {
                    throw sql;
                }
                if (reason instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) reason;
            }
        }
    }

    private void checkpointSoon() {
        if (!checkpointDue) {
            checkpointDue = true;
            writing.schedule(this::checkpoint, CHECKPOINT_AFTER_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void checkpoint() {
        checkpointDue = false;
        long sinceLastWrite = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastWriteNanos);
        if (sinceLastWrite < CHECKPOINT_AFTER_MILLIS - 50) {
            checkpointSoon();
            return;
        }
        // Not waiting: a switch of the file may be waiting for a write that waits for this thread.
        if (!open.readLock().tryLock()) {
            checkpointSoon();
            return;
        }
        try {
            if (!closed && !truncateWal()) {
                // A long reader, such as a backup, still needs the WAL.
                checkpointSoon();
            }
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "could not empty the WAL of " + file + ": " + e.getMessage());
        } finally {
            open.readLock().unlock();
        }
    }

    private boolean truncateWal() throws SQLException {
        // Not worth making writes wait for: with a reader in the way it is tried again.
        writer.execute("PRAGMA busy_timeout = 0");
        try {
            return writer.first("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.getInt(1) == 0).orElse(false);
        } finally {
            writer.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
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
                writing.shutdownNow();
                closeConnections();
            }
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "could not close " + file + " cleanly: " + e.getMessage());
        } finally {
            open.writeLock().unlock();
        }
    }

    private void closeConnections() throws SQLException {
        for (Sql reader = idleReaders.pollFirst(); reader != null; reader = idleReaders.pollFirst()) {
            reader.close();
        }
        try (Sql last = writer) {
            last.execute("PRAGMA busy_timeout = " + WAIT_AT_CLOSE_MILLIS);
            // Empties the WAL and deletes it; impossible only while another process has the file open, which then does it.
            last.execute("PRAGMA journal_mode = DELETE");
        }
    }

    /** It would wait for itself. */
    private void refuseInsideWrite() {
        if (Thread.currentThread() == writingThread) {
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
            LOG.log(Level.WARNING, "another process has " + file + " locked");
            return Problem.unavailable("the database is locked by another process, try again in a moment");
        }
        return new IllegalStateException("database " + file + ": " + e.getMessage(), e);
    }
}
