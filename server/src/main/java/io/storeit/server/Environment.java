package io.storeit.server;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** The environment of a command: variables, working folder and output. Tests provide their own. */
record Environment(Map<String, String> variables, Path workingFolder, PrintStream out, PrintStream err) {
    Config config() {
        return Config.of(variables, workingFolder);
    }
}
