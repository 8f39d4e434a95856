package io.storeit.ops.installation;

import io.storeit.interchange.schema.Table;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Result;
import java.nio.file.Path;
import java.util.Map;

/**
 * What an upgrade, a downgrade or a rollback did.
 *
 * @param changed false when the version was in place already
 * @param counts records by table, as the new version serves them; null when that was not looked at
 * @param apiAwayMs from the request to stop until the new server was found healthy; null when none was running
 */
public record Moved(Direction direction, boolean changed, String fromVersion, int fromSchema, String toVersion,
        int toSchema,
        Map<String, Long> counts, Long apiAwayMs, Path keptBinary, Path keptDatabase,
        Path archive) implements Result {
    /** The result when the version was in place already. */
    public static Moved nothing(Direction direction, Side side) {
        return new Moved(direction, false, side.version(), side.schema(), side.version(), side.schema(),
                null, null, null, null, null);
    }

    @Override
    public void print(Console console) {
        if (!changed) {
            console.print("Version %s is already installed; nothing to do.", toVersion);
            return;
        }
        boolean back = direction == Direction.ROLLBACK;
        console.print(console.styled("bold,green",
                back ? "Rollback complete — server is healthy" : direction.title() + " complete!"));
        console.print("Version %s (schema %d) -> %s (schema %d)%s", fromVersion, fromSchema, toVersion, toSchema,
                counts == null ? "" : ": " + Words.contents(counts, Table.ITEMS, Table.PHOTOS));
        if (apiAwayMs != null) console.print("The server was away for %.1f s.", apiAwayMs / 1000.0);
        console.print("%s saved at: %s", back ? "Replaced binary" : "Old binary", keptBinary);
        console.print("%s saved at: %s", back ? "Replaced database" : "Old database", keptDatabase);
        if (archive != null) console.print("Backup with everything as it was: %s", archive);
        console.print("Run 'storeit-ctl cleanup' after verifying everything works.");
        if (!back) console.print("'storeit-ctl rollback' goes back to %s.", fromVersion);
    }
}
