package io.storeit.ops.updates;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What status reads of the last check for newer releases. */
class NewestReleaseTest {
    private static final String PLACE = "https://releases.example/api";

    @TempDir
    Path own;

    @TempDir
    Path ofTheServersUser;

    private static void write(Path folder, String place, String version, String problem, Duration age) throws IOException {
        String quoted = version == null ? "null" : '"' + version + '"';
        String why = problem == null ? "null" : '"' + problem + '"';
        Files.writeString(folder.resolve("newest-release.json"), "{\"place\": \"%s\", \"version\": %s, \"problem\": %s, \"checked_at\": \"%s\"}"
                .formatted(place, quoted, why, Instant.now().minus(age)));
    }

    private Optional<String> shown(String inPlace) {
        return shown(inPlace, "yes");
    }

    private Optional<String> shown(String inPlace, String updateCheck) {
        var given = new EnumMap<>(Map.of(Settings.Key.RELEASES_URL, PLACE, Settings.Key.UPDATE_CHECK, updateCheck));
        return NewestRelease.newerThan(inPlace, Settings.load(given), Stream.of(own, ofTheServersUser)).map(NewestRelease::words);
    }

    @Test
    void aReleaseIsShownOnlyWhenItIsNewer() throws IOException {
        assertThat(shown("0.3.0")).isEmpty();
        write(own, PLACE, "0.4.0-rc1", null, Duration.ofHours(1));
        assertThat(shown("0.3.0")).hasValue("0.4.0-rc1 (install it with 'storeit-ctl upgrade')");
        assertThat(shown("0.4.0-rc1")).isEmpty();
        assertThat(shown("0.4.0")).isEmpty();
        assertThat(shown("0.3.0", "no")).isEmpty();
    }

    @Test
    void whatAnotherPlaceOfReleasesHasSaysNothing() throws IOException {
        write(own, PLACE + "/other", "0.4.0", null, Duration.ZERO);
        assertThat(shown("0.3.0")).isEmpty();
    }

    @Test
    void theLaterCheckCountsWhoeverMadeIt() throws IOException {
        write(ofTheServersUser, PLACE, "0.4.0", null, Duration.ofHours(2));
        assertThat(shown("0.3.0")).hasValueSatisfying(words -> assertThat(words).startsWith("0.4.0 "));
        write(own, PLACE, "0.5.0", null, Duration.ofHours(1));
        assertThat(shown("0.3.0")).hasValueSatisfying(words -> assertThat(words).startsWith("0.5.0 "));
        write(ofTheServersUser, PLACE, null, "releases.example: it timed out", Duration.ofMinutes(1));
        assertThat(shown("0.3.0")).hasValue("unknown: releases.example: it timed out");
    }

    @Test
    void aCheckOfMoreThanTwoDaysAgoSaysSo() throws IOException {
        write(own, PLACE, "0.4.0", null, Duration.ofHours(47));
        assertThat(shown("0.3.0")).hasValueSatisfying(words -> assertThat(words).doesNotContain("checked"));
        write(own, PLACE, "0.4.0", null, Duration.ofHours(49));
        assertThat(shown("0.3.0")).hasValueSatisfying(words -> assertThat(words).endsWith("; last checked 2 days ago"));
        write(own, PLACE, null, "why", Duration.ofDays(30));
        assertThat(shown("0.3.0")).hasValue("unknown: why; last checked 30 days ago");
    }

    /** The server's user may write anything there, and root reads it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"place\": 1}", "{\"place\": \"" + PLACE + "\", \"version\": \"0.4.0\"}",
        "{\"place\": \"" + PLACE + "\", \"version\": \"0.4.0\", \"checked_at\": \"yesterday\"}",
        "{\"place\": \"" + PLACE + "\", \"version\": \"newest\", \"checked_at\": \"2026-11-22T10:00:00Z\"}",
        "{\"place\": \"" + PLACE + "\", \"version\": null, \"problem\": null, \"checked_at\": \"2026-11-22T10:00:00Z\"}"})
    void aDamagedFileSaysNothing(String content) throws IOException {
        Files.writeString(ofTheServersUser.resolve("newest-release.json"), content);
        assertThat(shown("0.3.0")).isEmpty();
    }

    @Test
    void neitherALinkIsFollowedNorAnEndlessFileReadNorControlCharactersShown() throws IOException {
        write(own, PLACE, "0.4.0", null, Duration.ZERO);
        Files.createSymbolicLink(ofTheServersUser.resolve("newest-release.json"), Files.move(own.resolve("newest-release.json"), own.resolve("elsewhere")));
        assertThat(shown("0.3.0")).isEmpty();

        Files.delete(ofTheServersUser.resolve("newest-release.json"));
        write(ofTheServersUser, PLACE, null, "why" + " ".repeat(1 << 16), Duration.ZERO);
        assertThat(shown("0.3.0")).isEmpty();

        write(ofTheServersUser, PLACE, null, "\\u001b[2J" + "x".repeat(1000), Duration.ZERO);
        assertThat(shown("0.3.0")).hasValueSatisfying(words -> assertThat(words).doesNotContain("\u001b").hasSizeLessThan(400));
    }
}
