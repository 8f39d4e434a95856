package io.storeit.server.backup;

import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.transfer.ImportOptions;
import io.storeit.interchange.transfer.ImportReport;
import io.storeit.interchange.transfer.Importer;
import io.storeit.interchange.transfer.SchemaCreator;
import io.storeit.server.db.Database;
import io.storeit.server.db.WriteGate;
import io.storeit.server.http.Caller;
import io.storeit.server.photo.ImageFolder;
import io.storeit.server.photo.RemovedImages;
import io.storeit.server.system.Writes;
import io.storeit.server.user.UserRepository;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Replaces the current data by the content of an archive, or adds it, while the server runs. A failure changes nothing. */
public final class Restore {
    private static final Logger LOG = System.getLogger(Restore.class.getName());

    private final Database database;
    private final Writes writes;
    private final ImageFolder images;
    private final RemovedImages removedImages;
    private final SchemaCreator schema;
    private final Duration sessionLifetime;
    private final InstantSource clock;

    public Restore(
            Database database,
            Writes writes,
            ImageFolder images,
            RemovedImages removedImages,
            SchemaCreator schema,
            Duration sessionLifetime,
            InstantSource clock) {
        this.database = database;
        this.writes = writes;
        this.images = images;
        this.removedImages = removedImages;
        this.schema = schema;
        this.sessionLifetime = sessionLifetime;
        this.clock = clock;
    }

    /**
     * Replaces everything. The new database is built and checked beside the old one, which clients continue to read and write.
     * Then writes are refused for the moment of the switch. The replaced database is kept as {@code <database>.pre-restore}.
     *
     * @param archive        a file in the folder of the jobs
     * @param newImageFolder the folder for images from then on; empty keeps the current one, because the archive's own belongs to
     *                       another machine
     * @param session        the session of the request: it continues if its user is in the archive, so that the client can see
     *                       the outcome
     */
    void replace(Path archive, Optional<Path> newImageFolder, Optional<Caller.Session> session, Job job) throws Exception {
        Path imageFolder = newImageFolder.orElse(images.path());
        String setting = newImageFolder.map(Path::toString).or(this::imageFolderSetting).orElse(null);
        withDatabaseOf(archive, imageFolder, new ImportOptions(true, setting, true), job, built -> {
            try (Database next = Database.open(built, WriteGate.OPEN)) {
                session.ifPresent(kept -> new UserRepository(next, clock).carryOver(kept, sessionLifetime));
                removedImages.copyTo(next);
            }
            writes.refuseDuring(() -> database.switchFile(() -> switchTo(database.file(), built)));
        });
        newImageFolder.ifPresent(images::change);
    }

    /**
     * Adds the content of an archive to the current data, in one transaction. Clients continue to read and write until it begins;
     * then writes are refused until it is committed.
     *
     * @param session the session of the request: its user becomes owner of the added groups; empty for all administrators
     * @return the URIs of tags that were omitted because they are already registered
     */
    List<String> merge(Path archive, Merge.Same same, Optional<Caller.Session> session, Job job) throws Exception {
        var skippedTags = new ArrayList<String>();
        withDatabaseOf(archive, images.path(), new ImportOptions(true, null, false), job, built -> {
            try (Database added = Database.open(built, WriteGate.OPEN)) {
                database.inTransaction(to -> added.read(from -> {
                    var merge = new Merge(from, to, same, clock.instant(), job);
                    writes.refuseDuring(() -> skippedTags.addAll(merge.run(session.map(Caller.Session::userId))));
                    return null;
                }));
            } finally {
                Files.delete(built);
            }
        });
        return skippedTags;
    }

    /** Uses the new database, whose image files are already in place. */
    @FunctionalInterface
    private interface Use {
        void of(Path built) throws Exception;
    }

    /** Builds and checks a database from the archive. When it cannot be used as intended, nothing of it remains. */
    private void withDatabaseOf(Path archive, Path imageFolder, ImportOptions options, Job job, Use use) throws Exception {
        // The folder of the jobs is on the same disk, and the next start empties it if this process is killed.
        Path built = archive.resolveSibling("restoring.db");
        Files.deleteIfExists(built);
        ImportReport report = Importer.build(archive, built, imageFolder, schema, options, job);
        try {
            report.warnings().forEach(warning -> LOG.log(Level.WARNING, "restore: " + warning));
            job.remark("notes", report.warnings());
            report.images().link();
            use.of(built);
        } catch (Exception | Error e) {
            report.images().discard();
            Files.deleteIfExists(built);
            throw e;
        }
        report.images().finish();
    }

    private static void switchTo(Path live, Path built) {
        DatabaseSwitch.makeSelfContained(live);
        Path kept = DatabaseSwitch.replace(live, built, DatabaseFiles.preRestore(live));
        LOG.log(Level.INFO, "previous database saved at " + kept + ". Delete it after verifying the restore.");
    }

    private Optional<String> imageFolderSetting() {
        return database.read(sql -> sql.first("SELECT value FROM settings WHERE key = ?", row -> row.getString(1),
                ContentDigest.IMAGE_FOLDER_SETTING));
    }
}
