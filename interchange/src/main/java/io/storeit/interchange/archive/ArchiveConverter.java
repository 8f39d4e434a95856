package io.storeit.interchange.archive;

import io.storeit.interchange.Manifest;
import io.storeit.interchange.Progress;
import java.nio.file.Path;
import java.util.List;

/** Makes another archive of an archive: for another schema, for an older server, without images. */
public final class ArchiveConverter {

    /**
     * @param toSchema   schema version of the result; 0 keeps it
     * @param forVersion version of the server that shall read it, or null
     * @param withImages false leaves the image files out and says so in the manifest
     */
    public record Options(int toSchema, String forVersion, boolean withImages) {
    }

    /** The manifest of the result, which carries the losses, and remarks for a person. */
    public record Report(Manifest manifest, List<String> warnings) {
    }

    private ArchiveConverter() {
    }

    public static Report convert(Path in, Path out, Options options, Progress progress) {
        throw new UnsupportedOperationException();
    }
}
