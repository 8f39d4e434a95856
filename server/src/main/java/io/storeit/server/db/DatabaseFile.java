package io.storeit.server.db;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;

/** A SQLite file, and how every connection to it is opened and the last one closed. */
record DatabaseFile(Path path) {
    /** The longest wait of a statement for another process that has the file locked. */
    private static final int BUSY_MILLIS = 5000;

    /**
     * Opens one connection. Every setting but the journal mode belongs to the connection, so all are made here and none is forgotten
     * on the second connection.
     */
    Sql connect() throws SQLException {
        var config = new SQLiteConfig();
        // SQLite does not check references unless asked, on each connection.
        config.enforceForeignKeys(true);
        // Another process (an export, a person with the sqlite3 shell) may hold the lock for a moment. Without this a statement
        // would fail at once.
        config.setBusyTimeout(BUSY_MILLIS);
        // Readers continue while something is written. The file stores this setting; closeLast() reverts it.
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        // An answered write survives a power cut: NORMAL would sync the WAL at checkpoints only.
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        // Native memory, for each connection.
        config.setCacheSize(-2048);
        config.setOpenMode(org.sqlite.SQLiteOpenMode.NOMUTEX);
        // A file that has vanished must be an error, not a new empty database.
        config.resetOpenMode(org.sqlite.SQLiteOpenMode.CREATE);
        return new Sql(config.createConnection("jdbc:sqlite:" + path));
    }

    Sql connectReadOnly() throws SQLException {
        Sql connection = connect();
        connection.execute("PRAGMA query_only = ON");
        return connection;
    }

    /** Empties the WAL, unless a reader still needs it. Does not wait for that reader. */
    boolean truncateWal(Sql connection) throws SQLException {
        connection.execute("PRAGMA busy_timeout = 0");
        try {
            return connection.first("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.getInt(1) == 0).orElse(false);
        } finally {
            connection.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
        }
    }

    /** Closes the last connection and leaves one plain file with a rollback journal. */
    void closeLast(Sql connection, int waitMillis) throws SQLException {
        try (connection) {
            connection.execute("PRAGMA busy_timeout = " + waitMillis);
            // Empties the WAL and deletes it. That fails only while another process has the file open, which then does it.
            connection.execute("PRAGMA journal_mode = DELETE");
        }
    }
}
