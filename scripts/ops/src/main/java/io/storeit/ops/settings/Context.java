package io.storeit.ops.settings;

import io.storeit.ops.console.Console;
import java.time.Duration;

/** Holds what every command works with. @param patience the time that a wait may last without progress */
public record Context(Console console, Settings settings, Duration patience) {}
