package io.storeit.ctl.endtoend;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** Every wait of these tests has an end. The limits are generous, for machines that are busy with something else. */
final class Waiting {
    static final Duration LIMIT = Duration.ofSeconds(180);

    private Waiting() {
    }

    static void until(String what, Callable<Boolean> condition) {
        until(what, Duration.ofMillis(20), condition);
    }

    static void until(String what, Duration interval, Callable<Boolean> condition) {
        await(what, LIMIT, interval, condition);
    }

    /** For a limit that is part of what is tested. */
    static void within(Duration limit, String what, Callable<Boolean> condition) {
        await(what, limit, Duration.ofMillis(20), condition);
    }

    private static void await(String what, Duration limit, Duration interval, Callable<Boolean> condition) {
        Awaitility.await(what).atMost(limit).pollDelay(Duration.ZERO).pollInterval(interval).ignoreExceptions().until(condition);
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
