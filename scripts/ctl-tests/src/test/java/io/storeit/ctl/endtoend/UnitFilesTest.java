package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The units under scripts/systemd are those that storeit-ctl installs. */
@Tag("once")
@Tag("process")
class UnitFilesTest {
    private static final Path CHECKED_IN = Release.PROJECT.resolve("scripts/systemd");

    @Test
    void theUnitsCheckedInAreWhatStoreitCtlWrites(@TempDir Path folder) throws IOException {
        var command = new ArrayList<>(Tool.command());
        command.add("__units");
        command.add(folder.toString());
        Machine.runToEnd(new ProcessBuilder(command));
        assertThat(texts(CHECKED_IN)).as("scripts/systemd; 'storeit-ctl __units scripts/systemd' writes it").isEqualTo(texts(folder)).hasSize(10);
    }

    @Test
    void theServerIsStartedInAWayThatEveryVersionUnderstands() throws IOException {
        assertThat(Files.readAllLines(CHECKED_IN.resolve("storeit.service")))
                .contains("Type=exec", "ExecStartPre=+-/usr/local/bin/storeit-ctl resume --at-boot", "RestartPreventExitStatus=1 2 127",
                        "ExecStart=/usr/local/bin/storeit-server serve")
                .noneMatch(line -> line.startsWith("MemoryDenyWriteExecute"));
    }

    private static Map<String, String> texts(Path folder) throws IOException {
        var texts = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                texts.put(folder.relativize(file).toString(), Files.readString(file));
            }
        }
        return texts;
    }
}
