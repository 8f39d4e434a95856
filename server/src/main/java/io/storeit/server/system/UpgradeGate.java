package io.storeit.server.system;

import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.JournalState;
import io.storeit.interchange.sqlite.Locks;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;

/**
 * Keeps writes out while an upgrade is not committed. A server that storeit-ctl started in the middle of an upgrade refuses writes
 * until the tool has checked it and written {@code committed} to the journal beside the database. A write accepted earlier would be
 * lost by a rollback. When the tool dies, which shows in its operation lock being free, the gate opens by itself.
 */
public final class UpgradeGate implements AutoCloseable {
    private static final Logger LOG = System.getLogger(UpgradeGate.class.getName());
    private static final long LOOK_EVERY_MILLIS = 50;

    private final Path database;
    private volatile boolean shut;
    private Runnable whenOpen = () -> {};

    private UpgradeGate(Path database) {
        this.database = database;
    }

    /** Checks once whether an upgrade is running and, if so, keeps checking until it is over. */
    public static UpgradeGate of(Path database) {
        var gate = new UpgradeGate(database);
        gate.shut = gate.upgradeRuns();
        if (gate.shut) {
            LOG.log(Level.INFO, "an upgrade is running: writes are answered with 503 until it is committed");
            var watcher = new Thread(gate::watch, "upgrade-gate");
            watcher.setDaemon(true);
            watcher.start();
        }
        return gate;
    }

    /** Returns whether writes have to wait. */
    public boolean shut() {
        return shut;
    }

    /** Runs the action as soon as the gate is open: now, or on the watching thread. */
    public void whenOpen(Runnable action) {
        synchronized (this) {
            if (shut) {
                whenOpen = action;
                return;
            }
        }
        action.run();
    }

    private void watch() {
        try {
            while (shut && upgradeRuns()) {
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        Runnable action;
        synchronized (this) {
            if (!shut) {
                return;
            }
            shut = false;
            action = whenOpen;
        }
        LOG.log(Level.INFO, "the upgrade is over: writes are accepted");
        action.run();
    }

    /** An unreadable journal keeps no write out, because nothing might ever open the gate again. */
    private boolean upgradeRuns() {
        try {
            return JournalState.read(database).filter(JournalState.RUNNING::equals).isPresent() && Locks.operationHeld(database);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot read " + DatabaseFiles.migrationJournal(database) + ", so writes are accepted: " + e.getMessage());
            return false;
        }
    }

    /** Stops checking; the action for the opening of the gate will not run. */
    @Override
    public synchronized void close() {
        shut = false;
    }
}
