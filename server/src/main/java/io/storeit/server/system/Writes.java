package io.storeit.server.system;

import io.storeit.server.db.WriteGate;
import io.storeit.server.problem.Problem;

/** Refuses writes while an upgrade waits for its commit, and while a restore replaces the database. */
public final class Writes implements WriteGate {
    private final UpgradeGate upgrade;
    private volatile boolean switching;

    public Writes(UpgradeGate upgrade) {
        this.upgrade = upgrade;
    }

    @Override
    public void check() {
        if (upgrade.shut()) {
            throw Problem.unavailable("an upgrade is being checked, try again in a moment");
        }
        if (switching) {
            throw Problem.unavailable("a restore is being completed, try again in a moment");
        }
    }

    /** Refuses writes while the action runs. Writes of a transaction that has begun are not refused. */
    public <E extends Exception> void refuseDuring(Action<E> action) throws E {
        check();
        switching = true;
        try {
            action.run();
        } finally {
            switching = false;
        }
    }

    public boolean open() {
        return !upgrade.shut() && !switching;
    }

    /** An action during which nothing may be written. */
    @FunctionalInterface
    public interface Action<E extends Exception> {
        void run() throws E;
    }
}
