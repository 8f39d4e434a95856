package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * People still have the storeit-ctl of 0.1 and 0.2. Its steps, calls and waits, repeated here as it does them, must work with our server:
 * the upgrade to it, the way back, and the downgrade from it.
 */
@Isolated("the old tool's waits are by the clock")
class OldToolTest extends EndToEnd {
    private static final long AFTER_THE_STOP = 2000;
    private static final long AFTER_THE_START = 3000;

    /** The environment of the tool is that of the service here; where it is not, the old tool imports into another database (D72). */
    private void upgrade(Release target, String direction) throws IOException {
        assertThat(machine.get("/api/v1/admin/schema-version")).isPresent();
        var archive = backUp(machine.login("admin", "changeme")
                .orElseThrow(), machine.database.resolveSibling("pre-" + direction + ".storeit"));
        var fresh = machine.beside(machine.binary, ".new");
        Machine.copyFile(target.asset(), fresh);
        stop();
        Files.move(machine.binary, machine.beside(machine.binary, ".pre-" + direction));
        Files.move(fresh, machine.binary);
        machine.server("import", archive.toString(), "--mode", "replace").requireExit(0);
        start();
    }

    private Path backUp(String cookie, Path target) throws IOException {
        var started = machine.post("/api/v1/admin/backup", cookie, "{\"include_images\": true}").orElseThrow();
        assertThat(started.statusCode()).as("exactly 200, not 201 or 202").isEqualTo(200);
        var job = Machine.json(started.body()).path("job_id").asText();
        JsonNode status;
        do {
            status = Machine.json(machine.get("/api/v1/admin/backup/" + job + "/status", cookie).orElseThrow().body());
            assertThat(status.path("status").asText()).isNotEqualTo("failed");
            Waiting.pause(100);
        } while (!status.path("status").asText().equals("complete"));
        assertThat(status.path("progress").asInt()).isEqualTo(status.path("total").asInt()).isEqualTo(40);
        machine.download("/api/v1/admin/backup/" + job + "/download", cookie, target);
        return target;
    }

    /** SIGTERM to everything that looks like a server, and two seconds, whatever happens. */
    private void stop() {
        machine.servers().forEach(ProcessHandle::destroy);
        Waiting.pause(AFTER_THE_STOP);
        assertThat(machine.servers()).as("servers two seconds after SIGTERM").isEmpty();
        for (var ending : List.of("-wal", "-shm", "-journal")) {
            assertThat(machine.beside(machine.database, ending)).doesNotExist();
        }
    }

    private void start() {
        machine.startAnother(machine.binary, java.util.Map.of());
        Waiting.pause(AFTER_THE_START);
        assertThat(machine.isServing()).as("healthy three seconds after the start").isTrue();
    }

    private void rollBack(String direction) throws IOException {
        stop();
        Files.move(machine.beside(machine.binary, ".pre-" + direction), machine.binary, StandardCopyOption.REPLACE_EXISTING);
        Files.move(machine.beside(machine.database, ".pre-import"), machine.database, StandardCopyOption.REPLACE_EXISTING);
        start();
    }

    @Test
    void upgradesToOurServerAlsoWithChildrenSortedBeforeTheirParents() throws IOException {
        running(Release.REFERENCE_021);
        upgrade(Release.OURS, "upgrade");
        assertServesEverything(Release.OURS);
        assertThat(machine.get("/api/v1/auth/mode").orElseThrow().body()).contains("local");
    }

    @Test
    void rollsBackFromOurServer() throws IOException {
        running(Release.REFERENCE_021);
        upgrade(Release.OURS, "upgrade");
        rollBack("upgrade");
        assertServesEverything(Release.REFERENCE_021);
    }

    /** Without a saved database it puts the old binary on the newer one. */
    @Test
    void rollsBackToTheOldBinaryOnOurDatabase() throws IOException {
        running(Release.REFERENCE_021);
        upgrade(Release.OURS, "upgrade");
        stop();
        Files.move(machine.beside(machine.binary, ".pre-upgrade"), machine.binary, StandardCopyOption.REPLACE_EXISTING);
        start();
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void downgradesFromOurServer() throws IOException {
        running(Release.OURS);
        upgrade(Release.REFERENCE_021, "downgrade");
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
