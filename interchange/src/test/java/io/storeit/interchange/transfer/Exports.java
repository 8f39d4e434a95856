package io.storeit.interchange.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Exports as tests want them, and what came out. */
final class Exports {

    private Exports() {
    }

    static ExportReport export(Path database, Path images, Path target) {
        return Exporter.export(database, images, target, new ExportOptions(true, 0, null, "0.3.0", false), Progress.NONE);
    }

    /** The ids in an archive in the order they stand there. */
    static List<String> ids(Path archive, Table wanted) throws IOException {
        return rows(archive, wanted).stream().map(row -> row.get("id").textValue()).toList();
    }

    static List<ObjectNode> rows(Path archive, Table wanted) throws IOException {
        var found = new ArrayList<ObjectNode>();
        ArchiveReader.read(archive, new ArchiveHandler() {
            @Override
            public void manifest(Manifest manifest) {
            }

            @Override
            public void row(Table table, long number, ObjectNode row) {
                if (table == wanted) {
                    found.add(row);
                }
            }

            @Override
            public void tableEnd(Table table, long rows) {
            }

            @Override
            public void image(String key, long size, InputStream bytes) {
            }
        }, ArchiveLimits.DEFAULT);
        return found;
    }
}
