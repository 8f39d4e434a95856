package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What only a rollback needs goes away when asked; backups, data and the running server stay. */
class CleanupTest extends EndToEnd {
    @Test
    void removesTheKeptPairAndListsIt() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        var run = machine.tool("cleanup").requireExit(0);

        assertThat(run.out()).contains("Cleaned up rollback files:", machine.database + ".pre-import", machine.binary + ".pre-upgrade");
        assertThat(machine.beside(machine.database, ".pre-import")).doesNotExist();
        assertThat(Machine.names(machine.binary.getParent())).containsExactly("storeit-server");
        assertThat(machine.database.resolveSibling("pre-upgrade.storeit")).exists();
        assertServesEverything(Release.OURS);
    }

    @Test
    void afterwardsThereIsNothingToRollBack() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        machine.tool("cleanup").requireExit(0);
        machine.tool("rollback", "--yes").requireExit(1);
        assertServesEverything(Release.OURS);
    }

    @Test
    void withNothingToRemoveItSaysSo() {
        running(Release.OURS);
        assertThat(machine.tool("cleanup").requireExit(0).out()).contains("No rollback files to clean up");
    }

    @Test
    void alsoRemovesWhatARollbackKept() {
        running(Release.OURS).publish(Release.NEXT);
        machine.upgrade(Release.NEXT).requireExit(0);
        addItem("written since");
        machine.tool("rollback", "--yes").requireExit(0);
        machine.tool("cleanup", "--yes").requireExit(0);
        assertThat(Machine.names(machine.binary.getParent())).containsExactly("storeit-server");
        assertThat(machine.dataFiles().stream().filter(name -> name.startsWith("storeit.db."))).allMatch(
                name -> name.endsWith(".lock") || name.endsWith("migration-journal") || name.endsWith(".token"));
        assertServesEverything(Release.OURS);
    }

    @Test
    void twiceDoesNoHarm() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        machine.tool("cleanup").requireExit(0);
        machine.tool("cleanup").requireExit(0);
        assertServesEverything(Release.OURS);
    }

    /** The photos of an item deleted since the upgrade stay as long as a kept database might need them. */
    @Test
    void leavesEveryImageFileInPlace() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        machine.tool("cleanup").requireExit(0);
        assertThat(machine.imageFiles()).isEqualTo(photos);
    }
}
