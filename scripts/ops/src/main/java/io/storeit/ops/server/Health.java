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

/** Waits until a started server serves what it should. */
public final class Health {
    /** {@code digest} null: not compared. {@code unreadablePhotos} -1: not compared. */
    public record Expectation(String version, int schema, String digest, long unreadablePhotos) {}

    /** What a server that answers was found to be; {@code problem} null: healthy. Only some problems pass with time. */
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

    private Health() {}

    /**
     * Waits as long as the process lives and gets on with something (its log grows, its answer changes); fails at once when it
     * ends or serves the wrong thing, and after the patience without progress.
     */
    public static Optional<ServerApi.Health> await(
            Context context, BooleanSupplier alive, ServerApi api, Path database, ServerLog log, Expectation expected) {
        var patience = new StallTimeout(context.patience(), "Version " + expected.version() + " made no progress");
        while (true) {
            Interruption.check();
            boolean living = alive.getAsBoolean();
            Verdict verdict = judge(api, database, expected);
            if (verdict.problem() == null) return Optional.ofNullable(verdict.health());
            if (!verdict.passes()) throw new OpsException(Exit.FAILED, "The server is not healthy: " + verdict.problem(), log.end());
            if (!living) {
                throw new OpsException(Exit.FAILED, "The server ended while starting: " + log.reason(), log.end());
            }
            patience.pause(verdict.problem() + log.progress(), verdict.problem());
        }
    }

    private static Verdict judge(ServerApi api, Path database, Expectation expected) {
        ServerApi.Facts facts;
        try {
            Optional<ServerApi.Facts> answer = api.probeQuietly();
            if (answer.isEmpty()) return Verdict.notYet("no answer");
            facts = answer.get();
        } catch (OpsException unhealthy) {
            return Verdict.notYet(unhealthy.getMessage());
        }
        if (!facts.appVersion().equals(expected.version())) {
            return Verdict.wrong("it says it is version " + facts.appVersion() + ", expected " + expected.version());
        }
        if (expected.schema() > 0 && facts.schemaVersion() != expected.schema()) {
            return Verdict.wrong("it serves schema " + facts.schemaVersion() + ", expected " + expected.schema());
        }
        if (!Version.parse(expected.version()).since030()) return Verdict.healthy(null);
        api.useTokenBeside(database);
        Optional<ServerApi.Health> report = api.health();
        if (report.isEmpty()) return Verdict.notYet("no report of its health");
        if (expected.digest() != null && !expected.digest().equals(report.get().digest())) {
            return Verdict.wrong("it serves other data than was imported");
        }
        if (expected.unreadablePhotos() >= 0 && report.get().unreadablePhotos() > expected.unreadablePhotos()) {
            return Verdict.wrong(report.get().unreadablePhotos() + " photos cannot be read that could be read in the rehearsal");
        }
        return Verdict.healthy(report.get());
    }
}
