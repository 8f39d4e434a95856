package io.storeit.server.user;

import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.http.Caller;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The tables {@code users}, {@code groups}, {@code user_groups} and {@code sessions}. */
public final class UserRepository {
    /** The group every database has, for users who belong to no other. */
    static final String DEFAULT_GROUP = "00000000-0000-0000-0000-000000000001";

    private final Database database;
    private final InstantSource clock;

    public UserRepository(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** What a login needs to know of a user. */
    record Credentials(String userId, String passwordHash) {}

    /** @param username exact, as StoreIT compares it: case matters */
    Optional<Credentials> credentials(String username) {
        return database.read(sql -> sql.first("SELECT id, password_hash FROM users WHERE external_id = ?",
                row -> new Credentials(row.getString(1), row.getString(2)), "local:" + username));
    }

    Optional<User.Me> me(String userId, String activeGroup) {
        return database.read(sql -> {
            Optional<User> user = sql.first("SELECT id, email, display_name, is_admin FROM users WHERE id = ?",
                    row -> new User(row.getString(1), row.getString(2), row.getString(3), row.getInt(4) == 1), userId);
            if (user.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new User.Me(user.get(), groups(sql, userId), activeGroup));
        });
    }

    /** The user's group to begin with: the first by name. Somebody without any is put into the default group. */
    String firstGroup(String userId) {
        Optional<String> first = database.read(sql -> groups(sql, userId).stream().map(User.Group::id).findFirst());
        if (first.isPresent()) {
            return first.get();
        }
        return database.inTransaction(sql -> {
            String group = defaultGroup(sql);
            sql.update("INSERT OR IGNORE INTO user_groups (user_id, group_id, role) VALUES (?, ?, 'member')", userId, group);
            return group;
        });
    }

    void insertSession(String id, String userId, String group, Instant expires) {
        database.inUncountedTransaction(sql -> sql.update(
                "INSERT INTO sessions (id, user_id, active_group_id, expires_at, created_at) VALUES (?, ?, ?, ?, ?)",
                id, userId, group, Times.stored(expires), Times.stored(clock.instant())));
    }

    void deleteSession(String id) {
        database.inUncountedTransaction(sql -> sql.update("DELETE FROM sessions WHERE id = ?", id));
    }

    /** A session row and what is true of its user now. */
    record StoredSession(Caller.Session session, String expiresAt, boolean member) {}

    Optional<StoredSession> session(String id) {
        return database.read(sql -> sql.first("""
                SELECT s.id, s.user_id, s.active_group_id, u.is_admin, s.expires_at, m.role
                FROM sessions s JOIN users u ON u.id = s.user_id
                LEFT JOIN user_groups m ON m.user_id = s.user_id AND m.group_id = s.active_group_id
                WHERE s.id = ?""",
                row -> new StoredSession(
                        new Caller.Session(row.getString(1), row.getString(2), row.getString(3), row.getInt(4) == 1),
                        row.getString(5),
                        row.getString(6) != null),
                id));
    }

    boolean hasAdmin() {
        return database.read(sql -> sql.exists("SELECT 1 FROM users WHERE is_admin = 1"));
    }

    /**
     * Creates a local administrator who owns the group named {@code default}.
     *
     * @return the user's id; empty when the name is taken
     */
    Optional<String> insertAdmin(String username, String email, String displayName, String passwordHash) {
        String id = UUID.randomUUID().toString();
        String now = Times.stored(clock.instant());
        return database.inTransaction(sql -> {
            int inserted = sql.update("""
                    INSERT OR IGNORE INTO users (id, external_id, email, display_name, created_at, updated_at, password_hash, is_admin)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 1)""", id, "local:" + username, email, displayName, now, now, passwordHash);
            if (inserted == 0) {
                return Optional.empty();
            }
            sql.update("INSERT INTO user_groups (user_id, group_id, role) VALUES (?, ?, 'owner')", id, groupNamedDefault(sql));
            return Optional.of(id);
        });
    }

    /**
     * Takes a session of another database over, as when a restore replaces the one it was started in, if its user is in this one
     * too: with the same active group if the user still belongs to it, else with the first.
     */
    public void carryOver(Caller.Session session, Duration lifetime) {
        if (me(session.userId(), "").isEmpty()) {
            return;
        }
        boolean member = database.read(sql -> sql.exists("SELECT 1 FROM user_groups WHERE user_id = ? AND group_id = ?",
                session.userId(), session.groupId()));
        String group = member ? session.groupId() : firstGroup(session.userId());
        insertSession(session.id(), session.userId(), group, clock.instant().plus(lifetime));
    }

    private static List<User.Group> groups(Sql sql, String userId) throws SQLException {
        return sql.list("""
                SELECT g.id, g.name, m.role FROM user_groups m JOIN groups g ON g.id = m.group_id
                WHERE m.user_id = ? ORDER BY g.name""",
                row -> new User.Group(row.getString(1), row.getString(2), row.getString(3)), userId);
    }

    /**
     * The group with the known id. An archive of another installation may not have had it: then the one named so, or a new one.
     */
    private String defaultGroup(Sql sql) throws SQLException {
        return sql.exists("SELECT 1 FROM groups WHERE id = ?", DEFAULT_GROUP) ? DEFAULT_GROUP : groupNamedDefault(sql);
    }

    private String groupNamedDefault(Sql sql) throws SQLException {
        Optional<String> named = sql.first("SELECT id FROM groups WHERE name = 'default'", row -> row.getString(1));
        if (named.isPresent()) {
            return named.get();
        }
        boolean idTaken = sql.exists("SELECT 1 FROM groups WHERE id = ?", DEFAULT_GROUP);
        String id = idTaken ? UUID.randomUUID().toString() : DEFAULT_GROUP;
        String now = Times.stored(clock.instant());
        sql.update("INSERT INTO groups (id, name, created_at, updated_at) VALUES (?, 'default', ?, ?)", id, now, now);
        return id;
    }
}
