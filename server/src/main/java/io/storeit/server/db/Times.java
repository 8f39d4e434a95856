package io.storeit.server.db;

import io.storeit.interchange.base.Timestamps;
import java.time.Instant;

/**
 * Converts times between the database (UTC without zone, three digits) and the API (RFC 3339 with {@code Z}, no fraction when it
 * is zero).
 */
public final class Times {
    private Times() {
    }

    /** Formats a time as the database stores it. */
    public static String stored(Instant time) {
        return Timestamps.formatStored(time.toEpochMilli());
    }

    /**
     * Formats a stored time as the API shows it. A text that cannot be read as a time, which other tools may have written, is
     * shown unchanged: one odd row must not make its list unreadable.
     */
    public static String shown(String stored) {
        long millis = stored == null ? Timestamps.NONE : Timestamps.parseStored(stored);
        if (millis == Timestamps.NONE) {
            return stored;
        }
        String text = Timestamps.format(millis);
        return text.endsWith(".000Z") ? text.substring(0, text.length() - ".000Z".length()) + "Z" : text;
    }

    /** Returns whether the stored time is before the other. A time that cannot be read counts as past. */
    public static boolean isBefore(String stored, Instant other) {
        long millis = stored == null ? Timestamps.NONE : Timestamps.parseStored(stored);
        return millis < other.toEpochMilli();
    }
}
