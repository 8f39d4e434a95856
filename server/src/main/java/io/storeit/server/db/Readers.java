package io.storeit.server.db;

import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/** The connections that read, each opened when first needed and used by one thread at a time. */
final class Readers {
    /** Each connection has a cache of its own, and more connections than this read no faster. */
    static final int MOST = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private final DatabaseFile file;
    private final Semaphore free = new Semaphore(MOST);
    private final ConcurrentLinkedDeque<Sql> idle = new ConcurrentLinkedDeque<>();

    Readers(DatabaseFile file) {
        this.file = file;
    }

    /**
     * Runs a unit of work on one of the connections.
     *
     * @param nested the thread is inside another read; it must not wait for a connection that the outer read keeps
     */
    <T> T run(Database.Work<T> work, boolean nested) throws SQLException {
        if (nested) {
            return run(work);
        }
        free.acquireUninterruptibly();
        try {
            return run(work);
        } finally {
            free.release();
        }
    }

    private <T> T run(Database.Work<T> work) throws SQLException {
        Sql reader = idle.pollFirst();
        if (reader == null) {
            reader = file.connectReadOnly();
        }
        try {
            return work.run(reader);
        } finally {
            idle.addFirst(reader);
        }
    }

    /** Closes every connection. No read may be running. */
    void close() throws SQLException {
        for (Sql reader = idle.pollFirst(); reader != null; reader = idle.pollFirst()) {
            reader.close();
        }
    }
}
