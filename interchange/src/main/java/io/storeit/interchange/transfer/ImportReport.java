package io.storeit.interchange.transfer;

import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.images.StagedImages;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.Table;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Reports what an import built.
 *
 * @param manifest the manifest of the archive
 * @param digest   the digest of the new database, read back from it
 * @param counts   rows of each table in the new database
 * @param losses   what the archive says was dropped when it was written
 * @param warnings what was imported but deserves a look, one line each; long lists are cut with a last line that says so
 * @param images   the staged images: put them in place with {@link StagedImages#link()} before the switch of the database
 */
public record ImportReport(Manifest manifest, ContentDigest.Value digest, Map<Table, Long> counts, LossReport losses,
        List<String> warnings, StagedImages images) {
    public ImportReport {
        counts = Collections.unmodifiableMap(new EnumMap<>(counts));
        warnings = List.copyOf(warnings);
    }
}
