package io.storeit.ops.doctor;

import io.storeit.ops.installation.Installation;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.settings.Context;
import java.util.Optional;

/**
 * Holds the subject of the checks.
 *
 * @param facts empty when no server answers
 * @param health empty when the server does not report it
 * @param installation null when none was found
 */
record Subject(Context context, Optional<ServerApi.Facts> facts, Optional<ServerApi.Health> health, Installation installation) {
    /** Returns the command that restarts the server; null when none is known. */
    String startCommand() {
        return installation != null && installation.launch().unit() != null ? installation.launch().unit().command("restart") : null;
    }
}
