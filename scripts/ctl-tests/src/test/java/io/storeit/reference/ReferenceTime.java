package io.storeit.reference;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/** The two spellings of a point in time: {@code …T…SS.mmm} in the database, {@code …T…SS[.mmm]Z} in JSON. */
final class ReferenceTime {
    private static final DateTimeFormatter COLUMN = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private ReferenceTime() {
    }

    static String now() {
        return column(Instant.now());
    }

    static String column(Instant time) {
        return COLUMN.format(time);
    }

    /** Anything but the known spellings makes the whole export fail without naming the row (D155). */
    static String jsonOfColumn(String column) {
        var text = column.replace(' ', 'T');
        try {
            var zoned = text.endsWith("Z") || text.indexOf('+') > 0;
            var time = zoned ? OffsetDateTime.parse(text).toInstant() : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
            return time.toString();
        } catch (DateTimeParseException e) {
            throw new ReferenceException("internal error: trailing input", e);
        }
    }

    static String columnOfJson(String json) {
        try {
            return column(OffsetDateTime.parse(json.replace(' ', 'T')).toInstant().truncatedTo(ChronoUnit.MILLIS));
        } catch (DateTimeParseException e) {
            throw new ReferenceException("premature end of input", e);
        }
    }
}
