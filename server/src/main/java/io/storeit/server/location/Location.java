package io.storeit.server.location;

import io.storeit.server.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A place, as the API shows it. Coordinates are in degrees, null when unknown. */
record Location(
        String id,
        String groupId,
        String parentId,
        String name,
        String description,
        Double latitude,
        Double longitude,
        String createdAt,
        String updatedAt) {

    /** Lists the columns that {@link #of} reads. */
    static final String COLUMNS = "id, group_id, parent_id, name, description, latitude, longitude, created_at, updated_at";

    static Location of(ResultSet row) throws SQLException {
        return new Location(
                row.getString("id"),
                row.getString("group_id"),
                row.getString("parent_id"),
                row.getString("name"),
                row.getString("description"),
                degrees(row, "latitude"),
                degrees(row, "longitude"),
                Times.shown(row.getString("created_at")),
                Times.shown(row.getString("updated_at")));
    }

    private static Double degrees(ResultSet row, String column) throws SQLException {
        double degrees = row.getDouble(column);
        return row.wasNull() ? null : degrees;
    }
}
