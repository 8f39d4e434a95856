package io.storeit.ops.updates;

import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Result;
import io.storeit.ops.host.Platform;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The releases that can be installed, the newest first.
 *
 * @param version the version in place; null when that cannot be seen
 */
public record ReleaseList(String place, String version, Integer schemaVersion, List<ReleaseList.Entry> releases) implements Result {
    /**
     * One release and how it compares with what is in place.
     *
     * @param publishedAt RFC 3339, where the place of releases tells
     * @param schemaVersion null where the release does not tell
     * @param schema how that compares with what is in place: {@code same}, {@code newer}, {@code older}; null when one is not known
     * @param command moves there; null for what is in place and what has no file for this machine
     */
    public record Entry(String version, String publishedAt, boolean preRelease, Integer schemaVersion, String schema, boolean installable, boolean inPlace,
            String command) {}

    /** How many releases, the newest first, are asked for their schema; of the others it is not shown. */
    private static final int WITH_SCHEMA = 12;
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** Lists the releases at the configured place, and how each compares with what is in place here. */
    public static ReleaseList of(Context context) {
        InPlace place = InPlace.of(context);
        List<Release> releases = Releases.of(context).all();
        List<Integer> schemas = schemas(releases, LIMIT);
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < releases.size(); i++) {
            Release release = releases.get(i);
            int order = place.version() == null ? 1 : Version.parse(release.version()).compareTo(Version.parse(place.version()));
            Integer schema = order == 0 ? place.schema() : i < schemas.size() ? schemas.get(i) : null;
            boolean installable = release.server().isPresent();
            String command = order == 0 || !installable ? null
                    : "storeit-ctl " + (place.version() == null ? "install " : order > 0 ? "upgrade " : "downgrade ") + release.version();
            entries.add(new Entry(release.version(), release.publishedAt(), release.preRelease(), schema, compared(schema, place.schema()),
                    installable, order == 0, command));
        }
        return new ReleaseList(context.settings().releasesUrl(), place.version(), place.schema(), entries);
    }

    /**
     * Reads the schemas of the newest releases at the same time; null is one that is not known, or not within the limit. GitHub answers each
     * question by a redirect to another host, so that a dozen, one after the other, would take some seconds.
     */
    static List<Integer> schemas(List<Release> releases, Duration limit) {
        List<CompletableFuture<Integer>> answers = releases.stream().limit(WITH_SCHEMA)
                .map(release -> CompletableFuture.supplyAsync(() -> release.schema().orElse(null)))
                .map(answer -> answer.completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS))
                .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private static String compared(Integer schema, Integer here) {
        if (schema == null || here == null) return null;
        return schema.equals(here) ? "same" : schema > here ? "newer" : "older";
    }

    private record InPlace(String version, Integer schema) {
        static InPlace of(Context context) {
            try (var api = new ServerApi(context.settings().serverUrl())) {
                Optional<ServerApi.Facts> facts = api.probe();
                if (facts.isPresent()) return new InPlace(facts.get().appVersion(), facts.get().schemaVersion());
                return Installation.find(context, false).map(found -> new InPlace(Optional.ofNullable(ServerBinary.versionWithoutRunning(found.binary()))
                        .filter(Version::isVersion).orElse(null), found.schema())).orElse(new InPlace(null, null));
            } catch (OpsException invisible) {
                return new InPlace(null, null);
            }
        }
    }

    @Override
    public void print(Console console) {
        if (releases.isEmpty()) console.print("There are no releases at %s", place);
        else console.print("%-12s %-10s %-10s", "Version", "Published", "Schema");
        for (Entry entry : releases) {
            String other = entry.schema() == null || entry.schema().equals("same") ? "" : " (" + entry.schema() + ")";
            String schema = entry.schemaVersion() == null ? "?" : entry.schemaVersion() + other;
            String published = entry.publishedAt() == null ? "-" : entry.publishedAt().substring(0, Math.min(10, entry.publishedAt().length()));
            String what = entry.inPlace() ? "in place" : entry.installable() ? entry.command() : "no file for " + Platform.name();
            console.print("%-12s %-10s %-10s %s", entry.version(), published, schema, what + (entry.preRelease() ? " (pre-release)" : ""));
        }
    }
}
