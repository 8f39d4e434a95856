package io.storeit.server.db;

import io.storeit.interchange.base.Timestamps;
import java.time.Instant;

/**
 * Times between the database (UTC without zone, three digits) and the API (RFC 3339 with {@code Z}, no fraction when it is zero).
 */
public final class Times {
    private Times() {
    }

    /** As the database stores it. */
    public static String stored(Instant time) {
        return Timestamps.formatStored(time.toEpochMilli());
    }

    /**
     * As the API shows it. What cannot be read as a time, as other tools may have written it, is shown as it is: one odd row must
     * not make the list it is in unreadable.
     */
    public static String shown(String stored) {
        long millis = stored == null ? Timestamps.NONE : Timestamps.parseStored(stored);
        if (millis == Timestamps.NONE) {
            return stored;
        }
        String text = Timestamps.format(millis);
        return text.endsWith(".000Z") ? text.substring(0, text.length() - ".000Z".length()) + "Z" : text;
    }

    /** Whether the stored time lies before the other; a time that cannot be read counts as past. */
    public static boolean isBefore(String stored, Instant other) {
        long millis = stored == null ? Timestamps.NONE : Timestamps.parseStored(stored);
        return millis < other.toEpochMilli();
    }
}
