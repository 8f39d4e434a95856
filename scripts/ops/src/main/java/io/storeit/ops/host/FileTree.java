package io.storeit.ops.host;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Deletes files and directories with their content, and adds up sizes. Symbolic links are not followed. */
public final class FileTree {
    private FileTree() {}

    /** Deletes a file or a directory, if it exists. */
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

    /** Deletes scratch files. A failure is ignored, because they do no harm. */
    public static void deleteQuietly(Path root) {
        try {
            if (root != null) delete(root);
        } catch (IOException stays) {
            // the next operation removes it, or reports why it cannot
        }
    }

    /** Returns the bytes of all files below a directory; 0 when there is no directory. */
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

    /** Returns the bytes of a file, or of all files in a directory; 0 when there is neither. */
    public static long sizeOrNone(Path path) {
        try {
            return Files.isDirectory(path) ? size(path) : Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException vanished) {
            return 0;
        }
    }
}
