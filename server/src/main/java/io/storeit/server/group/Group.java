package io.storeit.server.group;

import io.storeit.server.db.Times;
import io.storeit.server.problem.Problem;
import io.storeit.server.user.Account;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A set of users and the inventory they share. */
record Group(String id, String name, String createdAt) {

    static Group of(ResultSet row) throws SQLException {
        return new Group(row.getString("id"), row.getString("name"), Times.shown(row.getString("created_at")));
    }

    /** A user in the group. */
    record Member(Account user, String role) {}

    /** The role of a user in a group. It is informational: both roles have the same rights. */
    enum Role {
        OWNER("owner"),
        MEMBER("member");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        /** Returns the role as the API and the database write it. */
        String text() {
            return text;
        }

        static Role of(String text) {
            for (Role role : values()) {
                if (role.text.equals(text)) {
                    return role;
                }
            }
            throw Problem.validation("invalid role: " + text);
        }
    }
}
