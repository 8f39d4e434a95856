package io.storeit.ops.updates;

import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Holds the result of the last check for a newer release. {@code upgrade --check}, which the daily timer runs, looks up the newest release
 * and writes {@code <state folder>/newest-release.json}. {@code status} only reads that file and opens no connection.
 *
 * @param version null when the check failed
 * @param problem why the check failed; null when it did not
 * @param checkedAt the time of the check, in RFC 3339
 */
public record NewestRelease(String version, String problem, String checkedAt) {
    private static final String FILE = "newest-release.json";
    /** The most bytes to read, because the server's user may have written another file in its place. */
    private static final int LIMIT = 1 << 16;
    /** The most characters of a problem to show, for the same reason. */
    private static final int SHOWN = 300;
    /** The age from which {@code status} shows when the last check was, because the timer runs it daily. */
    private static final Duration OLD = Duration.ofDays(2);

    /** Looks up the newest release and records it, or the reason of the failure. */
    static Release check(Context context) {
        try {
            Release newest = Releases.of(context).resolve("latest");
            remember(context, newest.version(), null);
            return newest;
        } catch (OpsException unknown) {
            remember(context, null, shortened(unknown, context.settings().releasesUrl()));
            throw unknown;
        }
    }

    /** Shortens the message for a line of {@code status}: the address becomes its host. */
    private static String shortened(OpsException unknown, String place) {
        String reason = unknown.getCause() instanceof IOException failure ? Reasons.withFile(failure) : "";
        boolean addressed = place.startsWith("http") && !reason.isEmpty() && unknown.getMessage().endsWith(reason);
        return addressed ? place.replaceFirst("^https?://([^/]+).*", "$1") + ": " + reason : unknown.getMessage();
    }

    private static void remember(Context context, String version, String problem) {
        var found = new LinkedHashMap<String, Object>();
        found.put("place", context.settings().releasesUrl());
        found.put("version", version);
        found.put("problem", problem);
        found.put("checked_at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        Path file = Settings.stateFolder().resolve(FILE);
        try {
            Files.createDirectories(file.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            AtomicFiles.place(file, Json.write(found), "rw-------");
        } catch (IOException failure) {
            context.console().warn("'storeit-ctl status' will not show this, because %s cannot be written: %s", file, Reasons.withFile(failure));
        }
    }

    /**
     * Returns the last check of the configured source, unless it found no release newer than {@code version}. This user may have run the
     * check or, as the timer does, the server's user.
     */
    public static Optional<NewestRelease> newerThan(String version, Settings settings, Optional<Installation> installation) {
        return newerThan(version, settings, Stream.concat(Stream.of(Settings.stateFolder()),
                installation.map(found -> Settings.stateFolder(found.launch().environment())).stream()));
    }

    static Optional<NewestRelease> newerThan(String version, Settings settings, Stream<Path> stateFolders) {
        if (!settings.updateCheck()) return Optional.empty();
        return stateFolders.distinct().map(folder -> read(folder.resolve(FILE), settings.releasesUrl())).flatMap(Optional::stream)
                .max(Comparator.comparing(NewestRelease::at)).filter(last -> last.isNewerThan(version));
    }

    private static Optional<NewestRelease> read(Path file, String place) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) return Optional.empty();
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            Map<String, Object> found = Json.object(new String(in.readNBytes(LIMIT), StandardCharsets.UTF_8));
            var last = new NewestRelease((String) found.get("version"), (String) found.get("problem"), (String) found.get("checked_at"));
            boolean sound = last.version() == null ? last.problem() != null : Version.isVersion(last.version());
            return place.equals(found.get("place")) && sound && last.at() != null ? Optional.of(last) : Optional.empty();
        } catch (IOException | OpsException | ClassCastException none) {
            return Optional.empty();
        }
    }

    private boolean isNewerThan(String other) {
        return version == null || !Version.isVersion(other) || Version.parse(version).compareTo(Version.parse(other)) > 0;
    }

    /** Returns null when the file has no valid time. */
    private Instant at() {
        try {
            return checkedAt == null ? null : Instant.parse(checkedAt);
        } catch (DateTimeParseException damaged) {
            return null;
        }
    }

    /** Returns the text that {@code status} shows. */
    public String words() {
        Duration age = Duration.between(at(), Instant.now());
        String old = age.compareTo(OLD) > 0 ? "; last checked " + age.toDays() + " days ago" : "";
        return (version != null ? version + " (install it with 'storeit-ctl upgrade')" : "unknown: " + Quoted.bare(problem, SHOWN)) + old;
    }
}
