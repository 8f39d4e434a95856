package io.storeit.ctl.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The start-up caches of our two servers, written once per build: the tests start some hundreds of servers. */
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
            for (var release : new Release[] {Release.OURS, Release.NEXT}) {
                if (!release.isBuilt()) {
                    continue;
                }
                var builder = new ProcessBuilder(release.asset().toString(), "__warm");
                builder.environment().put("STOREIT_SERVER_CACHE", folder.toString());
                builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
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
