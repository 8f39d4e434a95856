package io.storeit.server.backup;

import io.storeit.interchange.base.InterchangeException;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Backups, restores and the like, one at a time, in the order they were asked for. Known until an hour after their end, then their archives
 * are deleted; a restart forgets them, and what a crash left in the work folder goes at the next start.
 */
public final class Jobs {
    private static final Logger LOG = System.getLogger(Jobs.class.getName());
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int MOST_WAITING = 8;

    /** What a job does; reports to the job, whose cancellation ends it with an exception. */
    @FunctionalInterface
    interface Work {
        void run(Job job) throws Exception;
    }

    private final WorkFolder folder;
    private final InstantSource clock;
    private final BiConsumer<String, String> figures;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor worker;

    /** @param figures is told of every job that has ended: its type, and {@code complete} or {@code failed} */
    public Jobs(WorkFolder folder, InstantSource clock, BiConsumer<String, String> figures) {
        this.figures = figures;
        this.folder = folder;
        this.clock = clock;
        worker = new ScheduledThreadPoolExecutor(1, work -> {
            var thread = new Thread(work, "jobs");
            thread.setDaemon(true);
            return thread;
        });
        worker.scheduleWithFixedDelay(this::expire, 1, 1, TimeUnit.MINUTES);
    }

    /** A new name in the work folder for an archive that a job makes or reads. Messages about the archive begin with it. */
    Path newArchive(String stem) throws IOException {
        return folder.create().resolve(stem + "-" + UUID.randomUUID().toString().substring(0, 8) + ".storeit");
    }

    /**
     * Starts the work as soon as the jobs before it have ended.
     *
     * @param archive deleted with the job; null for none
     */
    Job start(Job.Type type, Path archive, Work work) {
        expire();
        long waiting = jobs.values().stream().filter(job -> job.state() instanceof JobState.Pending).count();
        if (waiting >= MOST_WAITING) {
            throw Problem.unavailable("too many jobs are waiting, try again later");
        }
        var job = new Job(UUID.randomUUID().toString(), type, archive, clock);
        jobs.put(job.id(), job);
        worker.execute(() -> run(job, work));
        return job;
    }

    Job find(Job.Type type, String id) {
        return Optional.ofNullable(jobs.get(id)).filter(job -> job.type() == type)
                .orElseThrow(() -> Problem.notFound(type.entity(), id));
    }

    /** Ends the job if it has not ended yet; one that has is forgotten, with its archive. */
    void discard(Job job) {
        job.cancel("cancelled");
        if (job.finished().isPresent()) {
            forget(job);
        }
    }

    /** Whether a job is running; it may be working on an earlier state of the data. */
    public boolean busy() {
        return jobs.values().stream().anyMatch(job -> job.state() instanceof JobState.Running);
    }

    private void run(Job job, Work work) {
        String name = job.type().entity().replace('_', ' ') + " " + job.id();
        LOG.log(Level.INFO, name + " started");
        Instant start = clock.instant();
        try {
            job.begin();
            work.run(job);
            job.succeed();
            LOG.log(Level.INFO, name + " complete after " + Duration.between(start, clock.instant()).toMillis() + " ms");
        } catch (Exception | Error e) {
            job.archive().ifPresent(Jobs::delete);
            job.fail(reason(e));
            LOG.log(Level.ERROR, name + " failed: " + job.state().json().get("error").textValue(), isExpected(e) ? null : e);
        }
        figures.accept(job.type().name().toLowerCase(Locale.ROOT), job.state() instanceof JobState.Succeeded ? "complete" : "failed");
    }

    /** For the person who started the job: what went wrong and what to do; details of the unexpected go to the log only. */
    private static String reason(Throwable thrown) {
        if (thrown instanceof InterchangeException e) {
            return withHint(e.getMessage(), e.hint());
        }
        if (thrown instanceof Problem e) {
            return withHint(e.getMessage(), e.hint());
        }
        if (thrown instanceof CancellationException) {
            return thrown.getMessage();
        }
        if (thrown instanceof IOException) {
            return String.valueOf(thrown.getMessage());
        }
        return "internal server error";
    }

    private static String withHint(String message, String hint) {
        return hint.isEmpty() ? message : message + ". " + hint;
    }

    private static boolean isExpected(Throwable thrown) {
        return thrown instanceof InterchangeException || thrown instanceof Problem
                || thrown instanceof CancellationException;
    }

    private void expire() {
        Instant oldest = clock.instant().minus(KEPT);
        for (Job job : jobs.values()) {
            if (job.finished().filter(time -> time.isBefore(oldest)).isPresent()) {
                forget(job);
            }
        }
    }

    private void forget(Job job) {
        job.archive().ifPresent(Jobs::delete);
        jobs.remove(job.id());
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "could not delete " + file + ": " + e.getMessage());
        }
    }

    /** Tells what is running to end, and drops what is waiting. Returns at once. */
    public void cancel() {
        worker.shutdown();
        jobs.values().forEach(job -> job.cancel("the server is stopping"));
    }

    /**
     * Cancels, and returns once the running job has ended or the time is up. It is not interrupted: that could hit the switch of
     * a restore in its middle.
     */
    public void close(Duration patience) {
        cancel();
        try {
            if (!worker.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "a job did not end in time, stopping without it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        folder.empty();
    }
}
