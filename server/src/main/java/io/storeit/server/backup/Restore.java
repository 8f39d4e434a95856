package io.storeit.server.backup;

import io.storeit.interchange.ContentDigest;
import io.storeit.interchange.Progress;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.ImportOptions;
import io.storeit.interchange.sqlite.ImportReport;
import io.storeit.interchange.sqlite.Importer;
import io.storeit.interchange.sqlite.SchemaCreator;
import io.storeit.server.db.Database;
import io.storeit.server.db.WriteGate;
import io.storeit.server.http.Caller;
import io.storeit.server.system.ImageFolder;
import io.storeit.server.system.Writes;
import io.storeit.server.user.UserRepository;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Replaces everything with the content of an archive while the server runs. The new database is built and checked beside the old
 * one, during which everybody goes on reading and writing the old one; then writes are refused for the moment of the switch. The
 * replaced database stays as {@code <database>.pre-restore}. On any failure nothing has changed.
 */
public final class Restore {
    private static final Logger LOG = System.getLogger(Restore.class.getName());

    private final Database database;
    private final Writes writes;
    private final ImageFolder images;
    private final SchemaCreator schema;
    private final Duration sessionLifetime;
    private final InstantSource clock;

    public Restore(
            Database database,
            Writes writes,
            ImageFolder images,
            SchemaCreator schema,
            Duration sessionLifetime,
            InstantSource clock) {
        this.database = database;
        this.writes = writes;
        this.images = images;
        this.schema = schema;
        this.sessionLifetime = sessionLifetime;
        this.clock = clock;
    }

    /**
     * @param archive        in the folder of the jobs
     * @param newImageFolder where images go from now on; empty keeps the folder, as the archive's own belongs to another machine
     * @param session        of whoever asked: goes on if its user is in the archive, so that the outcome can be seen
     */
    void replace(Path archive, Optional<Path> newImageFolder, Optional<Caller.Session> session, Progress progress) throws Exception {
        Path live = database.file();
        // In the folder of the jobs, so on the same disk, and gone with it if this process is killed.
        Path built = archive.resolveSibling("restoring.db");
        Files.deleteIfExists(built);
        Path imageFolder = newImageFolder.orElse(images.path());
        String setting = newImageFolder.map(Path::toString).or(this::imageFolderSetting).orElse(null);
        ImportReport report = Importer.build(archive, built, imageFolder, schema, new ImportOptions(true, setting, true), progress);
        try {
            report.warnings().forEach(warning -> LOG.log(Level.WARNING, "restore: " + warning));
            session.ifPresent(kept -> keepSession(built, kept));
            report.images().link();
            writes.refuseDuring(() -> database.switchFile(() -> switchTo(live, built)));
        } catch (Exception | Error e) {
            report.images().discard();
            Files.deleteIfExists(built);
            throw e;
        }
        report.images().finish();
        newImageFolder.ifPresent(images::change);
    }

    private static void switchTo(Path live, Path built) {
        DatabaseSwitch.makeSelfContained(live);
        Path kept = DatabaseSwitch.replace(live, built, live.resolveSibling(live.getFileName() + ".pre-restore"));
        LOG.log(Level.INFO, "previous database saved at " + kept + ". Delete it after verifying the restore.");
    }

    private Optional<String> imageFolderSetting() {
        return database.read(sql -> sql.first("SELECT value FROM settings WHERE key = ?", row -> row.getString(1),
                ContentDigest.IMAGE_FOLDER_SETTING));
    }

    private void keepSession(Path built, Caller.Session session) {
        try (Database other = Database.open(built, WriteGate.OPEN)) {
            new UserRepository(other, clock).carryOver(session, sessionLifetime);
        }
    }
}
