package io.storeit.server.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a unit of work may do to the database: bind, query, map. Repositories take it as an argument, so that several can share a
 * transaction.
 */
public final class Sql {

    /** Makes a record of the current row. */
    @FunctionalInterface
    public interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    private final Connection connection;

    Sql(Connection connection) {
        this.connection = connection;
    }

    /** All rows, in the query's order. */
    public <T> List<T> list(String query, RowMapper<T> mapper, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(query, values);
                ResultSet rows = statement.executeQuery()) {
            var result = new ArrayList<T>();
            while (rows.next()) {
                result.add(mapper.map(rows));
            }
            return result;
        }
    }

    /** The first row, if any. */
    public <T> Optional<T> first(String query, RowMapper<T> mapper, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(query, values);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(mapper.map(rows)) : Optional.empty();
        }
    }

    public boolean exists(String query, Object... values) throws SQLException {
        return first(query, row -> true, values).isPresent();
    }

    /** Runs a change and returns the number of rows it touched. */
    public int update(String change, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(change, values)) {
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(String text, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text);
        try {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }
}
