package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.time.Duration;

/** Waiting with a growing pause, as long as something changes. */
public final class StallTimeout {
    private final Duration patience;
    private final String subject;
    private String last = "";
    private long since = System.nanoTime();
    private long pauseMillis = 5;

    public StallTimeout(Duration patience, String subject) {
        this.patience = patience;
        this.subject = subject;
    }

    public void pause(String observed) {
        pause(observed, "no progress");
    }

    /** Waits a little; fails when {@code observed} has stayed the same for too long. */
    public void pause(String observed, String now) {
        if (!observed.equals(last)) {
            last = observed;
            since = System.nanoTime();
        } else if (System.nanoTime() - since > patience.toNanos()) {
            throw new OpsException(Exit.FAILED, "Waited " + patience.toSeconds() + " s for " + subject + " without progress: " + now,
                    "--patience SECONDS waits longer.");
        }
        Interruption.check();
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException interrupted) {
            Interruption.check();
        }
        pauseMillis = Math.min(100, pauseMillis * 2);
    }
}
