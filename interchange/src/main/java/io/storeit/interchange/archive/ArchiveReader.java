package io.storeit.interchange.archive;

import io.storeit.interchange.ContentDigest;
import io.storeit.interchange.Manifest;
import io.storeit.interchange.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Reads archives. Hostile and damaged input stops here. */
public final class ArchiveReader {

    /**
     * What was read.
     *
     * @param digest of the rows as they are in the archive, in the manifest's schema version
     */
    public record Contents(Manifest manifest, Map<Table, Long> counts, ContentDigest.Value digest, long images) {
    }

    private ArchiveReader() {
    }

    /** Reads no further than the manifest. A newer schema is not refused. */
    public static Manifest readManifest(Path archive) {
        throw new UnsupportedOperationException();
    }

    /** Reads everything to the very end. IOException comes from the handler only. */
    public static Contents read(Path archive, ArchiveHandler handler, ArchiveLimits limits) throws IOException {
        throw new UnsupportedOperationException();
    }
}
