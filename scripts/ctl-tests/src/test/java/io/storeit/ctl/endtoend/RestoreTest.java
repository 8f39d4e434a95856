package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an archive holds comes back, through the running server or into the files of a stopped one; what it replaces is kept. */
class RestoreTest extends EndToEnd {
    private Path archive;

    /** A household, an archive of it, and something written since. */
    private void backedUpThenChanged(Release release) {
        running(release);
        archive = machine.folder.resolve("home/earlier.storeit");
        machine.tool("backup", "-o", archive.toString()).requireExit(0);
        addItem("Written after the backup");
    }

    private boolean holdsLaterItem(Path database) {
        return HouseholdComparison.read(database).toString().contains("Written after the backup");
    }

    @Test
    void throughTheRunningServer() {
        backedUpThenChanged(Release.OURS);
        assertThat(machine.tool("restore", archive.toString()).requireExit(6).err()).contains(machine.database.toString(), archive.toString(), "kept", "--yes");
        assertThat(holdsLaterItem(machine.database)).isTrue();
        var run = machine.tool("restore", archive.toString(), "--yes").requireExit(0);
        var kept = machine.beside(machine.database, ".pre-restore");
        assertThat(run.out()).contains("Restored: " + archive, "The replaced database is kept: " + kept);
        assertServesEverything(Release.OURS);
        machine.stopServers();
        assertThat(holdsLaterItem(machine.database)).isFalse();
        assertThat(holdsLaterItem(kept)).isTrue();
    }

    @Test
    void intoTheFilesOfAStoppedServerAfterWhichRollbackStillKnowsItsOwnDatabase() {
        running(Release.REFERENCE_021);
        machine.publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        archive = machine.folder.resolve("home/earlier.storeit");
        machine.tool("backup", "-o", archive.toString()).requireExit(0);
        addItem("Written after the backup");
        machine.stopServers();
        var run = machine.tool("restore", archive.toString(), "--yes").requireExit(0);
        var kept = machine.beside(machine.database, ".pre-import");
        assertThat(run.out()).contains("The replaced database is kept: " + kept, "The server is not running");
        assertThat(holdsLaterItem(kept)).isTrue();
        machine.start();
        assertServesEverything(Release.OURS);
        machine.tool("rollback", "--yes").requireExit(0);
        assertServesEverything(Release.REFERENCE_021);
    }

    /** As on macOS, or from another machine: there is only the API, and an administrator's login. */
    @Test
    void throughTheApiOfAServerWhoseProcessCannotBeSeen() throws IOException {
        assumeTrue(FailureTest.isRoot(), "needs root to become somebody else");
        backedUpThenChanged(Release.OURS);
        machine.makeReadableForEveryone();
        for (Path file : List.of(archive, machine.folder.resolve("home/password"))) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
        Path tool = machine.folder.resolve("storeit-ctl");
        Machine.copyFile(Release.PROJECT.resolve("target/storeit-ctl"), tool);
        var other = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", tool.toString());
        assertThat(machine.startProgram(other, "restore", archive.toString()).await().requireExit(6).err()).contains("the server at " + machine.url(), "--yes");
        assertThat(machine.startProgram(other, "restore", archive.toString(), "--dry-run").await().requireExit(0).out()).contains("Nothing was changed.");
        assertThat(holdsLaterItem(machine.database)).isTrue();
        var run = machine.startProgram(other, "restore", archive.toString(), "--yes").await().requireExit(0);
        assertThat(run.out()).contains("Restored: " + archive).doesNotContain("kept");
        assertServesEverything(Release.OURS);
        machine.stopServers();
        assertThat(holdsLaterItem(machine.database)).isFalse();
        assertThat(holdsLaterItem(machine.beside(machine.database, ".pre-restore"))).isTrue();
    }

    @Test
    void aServerBefore030IsRestoredOnlyWhileItIsStopped() {
        backedUpThenChanged(Release.REFERENCE_021);
        assertThat(machine.tool("restore", archive.toString(), "--yes").requireExit(1).err()).contains("without a way back", "Stop the server");
        machine.stopServers();
        machine.tool("restore", archive.toString(), "--yes").requireExit(0);
        assertThat(holdsLaterItem(machine.beside(machine.database, ".pre-import"))).isTrue();
        machine.start();
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void whatCannotBeRestoredChangesNothing() {
        backedUpThenChanged(Release.OURS);
        var broken = Machine.write(machine.folder.resolve("home/broken.storeit"), "no archive");
        machine.tool("restore", broken.toString(), "--yes").requireExit(5);
        assertThat(machine.tool("restore", "/nonexistent.storeit", "--yes").requireExit(1).err()).contains("There is no file");
        machine.publish(Release.NEXT);
        machine.upgrade(Release.NEXT).requireExit(0);
        var newer = machine.folder.resolve("home/newer.storeit");
        machine.tool("backup", "-o", newer.toString()).requireExit(0);
        machine.tool("rollback", "--yes").requireExit(0);
        assertThat(machine.tool("restore", newer.toString(), "--yes").requireExit(5).err()).contains("schema version 3", "Nothing was changed.");
        machine.stopServers();
        assertThat(machine.tool("restore", newer.toString(), "--yes").requireExit(5).err()).contains("schema version 3");
        assertThat(holdsLaterItem(machine.database)).isTrue();
        assertThat(Files.exists(machine.beside(machine.database, ".pre-restore"))).isFalse();
    }
}
