package io.storeit.server.user;

import io.storeit.server.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A user as administrators see one.
 *
 * @param username the name that a local user logs in with; for others the whole external id
 */
public record Account(String id, String username, String email, String displayName, boolean isAdmin, String createdAt) {
    /** The prefix of the external ids of local users. */
    static final String LOCAL = "local:";

    /** Lists the columns that {@link #of} reads from {@code users} named {@code u}. */
    public static final String COLUMNS = "u.id, u.external_id, u.email, u.display_name, u.is_admin, u.created_at";

    public static Account of(ResultSet row) throws SQLException {
        String externalId = row.getString("external_id");
        return new Account(
                row.getString("id"),
                externalId.startsWith(LOCAL) ? externalId.substring(LOCAL.length()) : externalId,
                row.getString("email"),
                row.getString("display_name"),
                row.getInt("is_admin") == 1,
                Times.shown(row.getString("created_at")));
    }
}
