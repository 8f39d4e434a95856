package io.storeit.ops.host;

import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file as the file system knows it: what its name points at now, whatever it was renamed from. */
public final class FileIdentity {
    private FileIdentity() {}

    public static String of(Path file) {
        try {
            return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }
}
