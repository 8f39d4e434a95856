package io.storeit.ops.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import io.storeit.ops.base.Exit;
import java.util.Locale;

/** Describes one finding of {@code doctor}. @param fix the command that fixes it; null when there is none */
public record Finding(String area, Severity severity, String what, String fix) {
    /** Lists the severities, from good to bad. */
    public enum Severity {
        OK(Exit.OK), NOTE(Exit.OK),
        /** The installation works, but needs attention. */
        WARNING(Exit.FAILED),
        /** The server does not serve, will not serve after the next start, or its data is in danger. */
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
