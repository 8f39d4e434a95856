package io.storeit.interchange.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the image folder in the settings of an archive. It means something only on the machine where the archive was made. */
public final class ArchivedImageFolder implements ArchiveHandler {
    /** Ends the reading; it is not an error. */
    private static final class SettingsRead extends IOException {
    }

    private String imageFolder;

    private ArchivedImageFolder() {
    }

    /**
     * Reads an archive as far as its settings.
     *
     * @return the image folder; empty when the archive names none
     * @throws ArchiveException when the archive cannot be used
     */
    public static Optional<String> in(Path archive) throws IOException {
        var handler = new ArchivedImageFolder();
        try {
            ArchiveReader.read(archive, handler, ArchiveLimits.DEFAULT);
        } catch (SettingsRead enough) {
            return Optional.ofNullable(handler.imageFolder);
        }
        return Optional.ofNullable(handler.imageFolder);
    }

    @Override
    public void manifest(Manifest manifest) {
    }

    @Override
    public void row(Table table, long number, ObjectNode row) {
        if (table == Table.SETTINGS && row.path("key").asText().equals(ContentDigest.IMAGE_FOLDER_SETTING)) {
            imageFolder = row.path("value").asText();
        }
    }

    @Override
    public void tableEnd(Table table, long rows) throws IOException {
        if (table == Table.SETTINGS) {
            throw new SettingsRead();
        }
    }

    @Override
    public void image(String key, long size, InputStream bytes) {
    }
}
