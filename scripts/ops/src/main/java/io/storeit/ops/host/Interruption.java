package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.util.concurrent.CountDownLatch;

/** Ctrl-C and SIGTERM: the running step ends, what was done is undone, then the process ends. */
public final class Interruption {
    private static final CountDownLatch FINISHED = new CountDownLatch(1);
    private static boolean requested;
    /** Whose work the end of the process waits for; null while nothing would have to be undone. */
    private static Thread worker;
    private static boolean shielded;

    private Interruption() {}

    /** Only {@code main} does this: the Java that runs a test must be able to end. */
    public static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!request()) return;
            try {
                FINISHED.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }, "interruption"));
    }

    /** @return whether the end of the process has to wait */
    private static synchronized boolean request() {
        requested = true;
        if (worker != null && !shielded) worker.interrupt();
        return worker != null;
    }

    /** From here on an end of the process waits for the work to be finished or undone. */
    public static synchronized void watch() {
        worker = Thread.currentThread();
        shielded = false;
    }

    public static synchronized boolean requested() {
        return requested && worker != null && !shielded;
    }

    /** Undoing is not interrupted, only waited for. */
    public static synchronized void shield() {
        worker = Thread.currentThread();
        shielded = true;
        Thread.interrupted();
    }

    public static void check() {
        if (requested()) throw new OpsException(Exit.INTERRUPTED, "Interrupted", "");
    }

    /** The work of {@code main} is over; a waiting end of the process may go on. */
    public static void finished() {
        FINISHED.countDown();
    }
}
