package io.storeit.interchange.archive;

import io.storeit.interchange.ContentDigest;
import io.storeit.interchange.Manifest;
import io.storeit.interchange.Progress;
import io.storeit.interchange.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads an archive to its end and tells all that is wrong with it. */
public final class ArchiveVerification {

    /** @param where the file and row, for example {@code items.json row 17} */
    public record Problem(String what, String where) {
    }

    /**
     * @param manifest      null when the archive could not be read so far
     * @param counts        rows of each table; empty when unreadable
     * @param digest        null when unreadable
     * @param missingImages keys photos name, without a file in the archive though the manifest says it includes images
     */
    public record Report(Manifest manifest, Map<Table, Long> counts, ContentDigest.Value digest, List<Problem> problems,
            List<String> missingImages) {

        public boolean ok() {
            return problems.isEmpty();
        }
    }

    private ArchiveVerification() {
    }

    public static Report verify(Path archive, Progress progress) {
        throw new UnsupportedOperationException();
    }
}
