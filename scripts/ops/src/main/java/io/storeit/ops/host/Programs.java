package io.storeit.ops.host;

import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds programs of this system and runs them. */
public final class Programs {
    /** Holds the exit code of a program and what it wrote to both streams. */
    public record Output(int exit, String output) {}

    private static final int NOT_FOUND = 127;

    private Programs() {}

    /**
     * Returns the file of this program, if it is a single executable: the launch stub passes its real path. Classes that come from a start-up
     * cache of Java 25 would name the file that the cache was made with.
     */
    public static Optional<Path> self() {
        Path file = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0]).toAbsolutePath();
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(2), StandardCharsets.US_ASCII);
            return start.equals("#!") ? Optional.of(file) : Optional.empty();
        } catch (IOException noFile) {
            return Optional.empty();
        }
    }

    /** Finds a program in PATH, /usr/sbin or /sbin, because {@code su} sets a PATH without the last two. */
    public static Optional<Path> find(String name) {
        return Stream.concat(Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":")), Stream.of("/usr/sbin", "/sbin"))
                .filter(folder -> folder.startsWith("/")).map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
    }

    /** Returns the width of the terminal, from COLUMNS or else from stty. */
    public static Optional<Integer> terminalWidth() {
        String columns = System.getenv("COLUMNS");
        if (columns == null || !columns.matches("[1-9][0-9]{1,3}")) {
            try {
                Process process = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).redirectError(ProcessBuilder.Redirect.DISCARD).start();
                columns = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip().replaceFirst("^\\d+ ", "");
            } catch (IOException noTerminal) {
                return Optional.empty();
            }
        }
        return columns.matches("[1-9][0-9]{1,3}") ? Optional.of(Integer.valueOf(columns)) : Optional.empty();
    }

    /** Quotes a value for an environment file, or for a command that people copy. */
    public static String quoted(Object value) {
        String text = value.toString();
        return text.matches("[\\w/.:,@%+=?~-]*") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /**
     * Returns the Java that a launch stub uses in this environment.
     *
     * @param variable the variable that takes precedence over JAVA_HOME and PATH
     */
    public static Optional<Path> javaOf(Map<String, String> environment, String variable) {
        String named = environment.getOrDefault(variable, "");
        String home = environment.getOrDefault("JAVA_HOME", "");
        Stream<String> path = Stream.of(environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin").split(":")).map(folder -> folder + "/java");
        return Stream.concat(Stream.of(named.isEmpty() ? home.isEmpty() ? "" : home + "/bin/java" : named), path)
                .filter(text -> text.startsWith("/")).map(Path::of).filter(Files::isExecutable).findFirst();
    }

    /** Returns the command that installs Java on this system; null if it is not known. */
    public static String installJava() {
        return Stream.of("apt-get install default-jre-headless", "dnf install java-21-openjdk-headless", "apk add openjdk21-jre-headless",
                "pacman -S jre-openjdk-headless", "brew install openjdk").filter(command -> find(command.split(" ")[0]).isPresent()).findFirst().orElse(null);
    }

    /** Reads the version from the file that every Java has since 9; {@code unknown} where there is none. */
    public static String versionOfJava(Path java) {
        try (Stream<String> lines = Files.lines(java.toRealPath().resolve("../../release").normalize())) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION=")).findFirst().map(line -> line.substring(13).replace("\"", "")).orElse("unknown");
        } catch (IOException | UncheckedIOException none) {
            return "unknown";
        }
    }

    /** Runs a program without input and waits for its end; one that does not exist ends with 127. */
    public static Output run(String... command) {
        String[] found = command.clone();
        if (!command[0].contains("/")) {
            Optional<Path> program = find(command[0]);
            if (program.isEmpty()) return new Output(NOT_FOUND, "the program " + command[0] + " is not installed");
            found[0] = program.get().toString();
        }
        try {
            Process process = new ProcessBuilder(found).redirectErrorStream(true).redirectInput(new File("/dev/null")).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Output(process.waitFor(), output);
        } catch (IOException failure) {
            return new Output(NOT_FOUND, Reasons.withFile(failure));
        } catch (InterruptedException interrupted) {
            throw new OpsException(Exit.INTERRUPTED, "Interrupted", "");
        }
    }

    /** Runs a program and returns its output. Every exit code but 0 is a failure. */
    public static String require(String... command) {
        Output result = run(command);
        if (result.exit() != 0) {
            throw new OpsException(Exit.FAILED, "'" + String.join(" ", command) + "' failed: " + Words.shortened(result.output()), "");
        }
        return result.output();
    }
}
