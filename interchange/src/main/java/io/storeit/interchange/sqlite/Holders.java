package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Finds the processes that have a file open, read from {@code /proc}. Servers before 0.3.0 take no lock that we could ask for; this is how
 * they are found. Processes of other users are invisible to anyone but root, and on systems without {@code /proc} the answer is always
 * "none": a lock that SQLite itself holds is then the last guard.
 */
public final class Holders {

    private static final Duration LOOK = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Holders() {
    }

    /** Lists the ids of the processes other than this one that have the file open, in no particular order. */
    public static List<Long> others(Path file) {
        long self = ProcessHandle.current().pid();
        Object identity = identity(file);
        // Without a readable /proc no process is found; SQLite's own locks still keep two writers apart.
        return identity == null ? List.of() : ProcFs.processes().stream().filter(id -> id != self && hasOpen(ProcFs.of(id), identity)).toList();
    }

    /**
     * Lists those of {@link #others} that still have the file open after three seconds. A process that only looks at it, as
     * {@code storeit-ctl status} does, ends soon and must not prevent another from putting a database in place.
     *
     * @param known who may have it open, such as the server itself
     */
    public static List<Long> staying(Path file, LongPredicate known) {
        long deadline = System.nanoTime() + LOOK.toNanos();
        while (true) {
            List<Long> holders = others(file).stream().filter(holder -> !known.test(holder)).toList();
            if (holders.isEmpty() || System.nanoTime() > deadline) {
                return holders;
            }
            try {
                Thread.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return holders;
            }
        }
    }

    /** Returns whether this very process has the file open. Then it must not be opened by anything but SQLite: see {@link ReadOnlyView}. */
    static boolean thisProcess(Path file) {
        Object identity = identity(file);
        return identity != null && hasOpen(ProcFs.self(), identity);
    }

    /** Compares device and inode, not names: a container sees the same file under another path. */
    private static boolean hasOpen(ProcFs process, Object identity) {
        return process.open().stream().anyMatch(descriptor -> identity.equals(identity(descriptor)));
    }

    private static Object identity(Path file) {
        try {
            Map<String, Object> attributes = Files.readAttributes(file, "unix:dev,ino");
            return List.of(attributes.get("dev"), attributes.get("ino"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            // Closed meanwhile, or a system without inodes.
            return null;
        }
    }
}
