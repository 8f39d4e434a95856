package io.storeit.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.storeit.scripts.Generated;
import io.storeit.scripts.Programs;
import io.storeit.scripts.Shell;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The manual pages and the completions, made of the command line's model. */
@Tag("once")
class ManualTest {
    /** The tree below scripts/share is that below /usr/local/share. */
    private static final String PAGES = "scripts/share/man/man1/";
    private static final CommandSpec PROGRAM = StoreitCtl.commandLine().getCommandSpec();

    @Test
    @Tag("generated")
    void everyCommandHasItsPage() throws IOException {
        var pages = new ManPages(PROGRAM).pages();
        for (var page : pages.entrySet()) {
            Generated.assertUpToDate(PAGES + page.getKey(), page.getValue());
        }
        assertThat(Shell.files(Shell.ROOT.resolve(PAGES))).containsExactlyInAnyOrderElementsOf(pages.keySet());
    }

    @Test
    @Tag("generated")
    void everyShellHasItsCompletion() throws IOException {
        var completions = new Completions(PROGRAM);
        Generated.assertUpToDate("scripts/share/bash-completion/completions/storeit-ctl", completions.bash());
        Generated.assertUpToDate("scripts/share/zsh/site-functions/_storeit-ctl", completions.zsh());
        Generated.assertUpToDate("scripts/share/fish/vendor_completions.d/storeit-ctl.fish", completions.fish());
    }

    @Test
    void theExamplesOfThePagesAreUnderstood() {
        var shown = new HashSet<String>();
        for (String example : ManPages.examples()) {
            String[] words = example.replaceFirst(" \\|.*", "").split(" ");
            shown.add(words[0]);
            assertThatCode(() -> StoreitCtl.commandLine().parseArgs(words)).as(example).doesNotThrowAnyException();
        }
        assertThat(shown).containsExactlyInAnyOrderElementsOf(CommandTable.commands());
    }

    @Test
    @Tag("process")
    void aStrictReaderOfManualPagesFindsNothingWrongWithThem() throws Exception {
        Path mandoc = Programs.file("mandoc");
        var pages = Shell.files(Shell.ROOT.resolve(PAGES)).stream().map(name -> PAGES + name).toList();
        var checked = Shell.run(Shell.ROOT, Map.of(), Stream.concat(Stream.of(mandoc.toString(), "-T", "lint", "-W", "warning"), pages.stream()).toList());
        // They have no date, for they change with the program only.
        assertThat(checked.lines()).allMatch(line -> line.contains("missing date"));
    }

    @Test
    @Tag("process")
    void thePagesShowEveryOption() throws Exception {
        Path mandoc = Programs.file("mandoc");
        for (CommandSpec command : Value.subcommands(PROGRAM)) {
            var shown = Shell.run(Shell.ROOT, Map.of(), List.of(mandoc.toString(), "-T", "ascii", PAGES + "storeit-ctl-" + command.name() + ".1"));
            String text = shown.out().replaceAll(".\b", "");
            assertThat(text).contains(Value.options(command).stream().map(OptionSpec::longestName).toList());
            assertThat(text.replaceAll("\\s+", " ")).contains(Value.description(command));
        }
    }
}
