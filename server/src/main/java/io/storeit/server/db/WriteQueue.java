package io.storeit.server.db;

import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/**
 * The connection that writes, on a thread of its own, and the writes that wait for it. Writes that arrive while another is being made
 * durable wait and then share one commit, so that many of them cost one write to the disk. Each runs in its own savepoint and fails
 * alone; none returns before the commit.
 */
final class WriteQueue {
    private static final Logger LOG = System.getLogger(WriteQueue.class.getName());

    /** The WAL of an idle server is empty, so that a copy of the main file alone is complete. */
    private static final long CHECKPOINT_AFTER_MILLIS = 1000;
    /** The most writes in one commit: the first of them waits for the last. */
    private static final int MOST_PER_COMMIT = 64;

    private final DatabaseFile file;
    private final WriteGate gate;
    private final Lock inUse;
    private final Queue<Write<?>> waiting = new ConcurrentLinkedQueue<>();
    /** The only thread that uses {@link #connection} while the file is open. */
    private final ScheduledExecutorService writing;
    private volatile Thread thread;
    private Sql connection;
    private boolean closed;
    /** The writing thread alone uses it, as it does {@link #lastWriteNanos}. */
    private boolean checkpointDue;
    private long lastWriteNanos;

    /** @param inUse held by every thread that waits for its write; code that opens or closes the file excludes it */
    WriteQueue(DatabaseFile file, WriteGate gate, Lock inUse) {
        this.file = file;
        this.gate = gate;
        this.inUse = inUse;
        writing = Executors.newSingleThreadScheduledExecutor(work -> {
            thread = new Thread(work, "database");
            thread.setDaemon(true);
            return thread;
        });
    }

    void connect() throws SQLException {
        connection = file.connect();
    }

    void disconnect(int waitMillis) throws SQLException {
        file.closeLast(connection, waitMillis);
    }

    /** Ends the thread; the connection may stay open. */
    void stop() {
        closed = true;
        writing.shutdownNow();
    }

    /** Returns whether the calling code is itself a write. It would wait for itself if it began another. */
    boolean runsThisThread() {
        return Thread.currentThread() == thread;
    }

    /** Counts the writes that the thread has not begun. */
    int length() {
        return waiting.size();
    }

    /**
     * Runs a unit of work and returns after its commit.
     *
     * @param counted adds 1 to the change counter in the database
     */
    <T> T run(Database.Work<T> work, boolean counted) throws SQLException {
        var write = new Write<>(work, counted);
        waiting.add(write);
        writing.execute(this::commitWaiting);
        return write.outcome();
    }

    /** Commits, together, the writes that have arrived since the previous commit. */
    private void commitWaiting() {
        var group = new ArrayList<Write<?>>();
        while (group.size() < MOST_PER_COMMIT && !waiting.isEmpty()) {
            group.add(waiting.remove());
        }
        if (group.isEmpty()) {
            // An earlier group included this write.
            return;
        }
        try {
            // The gate may have closed while these waited.
            gate.check();
            commit(group);
            lastWriteNanos = System.nanoTime();
            checkpointSoon();
        } catch (SQLException | RuntimeException | Error e) {
            group.forEach(write -> write.fail(e));
        }
        // Not before the transaction is over: the waiting threads prevent the file from being closed or switched meanwhile.
        group.forEach(Write::answer);
    }

    /** @throws SQLException when none of them was committed */
    private void commit(List<Write<?>> group) throws SQLException {
        // With the write lock taken at the start it can wait for another process; a read that turns into a write cannot wait.
        connection.update("BEGIN IMMEDIATE");
        try {
            int changes = 0;
            for (Write<?> write : group) {
                if (write.run(connection) && write.counted) {
                    changes++;
                }
            }
            countChanges(changes);
            connection.update("COMMIT");
        } catch (SQLException | RuntimeException | Error e) {
            try {
                connection.update("ROLLBACK");
            } catch (SQLException alreadyRolledBack) {
                // SQLite rolls back by itself when the disk is full.
                e.addSuppressed(alreadyRolledBack);
            }
            throw e;
        }
    }

    private void countChanges(int changes) throws SQLException {
        if (changes > 0
                && connection.update("UPDATE _meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'change_counter'", changes) == 0) {
            // This is the first change to a database that StoreIT 0.1 or 0.2 made.
            connection.update("INSERT INTO _meta (key, value) VALUES ('change_counter', ?)", Integer.toString(changes));
            connection.update("INSERT OR IGNORE INTO _meta (key, value) VALUES ('database_id', ?)", UUID.randomUUID().toString());
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
        // It must not wait here: a switch of the file may be waiting for a write that waits for this thread.
        if (!inUse.tryLock()) {
            checkpointSoon();
            return;
        }
        try {
            if (!closed && !file.truncateWal(connection)) {
                // A long reader, such as a backup, still needs the WAL.
                checkpointSoon();
            }
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "cannot empty the WAL of " + file.path() + ": " + e.getMessage());
        } finally {
            inUse.unlock();
        }
    }

    /** A unit of work on its way to the writing thread and back. */
    private static final class Write<T> {
        private final Database.Work<T> work;
        private final boolean counted;
        private final CompletableFuture<T> outcome = new CompletableFuture<>();
        private T result;
        private Throwable failure;

        private Write(Database.Work<T> work, boolean counted) {
            this.work = work;
            this.counted = counted;
        }

        /**
         * Does the work completely or not at all.
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

        /** Records why it failed; the first reason counts. */
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

        /** Waits for the commit, even when interrupted, because otherwise it would be unknown whether the work was done. */
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
}
