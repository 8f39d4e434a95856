package io.storeit.ops.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.ops.base.Exit;

/**
 * What a command found or did: text for people, or a JSON object of the components of the record, in their order. Paths are
 * absolute, sizes in bytes, durations in milliseconds, times RFC 3339 in UTC; what is not known is left out.
 */
public interface Result {
    /** Prints it for people, with {@link Console#print}. */
    void print(Console console);

    default ObjectNode json() {
        return Json.tree(this);
    }

    default Exit exit() {
        return Exit.OK;
    }
}
