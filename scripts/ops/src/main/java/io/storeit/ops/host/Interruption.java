package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.util.concurrent.CountDownLatch;

/** Makes Ctrl-C and SIGTERM end a command in order: the running step ends, finished steps are undone, then the process ends. */
public final class Interruption {
    private static final CountDownLatch FINISHED = new CountDownLatch(1);
    private static boolean requested;
    /** The thread that the end of the process waits for; null while nothing would have to be undone. */
    private static Thread worker;
    private static boolean shielded;

    private Interruption() {}

    /** Starts listening for signals. Only {@code main} calls this, because the Java that runs a test must be able to end. */
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

    /** Makes the end of the process wait, from now on, until the work is finished or undone. */
    public static synchronized void watch() {
        worker = Thread.currentThread();
        shielded = false;
    }

    /** Returns whether the process was asked to end and the work may be interrupted. */
    public static synchronized boolean requested() {
        return requested && worker != null && !shielded;
    }

    /** Makes the end of the process wait without interrupting the work, because an undo must not be interrupted. */
    public static synchronized void shield() {
        worker = Thread.currentThread();
        shielded = true;
        Thread.interrupted();
    }

    /** Ends the work if the process was asked to end. */
    public static void check() {
        if (requested()) throw new OpsException(Exit.INTERRUPTED, "Interrupted", "");
    }

    /** Ends the wait: the work of {@code main} is over. */
    public static void finished() {
        FINISHED.countDown();
    }
}
