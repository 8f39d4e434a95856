package io.storeit.ops.base;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/** Shows times to people: local and relative, as {@code today 14:59, 2 minutes ago}. JSON keeps UTC. */
public final class LocalTime {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT);
    /** A time as {@link Instant} writes it, as a word of its own: a file name may contain one too. */
    private static final Pattern UTC = Pattern.compile("(?<![^ (])\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z(?![\\w./-])");

    private LocalTime() {}

    /** Describes a time in the zone of the clock. A time of the last minute, and one in the future, has no relative part. */
    public static String of(Instant time, Clock clock) {
        ZonedDateTime local = time.atZone(clock.getZone());
        LocalDate today = LocalDate.now(clock);
        String day = local.toLocalDate().equals(today) ? "today" : local.toLocalDate().equals(today.minusDays(1)) ? "yesterday" : DATE.format(local);
        String ago = ago(Duration.between(time, clock.instant()));
        return day + " " + TIME.format(local) + (ago.isEmpty() ? "" : ", " + ago + " ago");
    }

    /** Returns the hour and minute of a time in the zone of the clock. */
    public static String ofDay(Instant time, Clock clock) {
        return TIME.format(time.atZone(clock.getZone()));
    }

    private static String ago(Duration age) {
        if (age.toMinutes() < 1) return "";
        if (age.toHours() < 1) return Words.counted(age.toMinutes(), "minute", "minutes");
        return age.toDays() < 1 ? Words.counted(age.toHours(), "hour", "hours") : Words.counted(age.toDays(), "day", "days");
    }

    /** Replaces each UTC time in a text by its local words. */
    public static String inText(String text, Clock clock) {
        return UTC.matcher(text).replaceAll(found -> of(Instant.parse(found.group()), clock));
    }
}
