package io.storeit.server.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests when a job's work is asked to end. */
class JobTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-22T04:00:00Z"));
    private final Job job = new Job("a job", Job.Type.BACKUP, null, now::get);

    @Test
    @DisplayName("D40: a job that takes longer than twelve hours is ended")
    void hasATimeLimit() {
        job.begin();
        now.updateAndGet(time -> time.plus(Duration.ofHours(12)));
        job.done(1);
        now.updateAndGet(time -> time.plusMillis(1));
        assertThatThrownBy(() -> job.done(2)).isInstanceOf(CancellationException.class).hasMessage("it took longer than 12 hours");
    }

    @Test
    void aJobCancelledWhileItWaitsDoesNotBegin() {
        job.cancel("cancelled");
        assertThatThrownBy(job::begin).isInstanceOf(CancellationException.class);
        assertThat(job.state()).isInstanceOf(JobState.Pending.class);
    }
}
