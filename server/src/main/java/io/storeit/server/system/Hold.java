package io.storeit.server.system;

import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.JournalState;
import io.storeit.interchange.sqlite.Locks;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Path;

/**
 * The wait for the commit of an upgrade. A server that storeit-ctl started in the middle of one refuses writes until the tool has
 * checked it and written {@code committed} to the journal beside the database; had it accepted some, going back would lose them.
 * When the tool dies, which shows in its operation lock being free, the server goes on by itself.
 */
public final class Hold implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Hold.class.getName());
    private static final long LOOK_EVERY_MILLIS = 50;

    private final Path database;
    private volatile boolean held;
    private Runnable whenOver = () -> {};

    private Hold(Path database) {
        this.database = database;
    }

    /** Looks once whether an upgrade is under way and, if so, keeps looking until it is over. */
    public static Hold at(Path database) {
        var hold = new Hold(database);
        hold.held = hold.underWay();
        if (hold.held) {
            LOG.log(Level.INFO, "an upgrade is under way: answering writes with 503 until it is committed");
            var watcher = new Thread(hold::watch, "hold");
            watcher.setDaemon(true);
            watcher.start();
        }
        return hold;
    }

    /** Whether writes have to wait. */
    public boolean held() {
        return held;
    }

    /** Runs the action as soon as nothing is held: now, or on the watching thread. */
    public void whenOver(Runnable action) {
        synchronized (this) {
            if (held) {
                whenOver = action;
                return;
            }
        }
        action.run();
    }

    private void watch() {
        try {
            while (held && underWay()) {
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        Runnable action;
        synchronized (this) {
            if (!held) {
                return;
            }
            held = false;
            action = whenOver;
        }
        LOG.log(Level.INFO, "the upgrade is over: accepting writes");
        action.run();
    }

    /** A journal that cannot be read holds nothing, because then nothing might ever end the hold. */
    private boolean underWay() {
        try {
            return JournalState.read(database).filter(JournalState.RUNNING::equals).isPresent() && Locks.operationHeld(database);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot read " + DatabaseFiles.migrationJournal(database) + ", so it holds nothing: " + e.getMessage());
            return false;
        }
    }

    /** Stops looking; the action for the end of the hold will not run. */
    @Override
    public synchronized void close() {
        held = false;
    }
}
