package io.storeit.interchange.sqlite;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of its own that runs a main method of the tests: for locks, kills and limits, which concern whole processes. */
public final class ChildJvm implements AutoCloseable {

    private static final int SECONDS = 30;

    private final Process process;
    private final BufferedReader output;

    private ChildJvm(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    public static ChildJvm start(Class<?> main, String... arguments) throws IOException {
        return new ChildJvm(command(main, arguments));
    }

    private static List<String> command(Class<?> main, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The next line the child prints; null at its end. */
    public String line() throws IOException {
        return output.readLine();
    }

    long pid() {
        return process.pid();
    }

    /** All further output, once the child has ended by itself. */
    public String end() throws IOException, InterruptedException {
        var rest = new StringBuilder();
        for (String line = line(); line != null; line = line()) {
            rest.append(line).append('\n');
        }
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the child does not end: " + rest);
        }
        return rest.toString();
    }

    /** As a power cut ends it. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
