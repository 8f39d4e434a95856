package io.storeit.interchange.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.ArchiveSource;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.inspect.VerificationReport.Problem;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Reads an archive to its end and reports what is wrong with it: damage, rows that cannot be what they claim to be, counts, digest, image
 * bytes against the hash in their key, references between rows, missing image files.
 *
 * <p>Of an archive of a newer schema than this build knows, everything is checked but the rows: those are only known to be well-formed and
 * complete in number.
 */
public final class ArchiveVerification {

    private static final int PROGRESS_STEP = 100;
    /** Limits how many damaged images are named. */
    private static final int MOST_DAMAGED = 20;
    private static final String DAMAGED = "Image files were damaged before or after the archive was made: use another backup.";
    private static final String CONTRADICTION = "The archive contradicts itself: use another backup.";

    /**
     * Reports what was found.
     *
     * @param manifest      null when the archive could not be read so far
     * @param counts        rows of each table that was read
     * @param digest        of the rows; of a schema this build does not know the one the manifest states; null when there is none
     * @param problems      what prevents an import of the archive; of faults too many to list, the first
     * @param missingImages keys that photos name, whose files are not in the archive although it says that it includes images. Servers
     *                      before 0.3.0 leave unreadable files out silently, so this alone prevents no import
     * @param hint          what to do about the problems; empty when there are none
     * @param checked       what was checked, one line each
     */
    public record Report(Manifest manifest, Map<Table, Long> counts, ContentDigest.Value digest, List<Problem> problems,
            List<String> missingImages, String hint, List<String> checked) {

        /** Returns whether the archive can be imported and lacks only the image files that it lists as missing. */
        public boolean ok() {
            return problems.isEmpty() && new HashSet<>(manifest.skippedImages()).containsAll(missingImages);
        }
    }

    private ArchiveVerification() {
    }

    /**
     * Reads the whole archive. Refusals are problems in the report, not exceptions.
     *
     * @param progress gets steps of one row or image, and a total when the manifest states how many rows there are
     */
    public static Report verify(Path archive, Progress progress) {
        return verify(ArchiveSource.of(archive), progress);
    }

    /** Verifies an archive that comes through a pipe, which is read and closed; an archive that is not in StoreIT's order is refused. */
    public static Report verify(String name, InputStream pipe, Progress progress) {
        return verify(ArchiveSource.of(name, pipe), progress);
    }

    private static Report verify(ArchiveSource archive, Progress progress) {
        var counts = new EnumMap<Table, Long>(Table.class);
        try (var references = new ReferenceIndex()) {
            var reading = new Reading(references, counts, progress);
            try {
                ArchiveReader.Contents contents = ArchiveReader.readAnySchema(archive, reading, ArchiveLimits.DEFAULT);
                return reading.report(contents);
            } catch (ArchiveException e) {
                return new Report(reading.manifest, counts, null, List.of(problem(e)), List.of(), e.hint(),
                        List.of("the archive up to the first fault; the rest was not checked"));
            }
        } catch (IOException e) {
            throw new ArchiveException("cannot verify " + archive.name() + ": " + Reasons.of(e),
                    "Check the free space for temporary files.", e);
        }
    }

    private static Problem problem(ArchiveException refusal) {
        String text = refusal.getMessage();
        int end = text.indexOf(": ");
        return end < 0 ? new Problem(text, "") : new Problem(text.substring(end + 2), text.substring(0, end));
    }

    private static final class Reading implements ArchiveHandler {

        private final ReferenceIndex references;
        private final Map<Table, Long> counts;
        private final Progress progress;
        private final List<Problem> problems = new ArrayList<>();
        private Manifest manifest;
        private long steps;
        /** Counts image files whose name is not a hash, as the oldest servers wrote them. */
        private long unnamed;

        Reading(ReferenceIndex references, Map<Table, Long> counts, Progress progress) {
            this.references = references;
            this.counts = counts;
            this.progress = progress;
        }

        @Override
        public void manifest(Manifest found) {
            manifest = found;
            progress.total(found.rowsAndImages());
        }

        @Override
        public void row(Table table, long number, ObjectNode row) {
            if (number == 1) {
                progress.status("checking " + table.key());
            }
            if (isUnderstood()) {
                references.row(table, number, row);
            }
            step();
        }

        @Override
        public void tableEnd(Table table, long rows) {
            counts.put(table, rows);
        }

        @Override
        public void image(String key, long size, InputStream bytes) {
            references.image(key);
            unnamed += StorageKey.hash(key).isEmpty() ? 1 : 0;
            step();
        }

        @Override
        public void damagedImage(String key, ArchiveException damage) {
            if (problems.size() < MOST_DAMAGED) {
                problems.add(problem(damage));
            }
        }

        Report report(ArchiveReader.Contents contents) {
            progress.status("checking references");
            boolean whole = problems.isEmpty();
            for (ReferenceIndex.Fault fault : references.faults()) {
                problems.add(new Problem(fault.what(), fault.table().fileName() + " row " + fault.row()));
            }
            List<String> missing = manifest.includesImages() ? references.missingImages() : List.of();
            progress.done(steps);
            return new Report(manifest, counts, isUnderstood() ? contents.digest() : manifest.digest(), List.copyOf(problems), missing,
                    problems.isEmpty() ? "" : whole ? CONTRADICTION : DAMAGED, checked(contents));
        }

        private List<String> checked(ArchiveReader.Contents contents) {
            var checked = new ArrayList<String>();
            checked.add("every entry: name, kind, size and checksum, to the end of the file");
            long rows = counts.values().stream().mapToLong(Long::longValue).sum();
            if (isUnderstood()) {
                checked.add(rows + " rows, each value against schema version " + manifest.schemaVersion());
                checked.add("references between rows");
            } else {
                checked.add(rows + " rows, only as JSON: schema version " + manifest.schemaVersion() + " is newer than this program supports");
            }
            if (manifest.counts() == null && manifest.digest() == null) {
                checked.add("no counts and no digest: StoreIT before 0.3.0 did not write them");
            } else {
                boolean digest = isUnderstood() && ArchiveReader.isComparable(manifest.digest(), contents.digest());
                checked.add(digest ? "counts and digest: as the manifest states them" : "counts: as the manifest states them");
            }
            if (!manifest.includesImages()) {
                checked.add("no photos: the archive was written without them");
            } else {
                checked.add((contents.images() - unnamed) + " image files against the SHA-256 in their names"
                        + (unnamed == 0 ? "" : "; " + unnamed + " others have no such name"));
            }
            return checked;
        }

        private boolean isUnderstood() {
            return manifest.schemaVersion() <= SchemaTransforms.newest();
        }

        private void step() {
            if (++steps % PROGRESS_STEP == 0) {
                progress.done(steps);
            }
        }
    }
}
