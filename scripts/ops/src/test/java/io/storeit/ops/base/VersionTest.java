package io.storeit.ops.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a version, and which one is newer. */
class VersionTest {
    @Test
    void versionsAreOrderedByNumbersAndPreReleasesComeBeforeTheirRelease() {
        List<String> ordered = List.of("0.2.1", "0.2.10", "0.3.0-rc1", "0.3.0", "0.3.1", "0.4.0-alpha", "0.4.0-beta1", "0.4.0-rc1", "0.4.0-rc2", "0.4.0-rc10", "0.4.0",
                "0.4.1-rc1", "0.10.0", "1.0.0-rc1", "1.0.0", "10.0.0");
        var shuffled = new ArrayList<>(ordered);
        Collections.shuffle(shuffled, new Random(7));
        assertThat(shuffled.stream().map(Version::parse).sorted().map(Version::toString).toList()).isEqualTo(ordered);
    }

    @Test
    void onlyTheSameVersionIsNeitherOlderNorNewer() {
        assertThat(Version.parse("v0.4.0-rc1")).isEqualTo(Version.parse("0.4.0-rc1")).isEqualByComparingTo(Version.parse("0.4.0-rc1"));
        for (String other : List.of("0.4.0-rc.1", "0.4.0-rc1.0", "0.4.0-RC1", "0.4.0")) {
            assertThat(Version.parse(other)).as(other).isNotEqualTo(Version.parse("0.4.0-rc1")).isNotEqualByComparingTo(Version.parse("0.4.0-rc1"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.3.0", "v0.3.0", "0.3.0-rc1", "0.3.0-rc.1-2", "999999999.0.0"})
    void aVersionHasThreeNumbersAndPerhapsAPreRelease(String text) {
        assertThat(Version.isVersion(text)).isTrue();
        assertThat(Version.parse(text).toString()).isEqualTo(text.replaceFirst("^v", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "latest", "0.3", "0.3.0.0", "0.3.0-", "0.3.0--", "0.3.0-.1", "0.3.0+1", "0.3.0-rc1+1", "0.3.0_1", "V0.3.0", " 0.3.0", "0.3.0\n", "1000000000.0.0", "-1.0.0",
        "0.3.0-rc/../1"})
    void anythingElseIsNone(String text) {
        assertThat(Version.isVersion(text)).isFalse();
        assertThatThrownBy(() -> Version.parse(text)).isInstanceOf(OpsException.class).hasMessageContaining("is not a version");
    }

    @ParameterizedTest
    @CsvSource({"0.1.0, false", "0.2.99, false", "0.3.0-rc1, true", "0.3.0, true", "0.10.0, true", "1.0.0, true"})
    void whatOlderServersLackIsThereFromVersion030On(String version, boolean expected) {
        assertThat(Version.parse(version).since030()).isEqualTo(expected);
    }
}
