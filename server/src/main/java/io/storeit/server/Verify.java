package io.storeit.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.ContentDigest;
import io.storeit.interchange.Json;
import io.storeit.interchange.Progress;
import io.storeit.interchange.StoreitVersion;
import io.storeit.interchange.Table;
import io.storeit.interchange.archive.ArchiveVerification;
import io.storeit.interchange.sqlite.DatabaseVerification;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The command {@code verify}: reads everything there is and prints what is wrong, for people or, with {@code --json}, for programs. */
final class Verify {
    private Verify() {
    }

    /** @return whether nothing is wrong */
    static boolean database(boolean images, boolean json, Main.Surroundings surroundings) {
        Config config = surroundings.config();
        Path file = config.paths().database();
        DatabaseVerification.Report report = DatabaseVerification.verify(file, images ? config.imageFolder() : null, Progress.NONE);
        List<Finding> problems = report.problems().stream().map(problem -> new Finding(problem.what(), problem.where())).toList();
        var result = new Result("database", file, report.ok(), report.schemaVersion(), StoreitVersion.APPLICATION, report.counts(), report.digest(), problems,
                report.missingImages());
        return print(result, json, surroundings.out());
    }

    /** @return whether nothing is wrong */
    static boolean archive(Path file, boolean json, Main.Surroundings surroundings) {
        ArchiveVerification.Report report = ArchiveVerification.verify(file, Progress.NONE);
        List<Finding> problems = report.problems().stream().map(problem -> new Finding(problem.what(), problem.where())).toList();
        boolean readable = report.manifest() != null;
        var result = new Result("archive", file, report.ok(), readable ? report.manifest().schemaVersion() : 0, readable ? report.manifest().appVersion() : null,
                report.counts(), report.digest(), problems, report.missingImages());
        return print(result, json, surroundings.out());
    }

    private record Finding(String what, String where) {
    }

    /**
     * @param appVersion the version that wrote the archive, or for a database that of this program; null when not known
     * @param digest     null when the content could not be read
     */
    private record Result(
            String kind,
            Path path,
            boolean ok,
            int schemaVersion,
            String appVersion,
            Map<Table, Long> counts,
            ContentDigest.Value digest,
            List<Finding> problems,
            List<String> missingImages) {
    }

    private static boolean print(Result result, boolean json, PrintStream out) {
        if (json) {
            try {
                out.println(Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json(result)));
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException("cannot print the result", e);
            }
            return result.ok();
        }
        out.println(result.kind() + " " + result.path() + ": " + (result.ok() ? "whole" : "NOT whole"));
        if (result.schemaVersion() > 0) {
            out.println("  schema version " + result.schemaVersion());
        }
        new TreeMap<>(result.counts()).forEach((table, count) -> out.println("  " + table.key() + ": " + count));
        if (result.digest() != null) {
            out.println("  digest " + result.digest().version() + ":" + result.digest().value());
        }
        result.problems().forEach(problem -> out.println("  problem: " + problem.what() + (problem.where().isEmpty() ? "" : " (" + problem.where() + ")")));
        result.missingImages().forEach(key -> out.println("  missing image: " + key));
        return result.ok();
    }

    private static ObjectNode json(Result result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", result.kind());
        json.put("path", result.path().toString());
        json.put("ok", result.ok());
        json.put("schema_version", result.schemaVersion());
        json.put("app_version", result.appVersion());
        ObjectNode counts = json.putObject("counts");
        new TreeMap<>(result.counts()).forEach((table, count) -> counts.put(table.key(), count));
        json.set("digest", result.digest() == null ? null : result.digest().toJson());
        ArrayNode problems = json.putArray("problems");
        result.problems().forEach(problem -> problems.addObject().put("what", problem.what()).put("where", problem.where()));
        ArrayNode missing = json.putArray("missing_images");
        result.missingImages().forEach(missing::add);
        return json;
    }
}
