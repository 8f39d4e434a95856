package io.storeit.interchange.transfer;

import io.storeit.interchange.archive.Manifest;
import java.util.List;

/**
 * Reports what an export did.
 *
 * @param manifest the manifest as it was written, with counts, digest, losses and skipped images
 * @param notes    records that could not be taken over exactly as they are stored, one line each; long lists are cut with a last line
 *                 that says so
 */
public record ExportReport(Manifest manifest, List<String> notes) {
    public ExportReport {
        notes = List.copyOf(notes);
    }
}
