package io.storeit.reference;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** The log of the reference: standard output, errors only unless {@code RUST_LOG} says more (D62), colours unless {@code NO_COLOR} (D156). */
final class ReferenceLog {
    enum Level {
        ERROR("31"), WARN("33"), INFO("32");

        private final String colour;

        Level(String colour) {
            this.colour = colour;
        }
    }

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final Level threshold;
    private final boolean coloured;

    ReferenceLog(Map<String, String> environment) {
        threshold = threshold(environment.getOrDefault("RUST_LOG", "error").toLowerCase(Locale.ROOT));
        coloured = environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    private static Level threshold(String filter) {
        if (filter.contains("info") || filter.contains("debug") || filter.contains("trace")) {
            return Level.INFO;
        }
        return filter.contains("warn") ? Level.WARN : Level.ERROR;
    }

    void info(String text) {
        line(Level.INFO, "storeit_server", text);
    }

    void warn(String module, String text) {
        line(Level.WARN, module, text);
    }

    void error(String module, String text) {
        line(Level.ERROR, module, text);
    }

    private void line(Level level, String module, String text) {
        if (level.compareTo(threshold) > 0) {
            return;
        }
        var time = TIME.format(Instant.now());
        System.out.println(coloured
                ? "\u001b[2m%s\u001b[0m \u001b[%sm%5s\u001b[0m \u001b[2m%s\u001b[0m\u001b[2m:\u001b[0m %s".formatted(time,
                        level.colour, level, module, text)
                : "%s %5s %s: %s".formatted(time, level, module, text));
        System.out.flush();
    }
}
