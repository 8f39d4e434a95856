package io.storeit.interchange.archive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;

/**
 * Receives the content of an archive from {@link ArchiveReader}, always in this order whatever the order in the file: the manifest, each
 * table with its rows, the end of the rows, the images. Until {@code read} returns, nothing is certain: a checksum at the very end may
 * still turn everything down.
 */
public interface ArchiveHandler {

    void manifest(Manifest manifest) throws IOException;

    /**
     * Receives one row, checked against the columns of the manifest's schema version and with ids and times in their one spelling. Keys
     * that are not columns are kept. A setting comes as an object with {@code key} and {@code value}.
     *
     * @param number 1 for the first row of the table
     */
    void row(Table table, long number, ObjectNode row) throws IOException;

    /** Is called after the last row of a table, also for empty tables. */
    void tableEnd(Table table, long rows) throws IOException;

    /**
     * Is called after the last table. If the manifest states the digest, this one was found equal to it.
     *
     * @param digest of all rows as they were handed over; null for rows of a schema this build does not know
     */
    default void rowsEnd(ContentDigest.Value digest) throws IOException {
    }

    /**
     * Receives one image, only when the manifest says there are any. The stream need not be read to its end and must not be kept. Its bytes
     * are compared with the hash in the key after this returns.
     *
     * @param key  of a shape {@link io.storeit.interchange.base.StorageKey} accepts
     * @param size length in bytes
     */
    void image(String key, long size, InputStream bytes) throws IOException;

    /**
     * Is called when the last image does not match the SHA-256 in its key. An archive with such an image is refused, unless its images are
     * not wanted: a server before 0.3.0 copies a picture that was damaged on its disk into the archive without a look.
     *
     * @throws ArchiveException with {@code damage}, to refuse the archive
     */
    default void damagedImage(String key, ArchiveException damage) {
        throw damage;
    }
}
