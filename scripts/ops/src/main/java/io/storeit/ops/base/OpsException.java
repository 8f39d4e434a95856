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

/** The one exception of this program: what could not be done to what, what to do next, and the exit code. */
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

    /** Gives every failure an exit code and, where the message of the machine says too little, words. */
    public static OpsException of(Throwable failure) {
        if (failure instanceof OpsException known) return known;
        if (failure instanceof ArchiveException archive) return new OpsException(Exit.ARCHIVE, archive.getMessage(), archive.hint(), archive);
        if (failure instanceof DatabaseException database) return new OpsException(Exit.FAILED, database.getMessage(), database.hint(), database);
        if (failure instanceof UncheckedIOException || failure instanceof CompletionException) return of(failure.getCause());
        if (failure instanceof IOException io) return new OpsException(Exit.FAILED, reason(io), "", io);
        return new OpsException(Exit.INTERNAL, "Unexpected: " + failure, "This is a fault in storeit-ctl; the lines below belong into a report.", failure);
    }

    /** What the system says, in words; its own are behind {@code --verbose}. */
    public static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException denied) return "no permission for " + denied.getFile();
        if (failure instanceof NoSuchFileException || failure instanceof FileNotFoundException) return "there is no " + failure.getMessage();
        if (failure instanceof FileAlreadyExistsException) return failure.getMessage() + " exists already";
        if (failure instanceof DirectoryNotEmptyException) return "the folder " + failure.getMessage() + " is not empty";
        if (failure instanceof ConnectException) return "nothing listens there";
        if (failure instanceof InterruptedIOException) return "no answer in time";
        if (failure instanceof UnknownHostException) return "no such host is known (is there a network?)";
        if (failure instanceof SSLException) return "the encrypted connection was refused";
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        String file = failure instanceof FileSystemException known && known.getFile() != null ? ": " + known.getFile() : "";
        for (Known known : Known.values()) if (message.contains(known.system)) return known.words + file;
        return message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    /** What to do about it, where a message does not tell; empty when that is not known. */
    public static String cure(IOException failure) {
        if (failure instanceof AccessDeniedException denied) return "Run as root, or as the user it belongs to: ls -ld " + denied.getFile();
        if (failure instanceof SSLException) return "See whether the clock of this machine is right: date";
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        for (Known known : Known.values()) if (message.contains(known.system)) return known.cure;
        return "";
    }

    /** What the C library says of errors of the file system (strerror, in the locale that Java keeps: C). */
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
