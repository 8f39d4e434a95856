package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Programs;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person sees, in a terminal of 80 columns and in a pipe, and which questions wait for an answer. */
class ScreenTest extends EndToEnd {
    @ParameterizedTest
    @ValueSource(strings = {"", "status", "backup", "upgrade", "downgrade", "rollback", "resume", "cleanup", "verify"})
    void theHelpFitsInto80Columns(String command) {
        bare();
        var run = (command.isEmpty() ? machine.tool("--help") : machine.tool(command, "--help")).requireExit(0);
        assertThat(run.out()).startsWith("Usage: storeit-ctl");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void theHelpNamesEveryExitCode() {
        bare();
        assertThat(machine.tool("--help").out()).contains("Exit codes:").containsPattern("(?m)^ +[0-7] ").contains("130");
    }

    @ParameterizedTest
    @ValueSource(strings = {"frobnicate", "--frobnicate", "upgrade 1 2", "verify", "upgrade --patience soon"})
    void wrongUsageEndsWith2AndSaysWhy(String arguments) {
        bare();
        assertThat(machine.tool(arguments.split(" ")).requireExit(2).err()).isNotEmpty().doesNotContain("Exception");
    }

    @Test
    void theVersionIsThatOfTheRelease() {
        bare();
        assertThat(machine.tool("--version").requireExit(0).out()).isEqualTo("storeit-ctl 0.3.0\n");
    }

    @Test
    void inAPipeThereAreNoControlCharacters() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var text = machine.upgrade(Release.OURS).requireExit(0).text() + machine.tool("status").text() + machine.tool("backup").text()
                + machine.tool("rollback", "--yes").text() + machine.tool("cleanup").text();
        assertThat(text.chars().filter(character -> character < ' ' && character != '\n')).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {"upgrade 0.3.0 --yes | --allow-unsigned", "downgrade 0.2.0 --yes | --allow-unsigned"})
    void withoutATerminalNoQuestionIsAskedAndTheExitIs6(String command, String option) {
        running(Release.REFERENCE_021).publish(Release.OURS, Release.REFERENCE_020);
        assertThat(machine.tool(command.split(" ")).requireExit(6).text()).contains(option);
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void inATerminalTheQuestionIsAskedAndNoMeansNo() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var answered = inTerminal("no\n", "upgrade 0.3.0");
        assertThat(answered).contains("signature").contains("exit 6");
        assertServesEverything(Release.REFERENCE_021);
        assertThat(inTerminal("yes\n", "upgrade 0.3.0")).contains("Upgrade complete!").contains("exit 0");
        assertServesEverything(Release.OURS);
    }

    /** All a terminal of 80 columns showed, with the exit code behind it. */
    private String inTerminal(String typed, String arguments) {
        var tool = "'%s' %s; echo exit $?".formatted(String.join("' '", Tool.command()), arguments);
        var answer = Machine.write(machine.folder.resolve("home/typed"), typed);
        return machine.startProgram(List.of("/bin/sh", "-c", """
                until_shown() { until grep -q "$1" screen; do sleep 0.1; done; }
                : > screen
                { until_shown '\\[y/N\\]'; cat '%s'; until_shown '^exit [0-9]'; } | '%s' -qefc "$0" screen > all
                cat all
                """.formatted(answer, Programs.file("script")), "stty cols 80; " + tool)).await().out();
    }

    @Test
    void noLineOfAnUpgradeIsWiderThan80ColumnsApartFromThePathsItNames() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var run = machine.upgrade(Release.OURS).requireExit(0);
        assertThat(run.text().replace(machine.folder.toString(), "/var").lines()).allMatch(line -> line.length() <= 80);
    }
}
