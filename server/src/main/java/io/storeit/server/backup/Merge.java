package io.storeit.server.backup;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.problem.Problem;
import io.storeit.server.search.SearchIndex;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Adds the content of one database to another, in one transaction of the latter. Every record gets a new id, so that none can
 * collide with an existing one. Records are not compared or recognised, except the groups and users that the administrator has
 * declared the same.
 *
 * <p>Some records are changed: users that are not mapped cannot log in and are not administrators. Groups get a name that shows
 * their origin, and the user who started the merge becomes their owner. Settings are not taken over, because they belong to the
 * other machine. A tag that is already registered here stays as it is.
 */
final class Merge {
    private static final DateTimeFormatter TIME_IN_NAME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss").withZone(ZoneOffset.UTC);

    /**
     * The groups and users that exist on both sides.
     *
     * @param groups ids of groups here by ids of groups in the archive
     * @param users  likewise
     */
    record Same(Map<String, String> groups, Map<String, String> users) {}

    private final Sql from;
    private final Sql to;
    private final Same same;
    private final Instant now;
    private final Progress progress;
    /** Makes the new ids of this merge different from those of any other. */
    private final UUID seed = UUID.randomUUID();
    private final List<String> skippedTags = new ArrayList<>();

    /** @param progress may end the merge by throwing; nothing is changed then */
    Merge(Sql from, Sql to, Same same, Instant now, Progress progress) {
        this.from = from;
        this.to = to;
        this.same = same;
        this.now = now;
        this.progress = progress;
    }

    /**
     * @param owner the user who becomes owner of the new groups; when there is none, all administrators who can log in do
     * @return the URIs of the tags that were left out
     */
    List<String> run(Optional<String> owner) throws SQLException {
        requireAll("group", "SELECT 1 FROM groups WHERE id = ?", same.groups());
        requireAll("user", "SELECT 1 FROM users WHERE id = ?", same.users());
        // Rows may come before their parents. The setting is reverted at the end, because other writes may share the transaction.
        to.update("PRAGMA defer_foreign_keys = ON");
        try {
            for (Table table : Table.values()) {
                switch (table) {
                    case USERS -> copyUsers();
                    case GROUPS -> copyGroups(owner);
                    case SETTINGS -> {}
                    case MEMBERSHIPS, LOCATIONS, CONTAINERS, ITEMS, PHOTOS, NFC_TAGS -> copy(table);
                }
            }
            copySearchTexts();
        } finally {
            to.update("PRAGMA defer_foreign_keys = OFF");
        }
        return skippedTags;
    }

    private void requireAll(String type, String query, Map<String, String> mapped) throws SQLException {
        for (String id : mapped.values()) {
            if (!to.exists(query, id)) {
                throw Problem.notFound(type, id);
            }
        }
    }

    private void copyUsers() throws SQLException {
        from.each("SELECT id, external_id, email, display_name, created_at FROM users", row -> {
            if (!same.users().containsKey(row.getString("id"))) {
                String name = free("SELECT 1 FROM users WHERE external_id = ?", "merged:" + row.getString("external_id"));
                to.update("""
                        INSERT INTO users (id, external_id, email, display_name, created_at, updated_at, password_hash, is_admin)
                        VALUES (?, ?, ?, ?, ?, ?, NULL, 0)""",
                        here(row.getString("id")), name, row.getString("email"), row.getString("display_name"), row.getString("created_at"),
                        Times.stored(now));
            }
        });
    }

    private void copyGroups(Optional<String> owner) throws SQLException {
        String suffix = " (merged-" + TIME_IN_NAME.format(now) + ")";
        from.each("SELECT id, name, created_at FROM groups", row -> {
            String id = here(row.getString("id"));
            if (!same.groups().containsKey(row.getString("id"))) {
                String name = free("SELECT 1 FROM groups WHERE name = ?", row.getString("name") + suffix);
                to.update("INSERT INTO groups (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)", id, name, row.getString("created_at"),
                        Times.stored(now));
                to.update("""
                        INSERT INTO user_groups (user_id, group_id, role)
                        SELECT id, ?, 'owner' FROM users WHERE id = ? OR (? IS NULL AND is_admin = 1 AND password_hash IS NOT NULL)""",
                        id, owner.orElse(null), owner.orElse(null));
            }
        });
    }

    /** Returns the name itself or, if it is in use, the first free one with a number behind it. */
    private String free(String query, String name) throws SQLException {
        String free = name;
        for (int i = 2; to.exists(query, free); i++) {
            free = name + "-" + i;
        }
        return free;
    }

    private void copy(Table table) throws SQLException {
        List<Column> columns = SchemaTransforms.columns(table, SchemaTransforms.newest());
        String names = columns.stream().map(Column::sqlName).collect(Collectors.joining(", "));
        String places = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
        // Rows that may already exist are tags, by their URI, and the memberships of mapped users in mapped groups.
        String insert = "INSERT OR IGNORE INTO " + table.sqlName() + " (" + names + ") VALUES (" + places + ")";
        from.each("SELECT " + names + " FROM " + table.sqlName(), row -> {
            progress.status("adding " + table.key());
            boolean added = to.update(insert, values(row, columns)) > 0;
            if (!added && table == Table.NFC_TAGS) {
                skippedTags.add(row.getString("tag_uri"));
            }
        });
    }

    private Object[] values(ResultSet row, List<Column> columns) throws SQLException {
        var values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = columns.get(i).kind() == Column.Kind.UUID ? here(row.getString(i + 1)) : row.getObject(i + 1);
        }
        return values;
    }

    private void copySearchTexts() throws SQLException {
        from.each("SELECT entity_type, entity_id, group_id, searchable_text FROM search_index", row -> {
            progress.status("adding search texts");
            SearchIndex.add(to, row.getString(1), here(row.getString(2)), here(row.getString(3)), row.getString(4));
        });
    }

    /**
     * Returns the id that a record of the archive has here. It is computed, so nothing needs to be remembered. An id that refers
     * to nothing in the archive refers to nothing here either, instead of to another record that happens to have it.
     */
    private String here(String id) {
        if (id == null) {
            return null;
        }
        String mapped = same.groups().getOrDefault(id, same.users().get(id));
        return mapped != null ? mapped : derived(id);
    }

    private String derived(String id) {
        ByteBuffer bits = ByteBuffer.wrap(Sha256.of((seed + id).getBytes(StandardCharsets.UTF_8)));
        // Random ids look so: version 4, variant 2.
        long high = bits.getLong() & 0xffffffffffff0fffL | 0x4000L;
        long low = bits.getLong() & 0x3fffffffffffffffL | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }
}
