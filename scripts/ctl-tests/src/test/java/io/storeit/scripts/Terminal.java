package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A real terminal, tmux's, with a command in it that is typed into and whose screen is looked at. */
public final class Terminal implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path programs;
    private final Path folder;
    private final Map<String, String> environment;

    private Terminal(Path programs, Path folder, Map<String, String> environment) {
        this.programs = programs;
        this.folder = folder;
        this.environment = environment;
    }

    /**
     * Starts a command line of sh. A test is skipped where tmux can't be had.
     *
     * @param folder for tmux's own files; its path has to be short
     * @param environment of the command; PATH, HOME and the like are the caller's
     */
    public static Terminal start(Path folder, Map<String, String> environment, int columns, int lines, String commandLine) throws Exception {
        var all = new HashMap<>(environment);
        all.putIfAbsent("LC_ALL", "C.UTF-8");
        all.put("TERM", "screen");
        all.put("SHELL", "/bin/sh");
        var terminal = new Terminal(Programs.folder("tmux"), folder, all);
        terminal.tmux("new-session", "-d", "-x", String.valueOf(columns), "-y", String.valueOf(lines), commandLine);
        return terminal;
    }

    /** Text as it is, then keys by tmux's names for them. */
    public void type(String text, String... keys) throws Exception {
        tmux("send-keys", "-l", "--", text);
        for (String key : keys) {
            tmux("send-keys", key);
        }
    }

    /** Clears the line that is being typed, and the screen. */
    public void clear() throws Exception {
        // Not Ctrl-C: a shell that is interrupted loses the key behind it.
        tmux("send-keys", "C-u", "C-l");
    }

    public String screen() throws Exception {
        return tmux("capture-pane", "-p");
    }

    /** All that was shown, also what has left the screen, with the escape sequences of colours. */
    public String everythingWithColours() throws Exception {
        return tmux("capture-pane", "-p", "-e", "-S", "-");
    }

    public String await(String what, Predicate<String> expected) {
        var seen = new String[1];
        try {
            Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> expected.test(seen[0] = screen()));
            return seen[0];
        } catch (ConditionTimeoutException never) {
            throw new AssertionError("the screen never showed " + what + ":\n" + seen[0], never);
        }
    }

    @Override
    public void close() throws Exception {
        tmux("kill-server");
    }

    private String tmux(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(programs.resolve("tmux").toString(), "-f", "/dev/null", "-S", folder.resolve("socket").toString()));
        command.addAll(List.of(arguments));
        var result = Shell.run(folder, environment, command);
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }
}
