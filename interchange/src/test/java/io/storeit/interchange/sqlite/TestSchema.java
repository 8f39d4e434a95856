package io.storeit.interchange.sqlite;

import io.storeit.interchange.schema.Migration;
import io.storeit.interchange.transfer.SchemaCreator;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Makes empty databases with the very tables that a reference server made: the statements are read from a fixture. */
public final class TestSchema implements SchemaCreator {

    static final TestSchema V1 = new TestSchema(1);
    public static final TestSchema V2 = new TestSchema(2);

    private final int version;

    private TestSchema(int version) {
        this.version = version;
    }

    @Override
    public int schemaVersion() {
        return version;
    }

    @Override
    public void create(Path file) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            connection.setAutoCommit(false);
            for (String sql : statements()) {
                Sqlite.execute(connection, sql);
            }
            try (var insert = connection.prepareStatement("""
                    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (?, ?, 1, ?, 0)""")) {
                for (Migration migration : Migrations.upTo(version)) {
                    insert.setLong(1, migration.version());
                    insert.setString(2, migration.description());
                    insert.setBytes(3, HexFormat.of().parseHex(migration.checksum()));
                    insert.executeUpdate();
                }
            }
            Sqlite.execute(connection, "INSERT INTO groups (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'default')");
            Sqlite.execute(connection, "INSERT INTO _meta (key, value) VALUES ('schema_version', '" + version + "')");
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> statements() throws SQLException {
        var statements = new ArrayList<String>();
        Path fixture = version == 1 ? Fixtures.SCHEMA_1.database() : Fixtures.SCHEMA_2.database();
        try (var connection = Sqlite.readOnly(Sqlite.uri(fixture, "immutable=1"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT sql FROM sqlite_master
                        WHERE sql IS NOT NULL AND name NOT LIKE 'search\\_index\\_%' ESCAPE '\\'
                        ORDER BY rowid""")) {
            while (rows.next()) {
                statements.add(rows.getString(1));
            }
        }
        return statements;
    }
}
