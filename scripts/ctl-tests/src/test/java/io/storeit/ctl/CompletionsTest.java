package io.storeit.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Programs;
import io.storeit.scripts.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine.Model.CommandSpec;

/** The completions in the real shells, which run in a real terminal and are typed into. */
@Tag("once")
class CompletionsTest {
    private static final Path FILES = Shell.ROOT.resolve("scripts/share");

    @TempDir
    Path folder;

    private Path programs;

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
        programs = Programs.folder(shell.program(), "tmux");
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
        terminal("new-session", "-d", "-x", "150", "-y", "50", shell.command);
        await("a prompt", screen -> screen.startsWith(">"));

        type("storeit-ctl upg", "Tab");
        await("the command", screen -> screen.contains("> storeit-ctl upgrade"));
        type("--acc", "Tab");
        await("its option", screen -> screen.contains("> storeit-ctl upgrade --accept-loss"));
        newLine();
        type("storeit-ctl --server-url http://localhost:1 self", "Tab");
        await("a command behind an option's value", screen -> screen.contains("> storeit-ctl --server-url http://localhost:1 self-update"));
        newLine();
        type("storeit-ctl verify with", "Tab");
        await("an archive, and no other file", screen -> screen.contains("> storeit-ctl verify with\\ a\\ blank.storeit") || screen.contains("'with a blank.storeit'"));
        newLine();
        type("storeit-ctl --data-dir=da", "Tab");
        await("a folder as an option's value", screen -> screen.contains("> storeit-ctl --data-dir=data-folder/"));
        newLine();
        type("storeit-ctl ", "Tab", "Tab");
        await("all commands", screen -> Value.subcommands(StoreitCtl.commandLine().getCommandSpec()).stream().map(CommandSpec::name).allMatch(screen::contains));
    }

    @AfterEach
    void endTheTerminal() throws Exception {
        if (programs != null) {
            terminal("kill-server");
        }
    }

    private void newLine() throws Exception {
        terminal("send-keys", "C-c");
        terminal("clear-history");
        terminal("send-keys", "C-l");
        await("an empty line", screen -> screen.strip().equals(">"));
    }

    /** Text as it is, then keys by their names. */
    private void type(String text, String... keys) throws Exception {
        terminal("send-keys", "-l", text);
        for (String key : keys) {
            terminal("send-keys", key);
        }
    }

    private void await(String what, Predicate<String> expected) {
        var seen = new String[1];
        try {
            Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(50)).until(() -> expected.test(seen[0] = terminal("capture-pane", "-p")));
        } catch (org.awaitility.core.ConditionTimeoutException never) {
            throw new AssertionError("the screen never showed " + what + ":\n" + seen[0], never);
        }
    }

    private String terminal(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(programs.resolve("tmux").toString(), "-f", "/dev/null", "-S", folder.resolve("socket").toString()));
        command.addAll(List.of(arguments));
        var environment = new HashMap<String, String>();
        environment.put("PATH", programs + ":" + folder.resolve("bin") + ":" + System.getenv("PATH"));
        environment.put("HOME", folder.toString());
        environment.put("LC_ALL", "C.UTF-8");
        environment.put("TERM", "screen");
        environment.put("SHELL", "/bin/sh");
        var result = Shell.run(folder, environment, command);
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }
}
