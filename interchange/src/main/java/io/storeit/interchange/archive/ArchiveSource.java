package io.storeit.interchange.archive;

import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Provides the bytes of an archive. */
public interface ArchiveSource {

    /** Returns the name that messages use. */
    String name();

    /** Opens the bytes from the first on; closing the stream closes what is below. */
    InputStream open();

    /** Reads an archive from a file, which can be read several times. */
    static ArchiveSource of(Path file) {
        return new ArchiveSource() {
            @Override
            public String name() {
                return file.getFileName().toString();
            }

            @Override
            public InputStream open() {
                String hint = "Check the path and whether you may read the file.";
                try {
                    if (Files.isDirectory(file)) {
                        throw new ArchiveException("cannot open " + file + ": it is a folder", hint);
                    }
                    return Files.newInputStream(file);
                } catch (IOException e) {
                    throw new ArchiveException("cannot open " + file + ": " + Reasons.of(e), hint, e);
                }
            }
        };
    }

    /** Reads an archive from a pipe, which can be read once: enough for every archive that StoreIT wrote. */
    static ArchiveSource of(String name, InputStream pipe) {
        return new ArchiveSource() {
            private boolean opened;

            @Override
            public String name() {
                return name;
            }

            @Override
            public InputStream open() {
                if (opened) {
                    throw new ArchiveException(name + ": is not in the order StoreIT writes and cannot be read from a pipe",
                            "Save it to a file and pass that file.");
                }
                opened = true;
                return pipe;
            }
        };
    }
}
