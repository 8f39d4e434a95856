package io.storeit.server.user;

import io.storeit.interchange.base.Sha256;
import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.http.Caller;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads and writes the table {@code sessions}. It contains a hash of each cookie, never the cookie, so a copy of the database
 * permits no login. Sessions that StoreIT 0.1 and 0.2 began are stored as cookies until {@link #hashPlainOnes()}.
 */
public final class SessionRepository {
    private static final String HASHED = "sha256:";
    private static final Pattern COOKIE = Pattern.compile("[A-Za-z0-9]{64}");

    private final Database database;
    private final InstantSource clock;

    public SessionRepository(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** A session row, with the current state of its user. */
    record Stored(Caller.Session session, String expiresAt, boolean member) {}

    /** Finds the session of a cookie, expired or not. */
    Optional<Stored> find(String cookie) {
        // A stored hash is not a cookie: sent as one it must find nothing.
        if (!COOKIE.matcher(cookie).matches()) {
            return Optional.empty();
        }
        return database.read(sql -> sql.first("""
                SELECT s.id, s.user_id, s.active_group_id, u.is_admin, s.expires_at, m.role
                FROM sessions s JOIN users u ON u.id = s.user_id
                LEFT JOIN user_groups m ON m.user_id = s.user_id AND m.group_id = s.active_group_id
                WHERE s.id IN (?, ?)""",
                row -> new Stored(
                        new Caller.Session(row.getString(1), row.getString(2), row.getString(3), row.getInt(4) == 1),
                        row.getString(5),
                        row.getString(6) != null),
                hash(cookie), cookie));
    }

    /** Begins a session, and deletes expired ones. */
    void insert(String cookie, String userId, String group, Instant expires) {
        insertStored(hash(cookie), userId, group, expires);
    }

    /** @param id the id in the table */
    void insertStored(String id, String userId, String group, Instant expires) {
        database.inUncountedTransaction(sql -> {
            String now = Times.stored(clock.instant());
            // This uses an index and deletes few rows, so it needs no thread of its own: only logins make the table grow.
            sql.update("DELETE FROM sessions WHERE expires_at < ?", now);
            return sql.update("INSERT INTO sessions (id, user_id, active_group_id, expires_at, created_at) VALUES (?, ?, ?, ?, ?)",
                    id, userId, group, Times.stored(expires), now);
        });
    }

    /** @param id the id in the table */
    void delete(String id) {
        database.inUncountedTransaction(sql -> sql.update("DELETE FROM sessions WHERE id = ?", id));
    }

    /** @return whether the session's user is a member of the group; otherwise nothing has changed */
    boolean switchGroup(Caller.Session session, String group) {
        return database.inUncountedTransaction(sql -> sql.update("""
                UPDATE sessions SET active_group_id = ?1
                WHERE id = ?2 AND EXISTS (SELECT 1 FROM user_groups WHERE user_id = ?3 AND group_id = ?1)""",
                group, session.id(), session.userId())) > 0;
    }

    /**
     * Ends every session of a user except one.
     *
     * @param spared the id of the one, as the table has it; empty for none
     */
    static void deleteOfUser(Sql sql, String userId, String spared) throws SQLException {
        sql.update("DELETE FROM sessions WHERE user_id = ? AND id <> ?", userId, spared);
    }

    /** Hashes the cookies that earlier versions stored in clear. Their users stay logged in. */
    public void hashPlainOnes() {
        List<String> plain = database.read(sql -> sql.list("SELECT id FROM sessions WHERE id NOT LIKE '" + HASHED + "%'", row -> row.getString(1)));
        if (!plain.isEmpty()) {
            database.inUncountedTransaction(sql -> {
                for (String cookie : plain) {
                    sql.update("UPDATE sessions SET id = ? WHERE id = ?", hash(cookie), cookie);
                }
                return null;
            });
        }
    }

    private static String hash(String cookie) {
        return HASHED + Sha256.hex(cookie.getBytes(StandardCharsets.US_ASCII));
    }
}
