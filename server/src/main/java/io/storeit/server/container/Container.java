package io.storeit.server.container;

import io.storeit.server.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A box, shelf or drawer, as the API shows it. It is in a location or in another container, never both. */
record Container(
        String id,
        String groupId,
        String parentLocationId,
        String parentContainerId,
        String name,
        String description,
        String color,
        String createdAt,
        String updatedAt) {

    /** Lists the columns that {@link #of} reads. */
    static final String COLUMNS = "id, group_id, parent_location_id, parent_container_id, name, description, color, created_at, updated_at";

    static Container of(ResultSet row) throws SQLException {
        return new Container(
                row.getString("id"),
                row.getString("group_id"),
                row.getString("parent_location_id"),
                row.getString("parent_container_id"),
                row.getString("name"),
                row.getString("description"),
                row.getString("color"),
                Times.shown(row.getString("created_at")),
                Times.shown(row.getString("updated_at")));
    }
}
