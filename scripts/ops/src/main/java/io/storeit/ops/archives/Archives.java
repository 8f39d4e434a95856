package io.storeit.ops.archives;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.inspect.ArchiveCatalogue;
import io.storeit.interchange.inspect.ArchiveDifference;
import io.storeit.interchange.inspect.ArchiveVerification;
import io.storeit.interchange.inspect.VerificationReport;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.transfer.ArchiveConverter;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Json;
import io.storeit.ops.console.Pipe;
import io.storeit.ops.console.Plan;
import io.storeit.ops.console.Result;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileFacts;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Verifies, shows, compares and converts archives. The reading and comparing is in interchange. */
public final class Archives {
    private Archives() {}

    /** Returns the absolute path of an archive; fails when the file does not exist. */
    public static Path existing(Path archive) {
        if (!Files.isRegularFile(archive)) throw new OpsException(Exit.FAILED, "There is no file " + archive, "Check the path.");
        return archive.toAbsolutePath();
    }

    public static void requireCount(String option, int given) {
        if (given < 0) throw new OpsException(Exit.USAGE, option + " cannot be " + given, "Give 0 or a larger number.");
    }

    public static Result verify(Console console, Path archive) {
        Pipe.requireArchive(console, archive);
        Progress progress = console.following("Checking", "records");
        if (!Pipe.is(archive)) return new Verified(VerificationReport.of(archive.toAbsolutePath(), ArchiveVerification.verify(archive, progress)));
        return new Verified(VerificationReport.of(archive, ArchiveVerification.verify(Pipe.INPUT, Pipe.open(archive), progress)));
    }

    public record Verified(VerificationReport report) implements Result {
        @Override
        public ObjectNode json() {
            return report.toJson();
        }

        @Override
        public void print(Console console) {
            report.lines().forEach(console::print);
        }

        @Override
        public Exit exit() {
            return report.ok() ? Exit.OK : Exit.ARCHIVE;
        }
    }

    /** Summarizes an archive. An archive from before 0.3.0 has no counts in its manifest, so it is read completely. */
    public static Result summary(Console console, Path archive) {
        Manifest manifest = ArchiveReader.readManifest(archive);
        Map<Table, Long> counts = manifest.counts();
        if (counts == null && manifest.schemaVersion() <= SchemaTransforms.newest()) {
            try (var catalogue = ArchiveCatalogue.open(archive, false, console.following("Reading", "records"))) {
                counts = catalogue.counts();
            }
        }
        return new Summary(archive, manifest, counts == null ? Map.of() : counts);
    }

    record Summary(Path archive, Manifest manifest, Map<Table, Long> counts) implements Result {
        @Override
        public ObjectNode json() {
            ObjectNode json = manifest.toJson();
            json.remove("format_version"); // In this object it is the version of the JSON.
            if (manifest.createdAt() != null) json.put("created_at", manifest.createdAt().toString());
            var object = new ObjectNode(JsonNodeFactory.instance);
            object.put("archive", archive.toString()).put("bytes", FileFacts.sizeOf(archive)).setAll(json);
            ObjectNode rows = object.putObject("counts");
            counts.forEach((table, count) -> rows.put(table.key(), count));
            return object;
        }

        @Override
        public void print(Console console) {
            console.print("Archive: %s (%s)", archive, Words.megabytes(FileFacts.sizeOf(archive)));
            console.print("Written: %s", VerificationReport.written(manifest.createdAt(), manifest.appVersion()));
            console.print("Schema version: %d", manifest.schemaVersion());
            console.print("Image files: %s", !manifest.includesImages() ? "none" : manifest.skippedImages().isEmpty() ? "included"
                    : "included, except " + manifest.skippedImages().size() + " that could not be read");
            if (!counts.isEmpty()) console.print("Content: %s", VerificationReport.contents(counts));
            if (manifest.digest() != null) console.print("Digest: %s", manifest.digest().stamp());
            manifest.losses().losses().forEach(loss -> console.print("Lost in conversion: %s", Words.loss(loss)));
        }
    }

    /** Prints the content of an archive as a tree of places. It prints while it reads the catalogue, because the tree may be long. */
    public static final class Tree implements Result, Closeable {
        private final Path archive;
        private final int depth;
        private final ArchiveCatalogue catalogue;

        public Tree(Console console, Path archive, int depth) {
            this.archive = archive;
            this.depth = depth;
            this.catalogue = ArchiveCatalogue.open(archive, false, console.following("Reading", "records"));
        }

        @Override
        public ObjectNode json() {
            var object = new ObjectNode(JsonNodeFactory.instance).put("archive", archive.toString());
            var unreachable = new long[1];
            object.putPOJO("things", Json.streamed(out -> {
                out.writeStartArray();
                unreachable[0] = catalogue.walk(depth, line -> Json.append(out, line.toJson()));
                out.writeEndArray();
            }));
            return object.putPOJO("unreachable", Json.streamed(out -> out.writeNumber(unreachable[0])));
        }

        @Override
        public void print(Console console) {
            var group = new String[1];
            long unreachable = catalogue.walk(depth, line -> {
                if (line.depth() == 0 && catalogue.hasSeveralGroups() && !line.group().equals(group[0])) {
                    group[0] = line.group();
                    console.print("Group " + Quoted.bare(line.group()) + ":");
                }
                console.print(line.text());
            });
            if (unreachable > 0) {
                console.print("%s (a cycle) and %s not shown. 'storeit-ctl verify' lists them.",
                        Words.counted(unreachable, "record contains itself", "records contain themselves"), unreachable == 1 ? "is" : "are");
            }
        }

        @Override
        public void close() {
            catalogue.close();
        }
    }

    public static Result find(Console console, Path archive, String text, int limit) {
        try (var catalogue = ArchiveCatalogue.open(archive, true, console.following("Reading", "records"))) {
            return new Found(archive, text, catalogue.find(text, limit), catalogue.hasSeveralGroups());
        }
    }

    public record Found(Path archive, String text, ArchiveCatalogue.Hits hits, boolean severalGroups) implements Result {
        @Override
        public ObjectNode json() {
            var object = new ObjectNode(JsonNodeFactory.instance).put("archive", archive.toString()).put("text", text).put("total", hits.total());
            ArrayNode list = object.putArray("hits");
            hits.hits().forEach(hit -> list.add(hit.toJson()));
            return object;
        }

        @Override
        public void print(Console console) {
            for (var hit : hits.hits()) hit.lines(severalGroups).forEach(console::print);
            long more = hits.total() - hits.hits().size();
            if (hits.total() == 0) console.print("Found nothing for " + Quoted.of(text) + ".");
            else if (more > 0) console.print("%d more: --limit %d shows them.", more, hits.total());
        }
    }

    /** Reports the differences between two archives. It prints while it reads a scratch database, because the records may be many. */
    public static final class Difference implements Result, Closeable {
        private final ArchiveDifference difference;
        private final String older;
        private final String newer;
        private final int limit;

        private Difference(ArchiveDifference difference, String older, String newer, int limit) {
            this.difference = difference;
            this.older = older;
            this.newer = newer;
            this.limit = limit;
        }

        /** Compares two archives. @param newerName the name of the newer side: its file, or the address of its server */
        public static Difference between(Console console, Path older, Path newer, String newerName, int limit) {
            var difference = ArchiveDifference.between(older, newer, limit, console.following("Comparing", "records"));
            return new Difference(difference, older.toString(), newerName, limit);
        }

        @Override
        public ObjectNode json() {
            var object = new ObjectNode(JsonNodeFactory.instance);
            object.set("older", side(older, difference.older()));
            object.set("newer", side(newer, difference.newer()));
            object.put("compared_in_schema", difference.schemaVersion()).put("equal", difference.isEmpty());
            ObjectNode counts = object.putObject("counts");
            difference.counts().forEach((table, count) -> counts.putObject(table.key())
                    .put("added", count.added()).put("changed", count.changed()).put("removed", count.removed()));
            return object.putPOJO("changes", Json.streamed(out -> {
                out.writeStartArray();
                difference.forEach(change -> Json.append(out, change.toJson()));
                out.writeEndArray();
            }));
        }

        private static ObjectNode side(String place, Manifest manifest) {
            return new ObjectNode(JsonNodeFactory.instance).put("source", place).put("app_version", manifest.appVersion())
                    .put("schema_version", manifest.schemaVersion()).put("created_at", manifest.createdAt() == null ? null : manifest.createdAt().toString());
        }

        @Override
        public void print(Console console) {
            console.print("Before: " + words(older, difference.older()));
            console.print("After: " + words(newer, difference.newer()));
            if (difference.isEmpty()) {
                console.print("No difference.");
                return;
            }
            var current = new Table[1];
            difference.forEach(change -> {
                if (current[0] != change.table()) {
                    current[0] = change.table();
                    console.print(Words.difference(Map.of(current[0], difference.counts().get(current[0]))) + ":");
                }
                console.print("  " + console.styled(colour(change.kind()), change.text().substring(0, 1)) + change.text().substring(1));
            });
            if (limit == 0) console.print(Words.difference(difference.counts()) + ".");
            else if (largest() > limit) console.print("Only the first %d of each kind are listed; --limit %d lists all.", limit, largest());
        }

        private static String colour(ArchiveDifference.Kind kind) {
            return switch (kind) {
                case ADDED -> "green";
                case CHANGED -> "yellow";
                case REMOVED -> "red";
            };
        }

        private long largest() {
            return difference.counts().values().stream().flatMapToLong(count -> LongStream.of(count.added(), count.changed(), count.removed()))
                    .max().orElse(0);
        }

        private static String words(String place, Manifest manifest) {
            return place + ", " + VerificationReport.written(manifest.createdAt(), manifest.appVersion()) + ", schema version " + manifest.schemaVersion();
        }

        @Override
        public void close() {
            difference.close();
        }
    }

    /**
     * Reports a converted archive.
     *
     * @param fromSchema schema version of the old archive
     * @param losses the values that the new schema cannot hold, in the form of a manifest
     */
    public record Converted(Path archive, Path output, long bytes, int fromSchema, int toSchema, ArrayNode losses, String digest) implements Result {
        @Override
        public void print(Console console) {
            console.print("Converted: %s (%s), schema version %d to %d", output, Words.megabytes(bytes), fromSchema, toSchema);
        }
    }

    public static Result convert(Console console, ConvertRequest given) {
        Path archive = given.archive();
        console.dryRun(given.dryRun());
        if (given.schema() != null) {
            if (given.schema() < 1) throw new OpsException(Exit.USAGE, "There is no schema version " + given.schema(), "The first one is 1.");
        }
        Path output = given.output().toAbsolutePath();
        Destination.requireWritable(output);
        try {
            if (Files.exists(output) && Files.isSameFile(archive, output)) {
                throw new OpsException(Exit.USAGE, "Cannot convert " + archive + " into itself", "Name another file with -o.");
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        if (Files.exists(output)) console.requireConsent(given.yes(), "--yes", output + " exists.", "Replace it?");
        int before = ArchiveReader.readManifest(archive).schemaVersion();
        var options = new ArchiveConverter.Options(given.schema() == null ? 0 : given.schema(), given.version(), !given.withoutImages());
        String reader = given.version() != null ? "Version " + given.version() : "Schema version " + given.schema();
        Consumer<LossReport> consent = losses -> requireConsentToLosses(console, reader, losses, given.acceptLoss(), archive);
        if (given.dryRun()) {
            LossReport losses = ArchiveConverter.losses(archive, options, console.following("Reading", "records"));
            if (!losses.isEmpty()) consent.accept(losses);
            return Plan.of(console, List.of("Write " + output + " from " + archive));
        }
        Manifest written = ArchiveConverter.convert(archive, output, options, consent, console.following("Converting", "records")).manifest();
        return new Converted(archive, output, FileFacts.sizeOf(output), before, written.schemaVersion(), written.losses().toJson(),
                written.digest() == null ? null : written.digest().stamp());
    }

    /**
     * Prints the values that would be lost, and asks for consent unless it was given.
     *
     * @param reader the version that cannot hold them
     * @param stays the file that keeps them
     */
    public static void requireConsentToLosses(Console console, String reader, LossReport losses, boolean accepted, Path stays) {
        String fact = reader + " cannot hold:\n" + losses.losses().stream().map(loss -> "  " + Words.loss(loss)).collect(Collectors.joining("\n"))
                + "\nThese values stay in " + stays + ".";
        if (accepted) console.say("%s", fact);
        else console.requireConsent(false, "--accept-loss", fact, "Continue without them?");
    }
}
