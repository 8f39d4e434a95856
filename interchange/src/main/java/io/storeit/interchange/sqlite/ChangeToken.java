package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Shows cheaply whether anything was written: a random id of the database file and a counter that servers from 0.3.0 on increase in every
 * transaction that changes archived content. Equal tokens mean equal content; different tokens mean only "compare".
 */
public final class ChangeToken {

    /** Names the key in {@code _meta} of the random id that a database file got when it was created. */
    public static final String DATABASE_ID = "database_id";
    /** Names the key in {@code _meta} of the counter that every changing transaction raises. */
    public static final String CHANGE_COUNTER = "change_counter";

    private ChangeToken() {
    }

    /**
     * Reads the change token of a database, running or not; the file is only read.
     *
     * @return {@code <database id>:<change counter>}, or empty when the database carries none or cannot be read
     */
    public static Optional<String> read(Path database) {
        if (!Files.exists(database)) {
            return Optional.empty();
        }
        try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
            return read(connection);
        } catch (SQLException | DatabaseException e) {
            // No token is the safe answer: the caller then compares the content.
            return Optional.empty();
        }
    }

    /**
     * Reads the change counter in the header of a database in rollback-journal mode (https://sqlite.org/fileformat2.html, 1.3.8), which any
     * program raises with each commit: the change token of a database that servers before 0.3.0 write.
     *
     * @return {@code header:<counter>}; empty in WAL mode, where the counter says nothing, and when the file cannot be read
     */
    public static Optional<String> ofHeader(Path database) {
        try (var file = FileChannel.open(database, StandardOpenOption.READ)) {
            var header = ByteBuffer.allocate(100);
            while (header.hasRemaining() && file.read(header) >= 0) {
                // until the header is complete
            }
            boolean rollbackJournal = !header.hasRemaining() && header.get(18) == 1;
            return rollbackJournal ? Optional.of("header:" + header.getInt(24)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Reads the change token as this connection's transaction sees it. */
    static Optional<String> read(Connection connection) throws SQLException {
        if (!Sqlite.hasTable(connection, "_meta")) {
            return Optional.empty();
        }
        Optional<String> id = meta(connection, DATABASE_ID);
        Optional<String> counter = meta(connection, CHANGE_COUNTER);
        return id.isPresent() && counter.isPresent() ? Optional.of(id.get() + ":" + counter.get()) : Optional.empty();
    }

    /** Reads a value of {@code _meta}; empty when the database has no such table or key. */
    public static Optional<String> meta(Connection connection, String key) throws SQLException {
        return Sqlite.text(connection, "SELECT value FROM _meta WHERE key = ?", key);
    }
}
