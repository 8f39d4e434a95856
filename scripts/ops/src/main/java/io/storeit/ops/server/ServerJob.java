package io.storeit.ops.server;

import io.storeit.ops.console.Json;
import io.storeit.ops.host.StallTimeout;
import io.storeit.ops.settings.Context;
import java.util.Map;
import java.util.function.Supplier;

/** Waits for a backup or restore that a server works on. */
public final class ServerJob {
    private ServerJob() {}

    /**
     * Shows the progress of a job until it ends.
     *
     * @param name such as {@code Backup}
     * @param asked asks the server for the job's status
     * @return the last status, whose {@code status} is {@code complete} or {@code failed}
     */
    public static Map<String, Object> await(Context context, String name, Supplier<Map<String, Object>> asked) {
        var timeout = new StallTimeout(context.patience().multipliedBy(6), "The server's job '" + name + "' made no progress");
        while (true) {
            Map<String, Object> status = asked.get();
            String state = String.valueOf(status.get("status"));
            context.console().progress(name, Json.number(status, "progress"), Json.number(status, "total"), "records");
            if (state.equals("complete") || state.equals("failed")) {
                context.console().endProgress();
                return status;
            }
            timeout.pause(status.get("progress") + state);
        }
    }
}
