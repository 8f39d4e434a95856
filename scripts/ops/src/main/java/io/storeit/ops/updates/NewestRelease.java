package io.storeit.ops.updates;

import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.Beside;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.release.Releases;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A release that is newer than what is in place, or why that is not known.
 *
 * @param checkedAt RFC 3339. Answers are believed for a day, failures for an hour, so that no command waits for them often
 */
public record NewestRelease(String version, String problem, String checkedAt) {
    /** The property gives tests on a busy machine more. */
    private static final Duration LIMIT = Duration.ofSeconds(Integer.getInteger("storeit.lookup.seconds", 2));

    /** Goes on beside the rest of a command. */
    public static final class Lookup {
        private final String place;
        private final Path file = Settings.stateFolder().resolve("newest-release.json");
        private final Instant deadline = Instant.now().plus(LIMIT);
        private final NewestRelease known;
        private final Beside<NewestRelease> work;

        public Lookup(Context context) {
            Settings settings = context.settings();
            place = settings.releasesUrl();
            boolean online = place.startsWith("http");
            known = settings.updateCheck() && online ? remembered() : null;
            work = settings.updateCheck() && known == null ? new Beside<>(() -> ask(new Context(context.console(), settings, LIMIT), online)) : null;
        }

        private NewestRelease remembered() {
            try {
                Map<String, Object> found = Json.object(Files.readString(file));
                var release = new NewestRelease((String) found.get("version"), (String) found.get("problem"), (String) found.get("checked_at"));
                Duration age = Duration.between(Instant.parse(release.checkedAt()), Instant.now());
                boolean fresh = !age.isNegative() && age.compareTo(release.problem() == null ? Duration.ofDays(1) : Duration.ofHours(1)) < 0;
                return fresh && place.equals(found.get("place")) && (release.version() == null || Version.isVersion(release.version())) ? release : null;
            } catch (IOException | OpsException | ClassCastException | DateTimeParseException | NullPointerException none) {
                return null;
            }
        }

        private NewestRelease ask(Context context, boolean online) {
            NewestRelease answer;
            try {
                answer = new NewestRelease(Releases.of(context).resolve("latest").version(), null, now());
            } catch (OpsException unknown) {
                answer = new NewestRelease(null, shortened(unknown), now());
            }
            if (online) remember(answer);
            return answer;
        }

        /** A line of status is not the place for whole addresses. */
        private String shortened(OpsException unknown) {
            String reason = unknown.getCause() instanceof IOException failure ? OpsException.reason(failure) : "";
            return reason.isEmpty() || !unknown.getMessage().endsWith(reason) ? unknown.getMessage() : host() + ": " + reason;
        }

        private String host() {
            return place.replaceFirst("^https?://([^/]+).*", "$1");
        }

        private void remember(NewestRelease answer) {
            var object = new LinkedHashMap<String, Object>();
            object.put("place", place);
            object.put("version", answer.version());
            object.put("problem", answer.problem());
            object.put("checked_at", answer.checkedAt());
            try {
                Files.createDirectories(file.getParent());
                FileTree.place(file, Json.text(object).getBytes(StandardCharsets.UTF_8), "rw-------");
            } catch (IOException unwritable) {
                // then the next command asks again
            }
        }

        private static String now() {
            return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        }

        /** Waits until the limit at most; empty when there is none newer, or nobody wants to know. */
        public Optional<NewestRelease> newerThan(String version) {
            if (known == null && work == null) return Optional.empty();
            NewestRelease found = known;
            if (found == null) {
                Duration left = Duration.between(Instant.now(), deadline);
                found = work.get(left.isNegative() ? Duration.ZERO : left).orElse(null);
            }
            if (found == null) {
                found = new NewestRelease(null, host() + " did not answer within " + LIMIT.toSeconds() + " seconds", now());
                remember(found);
            }
            boolean none = found.version() != null && Version.isVersion(version) && Version.parse(found.version()).compareTo(Version.parse(version)) <= 0;
            return none ? Optional.empty() : Optional.of(found);
        }
    }

    public String words() {
        return version != null ? version + " ('storeit-ctl upgrade' moves to it)" : "not known: " + problem;
    }
}
