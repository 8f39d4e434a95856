package io.storeit.server.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operations of a unit of work on the database: bind, query, map. Repositories take it as an argument, so that several can
 * share a transaction. It belongs to one connection and keeps the statements prepared on it, because preparing one takes longer
 * than most of them run. So the text of a statement should be one of a fixed few, with everything that varies bound to it.
 */
public final class Sql implements AutoCloseable {
    /** Limits the statements that are kept; the least recently used one is closed first. */
    private static final int MOST_PREPARED = 64;

    /** Makes a record from the current row. */
    @FunctionalInterface
    public interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** Looks at the current row. */
    @FunctionalInterface
    public interface RowVisitor {
        void visit(ResultSet row) throws SQLException;
    }

    private interface Use<T> {
        T of(PreparedStatement statement) throws SQLException;
    }

    private final Connection connection;
    /** The statements by text, the least recently used first. A statement is removed while it is used, and put back at the end. */
    private final Map<String, PreparedStatement> prepared = new LinkedHashMap<>();

    Sql(Connection connection) {
        this.connection = connection;
    }

    /** Returns all rows, in the query's order. */
    public <T> List<T> list(String query, RowMapper<T> mapper, Object... values) throws SQLException {
        return run(query, values, statement -> {
            try (ResultSet rows = statement.executeQuery()) {
                var result = new ArrayList<T>();
                while (rows.next()) {
                    result.add(mapper.map(rows));
                }
                return result;
            }
        });
    }

    /** Visits every row, in the query's order, without keeping any. */
    public void each(String query, RowVisitor visitor, Object... values) throws SQLException {
        run(query, values, statement -> {
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    visitor.visit(rows);
                }
                return null;
            }
        });
    }

    /** Returns the first row, if any. */
    public <T> Optional<T> first(String query, RowMapper<T> mapper, Object... values) throws SQLException {
        return run(query, values, statement -> {
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(mapper.map(rows)) : Optional.empty();
            }
        });
    }

    public boolean exists(String query, Object... values) throws SQLException {
        return first(query, row -> true, values).isPresent();
    }

    /** Runs a change and returns the number of rows it touched. */
    public int update(String change, Object... values) throws SQLException {
        return run(change, values, PreparedStatement::executeUpdate);
    }

    /** Runs an SQLite command, such as a pragma, whose statement is not worth keeping. */
    void execute(String command) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    private <T> T run(String text, Object[] values, Use<T> use) throws SQLException {
        PreparedStatement statement = prepared.remove(text);
        if (statement == null) {
            statement = connection.prepareStatement(text);
        }
        try {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            T result = use.of(statement);
            // The bound values may be large, and would otherwise stay until the next use.
            statement.clearParameters();
            keep(text, statement);
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            statement.close();
            throw e;
        }
    }

    private void keep(String text, PreparedStatement statement) throws SQLException {
        PreparedStatement twin = prepared.put(text, statement);
        if (twin != null) {
            // The statement was used inside itself, and so prepared twice.
            twin.close();
        }
        if (prepared.size() > MOST_PREPARED) {
            Iterator<PreparedStatement> oldest = prepared.values().iterator();
            oldest.next().close();
            oldest.remove();
        }
    }

    /** Closes the connection, and with it every statement. */
    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
