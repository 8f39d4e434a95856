package io.storeit.ops.doctor;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.inspect.DatabaseOverview;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.LocalTime;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Json;
import io.storeit.ops.console.Result;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Pair;
import io.storeit.ops.installation.SavedBackup;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import io.storeit.ops.updates.NewestRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Reports what {@code status} shows. The first five lines are those of StoreIT's older tool, because scripts read them. */
public record StatusReport(
        boolean running, String serverUrl, String appVersion, Integer schemaVersion, Integer expectedSchemaVersion, String binaryVersion,
        String toolVersion, String health, Map<String, Long> counts, Path database, String supervisor, Kept rollback, SavedBackup lastBackup,
        NewestRelease newestRelease, String operation, boolean interrupted, String next) implements Result {

    /** Describes the rollback point. @param bytes of both files @param missing the files that no longer exist */
    public record Kept(String version, int schemaVersion, String replacedAt, long bytes, Path database, Path binary, List<Path> missing) {
        static Kept of(Journal journal) {
            Pair kept = journal.kept();
            List<Path> files = List.of(kept.database(), kept.binary());
            return new Kept(journal.from().version(), journal.from().schema(), journal.endedAt(), files.stream().mapToLong(FileTree::sizeOrNone).sum(),
                    kept.database(), kept.binary(), files.stream().filter(file -> !Files.exists(file)).toList());
        }
    }

    /** Holds what is known without the server. */
    private record Local(Optional<Installation> installation, Optional<Journal> journal, String binaryVersion, OpsException obstacle) {
        static Local of(Supplier<Optional<Installation>> search) {
            Optional<Installation> found;
            try {
                found = search.get();
            } catch (OpsException invisible) {
                return new Local(Optional.empty(), Optional.empty(), null, invisible);
            }
            return new Local(found, found.flatMap(installation -> Journal.read(installation.database())),
                    found.map(installation -> ServerBinary.versionWithoutRunning(installation.binary())).orElse(null), null);
        }
    }

    public static StatusReport of(Context context) {
        Settings settings = context.settings();
        try (var api = new ServerApi(settings.serverUrl())) {
            Optional<ServerApi.Facts> facts = api.probe();
            Local local = Local.of(() -> facts.isPresent() ? Installation.listening(settings) : Installation.find(context, false));
            if (facts.isPresent()) local.installation().ifPresent(found -> Installation.seen(found, settings));
            Optional<Path> database = local.installation().map(Installation::database);
            Journal journal = local.journal().orElse(null);
            boolean interrupted = journal != null && journal.interrupted();
            boolean atWork = interrupted && Locks.operationHeld(journal.installation().database());
            Optional<ServerApi.Pulse> pulse = facts.flatMap(found -> api.pulse(database));
            String version = facts.map(ServerApi.Facts::appVersion).orElse(local.binaryVersion());
            return new StatusReport(
                    facts.isPresent(), settings.serverUrl(),
                    facts.map(ServerApi.Facts::appVersion).orElse(null),
                    facts.map(ServerApi.Facts::schemaVersion).or(() -> local.installation().map(Installation::schema)).orElse(null),
                    facts.map(ServerApi.Facts::expectedVersion).orElse(null),
                    local.binaryVersion(), StoreitVersion.APPLICATION,
                    facts.map(found -> health(found, pulse)).orElse(null),
                    pulse.map(ServerApi.Pulse::counts).or(() -> database.flatMap(StatusReport::countsOf)).orElse(null),
                    database.orElse(null),
                    local.installation().filter(found -> facts.isPresent()).map(Installation::supervisor).orElse(null),
                    journal == null || interrupted ? null : journal.rollbackable().map(Kept::of).orElse(null),
                    SavedBackup.last(settings, local.installation(), local.journal()).orElse(null),
                    version == null ? null : NewestRelease.newerThan(version, settings, local.installation()).orElse(null),
                    journal == null ? null : atWork ? journal.progress() : journal.summary(),
                    interrupted && !atWork,
                    atWork ? null : journal != null && journal.advice() != null ? journal.advice() : hidden(facts.isPresent(), local));
        }
    }

    /** Returns the reason why the report is incomplete; null when it is complete. */
    private static String hidden(boolean running, Local local) {
        if (local.obstacle() != null) return local.obstacle().getMessage() + (local.obstacle().hint().isEmpty() ? "" : ". " + local.obstacle().hint());
        return running && local.installation().isEmpty() ? "run as root or as the server's user, on its machine, to see more" : null;
    }

    private static String health(ServerApi.Facts facts, Optional<ServerApi.Pulse> pulse) {
        if (facts.schemaVersion() != facts.expectedVersion()) {
            return "wrong schema: the database has " + facts.schemaVersion() + ", this version needs " + facts.expectedVersion();
        }
        return pulse.filter(found -> !found.writesOpen()).isPresent() ? "answers reads only: an upgrade is being checked" : "ok";
    }

    /** Counts the records in the database of a stopped server, or of one before 0.3.0, which does not report them. */
    private static Optional<Map<String, Long>> countsOf(Path database) {
        if (Locks.operationHeld(database)) return Optional.empty();   // the database may be switched
        try {
            return Optional.of(Json.byKey(DatabaseOverview.of(database).counts()));
        } catch (DatabaseException unreadable) {
            return Optional.empty();   // doctor reports why
        }
    }

    @Override
    public Exit exit() {
        return running ? Exit.OK : Exit.FAILED;
    }

    @Override
    public void print(Console console) {
        console.print(running ? "Server: running at %s" : "Server: NOT RUNNING", serverUrl);
        line(console, "App version", appVersion);
        line(console, "Schema version", schemaVersion);
        line(console, "Expected schema version", expectedSchemaVersion);
        line(console, "Binary version", binaryVersion);
        line(console, "Health", health);
        line(console, "Content", counts == null ? null
                : Words.contents(counts, Table.ITEMS, Table.CONTAINERS, Table.LOCATIONS, Table.PHOTOS, Table.USERS));
        line(console, "Supervisor", supervisor);
        line(console, "Last operation", operation);
        if (rollback != null) {
            line(console, "Kept for rollback",
                    "version " + rollback.version() + ", schema " + rollback.schemaVersion() + ", replaced " + rollback.replacedAt() + " ("
                    + Words.megabytes(rollback.bytes()) + ")" + (rollback.missing().isEmpty() ? "" : "; missing: " + Words.few(rollback.missing())));
        }
        line(console, "Last backup", lastBackup == null ? database == null ? null : "none was found" : lastBackup.words());
        if (newestRelease != null) line(console, newestRelease.version() == null ? "Newer releases" : "Newer release", newestRelease.words());
        line(console, "Next", next);
    }

    private static void line(Console console, String name, Object value) {
        if (value != null) console.row(name + ":", LocalTime.inText(value.toString(), Clock.systemDefaultZone()));
    }
}
