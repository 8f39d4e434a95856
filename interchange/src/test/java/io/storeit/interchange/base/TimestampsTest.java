package io.storeit.interchange.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {

    @Test
    void agreesWithJavaTimeOnAnyMoment() {
        var random = new Random(1);
        long first = Instant.parse("0000-01-01T00:00:00Z").toEpochMilli();
        long last = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
        for (int i = 0; i < 20_000; i++) {
            long millis = i == 0 ? first : i == 1 ? last : first + (long) (random.nextDouble() * (last - first));
            String text = Timestamps.format(millis);

            assertThat(Instant.parse(text).toEpochMilli()).isEqualTo(millis);
            assertThat(Timestamps.parse(text)).isEqualTo(millis);
            assertThat(Timestamps.parseStored(Timestamps.formatStored(millis))).isEqualTo(millis);
        }
        assertThat(Timestamps.format(0)).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(Timestamps.formatStored(0)).isEqualTo("1970-01-01T00:00:00.000");
        assertThatThrownBy(() -> Timestamps.format(last + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Timestamps.format(first - 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "2026", "2026-04-02", "2026-04-02T08:15Z", "2026-04-02T08:15:30", "2026-04-02T08:15:30.Z", "2026-04-02T08:15:30+0200",
        "2026-04-02T08:15:30+02", "2026-04-02T08:15:30Zx", "2026-04-02T08:15:30 Z", "2026-04-02x08:15:30Z", "2026-4-02T08:15:30Z",
        "2026-13-02T08:15:30Z", "2026-00-02T08:15:30Z", "2026-04-31T08:15:30Z", "2026-02-29T08:15:30Z", "1900-02-29T08:15:30Z",
        "2026-04-02T24:15:30Z", "2026-04-02T08:60:30Z", "2026-04-02T08:15:61Z", "2026-04-02T08:15:30+24:00", "2026-04-02T08:15:30+01:60",
        "+2026-04-02T08:15:30Z", "-026-04-02T08:15:30Z", "2026-04-02T08:15:30.1a3Z", "٢٠٢٦-04-02T08:15:30Z", "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "2026-04-02T08:15:30-2:00",
    })
    void whatIsNoTimeIsNone(String text) {
        assertThat(Timestamps.parse(text)).isEqualTo(Timestamps.NONE);
        assertThat(Timestamps.normalise(text)).isNull();
    }

    @Test
    void leapDaysAndLeapSecondsExist() {
        assertThat(Timestamps.normalise("2024-02-29T00:00:00Z")).isEqualTo("2024-02-29T00:00:00.000Z");
        assertThat(Timestamps.normalise("2000-02-29T00:00:00Z")).isEqualTo("2000-02-29T00:00:00.000Z");
        assertThat(Timestamps.normalise("2016-12-31T23:59:60.250Z")).isEqualTo("2017-01-01T00:00:00.250Z");
    }

    @Test
    void whatIsNormalStaysTheSameObject() {
        String text = "2026-04-02T08:15:30.482Z";

        assertThat(Timestamps.normalise(text)).isSameAs(text);
    }

    @Test
    void aDatabaseMayLeaveOutTheZone() {
        assertThat(Timestamps.parseStored("2026-04-02T08:15:30.482")).isEqualTo(Timestamps.parse("2026-04-02T08:15:30.482Z"));
        assertThat(Timestamps.parseStored("2026-04-02 08:15:30")).isEqualTo(Timestamps.parse("2026-04-02T08:15:30Z"));
    }
}
