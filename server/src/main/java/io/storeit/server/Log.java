package io.storeit.server;

import java.io.Console;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Writes the log: one line per event on standard output, in the format of StoreIT's earlier servers, for example {@code
 * 2026-04-02T08:15:30.482913Z  INFO storeit_server: listening on 0.0.0.0:8080}. Times are UTC. Colours appear on a terminal only,
 * and not when {@code NO_COLOR} is set. {@code RUST_LOG} keeps its name and sets the level: {@code off}, {@code error}, {@code
 * warn}, {@code info} (the default), {@code debug}, {@code trace}.
 */
final class Log {
    private static final String PACKAGE = "io.storeit.server";
    private static final String MODULE = "storeit_server";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Keeps the logger alive. The JVM holds loggers weakly and would forget a level set on one that is not referenced. */
    private static final Logger OURS = Logger.getLogger("io.storeit");

    private Log() {
    }

    /** Replaces what the JVM has set up. */
    static void configure(Map<String, String> environment, PrintStream out) {
        boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty() && isTerminal();
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        Level level = level(environment.getOrDefault("RUST_LOG", ""));
        // Libraries log only problems.
        root.setLevel(level.intValue() > Level.WARNING.intValue() ? level : Level.WARNING);
        OURS.setLevel(level);
        root.addHandler(new Lines(out, new Line(colours)));
    }

    /**
     * Up to Java 21 there is a console only on a terminal. Later versions always have one, with a method that tells them apart.
     */
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Reads the level for this program from a filter such as {@code warn,storeit_server=debug}. */
    static Level level(String filter) {
        String word = "";
        for (String part : filter.split(",")) {
            String[] targetAndLevel = part.strip().split("=", 2);
            if (targetAndLevel.length == 1) {
                word = word.isEmpty() ? targetAndLevel[0] : word;
            } else if (targetAndLevel[0].startsWith(MODULE)) {
                word = targetAndLevel[1];
            }
        }
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "off" -> Level.OFF;
            case "error" -> Level.SEVERE;
            case "warn" -> Level.WARNING;
            case "debug" -> Level.FINE;
            case "trace" -> Level.FINEST;
            default -> Level.INFO;
        };
    }

    /**
     * Writes each line at once and completely. {@link java.util.logging.StreamHandler} would buffer, and close standard output in
     * the end.
     */
    private static final class Lines extends Handler {
        private final PrintStream out;

        private Lines(PrintStream out, Formatter formatter) {
            this.out = out;
            setFormatter(formatter);
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord record) {
            if (isLoggable(record)) {
                byte[] line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
                synchronized (out) {
                    out.write(line, 0, line.length);
                    out.flush();
                }
            }
        }

        @Override
        public void flush() {
            out.flush();
        }

        @Override
        public void close() {
            out.flush();
        }
    }

    private static final class Line extends Formatter {
        private static final String DIM = "\u001b[2m";
        private static final String PLAIN = "\u001b[0m";

        private final boolean colours;

        private Line(boolean colours) {
            this.colours = colours;
        }

        @Override
        public String format(LogRecord record) {
            String time = TIME.format(Instant.ofEpochSecond(record.getInstant().getEpochSecond(), record.getInstant().getNano()));
            String level = String.format(Locale.ROOT, "%5s", name(record.getLevel()));
            String module = module(String.valueOf(record.getLoggerName()));
            String line = colours
                    ? DIM + time + PLAIN + " " + colour(record.getLevel()) + level + PLAIN + " " + DIM + module + ":" + PLAIN + " "
                    : time + " " + level + " " + module + ": ";
            return line + formatMessage(record) + "\n" + stackTrace(record.getThrown());
        }

        /** Turns {@code io.storeit.server.backup.Jobs} into {@code storeit_server::backup}. A library's class keeps its name. */
        private static String module(String logger) {
            if (!logger.startsWith(PACKAGE)) {
                return logger;
            }
            String[] parts = logger.substring(PACKAGE.length()).split("\\.");
            return parts.length <= 2 ? MODULE : MODULE + "::" + parts[1];
        }

        private static String name(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) {
                return "ERROR";
            }
            if (level.intValue() >= Level.WARNING.intValue()) {
                return "WARN";
            }
            if (level.intValue() >= Level.INFO.intValue()) {
                return "INFO";
            }
            return level.intValue() >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
        }

        private static String colour(Level level) {
            return switch (name(level)) {
                case "ERROR" -> "\u001b[31m";
                case "WARN" -> "\u001b[33m";
                case "INFO" -> "\u001b[32m";
                default -> "\u001b[34m";
            };
        }

        private static String stackTrace(Throwable thrown) {
            if (thrown == null) {
                return "";
            }
            var text = new StringWriter();
            thrown.printStackTrace(new PrintWriter(text, true));
            return text.toString();
        }
    }
}
