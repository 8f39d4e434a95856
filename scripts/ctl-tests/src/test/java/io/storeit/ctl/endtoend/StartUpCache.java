package io.storeit.ctl.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The start-up cache of storeit-ctl, written once per run: the tests start it some hundreds of times. The servers have none, because Java
 * uses it only for the very file that it was written for, and each machine has a copy.
 */
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
            if (Files.isExecutable(Tool.FILE)) {
                var builder = new ProcessBuilder(Tool.FILE.toString(), "__warm");
                builder.environment().putAll(Map.of("STOREIT_CTL_CACHE", folder.toString(), "JAVA_HOME", System.getProperty("java.home")));
                // A cache is a matter of speed only: without one the tests take longer.
                builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
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
