package io.storeit.server.backup;

import io.storeit.interchange.base.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;

/** A long piece of work. Its worker reports to it, and its status route reads it. */
final class Job implements Progress {

    /** The kind of work, with its name in messages about a job that does not exist. */
    enum Type {
        BACKUP("backup_job"),
        RESTORE("restore_job"),
        STORAGE_MIGRATION("storage_migration_job");

        private final String entity;

        Type(String entity) {
            this.entity = entity;
        }

        String entity() {
            return entity;
        }
    }

    /**
     * The longest time of a job: far more than the largest household needs on the slowest disk. A job that still runs then is
     * stuck.
     */
    private static final Duration LONGEST = Duration.ofHours(12);

    private final String id;
    private final Type type;
    /** The archive that a backup makes or a restore reads. It is deleted with the job. Null for a job without one. */
    private final Path archive;
    private final InstantSource clock;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile JobState state = new JobState.Pending();
    private volatile Instant finished;
    /** The reason why it has to end; null while it may continue. */
    private volatile String cancelled;
    private volatile Instant latestEnd = Instant.MAX;
    /** Remarks about the outcome, by the name under which the client sees them. */
    private final Map<String, List<String>> remarks = new ConcurrentSkipListMap<>();

    Job(String id, Type type, Path archive, InstantSource clock) {
        this.id = id;
        this.type = type;
        this.archive = archive;
        this.clock = clock;
    }

    String id() {
        return id;
    }

    Type type() {
        return type;
    }

    Optional<Path> archive() {
        return Optional.ofNullable(archive);
    }

    JobState state() {
        return state;
    }

    /** Returns when it ended, in whatever way; empty until then. */
    Optional<Instant> finished() {
        return Optional.ofNullable(finished);
    }

    /** Adds a remark to the outcome, such as the names of omitted photos. */
    void remark(String name, List<String> values) {
        remarks.put(name, List.copyOf(values));
    }

    /** Begins the work, or throws when it was cancelled while it waited for its turn. */
    void begin() {
        goOn();
        latestEnd = clock.instant().plus(LONGEST);
        state = new JobState.Running(0, 0);
    }

    void succeed() {
        end(new JobState.Succeeded(running().total(), remarks));
    }

    void fail(String error) {
        JobState.Running last = running();
        end(new JobState.Failed(last.progress(), last.total(), error));
    }

    private void end(JobState last) {
        finished = clock.instant();
        state = last;
        ended.countDown();
    }

    /** Returns when the job has ended, in whatever way. */
    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /**
     * Makes the work end at its next report of progress.
     *
     * @param reason shown to the client that asks for the outcome
     */
    void cancel(String reason) {
        cancelled = reason;
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
        if (cancelled != null) {
            throw new CancellationException(cancelled);
        }
        if (clock.instant().isAfter(latestEnd)) {
            throw new CancellationException("it took longer than " + LONGEST.toHours() + " hours");
        }
    }

    private JobState.Running running() {
        return state instanceof JobState.Running running ? running : new JobState.Running(0, 0);
    }
}
