package io.storeit.ops.doctor;

import io.storeit.ops.installation.Installation;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.settings.Context;
import java.util.Optional;

/**
 * Holds what the checks examine.
 *
 * @param facts empty where no server answers
 * @param health empty where the server cannot be asked for it
 * @param installation null where no installation was found
 */
record Subject(Context context, Optional<ServerApi.Facts> facts, Optional<ServerApi.Health> health, Installation installation) {
    /** Returns the command that starts the server again; null where none is known. */
    String startCommand() {
        return installation != null && installation.launch().unit() != null ? installation.launch().unit().command("restart") : null;
    }
}
