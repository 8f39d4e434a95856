package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.Migration;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Determines what a database file is before anything is done with it. Looks at the same things as servers before 0.3.0 (the migration rows
 * and {@code _meta}), but never creates or changes a byte, also beside the file.
 */
public final class DatabaseInspection {

    /** Distinguishes what a file is. */
    public enum Kind {
        /** The file does not exist. */
        ABSENT,
        /** The file has no bytes or no tables; a server creates a new database in it. */
        EMPTY,
        /** The file is a StoreIT database of a schema version this build knows. */
        STOREIT,
        /** The file is from a build before schema versions were recorded. */
        OLDER_DEVELOPMENT,
        /** The file is from a release newer than this build. */
        NEWER,
        /** The file is StoreIT's, but a migration failed or differs, a table or column is missing, or it is malformed. */
        DAMAGED,
        /** The recorded schema version and the migrations do not match. */
        INCONSISTENT,
        /** The file is not a StoreIT database. */
        FOREIGN,
        /** The file exists, but cannot be read now: permissions, locks, the disk. */
        UNREADABLE
    }

    /**
     * Holds the verdict.
     *
     * @param schemaVersion the schema version; 0 unless the kind is {@code STOREIT}, or {@code NEWER} and recorded
     * @param reason        why, as one line for a person
     */
    public record State(Kind kind, int schemaVersion, String reason) {
        public State {
            Objects.requireNonNull(kind);
            Objects.requireNonNull(reason);
        }
    }

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    private DatabaseInspection() {
    }

    /** Inspects a file. The result describes what is wrong with it; no exception is thrown. */
    public static State inspect(Path database) {
        if (!Files.exists(database)) {
            return new State(Kind.ABSENT, 0, "there is no database at " + database);
        }
        if (!Files.isRegularFile(database)) {
            return new State(Kind.UNREADABLE, 0, database + " is not a regular file");
        }
        try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
            return inspect(database, connection);
        } catch (DatabaseException e) {
            return new State(Kind.UNREADABLE, 0, e.getMessage());
        } catch (SQLException e) {
            return broken(database, e);
        }
    }

    /** Inspects an open database. */
    private static State inspect(Path database, Connection connection) throws SQLException {
        if (Sqlite.number(connection, "SELECT count(*) FROM sqlite_master") == 0) {
            return new State(Kind.EMPTY, 0, database + " has no tables yet");
        }
        if (!Sqlite.hasTable(connection, "_sqlx_migrations")) {
            return new State(Kind.FOREIGN, 0, database + " is not a StoreIT database: it has tables, but no migration records");
        }
        List<Long> applied = applied(connection);
        if (applied.isEmpty()) {
            return new State(Kind.FOREIGN, 0, database + " is not a StoreIT database: its migration records are empty");
        }
        Map<Long, Migration> known = Migrations.known().stream().collect(Collectors.toMap(Migration::version, Function.identity()));
        String defect = defect(connection, known);
        if (defect != null) {
            return new State(Kind.DAMAGED, 0, database + " is damaged or was not made by StoreIT: " + defect);
        }
        return verdict(database, connection, applied, known);
    }

    private static State verdict(Path database, Connection connection, List<Long> applied, Map<Long, Migration> known)
            throws SQLException {
        List<Migration> all = Migrations.known();
        long newestKnown = all.get(all.size() - 1).version();
        int recorded = recordedVersion(connection);
        long newest = applied.get(applied.size() - 1);
        if (newest > newestKnown) {
            return new State(Kind.NEWER, Math.max(recorded, 0), database + " was written by a newer StoreIT (migration " + newest
                    + (recorded > 0 ? ", schema version " + recorded : "") + "); this build knows schema versions up to "
                    + SchemaTransforms.newest());
        }
        for (long version : applied) {
            if (!known.containsKey(version)) {
                return new State(Kind.FOREIGN, 0, database + " is not a StoreIT database: it records a migration " + version
                        + " that StoreIT never had");
            }
        }
        List<Long> expected = all.stream().limit(applied.size()).map(Migration::version).toList();
        int implied = schemaVersionAfter(all, applied.size());
        if (!applied.equals(expected)) {
            long missing = expected.stream().filter(version -> !applied.contains(version)).findFirst().orElseThrow();
            return new State(Kind.INCONSISTENT, 0, database + " is inconsistent: migration " + missing + " is missing, but later ones are present");
        }
        if (implied == 0 && recorded < 0) {
            return new State(Kind.OLDER_DEVELOPMENT, 0,
                    database + " was written by a development build older than schema version 1 (" + applied.size() + " migrations)");
        }
        if (implied != recorded) {
            return new State(Kind.INCONSISTENT, 0, database + " is inconsistent: it records schema version " + Math.max(recorded, 0)
                    + ", but its migrations are those of " + (implied == 0 ? "a build before version 1" : "version " + implied));
        }
        String missing = missingColumn(connection, implied);
        if (missing != null) {
            return new State(Kind.DAMAGED, 0, database + " is damaged: " + missing + " is missing");
        }
        return new State(Kind.STOREIT, implied, database + " has schema version " + implied);
    }

    private static List<Long> applied(Connection connection) throws SQLException {
        var applied = new ArrayList<Long>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT version FROM _sqlx_migrations ORDER BY version")) {
            while (rows.next()) {
                applied.add(rows.getLong(1));
            }
        }
        return applied;
    }

    /**
     * Returns the defect that servers before 0.3.0 refuse: a migration that did not end, or one that differs from the one they know. Null
     * when nothing.
     */
    private static String defect(Connection connection, Map<Long, Migration> known) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version")) {
            while (rows.next()) {
                long version = rows.getLong(1);
                if (!rows.getBoolean(2)) {
                    return "migration " + version + " was started but not finished";
                }
                Migration migration = known.get(version);
                byte[] checksum = rows.getBytes(3);
                if (migration != null
                        && (checksum == null || !HexFormat.of().formatHex(checksum).equals(migration.checksum()))) {
                    return "migration " + version + " differs from StoreIT's";
                }
            }
        }
        return null;
    }

    /** Returns the version in {@code _meta}; 0 when it is missing or not a number, -1 when the table does not exist. */
    private static int recordedVersion(Connection connection) throws SQLException {
        if (!Sqlite.hasTable(connection, "_meta")) {
            return -1;
        }
        String text = ChangeToken.meta(connection, "schema_version").orElse("");
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }

    /** Returns the schema version a database has after so many migrations, or 0 when that is between two versions. */
    private static int schemaVersionAfter(List<Migration> all, int count) {
        int version = all.get(count - 1).schemaVersion();
        boolean complete = count == all.size() || all.get(count).schemaVersion() > version;
        return complete ? version : 0;
    }

    private static String missingColumn(Connection connection, int schemaVersion) throws SQLException {
        for (Table table : Table.values()) {
            var present = new HashSet<String>();
            try (var statement = connection.prepareStatement("SELECT name FROM pragma_table_xinfo(?)")) {
                statement.setString(1, table.sqlName());
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        present.add(rows.getString(1));
                    }
                }
            }
            if (present.isEmpty()) {
                return "table " + table.sqlName();
            }
            for (Column column : SchemaTransforms.columns(table, schemaVersion)) {
                if (!present.contains(column.sqlName())) {
                    return "column " + table.sqlName() + "." + column.sqlName();
                }
            }
        }
        return null;
    }

    private static State broken(Path database, SQLException e) {
        return switch (Sqlite.code(e)) {
            case SQLITE_NOTADB -> hasMagic(database)
                    ? new State(Kind.DAMAGED, 0, database + " is damaged: " + Sqlite.plain(e))
                    : new State(Kind.FOREIGN, 0, database + " is not an SQLite database");
            case SQLITE_CORRUPT, SQLITE_ERROR -> new State(Kind.DAMAGED, 0, database + " is damaged: " + Sqlite.plain(e));
            case SQLITE_BUSY, SQLITE_LOCKED -> new State(Kind.UNREADABLE, 0, database + " is locked by another process");
            default -> new State(Kind.UNREADABLE, 0, "cannot read " + database + ": " + Sqlite.plain(e));
        };
    }

    private static boolean hasMagic(Path database) {
        try (var in = Files.newInputStream(database)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException e) {
            return false;
        }
    }
}
