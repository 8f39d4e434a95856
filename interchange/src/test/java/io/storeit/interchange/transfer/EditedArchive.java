package io.storeit.interchange.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveWriter;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The rows of the schema 2 fixture, to be changed and written as an archive whose counts and digest are right. */
public final class EditedArchive {

    private final Map<Table, List<ObjectNode>> rows = new EnumMap<>(Table.class);

    public static EditedArchive ofFixture() throws IOException {
        var archive = new EditedArchive();
        for (Table table : Table.values()) {
            archive.rows.put(table, new ArrayList<>(Exports.rows(Fixtures.SCHEMA_2.archive(false), table)));
        }
        return archive;
    }

    public List<ObjectNode> rows(Table table) {
        return rows.get(table);
    }

    public Path write(Path target) throws IOException {
        try (var writer = ArchiveWriter.open(target, 2)) {
            rows.forEach((table, list) -> list.forEach(row -> writer.row(table, row)));
            writer.manifest(Manifest.of(2, "0.3.0", Instant.EPOCH, false));
            writer.finish();
        }
        return target;
    }
}
