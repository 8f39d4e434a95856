package io.storeit.server.entity;

import io.storeit.server.db.Sql;
import java.sql.SQLException;

/**
 * Records that are attached to a location, container or item without being part of it: photos are deleted with it, tags become
 * free.
 */
@FunctionalInterface
public interface Attachments {

    /** Detaches them, in the transaction that deletes the entity. */
    void detach(Sql sql, String group, EntityType type, String id) throws SQLException;

    default Attachments and(Attachments others) {
        return (sql, group, type, id) -> {
            detach(sql, group, type, id);
            others.detach(sql, group, type, id);
        };
    }
}
