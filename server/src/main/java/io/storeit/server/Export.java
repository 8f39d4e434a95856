package io.storeit.server;

import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.transfer.ExportOptions;
import io.storeit.interchange.transfer.ExportReport;
import io.storeit.interchange.transfer.Exporter;
import java.io.PrintStream;
import java.nio.file.Path;

/** Runs the command {@code export}. It reads in one transaction and changes nothing, so the server may run meanwhile. */
final class Export {
    private Export() {
    }

    /**
     * @param toSchema   0 for the database's own
     * @param forVersion null for any
     */
    static void run(
            Path output, int toSchema, String forVersion, boolean images, boolean allowMissingImages, Environment environment) {
        Config config = environment.config();
        Path database = config.paths().database();
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        Databases.refuseUnlessThere(state, database, "export");
        ExportReport report = Exporter.export(database, config.imageFolder(), output,
                new ExportOptions(images, toSchema, forVersion, StoreitVersion.APPLICATION, allowMissingImages), Progress.NONE);
        print(output, report, environment.out());
    }

    private static void print(Path output, ExportReport report, PrintStream out) {
        Manifest manifest = report.manifest();
        long records = manifest.counts().values().stream().mapToLong(Long::longValue).sum();
        out.println("Exported " + records + " records to " + output + " (schema version " + manifest.schemaVersion() + ")");
        for (LossReport.Loss loss : manifest.losses().losses()) {
            out.println("Lost: " + loss.table() + "." + loss.field() + " of " + loss.records() + " records");
            loss.examples().forEach(example -> out.println("  " + example.name() + " (" + example.id() + "): " + example.value()));
            if (loss.records() > loss.examples().size()) {
                out.println("  and " + (loss.records() - loss.examples().size()) + " more");
            }
        }
        manifest.skippedImages().forEach(key -> out.println("Missing image: " + key));
        report.notes().forEach(note -> out.println("Warning: " + note));
    }
}
