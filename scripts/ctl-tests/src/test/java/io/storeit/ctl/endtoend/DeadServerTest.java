package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The old server is already dead: its files are all there is. */
class DeadServerTest extends EndToEnd {
    /** The tool has seen this server at an earlier backup; nobody tells it where the database is. */
    private void dead(Release release) {
        running(release);
        machine.tool("backup", "-o", machine.folder.resolve("home/earlier.storeit").toString()).requireExit(0);
        machine.killServers();
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"SCHEMA_1, OURS", "REFERENCE_021, OURS", "OURS, NEXT"})
    void anUpgradeStartsFromItsFilesAndEndsWithTheNewVersionServing(Release from, Release to) {
        dead(from);
        machine.publish(to);
        var run = machine.upgrade(to).requireExit(0);
        assertThat(run.out()).contains("Upgrade complete!");
        machine.awaitServing();
        assertServesEverything(to);
    }

    @Test
    void anUpgradeAsksFirst() {
        dead(Release.REFERENCE_021);
        machine.publish(Release.OURS);
        assertThat(machine.tool("upgrade", "0.3.0", "--allow-unsigned").requireExit(6).text()).contains("is not running", "--yes");
        assertFoundAsItWas(List.of());
    }

    @Test
    void anUpgradeThatFailsLeavesEverythingExactlyAsFound() {
        dead(Release.REFERENCE_021);
        var database = Machine.sha256(machine.database);
        machine.publishSabotaged(Release.OURS,
                "case ${1-serve} in serve) [ \"$STOREIT_BIND\" = 127.0.0.1:%d ] && exit 1;; esac".formatted(machine.port));
        var run = machine.upgrade(Release.OURS).requireExit(3);
        assertThat(run.text()).contains("not running");
        assertFoundAsItWas(List.of());
        assertThat(Machine.sha256(machine.database)).isEqualTo(database);
    }

    private void assertFoundAsItWas(List<ProcessHandle> servers) {
        assertThat(machine.servers()).isEqualTo(servers);
        assertThat(Machine.sha256(machine.binary)).isEqualTo(Machine.sha256(Release.REFERENCE_021.asset()));
        HouseholdComparison.assertSame(before, machine.database);
    }

    @Test
    void aBackupIsMadeFromItsFiles() {
        dead(Release.REFERENCE_021);
        var archive = machine.folder.resolve("home/dead.storeit");
        assertThat(machine.tool("backup", "-o", archive.toString()).requireExit(0).text())
                .contains("is not running", "Backup saved: " + archive);
        assertThat(new EditedArchive(archive).rows("items")).hasSize(318);
        machine.tool("verify", archive.toString()).requireExit(0);
    }

    @Test
    void statusSaysThatNothingRunsAndEndsWith1() {
        dead(Release.REFERENCE_021);
        assertThat(machine.tool("status").requireExit(1).out()).startsWith("Server: NOT RUNNING");
    }

    @Test
    void aDeadServerNobodyHasSeenIsFoundByItsFolderAndBinary() {
        with(Release.REFERENCE_021).publish(Release.OURS);
        Machine.copyTree(machine.images, machine.database.resolveSibling("images"));
        machine.tool("upgrade", "0.3.0", "--yes", "--allow-unsigned", "--data-dir", machine.database.getParent()
                .toString(), "--binary", machine.binary.toString()).requireExit(0);
        machine.awaitServing();
        assertServesEverything(Release.OURS);
    }

    @Test
    void aSettingInItsDatabaseDecidesWhereItsPhotosAre() {
        with(Release.REFERENCE_021).publish(Release.OURS);
        machine.useImageFolderOfSetting();
        before = machine.household();
        machine.tool("upgrade", "0.3.0", "--yes", "--allow-unsigned", "--data-dir", machine.database.getParent()
                .toString(), "--binary", machine.binary.toString()).requireExit(0);
        machine.awaitServing();
        assertServesEverything(Release.OURS);
        assertThat(machine.health().path("photos").path("unreadable").asInt(-1)).isZero();
    }

    @Test
    void withNothingKnownOfTheInstallationItSaysWhatToTellIt() {
        with(Release.REFERENCE_021).publish(Release.OURS);
        var run = machine.upgrade(Release.OURS).requireExit(1);
        assertThat(run.err()).contains("Error: ");
        HouseholdComparison.assertSame(before, machine.database);
    }
}
