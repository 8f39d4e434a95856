package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** docs/backups.md as somebody types it, with the real restic, age and rclone. */
class BackupsPageTest extends EndToEnd {
    private final Page page = Page.of("docs/backups.md");
    private String path;

    @BeforeEach
    void programs() throws IOException {
        running(Release.OURS);
        var bin = Files.createDirectory(machine.folder.resolve("home/bin"));
        Machine.write(bin.resolve("storeit-ctl"), "#!/bin/sh\nexec '%s' \"$@\"\n".formatted(String.join("' '", Tool.command())))
                .toFile().setExecutable(true);
        path = bin + ":" + System.getenv("PATH");
    }

    private CommandRun type(Page.Block block) {
        return type(block.commands());
    }

    private CommandRun type(String commands) {
        return machine.startProgram(List.of("bash", "-ec", "export PATH=\"$0\"; " + commands, path)).await();
    }

    private void typeAll(String heading) {
        for (var block : page.under(heading)) {
            block.assertShown(type(block).requireExit(0).out());
        }
    }

    private void use(String... programs) {
        path = Programs.folder(programs) + ":" + path;
    }

    @Test
    void backupsAreMadeCheckedAndRestored() {
        typeAll("Making one");
        addItem("Written after the backup");
        var restore = page.under("Back again").get(0);
        restore.assertShown(type(restore).requireExit(0).out());
        assertThat(machine.household().toString()).doesNotContain("Written after the backup");
        typeAll("Is it good?");
        assertThat(machine.tool("status").requireExit(0).out()).contains("Last backup: " + machine.folder.resolve("home/storeit.storeit"), "verified");
        assertServesEverything(Release.OURS);
    }

    @Test
    void restic() throws IOException {
        use("restic");
        machine.setToolVariable("RESTIC_REPOSITORY", machine.folder.resolve("home/repository").toString());
        machine.setToolVariable("RESTIC_PASSWORD_FILE", Machine.write(machine.folder.resolve("home/restic-password"), "secret\n").toString());
        machine.setToolVariable("RESTIC_CACHE_DIR", machine.folder.resolve("home/cache").toString());
        typeAll("restic");
        addItem("Written after the backup");
        var fetched = page.under("Back again").get(1);
        assertThat(fetched.commands()).contains("restic dump");
        type(fetched).requireExit(0);
        assertThat(machine.household().toString()).doesNotContain("Written after the backup");

        Files.delete(machine.images.resolve(photos.keySet().iterator().next()));
        var failed = type(page.under("restic").get(1));
        assertThat(failed.exit()).isNotZero();
        assertThat(failed.err()).contains("no data read", "--allow-missing-images");
        assertThat(type("restic snapshots --json").requireExit(0).out()).as("one snapshot").containsOnlyOnce("\"short_id\"");
    }

    @Test
    void ageAndRclone() throws IOException {
        use("age", "rclone");
        var far = Files.createDirectory(machine.folder.resolve("home/far"));
        machine.setToolVariable("RCLONE_CONFIG", Machine.write(machine.folder.resolve("home/rclone.conf"), """
                [remote]
                type = alias
                remote = %s
                """.formatted(far)).toString());
        typeAll("age");
        assertThat(Files.readString(machine.folder.resolve("home/storeit.age"), StandardCharsets.ISO_8859_1)).startsWith("age-encryption.org/v1");
        typeAll("rclone");
        assertThat(Machine.names(far.resolve("storeit"))).hasSize(1);

        type("printf '' | rclone rcat remote:storeit/empty").requireExit(0);
        assertThat(type("rclone cat remote:storeit/empty | storeit-ctl verify -").requireExit(5).out()).contains("is empty");
    }
}
