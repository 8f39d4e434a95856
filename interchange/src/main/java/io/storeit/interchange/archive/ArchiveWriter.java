package io.storeit.interchange.archive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.Manifest;
import io.storeit.interchange.Table;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** Writes archives: open, rows in table order, manifest, images, finish. Counts and digest are the writer's work. */
public final class ArchiveWriter implements Closeable {

    /** An image file that cannot be read or whose bytes do not have the hash in its name; the archive begun is lost. */
    public static final class ImageException extends IOException {
        private final String key;

        ImageException(String key, String message, Throwable cause) {
            super(message, cause);
            this.key = key;
        }

        public String key() {
            return key;
        }
    }

    /** Opens {@code <target>.<random>.part}. Failures to write are ArchiveExceptions. */
    public static ArchiveWriter open(Path target, int schemaVersion) {
        throw new UnsupportedOperationException();
    }

    /** Rows come table by table, tables in order; a table without rows needs no call. */
    public void row(Table table, ObjectNode row) {
        throw new UnsupportedOperationException();
    }

    /** After the last row. Writes the manifest, completed by counts and digest, and all rows; returns the completed manifest. */
    public Manifest manifest(Manifest manifest) {
        throw new UnsupportedOperationException();
    }

    /** One image, each key once. */
    public void image(String key, Path file) throws ImageException {
        throw new UnsupportedOperationException();
    }

    /** Completes the file and gives it its name. */
    public void finish() {
        throw new UnsupportedOperationException();
    }

    /** Without finish, leaves nothing behind. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
