package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * docs/upgrading.md says what the user guide of StoreIT 0.2 said, and it is true. Its part about Docker, scripts/image-test.sh plays by
 * copy and paste.
 */
class UpgradingPageTest extends EndToEnd {
    private static final Page PAGE = Page.of("docs/upgrading.md");
    /** The one line the old guide lacks: without it the older server would get a log that is not its own. */
    private static final String ADDED = "rm -f ./data/db/storeit.db-wal ./data/db/storeit.db-shm ./data/db/storeit.db-journal\n";

    /** Without the marks of Markdown, of which the old guide is known only as it was printed. */
    private static List<String> words(String text) {
        return List.of(text.replaceAll("(?m)^```.*$|^#+ (?=[A-Z])|^ *[0-9]+\\. |`", "").replace('’', '\'').strip().split("\\s+"));
    }

    @Test
    void itSaysWordForWordWhatTheOldGuideSaid() throws IOException {
        try (var old = UpgradingPageTest.class.getResourceAsStream("/io/storeit/ctl/upgrading-of-storeit-0.2.txt")) {
            assertThat(PAGE.text).containsOnlyOnce(ADDED);
            assertThat(words(PAGE.text.replace(ADDED, ""))).isEqualTo(words(new String(old.readAllBytes(), StandardCharsets.UTF_8)));
        }
    }

    /** A line of the page, typed into a shell of the machine; questions are answered beforehand. */
    private String type(String line) throws IOException {
        var bin = Files.createDirectories(machine.folder.resolve("path"));
        var consent = "case $1 in upgrade | downgrade) set -- \"$@\" --allow-unsigned --accept-loss ;; esac\n"
                + "case $1 in upgrade | downgrade | rollback | cleanup) set -- \"$@\" --yes --patience 60 ;; esac\n";
        program(bin.resolve("storeit-ctl"), consent + "exec " + String.join(" ", Tool.command()) + " \"$@\"\n");
        var server = "DATABASE_URL='sqlite:" + machine.database + "' STOREIT_IMAGE_PATH='" + machine.images + "' exec '" + machine.binary + "' \"$@\"\n";
        program(bin.resolve("storeit-server"), server);
        return machine.startProgram(List.of("sh", "-euc", "PATH=\"$0:$PATH\"; " + line, bin.toString())).await().requireExit(0).text();
    }

    private static void program(Path file, String lines) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + lines);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Each command where it makes sense: from 0.1.0 to a version by name, to the latest, back, and down. */
    @Test
    void everyCommandDoesWhatThePageSays() throws IOException {
        running(Release.SCHEMA_1).publish(Release.SCHEMA_1, Release.REFERENCE_020, Release.OURS);
        var commands = PAGE.blocks.stream().filter(block -> !block.commands().contains("docker")).flatMap(block -> block.lines().stream()).toList();
        assertThat(commands).containsExactly("storeit-ctl upgrade", "storeit-ctl upgrade 0.2.0", "storeit-ctl status", "storeit-ctl cleanup",
                "storeit-ctl rollback", "storeit-ctl downgrade 0.1.0", "storeit-server version");

        assertThat(type("storeit-ctl upgrade 0.2.0")).contains("Upgrade complete!");
        assertServesEverything(Release.REFERENCE_020);
        assertThat(type("storeit-ctl upgrade")).contains("Upgrade complete!");
        assertServesEverything(Release.OURS);
        assertThat(type("storeit-ctl status")).contains("App version: 0.3.0");
        assertThat(Machine.json(type("storeit-server version")).path("app_version").asText()).isEqualTo("0.3.0");
        type("storeit-ctl rollback");
        assertServesEverything(Release.REFERENCE_020);
        assertThat(type("storeit-ctl downgrade 0.1.0")).contains("Downgrade complete!");
        assertServesEverything(Release.SCHEMA_1);
        type("storeit-ctl cleanup");
        assertThat(machine.dataFiles()).noneMatch(name -> name.contains(".db.pre-"));
        assertThat(Machine.names(machine.binary.getParent())).containsExactly("storeit-server");
    }

    /** "If you prefer to manage the process yourself", step by step. */
    @Test
    void theManualUpgradeDoesWhatThePageSays() throws IOException {
        assertThat(PAGE.text).contains("1. Back up your data: `storeit-ctl backup -o pre-upgrade.storeit`", "2. Stop the server",
                "3. Replace the binary with the new version", "4. Import: `storeit-server import pre-upgrade.storeit --mode replace`", "5. Start the server");
        running(Release.SCHEMA_1);
        type("storeit-ctl backup -o pre-upgrade.storeit");
        machine.stopServers();
        machine.install(Release.OURS.asset());
        type("storeit-server import pre-upgrade.storeit --mode replace");
        machine.start();
        assertServesEverything(Release.OURS);
    }
}
