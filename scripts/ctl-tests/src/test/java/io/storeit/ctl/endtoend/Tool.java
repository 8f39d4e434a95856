package io.storeit.ctl.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The storeit-ctl under test: the built file people run, or the compiled classes where those are newer than the file. */
final class Tool {
    static final Path FILE = Release.PROJECT.resolve("target/storeit-ctl");
    private static final String MAIN_CLASS = "io.storeit.ctl.StoreitCtl";
    private static final boolean BUILT = isBuilt();

    private Tool() {
    }

    /** What to start, with the arguments to be added. */
    static List<String> command() {
        return BUILT
                ? List.of(FILE.toString())
                : List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), MAIN_CLASS);
    }

    /** Whether a word of a command line says that the process is a storeit-ctl. */
    static boolean isProgram(String word) {
        return word.equals(MAIN_CLASS) || word.endsWith("/storeit-ctl");
    }

    static boolean isBuilt() {
        try (Stream<Path> interchange = Files.walk(Release.PROJECT.resolve("interchange/src/main"));
                Stream<Path> ops = Files.walk(Release.PROJECT.resolve("scripts/ops/src/main"))) {
            if (!Files.isExecutable(FILE)) {
                return false;
            }
            var built = Files.getLastModifiedTime(FILE).toMillis();
            return Stream.concat(Stream.concat(interchange, ops).filter(Files::isRegularFile), Stream.of(Release.PROJECT.resolve("storeit-ctl.java")))
                    .allMatch(source -> source.toFile().lastModified() < built);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
