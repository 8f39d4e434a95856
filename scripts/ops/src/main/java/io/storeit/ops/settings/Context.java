package io.storeit.ops.settings;

import io.storeit.ops.console.Console;
import java.time.Duration;

/** What every command works with. */
public record Context(Console console, Settings settings, Duration patience) {}
