package io.storeit.server.photo;

import io.storeit.server.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A photo of a location, container or item, as the API shows it, without the names of its image files.
 *
 * @param rotation degrees, clockwise, by which clients turn the picture before they show it; the image files are not turned
 */
record Photo(String id, String entityType, String entityId, String mimeType, boolean isPrimary, int rotation, String createdAt) {

    /** Lists the columns that {@link #of} reads. */
    static final String COLUMNS = "id, entity_type, entity_id, mime_type, is_primary, rotation, created_at";

    static Photo of(ResultSet row) throws SQLException {
        return new Photo(
                row.getString("id"),
                row.getString("entity_type"),
                row.getString("entity_id"),
                row.getString("mime_type"),
                row.getInt("is_primary") == 1,
                // An old server's import accepted any value.
                Math.floorMod(row.getInt("rotation"), 360),
                Times.shown(row.getString("created_at")));
    }
}
