package io.storeit.interchange.sqlite;

import io.storeit.interchange.ContentDigest;
import io.storeit.interchange.Progress;
import io.storeit.interchange.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads a database to its end and tells all that is wrong with it. */
public final class DatabaseVerification {

    /** @param where table and record, or file */
    public record Problem(String what, String where) {
    }

    /**
     * @param schemaVersion 0 when the database could not be read so far
     * @param counts        rows of each table; empty when unreadable
     * @param digest        null when unreadable
     * @param missingImages keys photos name, without a file in the image folder
     * @param notes         records that are stored in an odd way, but can be used
     */
    public record Report(int schemaVersion, Map<Table, Long> counts, ContentDigest.Value digest, List<Problem> problems,
            List<String> missingImages, List<String> notes) {

        /** Whether the data is whole; missing image files count too. */
        public boolean ok() {
            return problems.isEmpty() && missingImages.isEmpty();
        }
    }

    private DatabaseVerification() {
    }

    public static Report verify(Path database, Path imageFolder, Progress progress) {
        throw new UnsupportedOperationException();
    }
}
