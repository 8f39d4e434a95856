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

/** Says in words why input or output failed, and what helps: many exceptions of the system have only a path as message. */
public final class Reasons {

    /** What the C library says of errors (strerror, in the locale that Java keeps: C). */
    private enum Known {
        FULL("No space left on device", "the disk is full", "Make room: df -h shows which disk, storeit-ctl doctor what can go."),
        QUOTA("Disk quota exceeded", "this user's share of the disk is used up", "Make room: quota -s shows how much."),
        READ_ONLY("Read-only file system", "the file system is read-only",
                "Linux makes it so after an error of the disk: dmesg tells. A unit may also write only where its ReadWritePaths= says."),
        BROKEN("Input/output error", "the disk gives an error", "dmesg tells more. Copy what can be read to another disk before anything else."),
        FILES("Too many open files", "this process may open no more files", "Raise the limit: ulimit -n 4096"),
        NOT_PERMITTED("Operation not permitted", "the system does not permit it", "Run as root."),
        LONG("File name too long", "the name is too long for this file system", "Choose a shorter one."),
        STALE("Stale file handle", "the network file system has lost it", "Mount it again."),
        RESET("Connection reset", "the connection was cut", "Try again."),
        BROKEN_PIPE("Broken pipe", "who was to take it has ended", "");

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

    /** Returns the message of what was wrong in the first place, of an exception that other code wrapped; on one line. */
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
            return "no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "it exists already";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "the folder is not empty";
        }
        if (e instanceof NotDirectoryException) {
            return "not a folder";
        }
        if (e instanceof ConnectException) {
            return "nothing listens there";
        }
        if (e instanceof InterruptedIOException) {
            return "no answer in time";
        }
        if (e instanceof UnknownHostException) {
            return "no such host is known (is there a network?)";
        }
        if (e instanceof SSLException) {
            return "the encrypted connection was refused";
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
            return "there is no " + file;
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied for " + file;
        }
        if (e instanceof FileAlreadyExistsException) {
            return file + " exists already";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "the folder " + file + " is not empty";
        }
        return of(e) + ": " + file;
    }

    /** Returns what to do about it; empty when that is not known. */
    public static String cure(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return "Run as root, or as the user it belongs to: ls -ld " + denied.getFile();
        }
        if (e instanceof SSLException) {
            return "See whether the clock of this machine is right: date";
        }
        return Known.in(e).map(known -> known.cure).orElse("");
    }
}
