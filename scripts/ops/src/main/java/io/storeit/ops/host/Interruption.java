package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.util.concurrent.CountDownLatch;

/** Makes Ctrl-C and SIGTERM end a command in order: the running step ends, what was done is undone, then the process ends. */
public final class Interruption {
    private static final CountDownLatch FINISHED = new CountDownLatch(1);
    private static boolean requested;
    /** Whose work the end of the process waits for; null while nothing would have to be undone. */
    private static Thread worker;
    private static boolean shielded;

    private Interruption() {}

    /** Begins to listen for signals. Only {@code main} does this: the Java that runs a test must be able to end. */
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

    /** Lets an end of the process wait, from here on, for the work to be finished or undone. */
    public static synchronized void watch() {
        worker = Thread.currentThread();
        shielded = false;
    }

    public static synchronized boolean requested() {
        return requested && worker != null && !shielded;
    }

    /** Lets an end of the process wait without interrupting the work, because undoing must not be interrupted. */
    public static synchronized void shield() {
        worker = Thread.currentThread();
        shielded = true;
        Thread.interrupted();
    }

    /** Ends the work when an end of the process was requested. */
    public static void check() {
        if (requested()) throw new OpsException(Exit.INTERRUPTED, "Interrupted", "");
    }

    /** Tells that the work of {@code main} is over; a waiting end of the process goes on. */
    public static void finished() {
        FINISHED.countDown();
    }
}
