package io.storeit.ops.base;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Lists the exit codes. Help, manual pages and docs/command-line.md show these texts; {@code --json} shows the names. */
public enum Exit {
    OK(0, "done"),
    FAILED(1, "failed; nothing was changed"),
    USAGE(2, "wrong usage"),
    ROLLED_BACK(3, "failed after the server was stopped; the previous version is serving again"),
    ATTENTION(4, "needs attention: run 'storeit-ctl resume'"),
    ARCHIVE(5, "the archive cannot be used"),
    CONSENT(6, "a question needs an answer; the message names the option that gives it"),
    BUSY(7, "another storeit-ctl is running on this installation"),
    INTERNAL(70, "internal error of storeit-ctl"),
    INTERRUPTED(130, "interrupted; the previous version is serving");

    public final int code;
    private final String meaning;

    Exit(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** Returns the name that {@code --json} prints. */
    public String json() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the meaning of each code, in ascending order of the codes. */
    public static Map<String, String> descriptions(Set<Exit> exits) {
        var descriptions = new LinkedHashMap<String, String>();
        for (Exit exit : values()) {
            if (exits.contains(exit)) descriptions.put(String.valueOf(exit.code), exit.meaning);
        }
        return descriptions;
    }
}
