package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ctl.endtoend.HouseholdComparison.Household;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** storeit-ctl ends by SIGKILL, as in a power cut; resume ends on the complete old or the complete new version. */
@Order(1) // they take longest: what begins last keeps one of the processors only
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KillTest extends EndToEnd {
    /** Shell in front of a server: its start at the real address takes two seconds longer. */
    private static final String SLOW_START = "case ${1-serve} in serve) [ \"$STOREIT_BIND\" = 127.0.0.1:%d ] && sleep 2;; esac; true";

    @ParameterizedTest(name = "at the step {0}")
    @ValueSource(strings = {"backup", "download", "rehearse", "stop", "import", "switch-database", "switch-binary", "check", "commit"})
    void anUpgradeKilledAtEachStep(String step) {
        running(Release.REFERENCE_021).publish(Release.OURS);
        killAtStep(start("upgrade", "0.3.0"), "upgrade", step);
        resume();
        assertCompleteOldOrNew(Release.REFERENCE_021, Release.OURS);
    }

    @Test
    @Tag("every-java")
    void anUpgradeKilledAsTheNewServerStarts() {
        anUpgradeKilledAtEachStep("start");
    }

    @ParameterizedTest(name = "at the step {0}")
    @ValueSource(strings = {"backup", "rehearse", "stop", "import", "switch-binary", "switch-database", "check", "commit"})
    void aDowngradeKilledAtEachStep(String step) {
        running(Release.OURS).publish(Release.REFERENCE_021);
        killAtStep(start("downgrade", "0.2.1"), "downgrade", step);
        resume();
        assertCompleteOldOrNew(Release.OURS, Release.REFERENCE_021);
    }

    @Test
    @Tag("every-java")
    void aDowngradeKilledAsTheOldServerStarts() {
        aDowngradeKilledAtEachStep("start");
    }

    @ParameterizedTest(name = "at the step {0}")
    @ValueSource(strings = {"stop", "switch-database", "switch-binary", "check", "commit"})
    void aRollbackKilledAtEachStep(String step) {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        killAtStep(start("rollback"), "rollback", step);
        resume();
        assertCompleteOldOrNew(Release.OURS, Release.REFERENCE_021);
    }

    @Test
    @Tag("every-java")
    void aRollbackKilledAsTheOldServerStarts() {
        aRollbackKilledAtEachStep("start");
    }

    private RunningCommand start(String... command) {
        List<String> consent = switch (command[0]) {
            case "upgrade", "downgrade" -> List.of("--yes", "--allow-unsigned", "--accept-loss");
            case "resume" -> List.of();
            default -> List.of("--yes");
        };
        return machine.startTool(Stream.concat(Stream.of(command), consent.stream()).toArray(String[]::new));
    }

    /**
     * Kills a tool just started as soon as its journal names the step. A step too short to be met is one the tool was past when it was
     * killed, which must be as harmless.
     */
    private void killAtStep(RunningCommand tool, String direction, String step) {
        Waiting.until("the step " + step, Duration.ofMillis(2), () -> !tool.isAlive() || machine.journal("direction").equals(direction)
                && (machine.journal("step").equals(step) || machine.journal("state").equals("committed")));
        tool.kill();
    }

    @Test
    void statusSaysWhatWasInterruptedAndTouchesNothing() {
        running(Release.REFERENCE_021).publishSabotaged(Release.OURS, SLOW_START.formatted(machine.port));
        killAtStep(start("upgrade", "0.3.0"), "upgrade", "start");
        var journal = machine.journal("step");
        assertThat(machine.tool("status").out()).contains("0.2.1", "0.3.0", "storeit-ctl resume");
        assertThat(machine.tool("doctor").requireExit(4).out()).containsPattern("serious +operation +interrupted: upgrade 0\\.2\\.1 -> 0\\.3\\.0")
                .containsPattern("to fix: storeit-ctl resume");
        assertThat(machine.journal("step")).isEqualTo(journal);
        resume();
    }

    @ParameterizedTest
    @ValueSource(strings = {"upgrade 0.3.0", "rollback", "cleanup"})
    void theNextCommandFinishesFirstWhatWasInterrupted(String command) {
        running(Release.REFERENCE_021).publish(Release.OURS);
        killAtStep(start("upgrade", "0.3.0"), "upgrade", "start");
        var run = start(command.split(" ")).await();
        assertThat(run.err()).contains("Resuming: ");
        assertThat(machine.journal("state")).as("none is left after cleanup").isIn("", "committed", "undone");
        assertCompleteOldOrNew(Release.REFERENCE_021, Release.OURS);
    }

    @Test
    void resumeWithoutAnythingInterruptedDoesNothing() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var halfAJournal = Machine.write(machine.beside(machine.database, ".migration-journal.part"), "{\"step\":");
        assertThat(machine.tool("resume").requireExit(0).out()).contains("Nothing was interrupted");
        assertThat(halfAJournal).as("what was left of a journal never put in place").doesNotExist();
        machine.upgrade(Release.OURS).requireExit(0);
        assertThat(machine.tool("resume").requireExit(0).out()).contains("Nothing was interrupted");
        assertServesEverything(Release.OURS);
    }

    @Test
    void aKilledResumeIsResumed() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        killAtStep(start("upgrade", "0.3.0"), "upgrade", "start");
        var random = new Random(7);
        for (var i = 0; i < 5; i++) {
            var tool = start("resume");
            Waiting.pause(random.nextInt(600));
            tool.kill();
        }
        resume();
        assertCompleteOldOrNew(Release.REFERENCE_021, Release.OURS);
    }

    /** If the tool dies while the new server waits for its word, the server goes on by itself. */
    @Test
    void aServerWhoseUpgradeDiedTakesWritesAgain() {
        running(Release.OURS).publish(Release.NEXT);
        killAtStep(start("upgrade", "0.4.0"), "upgrade", "check");
        Waiting.until("a write", () -> {
            addItem("after the tool died");
            return true;
        });
        resume();
        assertThat(machine.household().table("items")).anyMatch(row -> row.contains("name=after the tool died"));
    }

    @Test
    void atBootTheOldVersionComesBackAndNothingIsStarted() {
        running(Release.OURS).publishSabotaged(Release.NEXT, SLOW_START.formatted(machine.port));
        killAtStep(start("upgrade", "0.4.0"), "upgrade", "start");
        machine.killServers();
        assertThat(resumeAtBoot().text()).contains("Resuming: ", "0.3.0");
        assertThat(machine.servers()).isEmpty();
        assertThat(machine.journal("state")).isEqualTo("undone");
        assertThat(resumeAtBoot().text()).isEmpty();
        machine.start();
        assertServesEverything(Release.OURS);
    }

    @Test
    void atBootTheNewVersionStaysThatHasTakenSomethingIn() {
        running(Release.OURS).publish(Release.NEXT);
        killAtStep(start("upgrade", "0.4.0"), "upgrade", "check");
        Waiting.until("a write", () -> {
            addItem("after the tool died");
            return true;
        });
        machine.killServers();
        resumeAtBoot();
        assertThat(machine.journal("state")).isEqualTo("committed");
        machine.start();
        assertThat(machine.servingVersion()).isEqualTo("0.4.0");
        assertThat(machine.household().table("items")).anyMatch(row -> row.contains("name=after the tool died"));
    }

    @Test
    void atBootAnOldVersionThatIsGoneBackToComesLikewise() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        killAtStep(start("rollback"), "rollback", "start");
        machine.killServers();
        resumeAtBoot();
        assertThat(machine.journal("state")).isIn("committed", "undone");
        machine.start();
        assertCompleteOldOrNew(Release.REFERENCE_021, Release.OURS);
    }

    /** The unit is started by a storeit-ctl in the middle of its work. */
    @Test
    void atBootALivingToolIsLeftAlone() {
        running(Release.OURS).publishSabotaged(Release.NEXT, SLOW_START.formatted(machine.port));
        var tool = start("upgrade", "0.4.0");
        Waiting.until("the start", Duration.ofMillis(2), () -> machine.journal("step").equals("start"));
        assertThat(resumeAtBoot().text()).isEmpty();
        tool.await().requireExit(0);
        assertThat(machine.servingVersion()).isEqualTo("0.4.0");
    }

    /** As the unit runs it: with the server's environment. */
    private CommandRun resumeAtBoot() {
        machine.setToolVariable("DATABASE_URL", "sqlite:" + machine.database + "?mode=rwc");
        return machine.tool("resume", "--at-boot").requireExit(0);
    }

    /**
     * A hundred moments, each drawn over the whole length of what is killed: an upgrade while the old version serves, a rollback while
     * the new one does. The seed is printed and can be given as {@code -Dkill.seed}, the number of moments as {@code -Dkill.moments}.
     * Four machines share them, so that they run side by side.
     */
    @Order(1)
    @ParameterizedTest(name = "from {0} to {1}, machine {2}")
    @CsvSource({"REFERENCE_021, OURS, 1", "OURS, NEXT, 2", "REFERENCE_021, OURS, 3", "OURS, NEXT, 4"})
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void killedAtRandomMoments(Release old, Release fresh, int number) {
        var seed = Long.getLong("kill.seed", System.nanoTime());
        var moments = (Integer.getInteger("kill.moments", 100) + 3) / 4;
        System.out.println("%d random moments between %s and %s, -Dkill.seed=%d".formatted(moments, old.version, fresh.version, seed));
        var random = new Random(seed + number);
        with(old).publish(fresh);
        reduceHousehold();
        machine.start();
        var lengths = Map.of(
                old, millis(() -> machine.upgrade(fresh).requireExit(0)),
                fresh, millis(() -> machine.tool("rollback", "--yes").requireExit(0)));

        var serving = old;
        var ended = new EnumMap<Release, Integer>(Release.class);
        for (var moment = 1; moment <= moments; moment++) {
            if (serving == old) {
                addItem("before moment " + moment);
            }
            var expected = machine.household();
            var after = random.nextInt(lengths.get(serving));
            var tool = serving == old ? start("upgrade", fresh.version) : start("rollback");
            Waiting.pause(after);
            tool.kill();
            var context = "moment %d of -Dkill.seed=%d: killed after %d of %d ms, the journal says %s %s %s".formatted(moment, seed, after,
                    lengths.get(serving), machine.journal("direction"), machine.journal("step"), machine.journal("state"));
            var run = start("resume").await();
            assertThat(run.exit()).as(context + "\n" + run).isIn(0, 3);
            serving = assertCompleteOldOrNew(context, expected, old, fresh);
            ended.merge(serving, 1, Integer::sum);
        }
        System.out.println("Ended on: " + ended);
    }

    private static int millis(Runnable work) {
        var started = System.nanoTime();
        work.run();
        return (int) Duration.ofNanos(System.nanoTime() - started).toMillis();
    }

    /** A smaller household: what is tried here does not depend on its size. */
    private void reduceHousehold() {
        machine.sql("DELETE FROM search_index WHERE entity_type = 'item' AND entity_id IN (SELECT id FROM items WHERE rowid % 8 > 0)",
                "DELETE FROM items WHERE rowid % 8 > 0");
    }

    private void resume() {
        assertThat(start("resume").await().exit()).isIn(0, 3);
        assertThat(machine.journal("state")).isIn("", "committed", "undone");
    }

    private void assertCompleteOldOrNew(Release old, Release fresh) {
        assertCompleteOldOrNew("after resume", before, old, fresh);
        assertThat(machine.imageFiles()).containsAllEntriesOf(photos);
    }

    private Release assertCompleteOldOrNew(String context, Household expected, Release old, Release fresh) {
        assertThat(machine.isServing()).as(context).isTrue();
        var serving = machine.servingVersion().equals(fresh.version) ? fresh : old;
        try {
            machine.assertServes(serving, expected);
            assertThat(machine.servingSchema()).isEqualTo(serving.schema);
        } catch (AssertionError e) {
            throw new AssertionError(context, e);
        }
        assertThat(machine.dataFiles()).as(context).noneMatch(name -> name.contains(".rehearsal") || name.contains(".importing")
                || name.endsWith(".part"));
        return serving;
    }
}
