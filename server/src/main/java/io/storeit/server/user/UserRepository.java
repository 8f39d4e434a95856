package io.storeit.server.user;

import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.http.Caller;
import io.storeit.server.problem.Problem;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Reads and writes the table {@code users}, and the groups of its users. */
public final class UserRepository {
    /** The group that every database has, for users who belong to no other. */
    public static final String DEFAULT_GROUP = "00000000-0000-0000-0000-000000000001";

    /**
     * Selects administrators. A user without a password, for example from another installation, cannot log in and so does not
     * count.
     */
    private static final String IS_ADMIN = "is_admin = 1 AND password_hash IS NOT NULL";

    private final Database database;
    private final InstantSource clock;

    public UserRepository(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The values that a login needs. */
    record Credentials(String userId, String passwordHash) {}

    /** @param username compared exactly, with upper and lower case */
    Optional<Credentials> credentials(String username) {
        return database.read(sql -> sql.first("SELECT id, password_hash FROM users WHERE external_id = ?",
                row -> new Credentials(row.getString(1), row.getString(2)), Account.LOCAL + username));
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

    /** Returns the user's group after a login: the first by name. A user without a group is added to the default group. */
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

    boolean hasAdmin() {
        return database.read(sql -> sql.exists("SELECT 1 FROM users WHERE " + IS_ADMIN));
    }

    /** Lists all users, by display name, byte by byte. */
    List<Account> list() {
        return database.read(sql -> sql.list("SELECT " + Account.COLUMNS + " FROM users u ORDER BY u.display_name, u.id", Account::of));
    }

    void requireUser(String id) {
        database.read(sql -> account(sql, id));
    }

    /** Creates a local user, who is not in any group yet. */
    Account create(String username, String email, String displayName, String passwordHash, boolean admin) {
        String id = UUID.randomUUID().toString();
        return database.inTransaction(sql -> {
            if (!insert(sql, id, username, email, displayName, passwordHash, admin)) {
                throw Problem.of(Problem.Kind.CONFLICT, "a user named '" + username + "' already exists");
            }
            return account(sql, id);
        });
    }

    /**
     * Changes the given values. A user who is no longer an administrator must log in again.
     *
     * @param spared the session that is kept in any case, that of the caller
     */
    Account update(String id, Optional<String> email, Optional<String> displayName, Optional<Boolean> admin, String spared) {
        return database.inTransaction(sql -> {
            Account before = account(sql, id);
            boolean isAdmin = admin.orElse(before.isAdmin());
            if (before.isAdmin() && !isAdmin) {
                requireOtherAdmin(sql, id, "cannot remove the admin role of the last admin user");
                SessionRepository.deleteOfUser(sql, id, spared);
            }
            sql.update("UPDATE users SET email = ?, display_name = ?, is_admin = ?, updated_at = ? WHERE id = ?",
                    email.orElse(before.email()), displayName.orElse(before.displayName()), isAdmin ? 1 : 0, now(), id);
            return account(sql, id);
        });
    }

    /** Sets a password, and ends the user's sessions, because one of them may be the reason for the change. */
    void setPassword(String id, String passwordHash, String spared) {
        database.inTransaction(sql -> {
            account(sql, id);
            SessionRepository.deleteOfUser(sql, id, spared);
            return sql.update("UPDATE users SET password_hash = ?, updated_at = ? WHERE id = ?", passwordHash, now(), id);
        });
    }

    /** Deletes a user with memberships and sessions. Records that the user has entered belong to the groups and are kept. */
    void delete(String id) {
        database.inTransaction(sql -> {
            if (account(sql, id).isAdmin()) {
                requireOtherAdmin(sql, id, "cannot delete the last admin user");
            }
            SessionRepository.deleteOfUser(sql, id, "");
            sql.update("DELETE FROM user_groups WHERE user_id = ?", id);
            return sql.update("DELETE FROM users WHERE id = ?", id);
        });
    }

    private static void requireOtherAdmin(Sql sql, String id, String otherwise) throws SQLException {
        if (!sql.exists("SELECT 1 FROM users WHERE " + IS_ADMIN + " AND id <> ?", id)) {
            throw Problem.validation(otherwise);
        }
    }

    private static Account account(Sql sql, String id) throws SQLException {
        return sql.first("SELECT " + Account.COLUMNS + " FROM users u WHERE u.id = ?", Account::of, id)
                .orElseThrow(() -> Problem.notFound("user", id));
    }

    /** @return false when the name is in use */
    private boolean insert(Sql sql, String id, String username, String email, String displayName, String passwordHash, boolean admin)
            throws SQLException {
        return sql.update("""
                INSERT OR IGNORE INTO users (id, external_id, email, display_name, created_at, updated_at, password_hash, is_admin)
                VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)""",
                id, Account.LOCAL + username, email, displayName, now(), passwordHash, admin ? 1 : 0) > 0;
    }

    private String now() {
        return Times.stored(clock.instant());
    }

    /**
     * Creates a local administrator who owns the group named {@code default}.
     *
     * @return the user's id; empty when the name is in use
     */
    Optional<String> insertAdmin(String username, String email, String displayName, String passwordHash) {
        String id = UUID.randomUUID().toString();
        return database.inTransaction(sql -> {
            if (!insert(sql, id, username, email, displayName, passwordHash, true)) {
                return Optional.empty();
            }
            sql.update("INSERT INTO user_groups (user_id, group_id, role) VALUES (?, ?, 'owner')", id, groupNamedDefault(sql));
            return Optional.of(id);
        });
    }

    /**
     * Copies a session of another database, as when a restore replaces the one it was started in, if its user exists in this one
     * too. Its active group is kept if the user still belongs to it; otherwise it is the first.
     */
    public void carryOver(Caller.Session session, Duration lifetime) {
        if (me(session.userId(), "").isEmpty()) {
            return;
        }
        boolean member = database.read(sql -> sql.exists("SELECT 1 FROM user_groups WHERE user_id = ? AND group_id = ?",
                session.userId(), session.groupId()));
        String group = member ? session.groupId() : firstGroup(session.userId());
        new SessionRepository(database, clock).insertStored(session.id(), session.userId(), group, clock.instant().plus(lifetime));
    }

    private static List<User.Group> groups(Sql sql, String userId) throws SQLException {
        return sql.list("""
                SELECT g.id, g.name, m.role FROM user_groups m JOIN groups g ON g.id = m.group_id
                WHERE m.user_id = ? ORDER BY g.name""",
                row -> new User.Group(row.getString(1), row.getString(2), row.getString(3)), userId);
    }

    /**
     * Finds the group with the known id. An archive of another installation may not have it; then it is the group of that name,
     * or a new one.
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
        sql.update("INSERT INTO groups (id, name, created_at, updated_at) VALUES (?1, 'default', ?2, ?2)", id, now());
        return id;
    }
}
