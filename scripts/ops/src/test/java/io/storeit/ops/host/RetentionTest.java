package io.storeit.ops.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which backups stay. */
class RetentionTest {
    private static final Path FOLDER = Path.of("/backups");

    @Test
    void aBackupEachNightOverTwoYearsLeavesSevenDaysFourWeeksAndSixMonths() {
        var retention = new Retention(7, 4, 6);
        var kept = new ArrayList<Path>();
        LocalDate first = LocalDate.of(2026, 1, 1);
        for (LocalDate day = first; day.isBefore(first.plusYears(2)); day = day.plusDays(1)) {
            Path written = backup(day, "03:10:00");
            kept.add(written);
            kept.removeAll(retention.superfluous(kept, written));
            assertThat(kept).as("after the night of %s", day).containsExactlyInAnyOrderElementsOf(expected(first, day));
        }
        assertThat(kept).hasSizeBetween(13, 17);
    }

    /** Without looking at what was kept before: by the calendar alone. */
    private static List<Path> expected(LocalDate first, LocalDate today) {
        var days = new TreeSet<LocalDate>();
        for (int i = 0; i < 7; i++) {
            days.add(today.minusDays(i));
        }
        LocalDate sunday = today.minusDays(today.getDayOfWeek().getValue() % 7);
        for (int i = 0; i < 4; i++) {
            // This week's newest is today's; on a Sunday it ends the week itself.
            days.add(i == 0 ? today : sunday.equals(today) ? sunday.minusWeeks(i) : sunday.minusWeeks(i - 1));
        }
        for (int i = 0; i < 6; i++) {
            days.add(i == 0 ? today : today.withDayOfMonth(1).minusMonths(i - 1).minusDays(1));
        }
        return days.stream().filter(day -> !day.isBefore(first)).map(day -> backup(day, "03:10:00")).toList();
    }

    @Test
    void ofADayTheNewestStays() {
        var morning = backup(LocalDate.of(2026, 3, 1), "08:00:00");
        var evening = backup(LocalDate.of(2026, 3, 1), "20:00:00");
        var next = backup(LocalDate.of(2026, 3, 2), "08:00:00");
        assertThat(new Retention(2, 0, 0).superfluous(List.of(morning, next, evening), next)).containsExactly(morning);
    }

    @Test
    void theDayOnEitherSideOfALimit() {
        var third = backup(LocalDate.of(2026, 3, 3), "08:00:00");
        var second = backup(LocalDate.of(2026, 3, 2), "08:00:00");
        var first = backup(LocalDate.of(2026, 3, 1), "08:00:00");
        assertThat(new Retention(3, 0, 0).superfluous(List.of(first, second, third), third)).isEmpty();
        assertThat(new Retention(2, 0, 0).superfluous(List.of(first, second, third), third)).containsExactly(first);
    }

    @Test
    void aWeekIsThatOfIsoAlsoAtTheTurnOfTheYear() {
        var thursday = backup(LocalDate.of(2026, 12, 31), "08:00:00");
        var sunday = backup(LocalDate.of(2027, 1, 3), "08:00:00");
        var monday = backup(LocalDate.of(2027, 1, 4), "08:00:00");
        assertThat(new Retention(0, 2, 0).superfluous(List.of(thursday, sunday, monday), monday)).containsExactly(thursday);
    }

    @Test
    void theNewestStaysAlsoWhenNothingIsToBeKept() {
        var old = backup(LocalDate.of(2026, 3, 1), "08:00:00");
        var written = backup(LocalDate.of(2026, 3, 2), "08:00:00");
        assertThat(new Retention(0, 0, 0).superfluous(List.of(old, written), written)).containsExactly(old);
    }

    @Test
    void whatWasJustWrittenStaysAlsoWhenTheClockWentBack() {
        var future = backup(LocalDate.of(2030, 3, 1), "08:00:00");
        var written = backup(LocalDate.of(2026, 3, 2), "08:00:00");
        assertThat(new Retention(1, 1, 1).superfluous(List.of(future, written), written)).isEmpty();
    }

    @Test
    void onlyFilesNamedLikeABackupAreBackups(@TempDir Path folder) throws IOException {
        for (String name : List.of("storeit-backup-20260301-031000.storeit", "storeit-backup-20260301-031000.storeit.download",
                "storeit-backup-1767225600.storeit", "storeit-backup-20260230-031000.storeit", "pre-upgrade.storeit",
                "my-storeit-backup-20260301-031000.storeit", "storeit-backup-20260301-031000-2.storeit")) {
            Files.createFile(folder.resolve(name));
        }
        Files.createDirectory(folder.resolve("storeit-backup-20260302-031000.storeit"));
        Files.createSymbolicLink(folder.resolve("storeit-backup-20260303-031000.storeit"), folder.resolve("pre-upgrade.storeit"));
        assertThat(Retention.backupsIn(folder)).containsExactly(folder.resolve("storeit-backup-20260301-031000.storeit"));
    }

    @Test
    void twoBackupsWithinOneSecondHaveTwoNames(@TempDir Path folder) throws IOException {
        Instant now = Instant.parse("2026-03-01T23:59:59Z");
        Path first = Files.createFile(Retention.newFile(folder, now));
        assertThat(first.getFileName()).hasToString("storeit-backup-20260301-235959.storeit");
        assertThat(Retention.newFile(folder, now).getFileName()).hasToString("storeit-backup-20260302-000000.storeit");
    }

    @Test
    void aNegativeNumberIsWrongUsage() {
        assertThat(Retention.count(null)).isZero();
        assertThat(Retention.count(0)).isZero();
        assertThatThrownBy(() -> Retention.count(-1)).isInstanceOf(OpsException.class).hasMessageContaining("-1");
    }

    private static Path backup(LocalDate day, String time) {
        return Retention.newFile(FOLDER, day.atTime(LocalTime.parse(time)).toInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS));
    }
}
