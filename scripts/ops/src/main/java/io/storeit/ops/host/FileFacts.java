package io.storeit.ops.host;

import io.storeit.interchange.base.Sha256;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.stream.Stream;

/** Reads what the file system knows about a file, without opening it. */
public final class FileFacts {
    private FileFacts() {}

    /** Returns device and inode of a file. A renamed file keeps them. */
    public static String identity(Path file) {
        try {
            return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Returns whether both names are one file. Names of missing files are compared as text. */
    public static boolean sameFile(Path first, Path second) {
        try {
            return Files.isRegularFile(second) && Files.isSameFile(first, second);
        } catch (IOException missing) {
            return first.toAbsolutePath().normalize().equals(second.toAbsolutePath().normalize());
        }
    }

    /** Returns the size in bytes. */
    public static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Returns the permissions, such as {@code rw-r-----}. */
    public static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Returns the time of the last change. */
    public static Instant modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Returns the names in the database's directory that begin with its name, for a message. */
    public static String namesLike(Path database) {
        try (Stream<Path> files = Files.list(database.getParent())) {
            return String.join(", ", files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(database.getFileName().toString())).sorted().toList());
        } catch (IOException failure) {
            return "(the directory cannot be read)";
        }
    }

    /** @return 64 lower-case hexadecimal digits */
    public static String sha256(Path file) {
        try {
            return Sha256.hex(file);
        } catch (IOException unreadable) {
            throw OpsException.of(unreadable);
        }
    }
}
