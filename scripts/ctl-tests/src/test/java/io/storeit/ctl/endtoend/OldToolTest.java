package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * People still have the storeit-ctl of 0.1 and 0.2. Its steps, calls and waits, repeated by a script as it does them, must work with our server:
 * the upgrade to a release of ours, the way back, and the downgrade from it.
 */
@Isolated("the old tool's waits are by the clock")
class OldToolTest extends EndToEnd {
    private static final Path OLD_TOOL = Release.MODULE.resolve("old-storeit-ctl.sh");

    private GitHub gitHub;

    /** The environment of the tool is that of the service here; where it is not, the old tool imports into another database (D72). */
    private CommandRun oldTool(String... arguments) {
        return machine.asService(Map.of(
                "PATH", Programs.folder("curl") + ":" + System.getenv("PATH"),
                "STOREIT_CTL_SERVER_URL", machine.url(),
                "STOREIT_CTL_BINARY_PATH", machine.binary.toString(),
                "STOREIT_CTL_DATA_DIR", machine.database.getParent().toString(),
                "STOREIT_CTL_RELEASES_URL", gitHub.url(),
                "STOREIT_CTL_AUTH_COOKIE", machine.login(Machine.ADMINISTRATOR, Machine.PASSWORD).orElse("")), OLD_TOOL, arguments);
    }

    private void runningBeside(Release installed, Release published) {
        running(installed).publish(published);
        gitHub = new GitHub(machine);
    }

    private Path beside(Path file, String ending) {
        return machine.beside(file, ending);
    }

    @AfterEach
    void closeGitHub() {
        if (gitHub != null) {
            gitHub.close();
        }
    }

    /** Its backup has children sorted before their parents. */
    @Test
    void upgradesToOurReleaseAndRollsBackFromIt() {
        runningBeside(Release.REFERENCE_021, Release.OURS);
        var upgrade = oldTool("upgrade", "0.3.0").requireExit(0);
        assertThat(upgrade.out()).contains("Current version: 0.2.1", "Importing data with new binary...", "Upgrade complete!");
        assertServesEverything(Release.OURS);
        assertThat(oldTool("status").requireExit(0).out()).isEqualTo("""
                Server: running at %s
                App version: 0.3.0
                Schema version: 2
                Expected schema version: 2
                Binary version: 0.3.0
                """.formatted(machine.url()));

        assertThat(oldTool("rollback").requireExit(0).out()).contains("Database restored from ", "Rollback complete — server is healthy");
        assertServesEverything(Release.REFERENCE_021);
        assertThat(oldTool("rollback").requireExit(1).err()).contains("No rollback binary found");
    }

    /** Without a saved database it puts the old binary on the newer one. */
    @Test
    void rollsBackToTheOldBinaryOnOurDatabase() throws IOException {
        runningBeside(Release.REFERENCE_021, Release.OURS);
        oldTool("upgrade").requireExit(0);
        Files.delete(beside(machine.database, ".pre-import"));
        assertThat(oldTool("rollback").requireExit(0).out()).doesNotContain("Database restored");
        for (var ending : List.of("-wal", "-shm", "-journal")) {
            assertThat(beside(machine.database, ending)).doesNotExist();
        }
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void downgradesFromOurServerAndCleansUp() {
        runningBeside(Release.OURS, Release.REFERENCE_021);
        assertThat(oldTool("downgrade", "0.2.1").requireExit(0).out()).contains("Downgrade complete!");
        assertServesEverything(Release.REFERENCE_021);
        assertThat(oldTool("cleanup").requireExit(0).out()).contains(machine.binary + ".pre-downgrade", machine.database + ".pre-import");
        assertThat(oldTool("cleanup").requireExit(0).out()).isEqualTo("No rollback files to clean up\n");
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void readsTheVersionOfOurBinary() {
        running(Release.OURS);
        assertThat(Machine.json(machine.server("version").requireExit(0).out())).isEqualTo(Machine.json(
                "{\"app_version\": \"0.3.0\", \"expected_schema_version\": 2, \"schema_version\": 2}"));
    }

    /** An old image's entrypoint runs auto-upgrade first: on a database of a newer schema it must stop, and leave it as it is. */
    @Test
    void oldServersRefuseADatabaseOfANewerSchemaUntouched() {
        running(Release.OURS).publish(Release.NEXT);
        machine.upgrade(Release.NEXT).requireExit(0);
        machine.stopServers();
        var database = Machine.sha256(machine.database);
        machine.install(Release.REFERENCE_021.asset());
        for (var command : List.of("auto-upgrade", "serve")) {
            assertThat(machine.server(command).requireExit(1).err())
                    .contains("was previously applied but is missing in the resolved migrations");
            assertThat(Machine.sha256(machine.database)).isEqualTo(database);
        }
    }
}
