package io.storeit.ops.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.ops.base.Exit;

/**
 * Holds what a command found or did. It prints as text for people, or as a JSON object of the components of the record, in their order.
 * In JSON, paths are absolute, sizes in bytes, durations in milliseconds, times RFC 3339 in UTC; unknown values are omitted.
 */
public interface Result {
    /** Prints the result for people, with {@link Console#print}. */
    void print(Console console);

    default ObjectNode json() {
        return Json.tree(this);
    }

    default Exit exit() {
        return Exit.OK;
    }
}
