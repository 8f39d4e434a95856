package io.storeit.interchange.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** Checks whether an archive has an administrator who can log in after an import. */
public final class Administrators {

    private Administrators() {
    }

    /**
     * Returns whether the archive has an administrator with a password. Conversion for a version drops the passwords that version cannot
     * check.
     *
     * @throws io.storeit.interchange.base.ArchiveException when the archive cannot be used
     */
    public static boolean canLogIn(Path archive) throws IOException {
        var search = new Search();
        ArchiveReader.read(archive, search, ArchiveLimits.DEFAULT);
        return search.found;
    }

    private static final class Search implements ArchiveHandler {
        private boolean found;

        @Override
        public void manifest(Manifest manifest) {
        }

        @Override
        public void row(Table table, long number, ObjectNode row) {
            found |= table == Table.USERS && row.path("is_admin").asBoolean() && row.hasNonNull("_password_hash");
        }

        @Override
        public void tableEnd(Table table, long rows) {
        }

        @Override
        public void image(String key, long size, InputStream bytes) {
        }
    }
}
