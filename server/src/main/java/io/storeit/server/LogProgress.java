package io.storeit.server;

import io.storeit.interchange.base.Progress;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;

/** Logs the progress of an import: the number of records and images, then at most one line a second, then the end. */
final class LogProgress implements Progress {
    private static final Logger LOG = System.getLogger(LogProgress.class.getName());
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private long total;
    private long lastLine = System.nanoTime();
    private boolean ended;

    LogProgress() {
        LOG.log(Level.INFO, "import status: running");
    }

    @Override
    public void status(String status) {
        LOG.log(Level.DEBUG, () -> "import: " + status);
    }

    @Override
    public void total(long steps) {
        if (steps != total) {
            total = steps;
            LOG.log(Level.INFO, "import: " + steps + " items to process");
        }
    }

    @Override
    public void done(long steps) {
        boolean end = steps == total && !ended;
        long now = System.nanoTime();
        if (end || steps < total && now - lastLine >= PAUSE_NANOS) {
            lastLine = now;
            ended = end;
            LOG.log(Level.INFO, "import: " + steps + "/" + total);
        }
    }
}
