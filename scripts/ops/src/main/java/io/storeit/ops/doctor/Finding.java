package io.storeit.ops.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import io.storeit.ops.base.Exit;
import java.util.Locale;

/** Describes one thing that {@code doctor} found. @param fix the command that fixes it; null where there is nothing to do, or no command is known */
public record Finding(String area, Severity severity, String what, String fix) {
    /** How bad a finding is, from good to bad. */
    public enum Severity {
        OK(Exit.OK), NOTE(Exit.OK),
        /** Works, but needs attention. */
        WARNING(Exit.FAILED),
        /** The server does not serve, will not serve after the next start, or its data are in danger. */
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
