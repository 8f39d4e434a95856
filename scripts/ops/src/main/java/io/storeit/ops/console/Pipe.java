package io.storeit.ops.console;

import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileFacts;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Passes archives through standard input and output, so that other programs can encrypt, store and fetch them. */
public final class Pipe {
    /** Stands for standard input or output in place of a file name. */
    public static final String NAME = "-";
    public static final String INPUT = "standard input";
    private static final int BUFFER = 1 << 18;
    /** Bytes to leave free on the file system of a database, because its server may have to write. */
    private static final long RESERVE = 64L << 20;

    private Pipe() {}

    /** Returns whether an archive is standard input, or a pipe such as {@code <(age -d backup.age)} of a shell. */
    public static boolean is(Path archive) {
        return archive.toString().equals(NAME) || Files.exists(archive) && !Files.isRegularFile(archive) && !Files.isDirectory(archive);
    }

    /** Returns the name of an archive for a message. */
    public static String words(Path archive) {
        return archive.toString().equals(NAME) ? INPUT : archive.toString();
    }

    public static InputStream open(Path archive) {
        try {
            return archive.toString().equals(NAME) ? new FileInputStream(FileDescriptor.in) : Files.newInputStream(archive);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Fails if the archive does not exist, or would have to be typed. */
    public static void requireArchive(Console console, Path archive) {
        if (!is(archive) && !Files.isRegularFile(archive)) {
            throw new OpsException(Exit.FAILED, "There is no file " + archive, "Check the path.");
        }
        if (archive.toString().equals(NAME) && console.interactive()) {
            throw new OpsException(Exit.USAGE, "Standard input is a terminal; an archive must come from a file or another program",
                    "For example: restic dump latest storeit.storeit | storeit-ctl verify -");
        }
    }

    /** Fails if a backup would be printed on the terminal. */
    public static void requireReader() {
        if (Console.outputIsTerminal()) {
            throw new OpsException(Exit.USAGE, "Standard output is a terminal; a backup must go to a file or another program",
                    "For example: storeit-ctl backup -o - | age -r RECIPIENT > storeit.age");
        }
    }

    /** Writes a file to standard output. */
    public static void send(Console console, Path file) {
        long total = FileFacts.sizeOf(file);
        long sent = 0;
        try (InputStream in = Files.newInputStream(file)) {
            // Not System.out, which hides errors.
            @SuppressWarnings("resource") var out = new FileOutputStream(FileDescriptor.out);
            var buffer = new byte[BUFFER];
            for (int read; (read = in.read(buffer)) > 0; sent += read) {
                out.write(buffer, 0, read);
                console.progress("Sending", sent >> 10, total >> 10, "KiB");
            }
        } catch (IOException failure) {
            String reason = "Broken pipe".equals(failure.getMessage()) ? "the reading program ended" : Reasons.withFile(failure);
            throw new OpsException(Exit.FAILED, "Cannot write the backup to standard output: " + reason + " (after " + Words.megabytes(sent) + " of "
                    + Words.megabytes(total) + ")", "The output is incomplete; do not use it. Check where it goes, then try again.", failure);
        }
    }

    /** Saves a pipe as a file that only its owner can read, and leaves some free space for the server. */
    public static void receive(Console console, Path pipe, Path file) {
        try (InputStream in = open(pipe)) {
            console.say("Saving standard input as %s until it is restored...", file);
            AtomicFiles.createOwnerOnly(file);
            try (var out = Files.newOutputStream(file)) {
                var buffer = new byte[BUFFER];
                long untilCheck = 0;
                for (int read; (read = in.read(buffer)) > 0; untilCheck -= read) {
                    if (untilCheck <= 0) {
                        Destination.requireSpace(file, RESERVE, "Free some space, then try again. Nothing was changed.");
                        untilCheck = RESERVE / 4;
                    }
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot save standard input as " + file + ": " + Reasons.withFile(failure), "Nothing was changed.", failure);
        }
    }
}
