package io.storeit.ops.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Reads the log of a server, from a file or from systemd's journal. */
public interface ServerLog {
    /** Returns a text that changes when a line is added. */
    String progress();

    /** Returns the last lines that are not blank; an empty list if there is no log. */
    List<String> lastLines();

    /** Returns the path of the log, or the command that shows it. */
    String place();

    /** Returns the last error, or else the last line, for a message. */
    default String reason() {
        List<String> lines = lastLines();
        return lines.stream().filter(line -> line.startsWith("Error:")).reduce((first, second) -> second)
                .or(() -> lines.stream().reduce((first, second) -> second)).orElse("it wrote no log").replaceFirst("^Error: ", "");
    }

    /** Returns the last lines in full, because the log of a rehearsal is deleted. */
    default String end() {
        List<String> lines = lastLines();
        List<String> end = lines.subList(Math.max(0, lines.size() - 10), lines.size());
        return end.isEmpty() ? "It wrote no log." : "Its log ends with:\n  " + String.join("\n  ", end);
    }

    record OfFile(Path file) implements ServerLog {
        @Override
        public String progress() {
            try {
                return String.valueOf(Files.size(file));
            } catch (IOException noLogYet) {
                return "";
            }
        }

        @Override
        public List<String> lastLines() {
            try (var log = new RandomAccessFile(file.toFile(), "r")) {
                var tail = new byte[(int) Math.min(8192, log.length())];
                log.seek(log.length() - tail.length);
                log.readFully(tail);
                return new String(tail, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).toList();
            } catch (IOException unreadable) {
                return List.of();
            }
        }

        @Override
        public String place() {
            return file.toString();
        }
    }

    record OfUnit(SystemdUnit unit, Instant since) implements ServerLog {
        @Override
        public String progress() {
            return unit.log(since, 1);
        }

        @Override
        public List<String> lastLines() {
            return unit.log(since, 30).lines().filter(line -> !line.isBlank()).toList();
        }

        @Override
        public String reason() {
            return ServerLog.super.reason() + " (" + unit.outcome() + ")";
        }

        @Override
        public String place() {
            return "journalctl " + (unit.user() ? "--user-unit " : "-u ") + unit.name();
        }
    }
}
