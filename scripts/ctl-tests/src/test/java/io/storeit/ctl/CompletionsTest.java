package io.storeit.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Programs;
import io.storeit.scripts.Shell;
import io.storeit.scripts.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine.Model.CommandSpec;

/** The completions in the real shells, which run in a real terminal and are typed into. */
@Tag("process")
@Tag("once")
class CompletionsTest {
    private static final Path FILES = Shell.ROOT.resolve("scripts/share");

    @TempDir
    Path folder;

    private Terminal terminal;

    private enum ShellProgram {
        BASH(".bashrc", "PS1='> '\nbind 'set bell-style none'\n. " + FILES.resolve("bash-completion/completions/storeit-ctl") + "\n", "bash --noprofile --rcfile ~/.bashrc"),
        ZSH(".zshrc", "PS1='> '\nunsetopt beep\nLISTMAX=1000\nfpath=(" + FILES.resolve("zsh/site-functions") + " $fpath)\nautoload -U compinit\ncompinit -u\n", "zsh -d"),
        FISH(".config/fish/config.fish", "function fish_prompt\n  echo '> '\nend\nset fish_greeting\nset -g fish_autosuggestion_enabled 0\n", "fish");

        private final String settings;
        private final String text;
        private final String command;

        ShellProgram(String settings, String text, String command) {
            this.settings = settings;
            this.text = text;
            this.command = command;
        }

        String program() {
            return command.split(" ")[0];
        }
    }

    @ParameterizedTest
    @EnumSource(ShellProgram.class)
    void theTabulatorKeyCompletesCommandsOptionsAndFiles(ShellProgram shell) throws Exception {
        var programs = Programs.folder(shell.program());
        var settings = folder.resolve(shell.settings);
        Files.createDirectories(settings.getParent());
        Files.writeString(settings, shell.text);
        if (shell == ShellProgram.FISH) {
            var completions = Files.createDirectory(settings.resolveSibling("completions"));
            Files.createSymbolicLink(completions.resolve("storeit-ctl.fish"), FILES.resolve("fish/vendor_completions.d/storeit-ctl.fish"));
        }
        // fish completes for programs that are there.
        var program = Files.writeString(Files.createDirectory(folder.resolve("bin")).resolve("storeit-ctl"), "#!/bin/sh\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Files.createFile(folder.resolve("with a blank.storeit"));
        Files.createFile(folder.resolve("without-meaning.txt"));
        Files.createDirectory(folder.resolve("data-folder"));
        terminal = Terminal.start(folder, Map.of("PATH", programs + ":" + folder.resolve("bin") + ":" + System.getenv("PATH"), "HOME", folder.toString()),
                150, 50, shell.command);
        terminal.await("a prompt", screen -> screen.startsWith(">"));

        terminal.type("storeit-ctl upg", "Tab");
        terminal.await("the command", screen -> screen.contains("> storeit-ctl upgrade"));
        terminal.type("--acc", "Tab");
        terminal.await("its option", screen -> screen.contains("> storeit-ctl upgrade --accept-loss"));
        newLine();
        terminal.type("storeit-ctl --quiet self", "Tab");
        terminal.await("a command behind an option", screen -> screen.contains("> storeit-ctl --quiet self-update"));
        newLine();
        terminal.type("storeit-ctl verify with", "Tab");
        terminal.await("an archive, and no other file", screen -> screen.contains("> storeit-ctl verify with\\ a\\ blank.storeit") || screen.contains("'with a blank.storeit'"));
        newLine();
        terminal.type("storeit-ctl status --data-dir=da", "Tab");
        terminal.await("a folder as an option's value", screen -> screen.contains("> storeit-ctl status --data-dir=data-folder/"));
        newLine();
        terminal.type("storeit-ctl ", "Tab", "Tab");
        terminal.await("all commands", screen -> Value.subcommands(StoreitCtl.commandLine().getCommandSpec()).stream().map(CommandSpec::name).allMatch(screen::contains));
    }

    @AfterEach
    void endTheTerminal() throws Exception {
        if (terminal != null) {
            terminal.close();
        }
    }

    private void newLine() throws Exception {
        terminal.clear();
        terminal.await("an empty line", screen -> screen.strip().equals(">"));
    }
}
