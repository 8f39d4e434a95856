package io.storeit.ops.base;

import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;

/** Reports what could not be done to what, what to do next, and the exit code. It is the only exception of this program. */
public final class OpsException extends RuntimeException {
    private final Exit exit;
    private final String hint;

    public OpsException(Exit exit, String message, String hint) {
        this(exit, message, hint, null);
    }

    public OpsException(Exit exit, String message, String hint, Throwable cause) {
        super(message, cause);
        this.exit = exit;
        this.hint = hint.isEmpty() && cause instanceof IOException known ? cure(known) : hint;
    }

    /** Gives every failure an exit code, and a readable message where the system's own is too terse. */
    public static OpsException of(Throwable failure) {
        if (failure instanceof OpsException known) return known;
        if (failure instanceof ArchiveException archive) return new OpsException(Exit.ARCHIVE, archive.getMessage(), archive.hint(), archive);
        if (failure instanceof DatabaseException database) return new OpsException(Exit.FAILED, database.getMessage(), database.hint(), database);
        if (failure instanceof UncheckedIOException || failure instanceof CompletionException) return of(failure.getCause());
        if (failure instanceof IOException io) return new OpsException(Exit.FAILED, reason(io), "", io);
        return new OpsException(Exit.INTERNAL, "Unexpected error: " + failure, "This is a bug in storeit-ctl. Report it with the lines below.", failure);
    }

    /** Returns the reason of a failure in words. {@code --verbose} shows the system's own. */
    public static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException denied) return "permission denied: " + denied.getFile();
        if (failure instanceof NoSuchFileException || failure instanceof FileNotFoundException) return failure.getMessage() + " does not exist";
        if (failure instanceof FileAlreadyExistsException) return failure.getMessage() + " already exists";
        if (failure instanceof DirectoryNotEmptyException) return "the directory " + failure.getMessage() + " is not empty";
        if (failure instanceof ConnectException) return "no server is listening there";
        if (failure instanceof InterruptedIOException) return "it timed out";
        if (failure instanceof UnknownHostException) return "the host name is unknown, or there is no network";
        if (failure instanceof SSLException) return "the TLS connection failed";
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        String file = failure instanceof FileSystemException known && known.getFile() != null ? ": " + known.getFile() : "";
        for (Known known : Known.values()) if (message.contains(known.system)) return known.words + file;
        return message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    /** Returns what to do about a failure whose message does not say so; empty when that is not known. */
    public static String cure(IOException failure) {
        if (failure instanceof AccessDeniedException denied) return "Run as root, or as the owner of the file: ls -ld " + denied.getFile();
        if (failure instanceof SSLException) return "Check the clock of this machine: date";
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        for (Known known : Known.values()) if (message.contains(known.system)) return known.cure;
        return "";
    }

    /** Translates the errors of the C library (strerror, in the locale that Java keeps: C). */
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

        final String system;
        final String words;
        final String cure;

        Known(String system, String words, String cure) {
            this.system = system;
            this.words = words;
            this.cure = cure;
        }
    }

    public Exit exit() {
        return exit;
    }

    public String hint() {
        return hint;
    }
}
