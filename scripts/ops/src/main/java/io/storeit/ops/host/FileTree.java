package io.storeit.ops.host;

import com.sun.security.auth.module.UnixSystem;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** Files and folders. */
public final class FileTree {
    /** Linux only. */
    private static final Path OWN_PROCESS = Path.of("/proc/self");

    private FileTree() {}

    /** Refuses a file that could not be written: its folder is missing or read-only, or the name is taken by something else than a file. */
    public static void requireWritable(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new OpsException(Exit.FAILED, "The folder " + folder + " does not exist", "Create it, or choose another place.");
        }
        if (Files.isDirectory(target)) {
            throw new OpsException(Exit.FAILED, target + " is a folder", "Name a file in it.");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new OpsException(Exit.FAILED, target + " is no file", "A backup goes to standard output with -o -");
        }
        if (!Files.isWritable(folder)) {
            throw new OpsException(Exit.FAILED, "May not write into " + folder, "Run as a user who may, or choose another place.");
        }
    }

    /** @return bytes */
    public static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public static boolean sameFile(Path first, Path second) {
        try {
            return Files.isRegularFile(second) && Files.isSameFile(first, second);
        } catch (IOException missing) {
            return first.toAbsolutePath().normalize().equals(second.toAbsolutePath().normalize());
        }
    }

    public static void createOwnerOnly(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    public static void writeOwnerOnly(Path file, byte[] content) throws IOException {
        createOwnerOnly(file);
        Files.write(file, content);
        DatabaseSwitch.fsyncFile(file);
    }

    /** The file appears complete, or the one before stays. */
    public static void place(Path file, byte[] content, String mode) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            writeOwnerOnly(part, content);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(mode));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DatabaseSwitch.fsyncFolder(file.getParent());
        } finally {
            deleteQuietly(part);
        }
    }

    /** @param made gets what takes away again each folder that was not there */
    public static void ensureFolder(Path folder, String mode, Deque<Runnable> made) throws IOException {
        if (Files.isDirectory(folder)) return;
        Path above = folder.getParent();
        if (!Files.exists(above)) ensureFolder(above, "rwxr-xr-x", made);
        Files.createDirectory(folder);
        made.push(() -> {
            try {
                Files.delete(folder);
            } catch (IOException notEmpty) {
                // data, or somebody else's
            }
        });
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    /** @param place the file or folder that the bytes are for, which may not be there yet */
    public static void requireSpace(Path place, long bytes, String hint) {
        Path folder = place;
        while (!Files.exists(folder)) folder = folder.getParent();
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < bytes) {
                throw new OpsException(Exit.FAILED, "Not enough space on the file system of " + place + ": " + Words.megabytes(bytes) + " needed, "
                        + Words.megabytes(free) + " free", hint);
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /**
     * Puts {@code replacement} in the place of {@code live}, whose name never vanishes; what was there stays as {@code keptAs}
     * (null: does not stay). For binaries: other servers may run from the same file and keep the one they have.
     */
    public static void replace(Path live, Path replacement, Path keptAs) {
        try {
            if (keptAs != null) {
                try {
                    Files.createLink(keptAs, live);
                } catch (UnsupportedOperationException | IOException noHardLinks) {
                    Files.copy(live, keptAs, StandardCopyOption.COPY_ATTRIBUTES);
                    DatabaseSwitch.fsyncFile(keptAs);
                }
            }
            Files.move(replacement, live, StandardCopyOption.ATOMIC_MOVE);
            DatabaseSwitch.fsyncFolder(live.getParent());
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    public static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) return;
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** For scratch files of ours, whose staying would only be untidy. */
    public static void deleteQuietly(Path root) {
        try {
            if (root != null) delete(root);
        } catch (IOException stays) {
            // the next operation removes it, or says why it cannot
        }
    }

    public static void deleteWithSideFiles(Path database) {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) deleteQuietly(database.resolveSibling(database.getFileName() + suffix));
    }

    /** Bytes of all files below a folder that may not exist. */
    public static long size(Path root) throws IOException {
        if (!Files.isDirectory(root)) return 0;
        var total = new long[1];
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                total[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        return total[0];
    }

    /** Bytes of a file, or of all files in a folder; 0 when there is none. */
    public static long sizeOrNone(Path path) {
        try {
            return Files.isDirectory(path) ? size(path) : Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException vanished) {
            return 0;
        }
    }

    /** Such as {@code rw-r-----}. */
    public static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    public static Instant modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    public static String namesLike(Path database) {
        try (Stream<Path> files = Files.list(database.getParent())) {
            return String.join(", ", files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(database.getFileName().toString())).sorted().toList());
        } catch (IOException failure) {
            return "(the folder cannot be read)";
        }
    }

    public static String owner(Path file) {
        try {
            return Files.getOwner(file).getName();
        } catch (IOException unknown) {
            return "another user";
        }
    }

    /** From the owner of the own process: {@link UnixSystem} says 0, which is root, to users that no list of users knows. */
    public static int ownUserId() {
        return Files.exists(OWN_PROCESS) ? userId(OWN_PROCESS) : (int) new UnixSystem().getUid();
    }

    public static int ownGroupId() {
        return Files.exists(OWN_PROCESS) ? groupId(OWN_PROCESS) : (int) new UnixSystem().getGid();
    }

    public static int userId(Path file) {
        return attribute(file, "unix:uid");
    }

    public static int groupId(Path file) {
        return attribute(file, "unix:gid");
    }

    private static int attribute(Path file, String name) {
        try {
            return (int) Files.getAttribute(file, name);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }
}
