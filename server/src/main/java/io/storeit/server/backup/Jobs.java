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
 * Runs backups, restores and the like, one at a time, in the order of the requests. A job is known until an hour after its end;
 * then its archive is deleted. A restart forgets all jobs, and the next start removes what a crash left in the work folder.
 */
public final class Jobs {
    private static final Logger LOG = System.getLogger(Jobs.class.getName());
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int MOST_WAITING = 8;

    /** The work of a job. It reports to the job, whose cancellation ends it with an exception. */
    @FunctionalInterface
    interface Work {
        void run(Job job) throws Exception;
    }

    private final WorkFolder folder;
    private final InstantSource clock;
    private final BiConsumer<String, String> figures;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor worker;

    /** @param figures gets, for each job that has ended, its type and {@code complete} or {@code failed} */
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

    /**
     * Chooses a new name in the work folder for an archive that a job makes or reads. Messages about the archive begin with it.
     */
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

    /** Ends the job if it has not ended yet. One that has ended is removed, with its archive. */
    void discard(Job job) {
        job.cancel("cancelled");
        if (job.finished().isPresent()) {
            forget(job);
        }
    }

    /** Returns whether a job is running, which may be working on an earlier state of the data. */
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

    /**
     * Describes a failure to the person who started the job: the reason and a hint. Details of unexpected failures go to the log
     * only.
     */
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
            LOG.log(Level.WARNING, "cannot delete " + file + ": " + e.getMessage());
        }
    }

    /** Asks the running job to end and drops the waiting ones. Returns at once. */
    public void cancel() {
        worker.shutdown();
        jobs.values().forEach(job -> job.cancel("the server is stopping"));
    }

    /**
     * Cancels all jobs, and returns once the running one has ended or the time is up. It is not interrupted, because that could
     * hit the switch of a restore.
     */
    public void close(Duration wait) {
        cancel();
        try {
            if (!worker.awaitTermination(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Level.WARNING, "a job did not end in time, the server stops without it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        folder.empty();
    }
}
