package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three people go on writing while the server is exchanged: what was acknowledged is there afterwards, once. */
class WriteLoadTest extends EndToEnd {
    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"SCHEMA_1, OURS", "REFERENCE_021, OURS", "OURS, NEXT"})
    @Tag("every-java")
    void anUpgradeUnderWriteLoadLosesAndDoublesNothing(Release from, Release to) {
        running(from).publish(to);
        try (var writers = Writers.start(machine)) {
            var tool = machine.startTool("upgrade", to.version, "--yes", "--allow-unsigned");
            tool.await().requireExit(0);
            var committed = Instant.now();
            writers.awaitAnother();

            var backedUp = tool.timeOf("Backup saved to");
            var stopped = tool.timeOf("Stopping server...");
            assertThat(writers.acknowledgedBetween(Instant.MIN, tool.timeOf("Creating backup")))
                    .as("acknowledged before the backup").isPositive();
            assertThat(writers.acknowledgedBetween(backedUp, stopped)).as("acknowledged between backup and stop").isPositive();
            assertThat(writers.acknowledgedBetween(committed, Instant.MAX)).as("acknowledged after the commit").isPositive();
            writers.assertNothingLostOrDoubled();
        }
        assertOnlyTheWritersItemsWereAdded(to);
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"OURS, REFERENCE_021", "NEXT, OURS"})
    void aDowngradeUnderWriteLoadLosesAndDoublesNothing(Release from, Release to) {
        running(Release.OURS).publish(to);
        if (from == Release.NEXT) {
            machine.publish(Release.NEXT);
            machine.upgrade(Release.NEXT).requireExit(0);
        }
        try (var writers = Writers.start(machine)) {
            machine.downgrade(to).requireExit(0);
            writers.awaitAnother();
            writers.assertNothingLostOrDoubled();
        }
        assertOnlyTheWritersItemsWereAdded(to);
    }

    @ParameterizedTest(name = "from {0}")
    @CsvSource({"REFERENCE_021, OURS", "OURS, NEXT"})
    void anUpgradeThatFailsAfterTheStopLosesAndDoublesNothing(Release from, Release to) {
        running(from);
        machine.publishSabotaged(to,
                "case ${1-serve} in serve) [ \"$STOREIT_BIND\" = 127.0.0.1:%d ] && exit 1;; esac".formatted(machine.port));
        try (var writers = Writers.start(machine)) {
            machine.upgrade(to).requireExit(3);
            writers.awaitAnother();
            writers.assertNothingLostOrDoubled();
        }
        assertOnlyTheWritersItemsWereAdded(from);
    }

    /** What the new version acknowledged before the rollback is in the kept database, and only there. */
    @Test
    void aRollbackUnderWriteLoadKeepsWhatTheNewVersionAcknowledged() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        try (var writers = Writers.start(machine)) {
            var written = writers.snapshot();
            machine.tool("rollback", "--yes").requireExit(0);
            writers.awaitAnother();
            writers.stop();
            var kept = machine.dataFiles().stream().filter(name -> name.startsWith("storeit.db.") && !name.endsWith(".lock")
                    && !name.endsWith("-journal"))
                    .map(machine.database::resolveSibling).toList();
            assertThat(kept).as("kept databases").hasSize(1);
            assertThat(HouseholdComparison.query(kept.get(0), "SELECT id FROM items"))
                    .containsAll(written.stream().map(item -> "id=" + item.id()).toList());
        }
        assertOnlyTheWritersItemsWereAdded(Release.REFERENCE_021);
    }

    private void assertOnlyTheWritersItemsWereAdded(Release serving) {
        assertThat(machine.servingVersion()).isEqualTo(serving.version);
        HouseholdComparison.assertSame(before, machine.household().withoutItemsNamed(Writers.PREFIX));
    }
}
