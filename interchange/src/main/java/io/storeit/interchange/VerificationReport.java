package io.storeit.interchange;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveVerification;
import io.storeit.interchange.sqlite.DatabaseVerification;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What verifying an archive or a database found, in the one form in which server and tool print it. Its JSON is the output of
 * {@code verify --json}, which every server from 0.3.0 on keeps.
 *
 * @param kind          {@code archive} or {@code database}
 * @param ok            whether nothing is wrong
 * @param schemaVersion 0 when it could not be read so far
 * @param appVersion    the version that wrote the archive, or the one that checked the database; null when not known
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
        Map<Table, Long> counts,
        ContentDigest.Value digest,
        List<Problem> problems,
        List<String> missingImages,
        String hint) {

    /**
     * Something that is wrong.
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
                readable ? report.manifest().appVersion() : null, report.counts(), report.digest(),
                report.problems(), report.missingImages(), report.hint());
    }

    public static VerificationReport of(Path database, DatabaseVerification.Report report) {
        return new VerificationReport("database", database, report.ok(), report.schemaVersion(), StoreitVersion.APPLICATION, report.counts(),
                report.digest(), report.problems(), report.missingImages(), "");
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", kind);
        json.put("path", path.toString());
        json.put("ok", ok);
        json.put("schema_version", schemaVersion);
        json.put("app_version", appVersion);
        ObjectNode rows = json.putObject("counts");
        counts.forEach((table, count) -> rows.put(table.key(), count));
        json.set("digest", digest == null ? null : digest.toJson());
        ArrayNode found = json.putArray("problems");
        problems.forEach(problem -> found.addObject().put("what", problem.what()).put("where", problem.where()));
        ArrayNode missing = json.putArray("missing_images");
        missingImages.forEach(missing::add);
        return json;
    }

    /** For people, a line each. */
    public List<String> lines() {
        var lines = new ArrayList<String>();
        lines.add(kind + " " + path + ": " + (ok ? "whole" : "NOT whole") + (ok && kind.equals("archive") ? ", can be imported" : ""));
        if (appVersion != null && kind.equals("archive")) lines.add("  written by StoreIT " + appVersion);
        if (schemaVersion > 0) lines.add("  schema version " + schemaVersion);
        counts.forEach((table, count) -> lines.add("  " + table.key() + ": " + count));
        if (digest != null) lines.add("  digest " + digest.stamp());
        problems.forEach(problem -> lines.add("  problem: " + problem));
        missingImages.forEach(key -> lines.add("  missing image: " + key));
        if (!hint.isEmpty()) lines.add("  " + hint);
        return lines;
    }
}
