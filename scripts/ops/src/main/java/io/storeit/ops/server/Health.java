package io.storeit.ops.server;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.host.Interruption;
import io.storeit.ops.host.StallTimeout;
import io.storeit.ops.process.ServerLog;
import io.storeit.ops.settings.Context;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Waits until a started server serves the expected version and data. */
public final class Health {
    /** Holds what a healthy server serves. @param digest null to skip the comparison. @param unreadablePhotos the most allowed; -1 to skip it */
    public record Expectation(String version, int schema, String digest, long unreadablePhotos) {}

    /** Holds the result of one check. @param problem null if the server is healthy. @param passes whether the problem may pass with time */
    private record Verdict(String problem, boolean passes, ServerApi.Health health) {
        static Verdict healthy(ServerApi.Health health) {
            return new Verdict(null, false, health);
        }

        static Verdict notYet(String problem) {
            return new Verdict(problem, true, null);
        }

        static Verdict wrong(String problem) {
            return new Verdict(problem, false, null);
        }
    }

    private static final String NO_ANSWER = "no answer";

    private Health() {}

    /**
     * Waits while the process lives and makes progress: its log grows, or its answer changes. Fails at once when the process ends or serves
     * something else, and when it makes no progress for too long.
     */
    public static Optional<ServerApi.Health> await(
            Context context, BooleanSupplier alive, ServerApi api, Path database, ServerLog log, Expectation expected) {
        var timeout = new StallTimeout(context.patience(), "Version " + expected.version() + " did not answer", "Its log: " + log.place());
        while (true) {
            Interruption.check();
            boolean living = alive.getAsBoolean();
            Verdict verdict = judge(api, database, expected);
            if (verdict.problem() == null) return Optional.ofNullable(verdict.health());
            if (!verdict.passes()) throw new OpsException(Exit.FAILED, "The server is not healthy: " + verdict.problem(), log.end());
            if (!living) {
                throw new OpsException(Exit.FAILED, "The server ended while starting: " + log.reason(), log.end());
            }
            timeout.pause(verdict.problem() + log.progress(), verdict.problem().equals(NO_ANSWER) ? "" : verdict.problem());
        }
    }

    private static Verdict judge(ServerApi api, Path database, Expectation expected) {
        ServerApi.Facts facts;
        try {
            Optional<ServerApi.Facts> answer = api.probeQuietly();
            if (answer.isEmpty()) return Verdict.notYet(NO_ANSWER);
            facts = answer.get();
        } catch (OpsException unhealthy) {
            return Verdict.notYet(unhealthy.getMessage());
        }
        if (!facts.appVersion().equals(expected.version())) {
            return Verdict.wrong("it reports version " + facts.appVersion() + " instead of " + expected.version());
        }
        if (expected.schema() > 0 && facts.schemaVersion() != expected.schema()) {
            return Verdict.wrong("it serves schema " + facts.schemaVersion() + " instead of " + expected.schema());
        }
        if (!Version.parse(expected.version()).since030()) return Verdict.healthy(null);
        api.useTokenBeside(database);
        Optional<ServerApi.Health> report = api.health();
        if (report.isEmpty()) return Verdict.notYet("it does not report its health");
        if (expected.digest() != null && !expected.digest().equals(report.get().digest())) {
            return Verdict.wrong("its data differs from the imported data");
        }
        if (expected.unreadablePhotos() >= 0 && report.get().unreadablePhotos() > expected.unreadablePhotos()) {
            return Verdict.wrong(report.get().unreadablePhotos() + " photos are unreadable, more than in the rehearsal");
        }
        return Verdict.healthy(report.get());
    }
}
