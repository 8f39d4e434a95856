package io.storeit.server;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogManager;

/** The real program in a process of its own, in a folder, with an environment from the test. */
final class Program implements AutoCloseable {
    private static final long WAIT_SECONDS = 30;

    private final Process process;
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final Thread reader;

    private Program(Path folder, Map<String, String> settings, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote", "-XX:+UseSerialGC", "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), "io.storeit.server.Main"));
        command.addAll(Arrays.asList(arguments));
        var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectError(folder.resolve("stderr").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("STOREIT_") || name.equals("RUST_LOG") || name.equals("DATABASE_URL"));
        builder.environment().putAll(TestServer.environment(folder, settings));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = new Thread(this::read);
        reader.setDaemon(true);
        reader.start();
    }

    /** The result of a program that has ended. */
    record Result(int exit, List<String> out, String err) {

        /** Returns the texts of the log, without time, level and module. */
        List<String> log() {
            return out.stream().map(Program::text).toList();
        }
    }

    /** Runs a command to its end. */
    static Result run(Path folder, String... arguments) {
        return run(folder, Map.of(), arguments);
    }

    static Result run(Path folder, Map<String, String> settings, String... arguments) {
        try (var program = new Program(folder, settings, arguments)) {
            int exit = program.waitForEnd();
            return new Result(exit, List.copyOf(program.lines), java.nio.file.Files.readString(folder.resolve("stderr")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command without a process, which is much faster. */
    static Result inThisProcess(Path folder, Map<String, String> settings, String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var environment = new Environment(TestServer.environment(folder, settings), folder, new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int exit = Main.run(arguments, environment);
            return new Result(exit, out.toString(StandardCharsets.UTF_8).lines().toList(), err.toString(StandardCharsets.UTF_8));
        } finally {
            restoreLogging();
        }
    }

    private static void restoreLogging() {
        try {
            LogManager.getLogManager().readConfiguration();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server and returns when it listens. */
    static Program serve(Path folder, Map<String, String> settings) {
        var program = new Program(folder, settings, "serve");
        try {
            program.waitForLine("listening on ");
            return program;
        } catch (AssertionError e) {
            program.close();
            throw e;
        }
    }

    /** Waits for the first line of output that contains the text. */
    String waitForLine(String text) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (System.nanoTime() < deadline) {
            for (String line : List.copyOf(lines)) {
                if (line.contains(text)) {
                    return line;
                }
            }
            if (!process.isAlive() && !reader.isAlive()) {
                break;
            }
            pause(10);
        }
        throw new AssertionError("no line with '" + text + "' in " + lines);
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    String url() {
        return "http://" + waitForLine("listening on ").replaceFirst(".*listening on ", "");
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    int waitForEnd() {
        try {
            if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("still running after " + WAIT_SECONDS + " s: " + lines);
            }
            reader.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Returns the text of a line such as {@code 2026-11-22T10:00:00.123456Z  INFO storeit_server: text}. */
    static String text(String line) {
        return line.replaceFirst("^\\S+Z +[A-Z]+ \\S+: ", "");
    }

    private void read() {
        try (InputStream in = process.getInputStream(); BufferedReader out = new BufferedReader(new java.io.InputStreamReader(in, StandardCharsets.UTF_8))) {
            out.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            lines.add("(output ended: " + e.getMessage() + ")");
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills the program if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
