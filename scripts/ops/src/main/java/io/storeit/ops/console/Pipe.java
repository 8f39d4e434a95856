package io.storeit.ops.console;

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

/** Archives that come and go through standard input and output, so that other programs can encrypt, store and fetch them. */
public final class Pipe {
    /** What is named instead of a file. */
    public static final String NAME = "-";
    public static final String INPUT = "standard input";
    private static final int BUFFER = 1 << 18;
    /** Bytes left free on the file system of a database, whose server may have to write. */
    private static final long RESERVE = 64L << 20;

    private Pipe() {}

    /** Standard input, or what a shell makes of {@code <(age -d backup.age)}. */
    public static boolean is(Path archive) {
        return archive.toString().equals(NAME) || Files.exists(archive) && !Files.isRegularFile(archive) && !Files.isDirectory(archive);
    }

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

    public static void requireArchive(Console console, Path archive) {
        if (!is(archive) && !Files.isRegularFile(archive)) throw new OpsException(Exit.FAILED, "There is no file " + archive, "Check the path.");
        if (archive.toString().equals(NAME) && console.interactive()) {
            throw new OpsException(Exit.USAGE, "Standard input is this terminal: an archive has to come from a file or another program",
                    "For example: restic dump latest storeit.storeit | storeit-ctl verify -");
        }
    }

    public static void requireReader() {
        if (Console.outputIsTerminal()) {
            throw new OpsException(Exit.USAGE, "Standard output is this terminal: a backup has to go into a file or another program",
                    "For example: storeit-ctl backup -o - | age -r RECIPIENT > storeit.age");
        }
    }

    public static void send(Console console, Path file) {
        long total = FileFacts.sizeOf(file);
        long sent = 0;
        try (InputStream in = Files.newInputStream(file)) {
            // Not System.out, which keeps errors to itself.
            @SuppressWarnings("resource") var out = new FileOutputStream(FileDescriptor.out);
            var buffer = new byte[BUFFER];
            for (int read; (read = in.read(buffer)) > 0; sent += read) {
                out.write(buffer, 0, read);
                console.progress("Sending", sent >> 10, total >> 10, "KiB");
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "The backup could not be written to standard output: after " + Words.megabytes(sent) + " of "
                    + Words.megabytes(total) + " " + ("Broken pipe".equals(failure.getMessage()) ? "its reader ended" : OpsException.reason(failure)),
                    "What was written is no backup. Look at what it was written to, then try again.", failure);
        }
    }

    /** Saves what comes as a file of the owner's, and leaves some room beside it. */
    public static void receive(Console console, Path pipe, Path file) {
        try (InputStream in = open(pipe)) {
            console.say("Saving standard input as %s until it is restored...", file);
            AtomicFiles.createOwnerOnly(file);
            try (var out = Files.newOutputStream(file)) {
                var buffer = new byte[BUFFER];
                long untilCheck = 0;
                for (int read; (read = in.read(buffer)) > 0; untilCheck -= read) {
                    if (untilCheck <= 0) {
                        Destination.requireSpace(file, RESERVE, "Make room, then try again; nothing was changed.");
                        untilCheck = RESERVE / 4;
                    }
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not save standard input as " + file + ": " + OpsException.reason(failure), "Nothing was changed.", failure);
        }
    }
}
