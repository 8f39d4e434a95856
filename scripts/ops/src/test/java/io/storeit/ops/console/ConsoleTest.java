package io.storeit.ops.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** How lines are broken and progress is shown. */
class ConsoleTest {
    @Test
    void linesAreBrokenBetweenWordsAndGoOnUnderTheirBeginning() {
        assertThat(Console.wrapped("one two three", 7)).isEqualTo("one two\nthree");
        assertThat(Console.wrapped("  one two three", 9)).isEqualTo("  one two\n    three");
        assertThat(Console.wrapped("a /path/that/is/longer/than/the/line b", 10)).isEqualTo("a\n/path/that/is/longer/than/the/line\nb");
        assertThat(Console.wrapped("first\nsecond", 80)).isEqualTo("first\nsecond");
    }

    @Test
    void coloursHaveNoWidth() {
        assertThat(Console.wrapped("\u001b[1m[1/6]\u001b[0m Stopping", 14)).isEqualTo("\u001b[1m[1/6]\u001b[0m Stopping");
        assertThat(Console.wrapped("\u001b[1m[1/6]\u001b[0m Stopping", 13)).isEqualTo("\u001b[1m[1/6]\u001b[0m\nStopping");
    }

    @Test
    void anErrorBeginsWithThatWordAndARefusedQuestionDoesNot() {
        assertThat(printed(Exit.FAILED)).isEqualTo("Error: It is running\nStop it.\n");
        assertThat(printed(Exit.CONSENT)).isEqualTo("It is running\nStop it.\n");
    }

    private static String printed(Exit exit) {
        var err = new StringWriter();
        var command = new CommandLine(CommandSpec.create()).setErr(new PrintWriter(err));
        new Console(command, new Verbosity(false, false, false)).error(new OpsException(exit, "It is running", "Stop it."));
        return err.toString();
    }

    @Test
    void onATerminalABarShowsRateAndTimeLeftAndGoesAwayAtTheEnd() {
        var screen = new StringWriter();
        var bar = new ProgressDisplay.Bar(new PrintWriter(screen), 80, "Download", 1000, "KiB");
        var done = new AtomicLong();
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(50)).until(() -> {
            bar.show(done.addAndGet(10), 1000);
            return screen.toString().matches("(?s).*Download +[0-9]+% \\[=*>? *] +[0-9]+/1000 KiB \\(0:00:0[0-9] / 0:00:[0-9]+\\) [0-9.]+ KiB/s.*");
        });
        bar.close();
        assertThat(screen.toString()).endsWith("\r\u001b[K");
        assertThat(screen.toString().split("\r")).allMatch(line -> line.replace("\u001b[K", "").length() < 80);
    }

    @Test
    void inALogALineEveryTenSeconds() {
        var log = new ArrayList<String>();
        var clock = new AtomicLong();
        var lines = new ProgressDisplay.Lines(log::add, "Download", "KiB", clock::get);
        for (int second = 1; second <= 20; second++) {
            clock.set(Duration.ofSeconds(second).toNanos());
            lines.show(second * 10, 1000);
        }
        assertThat(log).containsExactly("  Download: 100 of 1000 KiB (10 %), 10 KiB/s, about 90 s left",
                "  Download: 200 of 1000 KiB (20 %), 10 KiB/s, about 80 s left");
    }
}
