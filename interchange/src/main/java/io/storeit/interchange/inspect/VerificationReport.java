package io.storeit.interchange.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Table;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reports what verifying an archive or a database found, in the one form in which server and tool print it. Its JSON is the output of
 * {@code verify --json}, which every server from 0.3.0 on keeps.
 *
 * @param kind          {@code archive} or {@code database}
 * @param path          {@link #PIPE} when it came through one
 * @param ok            whether nothing is wrong
 * @param schemaVersion 0 when it could not be read so far
 * @param appVersion    the version that wrote the archive, or the one that checked the database; null when not known
 * @param createdAt     when the data of the archive was read; null for databases, and when not known
 * @param checked       what was checked, one line each
 * @param counts        rows of each table that was read
 * @param digest        null when the content could not be read
 * @param problems      what is wrong, each with the file and row
 * @param missingImages keys that photos name, without a file
 * @param hint          what to do about the problems; may be empty
 */
public record VerificationReport(
        String kind,
        Path path,
        boolean ok,
        int schemaVersion,
        String appVersion,
        Instant createdAt,
        List<String> checked,
        Map<Table, Long> counts,
        ContentDigest.Value digest,
        List<Problem> problems,
        List<String> missingImages,
        String hint) {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT);

    /** Replaces the path of an archive that came through a pipe. */
    public static final Path PIPE = Path.of("-");

    /**
     * Describes a fault.
     *
     * @param what  the fault
     * @param where the file and row or the table and record, for example {@code items.json row 17}; empty when the fault says it
     */
    public record Problem(String what, String where) {
        @Override
        public String toString() {
            return where.isEmpty() ? what : where + ": " + what;
        }
    }

    public static VerificationReport of(Path archive, ArchiveVerification.Report report) {
        boolean readable = report.manifest() != null;
        return new VerificationReport("archive", archive, report.ok(), readable ? report.manifest().schemaVersion() : 0,
                readable ? report.manifest().appVersion() : null,
                readable ? report.manifest().createdAt() : null, report.checked(), report.counts(), report.digest(), report.problems(),
                report.missingImages(), report.hint());
    }

    public static VerificationReport of(Path database, DatabaseVerification.Report report) {
        return new VerificationReport("database", database, report.ok(), report.schemaVersion(), StoreitVersion.APPLICATION, null,
                report.checked(), report.counts(), report.digest(), report.problems(), report.missingImages(), "");
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", kind);
        json.put("path", path.toString());
        json.put("ok", ok);
        json.put("schema_version", schemaVersion);
        json.put("app_version", appVersion);
        json.put("created_at", createdAt == null ? null : createdAt.toString());
        checked.forEach(json.putArray("checked")::add);
        ObjectNode rows = json.putObject("counts");
        counts.forEach((table, count) -> rows.put(table.key(), count));
        json.set("digest", digest == null ? null : digest.toJson());
        ArrayNode found = json.putArray("problems");
        problems.forEach(problem -> found.addObject().put("what", problem.what()).put("where", problem.where()));
        ArrayNode missing = json.putArray("missing_images");
        missingImages.forEach(missing::add);
        return json;
    }

    /** Returns the report for people, one line each. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        String verdict = !ok ? "INVALID" : kind.equals("archive") ? "valid, can be imported" : "valid";
        lines.add(kind + (path.equals(PIPE) ? " from standard input" : " " + path) + ": " + verdict);
        if (kind.equals("archive") && schemaVersion > 0) {
            lines.add("  written: " + written(createdAt, appVersion));
        }
        if (schemaVersion > 0) lines.add("  schema version: " + schemaVersion);
        if (!counts.isEmpty()) lines.add("  contents: " + contents(counts));
        if (digest != null) lines.add("  digest: " + digest.stamp());
        lines.add("  checked:");
        checked.forEach(what -> lines.add("    " + what));
        if (!problems.isEmpty()) {
            lines.add("  problems: " + problems.size());
            byPlace(problems).forEach((place, faults) -> {
                if (!place.isEmpty()) lines.add("    " + place);
                faults.forEach(fault -> lines.add((place.isEmpty() ? "    " : "      ") + fault));
            });
        }
        if (!missingImages.isEmpty()) {
            lines.add("  missing image files: " + missingImages.size());
            missingImages.forEach(key -> lines.add("    " + key));
        }
        if (!hint.isEmpty()) lines.add("  " + hint);
        return lines;
    }

    /** Returns time and writer, for example {@code 2026-04-02 08:15:30 UTC by StoreIT 0.2.1}. */
    public static String written(Instant createdAt, String appVersion) {
        return (createdAt == null ? "at an unknown time" : TIME.format(createdAt.atOffset(ZoneOffset.UTC)))
                + (appVersion == null ? "" : " by StoreIT " + appVersion);
    }

    /** Returns the counts in words, for example {@code 5 users, 2 groups, no settings, 318 items}. */
    public static String contents(Map<Table, Long> counts) {
        var parts = new ArrayList<String>();
        counts.forEach((table, count) -> parts.add((count == 0 ? "no" : count) + " " + table.label() + (count == 1 ? "" : "s")));
        return String.join(", ", parts);
    }

    /** Groups the faults by file, so that each file is printed once. */
    private static Map<String, List<String>> byPlace(List<Problem> problems) {
        var places = new LinkedHashMap<String, List<String>>();
        for (Problem problem : problems) {
            int row = problem.where().indexOf(" row ");
            String place = row < 0 ? problem.where() : problem.where().substring(0, row);
            places.computeIfAbsent(place, first -> new ArrayList<>())
                    .add(row < 0 ? problem.what() : problem.where().substring(row + 1) + ": " + problem.what());
        }
        return places;
    }
}
