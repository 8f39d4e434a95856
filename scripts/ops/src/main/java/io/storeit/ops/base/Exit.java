package io.storeit.ops.base;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Exit codes: help, man pages and docs/command-line.md show these texts, {@code --json} the names. */
public enum Exit {
    OK(0, "done"),
    FAILED(1, "could not be done; nothing was changed"),
    USAGE(2, "wrong usage"),
    ROLLED_BACK(3, "failed after the stop; the previous version is serving again"),
    ATTENTION(4, "needs attention: run 'storeit-ctl resume'"),
    ARCHIVE(5, "the archive cannot be used"),
    CONSENT(6, "a question needs an answer: see the option named in the message"),
    BUSY(7, "another storeit-ctl works on this installation"),
    INTERNAL(70, "a fault in storeit-ctl itself"),
    INTERRUPTED(130, "interrupted; the previous version is serving");

    public final int code;
    private final String meaning;

    Exit(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public String json() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** By code, in order. */
    public static Map<String, String> descriptions(Set<Exit> exits) {
        var descriptions = new LinkedHashMap<String, String>();
        for (Exit exit : values()) {
            if (exits.contains(exit)) descriptions.put(String.valueOf(exit.code), exit.meaning);
        }
        return descriptions;
    }
}
