package io.storeit.interchange.archive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Everything in an archive, kept in memory for tests to look at, and the order in which it was handed over. */
public final class ReadBack implements ArchiveHandler {

    public Manifest manifest;
    public final Map<Table, List<ObjectNode>> rows = new EnumMap<>(Table.class);
    public final Map<String, byte[]> images = new TreeMap<>();
    final List<String> order = new ArrayList<>();
    public ArchiveReader.Contents contents;

    public static ReadBack of(Path archive) throws IOException {
        return of(archive, ArchiveLimits.DEFAULT);
    }

    public static ReadBack of(Path archive, ArchiveLimits limits) throws IOException {
        var result = new ReadBack();
        result.contents = ArchiveReader.read(archive, result, limits);
        return result;
    }

    @Override
    public void manifest(Manifest found) {
        manifest = found;
        order.add("manifest");
    }

    @Override
    public void row(Table table, long number, ObjectNode row) {
        List<ObjectNode> list = rows.computeIfAbsent(table, each -> new ArrayList<>());
        list.add(row);
        if (number != list.size()) {
            throw new AssertionError("row " + number + " came as row " + list.size());
        }
    }

    @Override
    public void tableEnd(Table table, long count) {
        if (rows.computeIfAbsent(table, each -> new ArrayList<>()).size() != count) {
            throw new AssertionError("wrong count");
        }
        order.add(table.key());
    }

    @Override
    public void image(String key, long size, InputStream bytes) throws IOException {
        byte[] all = bytes.readAllBytes();
        if (all.length != size || images.put(key, all) != null) {
            throw new AssertionError("wrong size, or twice: " + key);
        }
        order.add("image");
    }
}
