package io.storeit.ops.installation;

import io.storeit.ops.console.Console;
import io.storeit.ops.console.Result;

/**
 * What became of a move that was interrupted.
 *
 * @param committed whether the version that was aimed at is in place
 */
public record Resumed(boolean interrupted, Direction direction, String fromVersion, String toVersion, boolean committed,
        String outcome) implements Result {
    public static Resumed nothing() {
        return new Resumed(false, null, null, null, false, "Nothing was interrupted.");
    }

    @Override
    public void print(Console console) {
        console.print("%s", outcome);
    }
}
