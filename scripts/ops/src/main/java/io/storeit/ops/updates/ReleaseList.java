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
 * Lists the releases that can be installed, with the newest first.
 *
 * @param version the installed version; null when unknown
 */
public record ReleaseList(String place, String version, Integer schemaVersion, List<ReleaseList.Entry> releases) implements Result {
    /**
     * Describes one release and compares it with the installed version.
     *
     * @param publishedAt in RFC 3339; null when the source does not have it
     * @param schemaVersion null when unknown
     * @param schema {@code same}, {@code newer} or {@code older} than the installed one; null when one of both is unknown
     * @param command the command that installs it; null for the installed version, and for a release without a file for this machine
     */
    public record Entry(String version, String publishedAt, boolean preRelease, Integer schemaVersion, String schema, boolean installable, boolean inPlace,
            String command) {}

    /** The number of releases, with the newest first, whose schema is read and shown. */
    private static final int WITH_SCHEMA = 12;
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** Lists the releases of the configured source and compares each with the installed version. */
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
     * Reads the schemas of the newest releases in parallel. A schema that is unknown, or not read within the limit, is null. GitHub redirects
     * each request to another host, so a dozen in sequence would take seconds.
     */
    static List<Integer> schemas(List<Release> releases, Duration limit) {
        List<CompletableFuture<Integer>> answers = releases.stream().limit(WITH_SCHEMA)
                .map(release -> CompletableFuture.supplyAsync(() -> release.schema().orElse(null), ReleaseList::inThread))
                .map(answer -> answer.completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS))
                .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    /** Starts a thread for each of the few questions: the common pool of a small machine has one thread, which would ask one after the other. */
    private static void inThread(Runnable question) {
        var thread = new Thread(question, "schema");
        thread.setDaemon(true);
        thread.start();
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
            String what = entry.inPlace() ? "installed" : entry.installable() ? entry.command() : "no file for " + Platform.name();
            console.print("%-12s %-10s %-10s %s", entry.version(), published, schema, what + (entry.preRelease() ? " (pre-release)" : ""));
        }
    }
}
