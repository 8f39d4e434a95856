package io.storeit.reference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * How the reference opens a database: rollback journal (a file in WAL mode stays in it), foreign keys on, five seconds of patience,
 * and pending migrations applied in place as soon as it is opened (D48).
 */
final class ReferenceDatabase {
    private record Migration(long version, String description, int schema, String checksum) {
        String sql() {
            var resource = version + "_" + description.replace(' ', '_') + ".sql";
            try (var in = Migration.class.getResourceAsStream(resource)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Checksums are those the released files had; ours differ from them in layout, so they can't be computed. */
    private static final List<Migration> MIGRATIONS = List.of(
            new Migration(20260228000001L, "initial schema", 1,
                    "a8c12ebfb545f284fb53fdc197e604ef5a08089ea59615094aca3adeba89f8cefb7731a5609c00c2237c769a444d3edb"),
            new Migration(20260228000002L, "fts5 search", 1,
                    "f15b6f43c0afc146864bbca886b5c17e6d5f7539e49fea522c733b4737ca6f1322b1b4b5fb33e6959c8c403bfa058b84"),
            new Migration(20260228000003L, "auth", 1,
                    "d3a5a94024954226b346e5bc9b28798ffe4cba85bc917f0f0c5d2860e0b04b1bfcb8fd875db48d2d135b32036c0400ce"),
            new Migration(20260304000001L, "local auth", 1,
                    "a37a5abb562834e0f243ca920c4be4f50a447b9c83a01a9d64827fae5195dfe906ed8d8389cb9a8f8ca62c36d6a6da7d"),
            new Migration(20260304000002L, "location coordinates", 1,
                    "7b7de224bad92f8e75df520ff7a8cf8da53995427856e1edc32bf1dc48f229314866cdc3d555d0931f59c18f4ec89ba8"),
            new Migration(20260305000001L, "settings", 1,
                    "4a8f87b43aa94b8520435251b6abdf67e9effc9a986425e52892ad6ec712531742d953be2b95075467380b301b509c01"),
            new Migration(20260305000002L, "photo storage key index", 1,
                    "a50b002b387a8c9e6ba2b61ae9d6f7a8be38f35dc6ab8e74703ff01fc6439b8af039683fc91e726a3121d83503310f22"),
            new Migration(20260316000001L, "photo rotation", 1,
                    "fa30cd2f49da3b767d03240ef9780fd885de2bdb2958d9e7de79efd214b81409377ca9f9dc8b0b23edb13c9e47079756"),
            new Migration(20260317000001L, "meta table", 1,
                    "2b3ba7b58ead607fb3b520afb654ff5cd3eca540fe0d241ae6f5cd279c66c57c038ffaa8738af64b7185be0c90d18982"),
            new Migration(20260318000001L, "photo size keys", 2,
                    "0ad59d35615daaab5d8907459dc871183e98ff0cd45e4fdcc6747abf58d29c3ab7820451638212fe938d9b388256dcef"));

    private final Path file;
    private final boolean create;
    /** The reference's pool keeps connections open while the server runs, so other processes can see that it has the file open. */
    private Connection idle;

    private ReferenceDatabase(Path file, boolean create) {
        this.file = file;
        this.create = create;
    }

    /** Opens the configured database and applies the migrations of this build that it lacks. */
    static ReferenceDatabase open(ReferenceConfig config, Build build) {
        var database = new ReferenceDatabase(config.databaseFileOfTheDriver(), config.createsDatabase());
        try {
            database.idle = database.connect();
            database.migrate(database.idle, build);
        } catch (SQLException e) {
            throw new ReferenceException("while executing migrations: " + text(e), e);
        }
        return database;
    }

    /** The version in {@code _meta}; 0 whatever goes wrong (D61). Like the reference, creates a missing file where the URL says so (D60). */
    static long versionOf(ReferenceConfig config) {
        try (var connection = new ReferenceDatabase(config.databaseFileOfTheDriver(), config.createsDatabase()).connect()) {
            return schemaVersion(connection);
        } catch (SQLException e) {
            return 0;
        }
    }

    Connection connect() throws SQLException {
        var sqlite = new SQLiteConfig();
        sqlite.setBusyTimeout(5000);
        sqlite.enforceForeignKeys(true);
        if (!create) {
            sqlite.resetOpenMode(SQLiteOpenMode.CREATE);
        }
        return sqlite.createConnection("jdbc:sqlite:" + file);
    }

    /** 0 when there is no {@code _meta}, no row in it or no number. */
    static long schemaVersion(Connection connection) {
        try (var rows = connection.createStatement().executeQuery("SELECT value FROM _meta WHERE key = 'schema_version'")) {
            return rows.next() ? Long.parseLong(rows.getString(1)) : 0;
        } catch (SQLException | NumberFormatException e) {
            return 0;
        }
    }

    private void migrate(Connection connection, Build build) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("""
                    CREATE TABLE IF NOT EXISTS _sqlx_migrations (
                        version BIGINT PRIMARY KEY,
                        description TEXT NOT NULL,
                        installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
                        success BOOLEAN NOT NULL,
                        checksum BLOB NOT NULL,
                        execution_time BIGINT NOT NULL
                    )""");
        }
        var known = new TreeMap<Long, Migration>();
        for (var migration : MIGRATIONS) {
            if (migration.schema() <= build.schema()) {
                known.put(migration.version(), migration);
            }
        }
        for (var applied : appliedMigrations(connection)) {
            var migration = known.remove(applied.version());
            if (!applied.success()) {
                throw new ReferenceException("migration %d is partially applied; fix and remove row from `_sqlx_migrations` table".formatted(applied.version()));
            }
            if (migration == null) {
                throw new ReferenceException("migration %d was previously applied but is missing in the resolved migrations".formatted(applied.version()));
            }
            if (!migration.checksum().equals(applied.checksum())) {
                throw new ReferenceException("migration %d was previously applied but has been modified".formatted(applied.version()));
            }
        }
        for (var migration : known.values()) {
            apply(connection, migration);
        }
    }

    private record Applied(long version, boolean success, String checksum) {
    }

    private static List<Applied> appliedMigrations(Connection connection) throws SQLException {
        var applied = new ArrayList<Applied>();
        try (var rows = connection.createStatement()
                .executeQuery("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version")) {
            while (rows.next()) {
                var checksum = rows.getBytes(3);
                applied.add(new Applied(rows.getLong(1), rows.getInt(2) == 1, checksum == null ? "" : HexFormat.of().formatHex(checksum)));
            }
        }
        return applied;
    }

    private static void apply(Connection connection, Migration migration) throws SQLException {
        var started = System.nanoTime();
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            for (var sql : migration.sql().split(";\\n")) {
                statement.execute(sql);
            }
            try (var row = connection.prepareStatement("""
                    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (?, ?, TRUE, ?, ?)""")) {
                row.setLong(1, migration.version());
                row.setString(2, migration.description());
                row.setBytes(3, HexFormat.of().parseHex(migration.checksum()));
                row.setLong(4, System.nanoTime() - started);
                row.executeUpdate();
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw new ReferenceException("while executing migration %d: %s".formatted(migration.version(), text(e)), e);
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** The driver's words for an error of SQLite: {@code error returned from database: (code: 787) FOREIGN KEY constraint failed}. */
    static String text(SQLException e) {
        var message = e.getMessage();
        var inner = message.indexOf(" (");
        var words = inner >= 0 && message.endsWith(")") ? message.substring(inner + 2, message.length() - 1) : message;
        var code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code : e.getErrorCode();
        return "error returned from database: (code: %d) %s".formatted(code, words);
    }

    static void createFolderOf(Path file) {
        try {
            var folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new ReferenceException(e.getMessage(), e);
        }
    }
}
