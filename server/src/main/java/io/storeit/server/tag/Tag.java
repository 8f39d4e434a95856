package io.storeit.server.tag;

import io.storeit.server.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;

/** An NFC tag with an address on it, as the API shows it. It is assigned to a location or a container, or not yet. */
record Tag(String id, String groupId, String tagUri, String entityType, String entityId, String createdAt, String assignedAt) {

    /** Lists the columns that {@link #of} reads. */
    static final String COLUMNS = "id, group_id, tag_uri, entity_type, entity_id, created_at, assigned_at";

    static Tag of(ResultSet row) throws SQLException {
        return new Tag(
                row.getString("id"),
                row.getString("group_id"),
                row.getString("tag_uri"),
                row.getString("entity_type"),
                row.getString("entity_id"),
                Times.shown(row.getString("created_at")),
                Times.shown(row.getString("assigned_at")));
    }

    boolean assigned() {
        return entityType != null && entityId != null;
    }
}
