package io.storeit.ctl.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The start-up caches of our programs, written once per build: the tests start some hundreds of processes. */
final class StartUpCache {
    private static final Path FOLDER = warm();

    private StartUpCache() {
    }

    static Path folder() {
        return FOLDER;
    }

    private static Path warm() {
        try {
            var folder = Files.createDirectories(Release.folderOfTestClasses().resolveSibling("start-up-cache"));
            for (var program : List.of(Release.OURS.file(), Release.NEXT.file(), Tool.FILE)) {
                if (Files.isExecutable(program)) {
                    var builder = new ProcessBuilder(program.toString(), "__warm");
                    builder.environment().putAll(Map.of("STOREIT_SERVER_CACHE", folder.toString(), "STOREIT_CTL_CACHE", folder.toString(),
                            "JAVA_HOME", System.getProperty("java.home")));
                    // A cache is a matter of speed only: without one the tests take longer.
                    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
