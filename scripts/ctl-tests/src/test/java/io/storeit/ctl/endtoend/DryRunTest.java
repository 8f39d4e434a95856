package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** --dry-run tells what would be done, and what would keep it from being done, and changes nothing. */
class DryRunTest extends EndToEnd {
    @Test
    void anUpgradeIsToldStepByStepWithTheQuestionItWouldAsk() throws IOException {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var files = files();
        var run = machine.tool("upgrade", "--dry-run").requireExit(0);
        assertThat(run.out()).startsWith("This would be done:\n").containsSubsequence("  1. Back up", "pre-upgrade.storeit", "  2. Download version 0.3.0",
                "  3. Stop version 0.2.1", "  4. Import", machine.database + ".pre-import", "  5. Start version 0.3.0", "  6. Check", "--allow-unsigned",
                "Nothing was changed.");
        var json = Machine.json(machine.tool("upgrade", "--dry-run", "--json", "--yes", "--allow-unsigned").requireExit(0).out());
        assertThat(json.path("dry_run").asBoolean()).isTrue();
        assertThat(json.path("steps")).hasSize(6);
        assertThat(json.path("questions")).isEmpty();
        assertThat(files()).isEqualTo(files);
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void whatWouldFailBeforeAnythingIsDoneFails() throws IOException {
        running(Release.OURS).publish(Release.REFERENCE_021);
        var files = files();
        assertThat(machine.tool("upgrade", "0.2.1", "--dry-run").requireExit(1).err()).contains("Version 0.2.1 is older than 0.3.0", "storeit-ctl downgrade 0.2.1");
        assertThat(machine.tool("rollback", "--dry-run").requireExit(1).err()).contains("No rollback binary found");
        assertThat(files()).isEqualTo(files);
    }

    @Test
    void aRollbackACleanupAndARestoreAreOnlyTold() throws IOException {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        var archive = machine.database.resolveSibling("pre-upgrade.storeit");
        var files = files();
        assertThat(machine.tool("rollback", "--dry-run").requireExit(0).out()).contains("Stop version 0.3.0", machine.database + ".pre-import", "Start version 0.2.1");
        assertThat(machine.tool("cleanup", "--dry-run").requireExit(0).out()).contains("Remove " + machine.database + ".pre-import", "Remove " + machine.binary + ".pre-upgrade");
        assertThat(machine.tool("restore", archive.toString(), "--dry-run").requireExit(0).out()).contains(archive.toString(), "--yes", "Nothing was changed.");
        assertThat(machine.tool("resume", "--dry-run").requireExit(0).out()).contains("Nothing was interrupted");
        assertThat(files()).isEqualTo(files);
        assertServesEverything(Release.OURS);
    }

    @Test
    void ofAnInterruptedUpgradeResumeTellsWhatItWouldDoAndOthersReferToIt() throws IOException {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var upgrade = machine.startTool("upgrade", "0.3.0", "--yes", "--allow-unsigned");
        Waiting.until("the rehearsal", () -> machine.journal("step").equals("rehearse"));
        upgrade.kill();
        var files = files();
        assertThat(machine.tool("resume", "--dry-run").requireExit(0).out()).contains("interrupted at step rehearse", "Undo it: put back version 0.2.1");
        assertThat(machine.tool("upgrade", "0.3.0", "--dry-run").requireExit(1).err()).contains("An operation was interrupted", "storeit-ctl resume");
        assertThat(files()).isEqualTo(files);
        machine.tool("resume").requireExit(0);
        assertServesEverything(Release.REFERENCE_021);
    }

    /** All but what the running server writes, and what storeit-ctl remembers of where it is: the size of each file, by its name. */
    private Map<String, Long> files() throws IOException {
        var files = new TreeMap<String, Long>();
        try (Stream<Path> all = Files.walk(machine.folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                var name = machine.folder.relativize(file).toString();
                if (!name.matches("data/storeit\\.db-(wal|shm|journal)|.*\\.log|tmp/.*|home/state/.*|.*rehearsal/.*")) {
                    files.put(name, Files.size(file));
                }
            }
        }
        return files;
    }
}
