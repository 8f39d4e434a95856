package io.storeit.server.db;

/** Decides, before each write, whether it may happen now. */
@FunctionalInterface
public interface WriteGate {

    WriteGate OPEN = () -> {};

    /** Throws {@link io.storeit.server.problem.Problem} (UNAVAILABLE) while writes are refused. */
    void check();
}
