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

/** One long piece of work: what its worker reports and its status route reads. */
final class Job implements Progress {

    /** What is being done; the name in messages about a job that is not there. */
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

    /** Far more than the largest household needs on the slowest disk; whatever still runs then is stuck. */
    private static final Duration LONGEST = Duration.ofHours(12);

    private final String id;
    private final Type type;
    /** The archive a backup makes, or the one a restore reads. Deleted with the job. Null for a job without. */
    private final Path archive;
    private final InstantSource clock;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile JobState state = new JobState.Pending();
    private volatile Instant finished;
    /** Why it has to end; null as long as it may go on. */
    private volatile String cancelled;
    private volatile Instant latestEnd = Instant.MAX;
    /** What there is to say about the outcome, by the name under which the client sees it. */
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

    /** When it ended, in whatever way; empty until then. */
    Optional<Instant> finished() {
        return Optional.ofNullable(finished);
    }

    /** Adds to the outcome, such as the names of what was left out. */
    void remark(String name, List<String> values) {
        remarks.put(name, List.copyOf(values));
    }

    /** Throws when it has been cancelled while it waited for its turn. */
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
     * @param reason for whoever asks how it went
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
