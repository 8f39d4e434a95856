package io.storeit.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.InterchangeException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.interchange.transfer.ExportOptions;
import io.storeit.interchange.transfer.ExportReport;
import io.storeit.interchange.transfer.Exporter;
import io.storeit.server.backup.WorkFolder;
import io.storeit.server.problem.Problem;
import java.io.File;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs the command {@code auto-upgrade}, which the container starts before it serves. It brings the database to this build's
 * schema by export and import, never in place. The user's guide promises the log lines. The images stay where they are, so the
 * temporary archive contains none.
 *
 * <p>A failure leaves a note beside the database, {@code <database>.auto-upgrade-failed}. While database and program are the
 * same, another start, as in a restart loop, would fail in the same way. It prints the reason again and copies nothing.
 */
final class AutoUpgrade {
    private static final Logger LOG = System.getLogger(AutoUpgrade.class.getName());

    private final Config config;
    private final Path live;
    private final Path note;

    private AutoUpgrade(Config config) {
        this.config = config;
        live = config.paths().database();
        note = DatabaseFiles.autoUpgradeFailed(live);
    }

    static void run(Config config) throws IOException {
        new AutoUpgrade(config).run();
    }

    private void run() throws IOException {
        DatabaseInspection.State state = DatabaseInspection.inspect(live);
        int expected = SchemaTransforms.newest();
        switch (state.kind()) {
            case ABSENT, EMPTY -> LOG.log(Level.INFO, "no existing database found, skipping auto-upgrade");
            case STOREIT -> {
                if (state.schemaVersion() == expected) {
                    LOG.log(Level.INFO, "schema version " + expected + " matches, no migration needed");
                    Files.deleteIfExists(note);
                } else {
                    upgrade(state, expected);
                }
            }
            case NEWER -> throw Databases.newer(state);
            case OLDER_DEVELOPMENT, DAMAGED, INCONSISTENT, FOREIGN, UNREADABLE -> throw Databases.unusable(state, live);
        }
    }

    @SuppressWarnings("try") // the lock is only held
    private void upgrade(DatabaseInspection.State state, int expected) throws IOException {
        refuseAfterSameFailure();
        try (Locks.Held lock = Locks.tryDatabase(live).orElseThrow(() -> Databases.inUse(live))) {
            LOG.log(Level.INFO, "schema version mismatch: database has " + state.schemaVersion() + ", binary expects " + expected
                    + " — auto-upgrading");
            var work = new WorkFolder(live);
            work.empty();
            try {
                Path kept = exportAndImport(state, work.create().resolve("auto-upgrade.storeit"));
                Files.deleteIfExists(note);
                LOG.log(Level.INFO, "auto-upgrade complete: schema version " + state.schemaVersion() + " -> " + expected);
                LOG.log(Level.INFO, "previous database saved at " + kept + ". Delete it after verifying the upgrade.");
            } catch (InterchangeException | Problem | IOException e) {
                LOG.log(Level.ERROR, "auto-upgrade import failed: " + e.getMessage());
                leaveNote(e);
                throw Problem.refused("auto-upgrade failed: " + e.getMessage() + ". The database was not changed.", howToTryAgain(), e);
            } finally {
                work.empty();
            }
        }
    }

    /** @return where the old database is kept */
    private Path exportAndImport(DatabaseInspection.State state, Path archive) throws IOException {
        var options = new ExportOptions(false, 0, null, StoreitVersion.APPLICATION, true);
        ExportReport report = Exporter.export(live, config.imageFolder(), archive, options, Progress.NONE);
        report.notes().forEach(odd -> LOG.log(Level.WARNING, "export: " + odd));
        LOG.log(Level.INFO, "exported data to temporary archive");
        Path kept = DatabaseFiles.preUpgrade(live);
        Import.replace(archive, live, config.imageFolder(), ServerPaths.imageFolderSetting(live), state, kept,
                () -> LOG.log(Level.INFO, "backing up database to " + kept));
        LOG.log(Level.INFO, "import completed successfully");
        return kept;
    }

    private void refuseAfterSameFailure() throws IOException {
        if (!Files.exists(note)) {
            return;
        }
        JsonNode failure = Json.parseOrNull(Files.readString(note));
        if (failure != null
                && failure.path("database").asText().equals(fingerprint(live))
                && failure.path("program").asText().equals(program())) {
            String reason = failure.path("reason").asText();
            throw Problem.refused("auto-upgrade failed before: " + reason + ". Nothing was tried again.", howToTryAgain());
        }
    }

    /** Writes the note. The failure may also prevent that, for example when the disk is full; the next start then tries again. */
    private void leaveNote(Exception failed) {
        try {
            ObjectNode failure = JsonNodeFactory.instance.objectNode();
            failure.put("database", fingerprint(live)).put("program", program()).put("reason", failed.getMessage());
            Files.writeString(note, failure + "\n");
        } catch (IOException e) {
            failed.addSuppressed(e);
        }
    }

    private String howToTryAgain() {
        return "Start the previous version, or fix the reason and delete " + note + " to try again.";
    }

    /**
     * Identifies this program by the file that Java was given. Classes from a start-up cache of Java 25 name the file that the
     * cache was made with.
     */
    private static String program() throws IOException {
        Path code = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0]);
        return StoreitVersion.APPLICATION + " " + (Files.isRegularFile(code) ? fingerprint(code) : "");
    }

    /** Tells a changed file from an unchanged one without reading it. */
    private static String fingerprint(Path file) throws IOException {
        return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
    }
}
