package io.storeit.bench;

import java.util.Optional;

/**
 * A client that asks for the health of one server every few milliseconds, the way a user would notice that it is away: from outside,
 * over a new connection each time.
 */
final class ApiWatch implements AutoCloseable {

    private static final int PAUSE_MS = 2;

    private final Http http;
    private final String oldVersion;
    private final Thread thread = new Thread(this::watch, "api watch");
    private volatile boolean over;

    private long lastOld;
    private long firstNew;
    private long firstWritable;

    ApiWatch(Http http, String oldVersion) {
        this.http = http;
        this.oldVersion = oldVersion;
        thread.start();
    }

    /**
     * How long the API was away, in seconds.
     *
     * @param reads  from the last good answer of the old version to the first of the new one
     * @param writes to the first answer in which the new version says it takes writes
     */
    record Away(double reads, double writes) {}

    private void watch() {
        while (!over) {
            Optional<Http.Health> health = http.health();
            long now = System.nanoTime();
            if (health.isPresent() && health.get().version().equals(oldVersion)) {
                lastOld = now;
            } else if (health.isPresent()) {
                firstNew = firstNew == 0 ? now : firstNew;
                firstWritable = firstWritable == 0 && health.get().writable() ? now : firstWritable;
            }
            try {
                Thread.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Ends the watch. */
    Away away() throws InterruptedException {
        close();
        thread.join();
        if (lastOld == 0 || firstNew == 0 || firstWritable == 0) {
            throw new BenchException("the API was not seen before and after the upgrade");
        }
        return new Away((firstNew - lastOld) / 1e9, (firstWritable - lastOld) / 1e9);
    }

    @Override
    public void close() {
        over = true;
    }
}
