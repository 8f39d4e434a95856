package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.install.UnitFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The units under scripts/systemd are those that storeit-ctl installs. */
class UnitFilesTest {
    private static final String FOLDER = "scripts/systemd";

    @Test
    @Tag("generated")
    void theUnitsCheckedInAreWhatStoreitCtlWrites() throws IOException {
        var names = new ArrayList<>(assertUpToDate(FOLDER, UnitFiles.SYSTEM));
        names.add("user");
        assertThat(Shell.files(Shell.ROOT.resolve(FOLDER))).containsExactlyInAnyOrderElementsOf(names);
        assertThat(Shell.files(Shell.ROOT.resolve(FOLDER + "/user")))
                .containsExactlyInAnyOrderElementsOf(assertUpToDate(FOLDER + "/user", UnitFiles.USER));
    }

    private static Set<String> assertUpToDate(String folder, UnitFiles units) throws IOException {
        for (var unit : units.texts().entrySet()) {
            Generated.assertUpToDate(folder + "/" + unit.getKey(), unit.getValue());
        }
        return units.texts().keySet();
    }

    @Test
    void theServerIsStartedInAWayThatEveryVersionUnderstands() throws IOException {
        assertThat(Files.readAllLines(Shell.ROOT.resolve(FOLDER).resolve("storeit.service")))
                .contains("Type=exec", "ExecStartPre=+-/usr/local/bin/storeit-ctl resume --at-boot", "RestartPreventExitStatus=1 2 127",
                        "ExecStart=/usr/local/bin/storeit-server serve")
                .noneMatch(line -> line.startsWith("MemoryDenyWriteExecute"));
    }
}
