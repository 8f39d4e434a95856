package io.storeit.server.group;

import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.problem.Problem;
import io.storeit.server.user.Account;
import io.storeit.server.user.UserRepository;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;

/** Reads and writes the tables {@code groups} and {@code user_groups}. */
public final class GroupRepository {
    private final Database database;
    private final InstantSource clock;

    public GroupRepository(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Lists all groups, by name, byte by byte. */
    List<Group> list() {
        return database.read(sql -> sql.list("SELECT id, name, created_at FROM groups ORDER BY name", Group::of));
    }

    /** Creates a group without members. */
    Group create(String name) {
        String id = UUID.randomUUID().toString();
        return database.inTransaction(sql -> {
            int inserted = sql.update("INSERT OR IGNORE INTO groups (id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
                    id, name, Times.stored(clock.instant()));
            if (inserted == 0) {
                throw Problem.of(Problem.Kind.CONFLICT, "a group named '" + name + "' already exists");
            }
            return sql.first("SELECT id, name, created_at FROM groups WHERE id = ?", Group::of, id).orElseThrow();
        });
    }

    /**
     * Deletes a group without members and inventory. Tags count as inventory, because their addresses would stay in use. Sessions
     * of earlier members end with it.
     */
    void delete(String id) {
        database.inTransaction(sql -> {
            if (sql.exists("SELECT 1 FROM user_groups WHERE group_id = ?", id)) {
                throw Problem.validation("cannot delete group with members");
            }
            if (id.equals(UserRepository.DEFAULT_GROUP)) {
                throw Problem.validation("cannot delete the default group");
            }
            requireGroup(sql, id);
            for (String table : List.of("locations", "containers", "items", "nfc_tags")) {
                if (sql.exists("SELECT 1 FROM " + table + " WHERE group_id = ?", id)) {
                    throw Problem.validation("cannot delete group with inventory: it has " + table.replace('_', ' '));
                }
            }
            sql.update("DELETE FROM sessions WHERE active_group_id = ?", id);
            return sql.update("DELETE FROM groups WHERE id = ?", id);
        });
    }

    /** Lists the members by display name; none when there is no such group. */
    List<Group.Member> members(String id) {
        return database.read(sql -> sql.list(
                "SELECT " + Account.COLUMNS + ", m.role FROM user_groups m JOIN users u ON u.id = m.user_id WHERE m.group_id = ? "
                        + "ORDER BY u.display_name, u.id",
                row -> new Group.Member(Account.of(row), row.getString("role")), id));
    }

    /** Adds a user to the group, or changes the role of a member. */
    void addMember(String id, String userId, Group.Role role) {
        database.inTransaction(sql -> {
            requireGroup(sql, id);
            if (!sql.exists("SELECT 1 FROM users WHERE id = ?", userId)) {
                throw Problem.notFound("user", userId);
            }
            return sql.update("""
                    INSERT INTO user_groups (user_id, group_id, role) VALUES (?, ?, ?)
                    ON CONFLICT (user_id, group_id) DO UPDATE SET role = excluded.role""", userId, id, role.text());
        });
    }

    /** Removes a user from the group at once: sessions in it end. Nothing happens when the user is not a member. */
    void removeMember(String id, String userId) {
        database.inTransaction(sql -> {
            sql.update("DELETE FROM sessions WHERE user_id = ? AND active_group_id = ?", userId, id);
            return sql.update("DELETE FROM user_groups WHERE user_id = ? AND group_id = ?", userId, id);
        });
    }

    private static void requireGroup(Sql sql, String id) throws SQLException {
        if (!sql.exists("SELECT 1 FROM groups WHERE id = ?", id)) {
            throw Problem.notFound("group", id);
        }
    }
}
