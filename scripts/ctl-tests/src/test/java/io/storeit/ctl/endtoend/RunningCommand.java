package io.storeit.ctl.endtoend;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A storeit-ctl or another command at work, without a terminal; its lines are kept with the time they came. */
final class RunningCommand {
    private record Line(Instant time, String text) {
    }

    private final Process process;
    private final List<String> command;
    private final List<Line> out = new CopyOnWriteArrayList<>();
    private final List<Line> err = new CopyOnWriteArrayList<>();
    private Thread outReader;
    private Thread errReader;

    private RunningCommand(Process process, List<String> command) {
        this.process = process;
        this.command = command;
    }

    static RunningCommand start(ProcessBuilder builder, List<String> command) {
        try {
            var running = new RunningCommand(builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start(), command);
            running.outReader = reader(running.process.getInputStream(), running.out);
            running.errReader = reader(running.process.getErrorStream(), running.err);
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Thread reader(InputStream stream, List<Line> lines) {
        var thread = new Thread(() -> {
            try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines.add(new Line(Instant.now(), line));
                }
            } catch (IOException e) {
                lines.add(new Line(Instant.now(), "(the stream broke: " + e.getMessage() + ")"));
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until a line of the story has these words. */
    void awaitLine(String words) {
        Waiting.until("the line " + words, () -> hasSaid(words) || !process.isAlive());
        if (!process.isAlive()) {
            var run = await();
            if (!hasSaid(words)) {
                throw new AssertionError("the command ended before it said: " + words + "\n" + run);
            }
        }
    }

    private boolean hasSaid(String words) {
        return err.stream().anyMatch(line -> line.text().contains(words));
    }

    /** When a line of the story with these words came, else an assertion error. */
    Instant timeOf(String words) {
        return err.stream().filter(line -> line.text().contains(words)).map(Line::time).findFirst()
                .orElseThrow(() -> new AssertionError("the command never said: " + words + "\n" + await()));
    }

    /** SIGKILL, and its end. */
    void kill() {
        process.destroyForcibly();
        await();
    }

    /** SIGTERM, as from the service manager or a closed terminal. */
    void interrupt() {
        process.destroy();
    }

    /** Waits for the end; one that takes too long is killed and fails the test with all it said. */
    CommandRun await() {
        try {
            var ended = process.waitFor(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            // A server the tool started holds no end of these pipes, else this join would not come back.
            outReader.join(Waiting.LIMIT.toMillis());
            errReader.join(Waiting.LIMIT.toMillis());
            var run = new CommandRun(command, process.exitValue(), text(out), text(err));
            if (!ended) {
                throw new AssertionError("the command did not end within " + Waiting.LIMIT + "\n" + run);
            }
            return run;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String text(List<Line> lines) {
        return lines.stream().map(line -> line.text() + "\n").collect(Collectors.joining());
    }
}
