package io.storeit.server.backup;

import io.storeit.interchange.Progress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** One backup or restore: what its worker reports and its status route reads. */
final class Job implements Progress {

    /** What is being done; the name in messages about a job that is not there. */
    enum Type {
        BACKUP("backup_job"),
        RESTORE("restore_job");

        private final String entity;

        Type(String entity) {
            this.entity = entity;
        }

        String entity() {
            return entity;
        }
    }

    private final String id;
    private final Type type;
    /** The archive a backup makes, or the one a restore reads. Deleted with the job. */
    private final Path archive;
    private volatile JobState state = new JobState.Pending();
    private volatile Instant finished;
    private volatile boolean cancelled;
    private volatile List<String> skippedImages = List.of();

    Job(String id, Type type, Path archive) {
        this.id = id;
        this.type = type;
        this.archive = archive;
    }

    String id() {
        return id;
    }

    Type type() {
        return type;
    }

    Path archive() {
        return archive;
    }

    JobState state() {
        return state;
    }

    /** When it ended, in whatever way; empty until then. */
    Optional<Instant> finished() {
        return Optional.ofNullable(finished);
    }

    void skipped(List<String> images) {
        skippedImages = List.copyOf(images);
    }

    void begin() {
        state = new JobState.Running(0, 0);
    }

    void succeed(Instant now) {
        state = new JobState.Succeeded(running().total(), skippedImages);
        finished = now;
    }

    void fail(Instant now, String error) {
        JobState.Running last = running();
        state = new JobState.Failed(last.progress(), last.total(), error);
        finished = now;
    }

    /** Makes the work end at its next report of progress. */
    void cancel() {
        cancelled = true;
    }

    @Override
    public void status(String status) {
        goOn();
    }

    @Override
    public void total(long steps) {
        goOn();
        state = new JobState.Running(running().progress(), steps);
    }

    @Override
    public void done(long steps) {
        goOn();
        state = new JobState.Running(steps, running().total());
    }

    private void goOn() {
        if (cancelled) {
            throw new CancellationException("the server is stopping");
        }
    }

    private JobState.Running running() {
        return state instanceof JobState.Running running ? running : new JobState.Running(0, 0);
    }
}
