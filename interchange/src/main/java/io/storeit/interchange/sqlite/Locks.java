package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Ownership;
import io.storeit.interchange.base.Reasons;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Manages the two locks of a database, each a kernel lock on a small file beside it. The kernel lets go of a lock when its process ends, in
 * whatever way; the files are never renamed or deleted, or two processes could each lock a file of the same name.
 *
 * <ul>
 * <li>{@code <db>.operation.lock}: tool against tool. Held by storeit-ctl from the first step of an operation to the last.
 * <li>{@code <db>.database.lock}: server against offline tools. Held by the process that writes the database.
 * </ul>
 *
 * <p>Servers before 0.3.0 take neither; {@link Holders} finds those.
 */
public final class Locks {

    /** Limits the wait for a lock, because a test of the lock takes it for an instant, so one refusal proves nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long PAUSE_MILLISECONDS = 20;

    /**
     * Holds the lock files of this process. Closing any descriptor of a file drops all locks the process has on it, so a file in this set
     * is never opened a second time; the monitor of this class guards set and files together.
     */
    private static final Set<Path> OWN = new HashSet<>();

    private Locks() {
    }

    /** Represents a lock that is held until it is closed, or until this process ends. */
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes the lock of operations on a database, waiting at most two seconds.
     *
     * @return the lock, or empty when another holder (also in this process) has it
     * @throws DatabaseException when the lock file cannot be made or opened
     */
    public static Optional<Held> tryOperation(Path database) {
        return take(operationFile(database), database);
    }

    /**
     * Takes the lock of writers of a database, waiting at most two seconds.
     *
     * @return the lock, or empty when another holder (also in this process) has it
     * @throws DatabaseException when the lock file cannot be made or opened
     */
    public static Optional<Held> tryDatabase(Path database) {
        return take(databaseFile(database), database);
    }

    /** Returns whether some process, this one included, holds the operation lock. */
    public static boolean operationHeld(Path database) {
        return isHeld(operationFile(database));
    }

    /** Returns whether some process, this one included, holds the database lock. */
    public static boolean databaseHeld(Path database) {
        return isHeld(databaseFile(database));
    }

    /** Returns whether this process holds the database lock. */
    static boolean databaseHeldHere(Path database) {
        synchronized (Locks.class) {
            return OWN.contains(databaseFile(database));
        }
    }

    private static Path operationFile(Path database) {
        return DatabaseFiles.operationLock(oneSpelling(database));
    }

    private static Path databaseFile(Path database) {
        return DatabaseFiles.databaseLock(oneSpelling(database));
    }

    /** Returns one spelling per folder, so that two paths to the same database use the same lock. */
    private static Path oneSpelling(Path database) {
        Path absolute = database.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        try {
            folder = folder.toRealPath();
        } catch (IOException e) {
            // The folder does not exist; opening the lock file says so with a better message.
            folder = absolute.getParent();
        }
        return folder.resolve(absolute.getFileName());
    }

    private static Optional<Held> take(Path file, Path database) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<Held> held = takeOnce(file, database);
            if (held.isPresent() || System.nanoTime() > deadline) {
                return held;
            }
            try {
                Thread.sleep(PAUSE_MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
    }

    private static synchronized Optional<Held> takeOnce(Path file, Path database) {
        if (OWN.contains(file)) {
            return Optional.empty();
        }
        try {
            FileChannel channel = open(file, database);
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    channel.close();
                    return Optional.empty();
                }
            } catch (OverlappingFileLockException e) {
                throw new IllegalStateException("this process locked " + file + " without noting it", e);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            OWN.add(file);
            return Optional.of(() -> release(file, channel));
        } catch (IOException e) {
            throw new DatabaseException("cannot lock " + file + ": " + Reasons.of(e), "Check the permissions of the folder and its files.", e);
        }
    }

    private static FileChannel open(Path file, Path database) throws IOException {
        Set<OpenOption> options = Set.of(
                StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        boolean created = !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        FileChannel channel = isPosix(file)
                ? FileChannel.open(file, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : FileChannel.open(file, options);
        if (created) {
            // A lock made by root must be takable by the server, which runs as the owner of the database (or of its folder).
            Ownership.give(Files.exists(database) ? database : file.getParent(), file);
        }
        return channel;
    }

    private static synchronized void release(Path file, FileChannel channel) {
        if (!OWN.remove(file)) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new DatabaseException("cannot release " + file + ": " + Reasons.of(e), "", e);
        }
    }

    private static synchronized boolean isHeld(Path file) {
        if (OWN.contains(file)) {
            return true;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new DatabaseException("cannot check " + file + ": " + Reasons.of(e), "Check the permissions of the folder and its files.", e);
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
