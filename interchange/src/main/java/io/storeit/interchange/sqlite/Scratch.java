package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Holds data that would grow in memory with the number of rows in a temporary database. Its file may hold password hashes: it is made in a
 * folder that only its owner may enter, and loses its name as soon as it is open, so that it disappears however this process ends.
 */
public final class Scratch implements Closeable {

    private static final int CACHE_KIBIBYTES = 32 << 10;
    /** Limits the length of a path, because records that contain themselves have no top. */
    private static final int LONGEST_PATH = 1000;

    private final String purpose;
    private final Path parent = parent();
    private final Connection connection;

    /**
     * Creates an empty temporary database.
     *
     * @param purpose what it is for, for messages: {@code cannot <purpose> in /var/tmp: ...}
     */
    public Scratch(String purpose) {
        SqliteLibrary.load();
        this.purpose = purpose;
        try {
            Path folder = Files.createTempDirectory(parent, "storeit-");
            Path file = folder.resolve("scratch.db");
            try {
                connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                // A journal would be a file with a name, and without one SQLite does not mind that the database has none either.
                execute("PRAGMA journal_mode = OFF");
                execute("PRAGMA synchronous = OFF");
                execute("PRAGMA cache_size = -" + CACHE_KIBIBYTES);
                connection.setAutoCommit(false);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (SQLException e) {
            throw failure(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the folder where SQLite has its own temporary files, because on many systems Java's folder is in memory. */
    private static Path parent() {
        String named = System.getenv("TMPDIR");
        return Stream.of(named == null || named.isEmpty() ? "/var/tmp" : named, System.getProperty("java.io.tmpdir"))
                .map(folder -> Path.of(folder).toAbsolutePath()).filter(Files::isWritable).findFirst().orElse(Path.of("").toAbsolutePath());
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

    /**
     * Returns the names on the path to and including a place.
     *
     * @param query     of the name and the parent's key of the place whose key is its last parameter; the others are set
     * @param parameter the number of that last one
     * @param place     a key, or null for no way at all
     */
    public static List<String> path(PreparedStatement query, int parameter, String place) throws SQLException {
        var names = new ArrayList<String>();
        for (String next = place; next != null && names.size() < LONGEST_PATH; ) {
            query.setString(parameter, next);
            try (var row = query.executeQuery()) {
                boolean exists = row.next();
                if (exists) {
                    names.add(0, row.getString(1));
                }
                next = exists ? row.getString(2) : null;
            }
        }
        return names;
    }

    /** Returns the error of a statement as the exception of this package. */
    public DatabaseException failure(SQLException e) {
        return Sqlite.failure("cannot " + purpose + " in " + parent, e);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
