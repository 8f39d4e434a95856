package io.storeit.server;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** What a command sees of the machine: environment variables, working folder and output. Tests give it another. */
record Environment(Map<String, String> variables, Path workingFolder, PrintStream out, PrintStream err) {
    Config config() {
        return Config.of(variables, workingFolder);
    }
}
