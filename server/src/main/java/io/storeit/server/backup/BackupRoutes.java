package io.storeit.server.backup;

import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.transfer.ExportOptions;
import io.storeit.interchange.transfer.ExportReport;
import io.storeit.interchange.transfer.Exporter;
import io.storeit.server.db.Database;
import io.storeit.server.http.Caller;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Multipart;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.photo.ImageFolder;
import io.storeit.server.photo.StorageMigration;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** Answers the administrator's requests for backups, restores and the like. The work itself happens in {@link Jobs}. */
public final class BackupRoutes {
    private static final Logger LOG = System.getLogger(BackupRoutes.class.getName());
    private static final DateTimeFormatter TIME_IN_NAME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final Jobs jobs;
    private final Restore restore;
    private final Database database;
    private final StorageMigration storage;
    private final ImageFolder images;
    private final long uploadLimit;
    private final InstantSource clock;

    /** @param uploadLimit bytes a restore may upload */
    public BackupRoutes(
            Jobs jobs,
            Restore restore,
            StorageMigration storage,
            Database database,
            ImageFolder images,
            long uploadLimit,
            InstantSource clock) {
        this.jobs = jobs;
        this.restore = restore;
        this.storage = storage;
        this.database = database;
        this.images = images;
        this.uploadLimit = uploadLimit;
        this.clock = clock;
    }

    /**
     * Starts a backup. {@code allow_missing_images} is an addition to the contract: without it a backup that cannot read a photo
     * fails and names the photo.
     */
    public Response startBackup(Request request) throws IOException {
        JsonBody body = request.json();
        var options = new ExportOptions(body.flag("include_images"), 0, null, StoreitVersion.APPLICATION,
                body.optionalFlag("allow_missing_images").orElse(false));
        Path archive = jobs.newArchive("backup");
        Job job = jobs.start(Job.Type.BACKUP, archive, running -> {
            ExportReport report = Exporter.export(database.file(), images.path(), archive, options, running);
            running.remark("skipped_images", report.manifest().skippedImages());
            running.remark("notes", report.notes());
            report.notes().forEach(note -> LOG.log(Level.WARNING, "backup: " + note));
        });
        return started(job);
    }

    public Response backupStatus(Request request) {
        return Response.ok(jobs.find(Job.Type.BACKUP, request.pathText("job_id")).state().json());
    }

    public Response downloadBackup(Request request) throws IOException {
        Job job = jobs.find(Job.Type.BACKUP, request.pathText("job_id"));
        Optional<Path> archive = job.archive().filter(file -> job.state() instanceof JobState.Succeeded);
        return Response.download(archive.orElseThrow(() -> Problem.validation("backup job is not complete")),
                "storeit-backup-" + TIME_IN_NAME.format(clock.instant()) + ".storeit");
    }

    /** Ends the job, or removes one that has ended together with its archive. This is an addition to the contract. */
    public Response discardBackup(Request request) {
        jobs.discard(jobs.find(Job.Type.BACKUP, request.pathText("job_id")));
        return Response.noContent();
    }

    /** Does for a restore what {@link #discardBackup} does for a backup. */
    public Response discardRestore(Request request) {
        jobs.discard(jobs.find(Job.Type.RESTORE, request.pathText("job_id")));
        return Response.noContent();
    }

    /** Migrates the images and answers when that is done, because the contract has no way to ask for the outcome later. */
    public Response migrateStorage(Request request) throws InterruptedException {
        var outcome = new AtomicReference<StorageMigration.Outcome>();
        Job job = jobs.start(Job.Type.STORAGE_MIGRATION, null, running -> outcome.set(storage.run(running)));
        job.awaitEnd();
        if (outcome.get() == null) {
            throw Problem.unavailable("not all images were migrated; send the request again for the rest");
        }
        return Response.ok(outcome.get());
    }

    public Response startRestore(Request request) throws IOException {
        Path archive = jobs.newArchive("uploaded");
        try {
            Multipart form = Multipart.receive(request, uploadLimit, archive, Set.of("options"));
            form.requireFile();
            Jobs.Work work = restoring(archive, form.bytes("options"), request.caller().session());
            return started(jobs.start(Job.Type.RESTORE, archive, job -> {
                try {
                    work.run(job);
                } finally {
                    Files.deleteIfExists(archive);
                }
            }));
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(archive);
            throw e;
        }
    }

    /**
     * Reads the options of a restore. {@code map_groups} and {@code map_users} are additions to the contract: for a merge, they
     * state which groups and users of the archive are the same as existing ones, as objects of ids here by ids in the archive.
     */
    private Jobs.Work restoring(Path archive, byte[] json, Optional<Caller.Session> session) {
        String mode;
        Optional<Path> folder;
        Merge.Same same;
        try {
            JsonBody options = JsonBody.parse(json);
            mode = options.text("mode");
            folder = options.optionalText("image_storage_path").map(String::strip).filter(text -> !text.isEmpty())
                    .map(ImageFolder::parse).filter(path -> !path.equals(images.path()));
            same = new Merge.Same(options.idsById("map_groups"), options.idsById("map_users"));
        } catch (Problem e) {
            // Any error in the options is 400, also one that would be 422 in a JSON body.
            throw e.kind() == Problem.Kind.VALIDATION_ERROR ? e : Problem.validation("options: " + e.getMessage());
        }
        folder.ifPresent(images::requireChangeable);
        switch (mode) {
            case "replace" -> {
                return job -> restore.replace(archive, folder, session, job);
            }
            case "merge" -> {
                if (folder.isPresent()) {
                    throw Problem.validation("mode 'merge' keeps the image folder " + images.path());
                }
                return job -> job.remark("skipped_tags", restore.merge(archive, same, session, job));
            }
            default -> throw Problem.validation("invalid mode: " + mode + ", must be 'replace' or 'merge'");
        }
    }

    public Response restoreStatus(Request request) {
        return Response.ok(jobs.find(Job.Type.RESTORE, request.pathText("job_id")).state().json());
    }

    private static Response started(Job job) {
        return Response.ok(Map.of("job_id", job.id()));
    }
}
