package io.storeit.ops.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalTimeTest {
    /** 15:01 in Berlin. */
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-29T14:01:30Z"), ZoneId.of("Europe/Berlin"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2026-11-29T14:01:30Z | today 15:01
            2026-11-29T14:00:31Z | today 15:00
            2026-11-29T14:00:30Z | today 15:00, 1 minute ago
            2026-11-29T13:59:29Z | today 14:59, 2 minutes ago
            2026-11-29T13:01:31Z | today 14:01, 59 minutes ago
            2026-11-29T13:01:30Z | today 14:01, 1 hour ago
            2026-11-28T23:00:00Z | today 00:00, 15 hours ago
            2026-11-28T22:59:59Z | yesterday 23:59, 15 hours ago
            2026-11-28T14:01:31Z | yesterday 15:01, 23 hours ago
            2026-11-28T14:01:30Z | yesterday 15:01, 1 day ago
            2026-11-27T14:00:00Z | 2026-11-27 15:00, 2 days ago
            2026-07-01T10:00:00Z | 2026-07-01 12:00, 151 days ago
            2026-11-29T14:30:00Z | today 15:30
            2026-11-30T14:30:00Z | 2026-11-30 15:30
            """)
    void isLocalAndRelative(String time, String words) {
        assertThat(LocalTime.of(Instant.parse(time), CLOCK)).isEqualTo(words);
    }

    @Test
    void showsTheTimeOfDay() {
        assertThat(LocalTime.ofDay(Instant.parse("2026-11-28T22:59:59Z"), CLOCK)).isEqualTo("23:59");
    }

    @Test
    void replacesTheTimesOfAText() {
        assertThat(LocalTime.inText("upgrade 0.2.1 -> 0.3.0, committed 2026-11-29T13:59:29Z", CLOCK))
                .isEqualTo("upgrade 0.2.1 -> 0.3.0, committed today 14:59, 2 minutes ago");
        assertThat(LocalTime.inText("undone 2026-11-28T14:00:00Z: the disk is full", CLOCK)).isEqualTo("undone yesterday 15:00, 1 day ago: the disk is full");
        assertThat(LocalTime.inText("(2026-11-29T14:01:00.5Z)", CLOCK)).isEqualTo("(today 15:01)");
    }

    @Test
    void keepsTheTimesOfFileNames() {
        for (String path : new String[] {"/data/2026-11-29T13:59:29Z", "/data/2026-11-29T13:59:29Z.storeit", "at 2026-11-29T13:59:29Z/storeit.db"}) {
            assertThat(LocalTime.inText(path, CLOCK)).isEqualTo(path);
        }
    }
}
