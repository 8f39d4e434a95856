package io.storeit.interchange.base;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Writes files that survive a power cut: a name always has the complete old content or the complete new content. */
public final class DurableFiles {

    private DurableFiles() {
    }

    /**
     * Writes a file as {@code <target>.part} and then gives it its name. A file of that name is replaced.
     *
     * @param attributes of the new file, such as its permissions
     */
    public static void write(Path target, byte[] content, FileAttribute<?>... attributes) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Files.deleteIfExists(part);
        try {
            try (var channel = FileChannel.open(part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            rename(part, target);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Renames a file in one step, and returns once the new name is on the disk. A file of that name is replaced. */
    public static void rename(Path file, Path target) throws IOException {
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        fsyncFolder(target.toAbsolutePath().getParent());
    }

    /** Returns once the content of a file is on the disk. */
    public static void fsyncFile(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Returns once the names in a folder (new ones, renamed ones, deleted ones) are on the disk. */
    public static void fsyncFolder(Path folder) throws IOException {
        if (File.separatorChar == '\\') {
            return; // Windows has no such call; NTFS journals its names.
        }
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
