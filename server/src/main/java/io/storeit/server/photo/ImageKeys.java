package io.storeit.server.photo;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The image files of a photo, as its row names them.
 *
 * @param original  the uploaded file
 * @param thumbnail set by StoreIT 0.1 and 0.2 only, else null; the file may not exist, because archives contain originals only
 * @param large     like {@code thumbnail}
 */
record ImageKeys(String original, String thumbnail, String large) {

    /** Lists the columns that {@link #of} reads. */
    static final String COLUMNS = "storage_key, thumbnail_key, large_key";

    static ImageKeys of(ResultSet row) throws SQLException {
        return new ImageKeys(row.getString("storage_key"), row.getString("thumbnail_key"), row.getString("large_key"));
    }
}
