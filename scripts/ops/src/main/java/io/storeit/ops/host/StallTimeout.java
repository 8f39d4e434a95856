package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.time.Duration;

/** Waits with growing pauses while something changes, and fails when nothing has changed for too long. */
public final class StallTimeout {
    private final Duration limit;
    private final String failure;
    private final String hint;
    private String last = "";
    private long since = System.nanoTime();
    private long pauseMillis = 5;

    /** @param failure what did not happen, such as {@code Process 4711 did not end}; the message appends the time */
    public StallTimeout(Duration limit, String failure) {
        this(limit, failure, "");
    }

    /** @param hint what the hint begins with, such as {@code Its log: /var/log/storeit.log} */
    public StallTimeout(Duration limit, String failure, String hint) {
        this.limit = limit;
        this.failure = failure;
        this.hint = hint;
    }

    /** Waits a little; fails when {@code observed} has stayed the same for too long. */
    public void pause(String observed) {
        pause(observed, "");
    }

    /**
     * Waits a little; fails when {@code observed} has stayed the same for too long.
     *
     * @param reason the reason in the message; empty when it is not known
     */
    public void pause(String observed, String reason) {
        if (!observed.equals(last)) {
            last = observed;
            since = System.nanoTime();
        } else if (System.nanoTime() - since > limit.toNanos()) {
            throw new OpsException(Exit.FAILED, failure + " within " + limit.toSeconds() + " s" + (reason.isEmpty() ? "" : ": " + reason),
                    (hint.isEmpty() ? "" : hint + "\n") + "Use --patience SECONDS to wait longer.");
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
