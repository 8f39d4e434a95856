package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person sees in a real terminal: lines as wide as it is, colours only where they are wanted. */
class TerminalTest extends EndToEnd {
    private static final String STEP = "2. Download version 0.3.0";

    @ParameterizedTest(name = "{0}x{1}")
    @CsvSource({"80, 24", "200, 50"})
    void linesAreBrokenBetweenWordsAtTheWidthOfTheTerminal(int columns, int lines) throws Exception {
        running(Release.REFERENCE_021).publish(Release.OURS);
        try (var terminal = machine.terminal(Map.of(), columns, lines, "storeit-ctl upgrade 0.3.0 --dry-run")) {
            var screen = terminal.await("its end", text -> text.contains("exit 0")).lines().toList();
            int first = screen.indexOf(screen.stream().filter(line -> line.contains(STEP)).findFirst().orElseThrow());
            if (columns == 80) {
                assertThat(screen.get(first)).endsWith(" with a");
                assertThat(screen.get(first + 1)).isEqualTo("    copy of the data");
            } else {
                assertThat(screen.get(first)).endsWith(" with a copy of the data");
            }
        }
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void theStepsAndTheEndAreColouredUnlessThatIsNotWanted() throws Exception {
        running(Release.REFERENCE_021).publish(Release.OURS);
        try (var terminal = machine.terminal(Map.of(), 80, 24, "storeit-ctl upgrade 0.3.0 --yes --allow-unsigned")) {
            terminal.await("its end", text -> text.contains("exit 0"));
            assertThat(terminal.everythingWithColours()).contains("\u001b[1m[3/6]\u001b[0m", "\u001b[32mUpgrade complete!");
        }
    }

    @Test
    void withNoColorAndInADumbTerminalNothingIsColoured() throws Exception {
        bare();
        try (var terminal = machine.terminal(Map.of("NO_COLOR", "1"), 80, 24, "storeit-ctl --help; storeit-ctl frobnicate; TERM=dumb storeit-ctl frobnicate")) {
            terminal.await("its end", text -> text.contains("exit 2"));
            assertThat(terminal.everythingWithColours()).contains("Error: There is no command").doesNotContain("\u001b");
        }
    }
}
