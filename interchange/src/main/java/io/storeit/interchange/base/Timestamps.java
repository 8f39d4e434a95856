package io.storeit.interchange.base;

/**
 * Converts times between the spellings of archives and databases. All are UTC with milliseconds; what is finer is cut off, as StoreIT
 * always did.
 *
 * <p>Written by hand rather than with {@code java.time} because an import parses several of them per row.
 */
public final class Timestamps {

    /** Is returned by the parse methods for a text that is not a time. */
    public static final long NONE = Long.MIN_VALUE;

    private static final long MILLIS_PER_DAY = 86_400_000L;
    private static final int NORMAL_LENGTH = "2026-04-02T08:15:30.482Z".length();
    private static final int NO_OFFSET = Integer.MIN_VALUE;
    private static final long FIRST = epochDay(0, 1, 1) * MILLIS_PER_DAY;
    private static final long LAST = epochDay(10_000, 1, 1) * MILLIS_PER_DAY - 1;

    private Timestamps() {
    }

    /**
     * Reads the archive's form: RFC 3339 with a zone, {@code T} or a blank between date and time, any number of fractional digits.
     *
     * @return milliseconds since 1970 UTC, or {@link #NONE}
     */
    public static long parse(String text) {
        return parse(text, true);
    }

    /**
     * Reads the database's form, in which the zone may be missing and then is UTC.
     *
     * @return milliseconds since 1970 UTC, or {@link #NONE}
     */
    public static long parseStored(String text) {
        return parse(text, false);
    }

    /** Returns the form that rows have in transit: {@code 2026-04-02T08:15:30.482Z}. */
    public static String format(long millis) {
        return format(millis, 'Z');
    }

    /** Returns the form the database holds: {@code 2026-04-02T08:15:30.482}. */
    public static String formatStored(long millis) {
        return format(millis, '\0');
    }

    /** Returns the {@link #format} of what {@link #parse} reads; the same text object when it already has that form. Null when no time. */
    public static String normalise(String text) {
        long millis = parse(text);
        if (millis == NONE) {
            return null;
        }
        boolean normal = text.length() == NORMAL_LENGTH && text.charAt(10) == 'T' && text.charAt(NORMAL_LENGTH - 1) == 'Z'
                && text.charAt(17) != '6';
        return normal ? text : format(millis);
    }

    private static long parse(String text, boolean zoneRequired) {
        int length = text.length();
        if (length < 19 || text.charAt(4) != '-' || text.charAt(7) != '-' || text.charAt(13) != ':' || text.charAt(16) != ':') {
            return NONE;
        }
        char between = text.charAt(10);
        if (between != 'T' && between != 't' && between != ' ') {
            return NONE;
        }
        int year = number(text, 0, 4);
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        // A leap second, 60, counts as the first instant of the next minute.
        if ((year | month | day | hour | minute | second) < 0
                || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 60) {
            return NONE;
        }
        int at = 19;
        int millis = 0;
        if (at < length && text.charAt(at) == '.') {
            int first = ++at;
            while (at < length && isDigit(text.charAt(at))) {
                int place = at - first;
                if (place < 3) {
                    millis = millis * 10 + text.charAt(at) - '0';
                }
                at++;
            }
            if (at == first) {
                return NONE;
            }
            for (int digits = at - first; digits < 3; digits++) {
                millis *= 10;
            }
        }
        int offsetMinutes = offset(text, at, zoneRequired);
        if (offsetMinutes == NO_OFFSET) {
            return NONE;
        }
        long result = epochDay(year, month, day) * MILLIS_PER_DAY
                + ((hour * 60L + minute - offsetMinutes) * 60 + second) * 1000 + millis;
        return result < FIRST || result > LAST ? NONE : result;
    }

    /** Reads the zone that ends a time, as minutes ahead of UTC; {@link #NO_OFFSET} when there is none or something else. */
    private static int offset(String text, int at, boolean zoneRequired) {
        int length = text.length();
        if (at == length) {
            return zoneRequired ? NO_OFFSET : 0;
        }
        char sign = text.charAt(at);
        if (sign == 'Z' || sign == 'z') {
            return at + 1 == length ? 0 : NO_OFFSET;
        }
        if (sign != '+' && sign != '-' || at + 6 != length || text.charAt(at + 3) != ':') {
            return NO_OFFSET;
        }
        int hours = number(text, at + 1, at + 3);
        int minutes = number(text, at + 4, at + 6);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return NO_OFFSET;
        }
        return (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    }

    private static String format(long millis, char zone) {
        if (millis < FIRST || millis > LAST) {
            throw new IllegalArgumentException("not within the years 0000 to 9999: " + millis);
        }
        long days = Math.floorDiv(millis, MILLIS_PER_DAY);
        int ofDay = (int) Math.floorMod(millis, MILLIS_PER_DAY);
        // Civil date from day number: eras of 400 years, years beginning in March.
        long shifted = days + 719_468;
        long era = Math.floorDiv(shifted, 146_097);
        int dayOfEra = (int) Math.floorMod(shifted, 146_097);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int shiftedMonth = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
        int month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        int year = (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0);

        char[] text = "0000-00-00T00:00:00.000Z".toCharArray();
        digits(text, 0, 4, year);
        digits(text, 5, 2, month);
        digits(text, 8, 2, day);
        digits(text, 11, 2, ofDay / 3_600_000);
        digits(text, 14, 2, ofDay / 60_000 % 60);
        digits(text, 17, 2, ofDay / 1000 % 60);
        digits(text, 20, 3, ofDay % 1000);
        return new String(text, 0, zone == '\0' ? NORMAL_LENGTH - 1 : NORMAL_LENGTH);
    }

    private static void digits(char[] text, int at, int count, int value) {
        for (int i = at + count - 1; i >= at; i--) {
            text[i] = (char) ('0' + value % 10);
            value /= 10;
        }
    }

    /** Returns the number at these places, or -1 when one of them is not a digit. */
    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!isDigit(c)) {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int daysIn(int year, int month) {
        return switch (month) {
            case 4, 6, 9, 11 -> 30;
            case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
            default -> 31;
        };
    }

    private static long epochDay(int year, int month, int day) {
        long shiftedYear = month <= 2 ? year - 1L : year;
        long era = Math.floorDiv(shiftedYear, 400);
        int yearOfEra = (int) Math.floorMod(shiftedYear, 400);
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - 719_468;
    }
}
