package io.storeit.interchange.sqlite;

import io.storeit.interchange.DatabaseException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * A database for what would grow in memory with the number of rows, in a folder of its own that only its owner may enter, since it may hold
 * password hashes. It lies in {@code java.io.tmpdir} and is gone when it is closed.
 */
public final class Scratch implements Closeable {

    private static final int CACHE_KIBIBYTES = 32 << 10;

    private final String purpose;
    private final Path folder;
    private final Connection connection;

    /** @param purpose what it is for, for messages: {@code cannot <purpose> in /tmp: ...} */
    public Scratch(String purpose) {
        SqliteLibrary.load();
        this.purpose = purpose;
        try {
            folder = Files.createTempDirectory("storeit-");
            connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("scratch.db"));
            execute("PRAGMA journal_mode = OFF");
            execute("PRAGMA synchronous = OFF");
            execute("PRAGMA cache_size = -" + CACHE_KIBIBYTES);
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            throw failure(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Connection connection() {
        return connection;
    }

    public void execute(String sql) throws SQLException {
        Sqlite.execute(connection, sql);
    }

    public PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    /** The error of a statement as the exception of this package. */
    public DatabaseException failure(SQLException e) {
        return Sqlite.failure("cannot " + purpose + " in " + System.getProperty("java.io.tmpdir"), e);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        } finally {
            SideFiles.deleteWith(folder.resolve("scratch.db"));
            Files.delete(folder);
        }
    }
}
