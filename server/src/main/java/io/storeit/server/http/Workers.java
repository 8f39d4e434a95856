package io.storeit.server.http;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A few threads for a route whose work is costly, with a limited queue, so that a burst of such requests does not delay the
 * others.
 */
public final class Workers implements AutoCloseable {
    private final ThreadPoolExecutor threads;
    private final int longestLine;

    /**
     * @param count       the most threads
     * @param longestLine the most requests that wait for one of them; further ones are answered 503
     */
    public Workers(String name, int count, int longestLine) {
        this.longestLine = longestLine;
        threads = new ThreadPoolExecutor(count, count, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            var thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    boolean full() {
        return threads.getQueue().size() >= longestLine;
    }

    ThreadPoolExecutor threads() {
        return threads;
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
