package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.IsoFields;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Selects the backups of a directory that are kept: the newest backup of each of the last days, weeks and months that have one, and the
 * newest of all. Days, weeks (ISO) and months are those of UTC.
 */
public record Retention(int daily, int weekly, int monthly) {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("'storeit-backup-'uuuuMMdd-HHmmss'.storeit'", Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    /** Checks the number of an option; 0 if the option was not given. */
    public static int count(Integer given) {
        if (given == null) return 0;
        if (given < 0) throw new OpsException(Exit.USAGE, "Cannot keep " + given + " backups", "Give 0 or a larger number.");
        return given;
    }

    /** Returns an unused name for a new backup, made of its time. */
    public static Path newFile(Path folder, Instant now) {
        Path file = folder.resolve(NAME.format(now.atOffset(ZoneOffset.UTC)));
        return Files.exists(file) ? newFile(folder, now.plusSeconds(1)) : file;
    }

    /** Lists the backups in a directory. A file is a backup if its name has exactly the form that {@link #newFile} gives. */
    public static List<Path> backupsIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> time(file).isPresent() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).toList();
        }
    }

    private static Optional<LocalDateTime> time(Path file) {
        try {
            return Optional.of(LocalDateTime.parse(file.getFileName().toString(), NAME));
        } catch (DateTimeParseException otherFile) {
            return Optional.empty();
        }
    }

    /**
     * Returns the backups that need not be kept.
     *
     * @param written the new backup, which is kept even if the clock was set back before it
     */
    public List<Path> superfluous(List<Path> backups, Path written) {
        List<Path> newestFirst = backups.stream().sorted(Comparator.comparing((Path file) -> time(file).orElseThrow()).reversed()).toList();
        var kept = new HashSet<Path>(newestFirst.stream().limit(1).toList());
        kept.add(written);
        keep(kept, newestFirst, daily, time -> time.toLocalDate().toString());
        keep(kept, newestFirst, weekly, time -> time.get(IsoFields.WEEK_BASED_YEAR) + "-" + time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        keep(kept, newestFirst, monthly, time -> YearMonth.from(time).toString());
        return newestFirst.stream().filter(file -> !kept.contains(file)).toList();
    }

    private static void keep(Set<Path> kept, List<Path> newestFirst, int periods, Function<LocalDateTime, String> period) {
        var seen = new HashSet<String>();
        for (Path file : newestFirst) {
            String name = period.apply(time(file).orElseThrow());
            if (seen.contains(name)) continue;
            if (seen.size() == periods) return;
            seen.add(name);
            kept.add(file);
        }
    }
}
