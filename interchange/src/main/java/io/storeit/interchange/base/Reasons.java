package io.storeit.interchange.base;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Explains why input or output failed and suggests a fix, because many exceptions of the system have only a path as message. */
public final class Reasons {

    /** Lists the errors that the C library reports (strerror, in the locale that Java keeps: C). */
    private enum Known {
        FULL("No space left on device", "the disk is full", "Free space: df -h shows which disk is full, storeit-ctl doctor what can be deleted."),
        QUOTA("Disk quota exceeded", "the disk quota of this user is exceeded", "Free space: quota -s shows the limits."),
        READ_ONLY("Read-only file system", "the file system is read-only",
                "Linux remounts a disk read-only after an error: see dmesg. A systemd unit can only write to the directories in its ReadWritePaths=."),
        BROKEN("Input/output error", "the disk reports an error", "Copy what is readable to another disk first, then see dmesg."),
        FILES("Too many open files", "this process has too many open files", "Raise the limit: ulimit -n 4096"),
        NOT_PERMITTED("Operation not permitted", "the system does not allow it", "Run as root."),
        LONG("File name too long", "the name is too long for this file system", "Choose a shorter name."),
        STALE("Stale file handle", "the network file system lost the file", "Mount it again."),
        RESET("Connection reset", "the connection was closed", "Try again."),
        BROKEN_PIPE("Broken pipe", "the reading program has ended", "");

        private final String system;
        private final String words;
        private final String cure;

        Known(String system, String words, String cure) {
            this.system = system;
            this.words = words;
            this.cure = cure;
        }

        private static Optional<Known> in(IOException e) {
            String message = Objects.requireNonNullElse(e.getMessage(), "");
            return Arrays.stream(values()).filter(known -> message.contains(known.system)).findFirst();
        }
    }

    private Reasons() {
    }

    /** Returns the message of the innermost cause of an exception, on one line. */
    public static String root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null || message.isBlank() ? root.getClass().getSimpleName() : message.lines().findFirst().orElseThrow().strip();
    }

    /** Returns the reason for a message that names the file itself, without a full stop: {@code permission denied}. */
    public static String of(IOException e) {
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "it already exists";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "the directory is not empty";
        }
        if (e instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (e instanceof ConnectException) {
            return "no server is listening there";
        }
        if (e instanceof InterruptedIOException) {
            return "it timed out";
        }
        if (e instanceof UnknownHostException) {
            return "the host name is unknown, or there is no network";
        }
        if (e instanceof SSLException) {
            return "the TLS connection failed";
        }
        String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return Known.in(e).map(known -> known.words).orElse(reason == null || reason.isBlank() ? e.getClass().getSimpleName() : reason);
    }

    /** Returns the reason for a message that does not name the file: {@code permission denied for /srv/storeit.db}. */
    public static String withFile(IOException e) {
        String file = e instanceof FileSystemException known ? known.getFile() : e instanceof FileNotFoundException ? e.getMessage() : null;
        if (file == null) {
            return of(e);
        }
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return file + " does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied for " + file;
        }
        if (e instanceof FileAlreadyExistsException) {
            return file + " already exists";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "the directory " + file + " is not empty";
        }
        return of(e) + ": " + file;
    }

    /** Returns a suggested fix; empty when none is known. */
    public static String cure(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return "Run as root, or as the owner of the file: ls -ld " + denied.getFile();
        }
        if (e instanceof SSLException) {
            return "Check the clock of this machine: date";
        }
        return Known.in(e).map(known -> known.cure).orElse("");
    }
}
