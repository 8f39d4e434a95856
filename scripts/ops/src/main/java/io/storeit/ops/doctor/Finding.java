package io.storeit.ops.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import io.storeit.ops.base.Exit;
import java.util.Locale;

/** One thing that {@code doctor} looked at. @param fix the command that puts it right; null where there is nothing to do, or none */
public record Finding(String area, Severity severity, String what, String fix) {
    public enum Severity {
        OK(Exit.OK), NOTE(Exit.OK),
        /** Works, but somebody should see to it. */
        WARNING(Exit.FAILED),
        /** The server does not serve, will not after the next start, or its data are in danger. */
        SERIOUS(Exit.ATTENTION);

        final Exit exit;

        Severity(Exit exit) {
            this.exit = exit;
        }

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
