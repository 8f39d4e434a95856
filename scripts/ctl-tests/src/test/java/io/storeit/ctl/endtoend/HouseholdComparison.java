package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compares two databases row by row with plain SQL: the nine archived tables and the search index. It knows nothing of digests, and
 * leaves out what no version promises to keep: sessions, and the names of thumbnails, which are made again on demand.
 */
final class HouseholdComparison {
    /** Every column both schema 1 and schema 2 have. */
    private static final Map<String, String> COLUMNS = columns();

    private HouseholdComparison() {
    }

    private static Map<String, String> columns() {
        var columns = new LinkedHashMap<String, String>();
        columns.put("users", "id, external_id, email, display_name, is_admin, password_hash, created_at, updated_at");
        columns.put("groups", "id, name, created_at, updated_at");
        columns.put("user_groups", "user_id, group_id, role");
        columns.put("settings", "key, value");
        columns.put("locations", "id, group_id, parent_id, name, description, latitude, longitude, created_at, updated_at");
        columns.put("containers",
                "id, group_id, parent_location_id, parent_container_id, name, description, color, created_at, updated_at");
        columns.put("items", """
                id, group_id, container_id, location_id, name, description, aliases, keywords, category, barcode, material, color, \
                condition_notes, quantity, ai_raw, created_at, updated_at""");
        columns.put("photos", "id, entity_type, entity_id, storage_key, mime_type, is_primary, rotation, created_at");
        columns.put("nfc_tags", "id, group_id, tag_uri, entity_type, entity_id, created_at, assigned_at");
        columns.put("search_index", "entity_type, entity_id, group_id, searchable_text");
        return columns;
    }

    /** The rows of one database, each as text, sorted, by table. */
    record Household(Map<String, List<String>> rows) {
        List<String> table(String table) {
            return rows.get(table);
        }

        /** The same without the items (and their index rows) whose name starts so: those the writers of a test added. */
        Household withoutItemsNamed(String prefix) {
            var kept = new LinkedHashMap<>(rows);
            kept.replaceAll((table, list) -> switch (table) {
                case "items" -> list.stream().filter(row -> !row.contains("name=" + prefix)).toList();
                case "search_index" -> list.stream().filter(row -> !row.contains("searchable_text=" + prefix)).toList();
                default -> list;
            });
            return new Household(kept);
        }
    }

    /** Reads a copy of the files as they are, so that nothing is left beside the database and no lock is taken from anyone. */
    static Household read(Path database) {
        try (var copy = new DatabaseCopy(database); var connection = copy.connect()) {
            requireSound(connection);
            var rows = new LinkedHashMap<String, List<String>>();
            for (var table : COLUMNS.entrySet()) {
                rows.put(table.getKey(), rows(connection, "SELECT %s FROM %s".formatted(table.getValue(), table.getKey())));
            }
            return new Household(rows);
        } catch (SQLException e) {
            throw new AssertionError("cannot read " + database, e);
        }
    }

    static void assertSame(Household expected, Household actual) {
        for (var table : COLUMNS.keySet()) {
            assertThat(actual.table(table)).as(table).containsExactlyElementsOf(expected.table(table));
        }
    }

    static void assertSame(Household expected, Path database) {
        assertSame(expected, read(database));
    }

    /** One row per text, {@code column=value} joined by {@code " | "}; null is written as such. */
    static List<String> query(Path database, String sql) {
        try (var copy = new DatabaseCopy(database); var connection = copy.connect()) {
            return rows(connection, sql);
        } catch (SQLException e) {
            throw new AssertionError("cannot query " + database, e);
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        var rows = new ArrayList<String>();
        try (var result = connection.createStatement().executeQuery(sql)) {
            var metadata = result.getMetaData();
            while (result.next()) {
                var row = new ArrayList<String>();
                for (var column = 1; column <= metadata.getColumnCount(); column++) {
                    row.add(metadata.getColumnName(column) + "=" + result.getString(column));
                }
                rows.add(String.join(" | ", row));
            }
        }
        rows.sort(null);
        return rows;
    }

    private static void requireSound(Connection connection) throws SQLException {
        assertThat(rows(connection, "PRAGMA integrity_check")).as("integrity_check").containsExactly("integrity_check=ok");
        assertThat(rows(connection, "PRAGMA foreign_key_check")).as("foreign_key_check").isEmpty();
        connection.createStatement().executeUpdate("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
    }

    /** A database with its side files, copied into a folder that goes away with it. */
    private static final class DatabaseCopy implements AutoCloseable {
        private final Path folder;
        private final Path file;

        DatabaseCopy(Path database) {
            try {
                folder = Files.createTempDirectory("storeit-comparison");
                file = folder.resolve("copy.db");
                Files.copy(database, file);
                for (var ending : List.of("-wal", "-journal")) {
                    var side = database.resolveSibling(database.getFileName() + ending);
                    if (Files.exists(side)) {
                        Files.copy(side, folder.resolve("copy.db" + ending));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Connection connect() throws SQLException {
            return DriverManager.getConnection("jdbc:sqlite:" + file);
        }

        @Override
        public void close() {
            try (Stream<Path> files = Files.walk(folder)) {
                for (var path : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                    Files.delete(path);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
