package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/** Provides the few JDBC operations that every class over a database needs. */
public final class Sqlite {

    /** Sets how long a statement waits for another process's lock. */
    public static final int BUSY_MILLISECONDS = 5_000;

    static {
        SqliteLibrary.load();
    }

    private Sqlite() {
    }

    /** Opens a {@code file:} URI for reading; the file is never created. */
    public static Connection readOnly(String uri) throws SQLException {
        var config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_MILLISECONDS);
        withoutMutex(config);
        return config.createConnection("jdbc:sqlite:" + uri);
    }

    /** Disables SQLite's own lock around every value, a tenth of a long read, on a connection that never has two threads at once. */
    public static void withoutMutex(SQLiteConfig config) {
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    }

    /** Opens an existing file for reading and writing, without creating it. */
    public static Connection existing(Path database, int busyMilliseconds) throws SQLException {
        var config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setBusyTimeout(busyMilliseconds);
        return config.createConnection("jdbc:sqlite:" + uri(database, "mode=rw"));
    }

    /** Returns the {@code file:} URI of a path; every byte that could mean something in a URI is percent-encoded. */
    public static String uri(Path database, String query) {
        var uri = new StringBuilder("file:");
        for (byte b : database.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "/-_.~".indexOf(c) >= 0;
            if (plain) {
                uri.append(c);
            } else {
                uri.append(String.format("%%%02X", (int) c));
            }
        }
        return uri.append('?').append(query).toString();
    }

    /** Returns the number in the first column of the first row. */
    public static long number(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Returns the text in the first column of the first row; empty when there is no row or the value is null. */
    public static Optional<String> text(Connection connection, String sql, Object... parameters) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (var rows = statement.executeQuery()) {
                return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
            }
        }
    }

    /** Runs one statement. */
    public static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Runs a prepared statement with these parameters. */
    static void update(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        statement.executeUpdate();
    }

    /** Returns whether the database has a table of this name. */
    public static boolean hasTable(Connection connection, String name) throws SQLException {
        return text(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", name).isPresent();
    }

    /** Returns the primary result code (the low byte) of an SQLite error, or {@code SQLITE_ERROR} for anything else. */
    public static SQLiteErrorCode code(SQLException e) {
        int code = e instanceof SQLiteException failure ? failure.getResultCode().code : e.getErrorCode();
        return SQLiteErrorCode.getErrorCode(code & 0xff);
    }

    /** Converts the error to a {@link DatabaseException} with the hint for its cause. */
    public static DatabaseException failure(String what, SQLException e) {
        String hint = switch (code(e)) {
            case SQLITE_BUSY, SQLITE_LOCKED -> "Another process is using the database. Stop it, or try again in a moment.";
            case SQLITE_FULL -> "There is no space left on the device. Free some and try again.";
            case SQLITE_IOERR -> "Reading or writing the file failed. Check free space and the disk.";
            case SQLITE_CORRUPT, SQLITE_NOTADB -> "The file is damaged. Restore a backup.";
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH -> "Check the permissions of the file and its folder.";
            default -> "";
        };
        return new DatabaseException(what + ": " + plain(e), hint, e);
    }

    /** Returns the text of the driver without its "[SQLITE_CORRUPT] The database disk image is malformed (...)" wrapping. */
    public static String plain(SQLException e) {
        String message = String.valueOf(e.getMessage());
        int open = message.indexOf('(');
        if (message.startsWith("[SQLITE_") && open > 0 && message.endsWith(")")) {
            return message.substring(open + 1, message.length() - 1);
        }
        return message;
    }
}
