package io.storeit.interchange.archive;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.schema.Table;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.util.EnumMap;
import java.util.Map;

/**
 * Spools rows on their way into an archive. tar wants the length of a data file before its content, and the manifest, which knows the
 * number of rows, comes first; so each table is compressed into frames of its own in a file beside the archive, tar padding included, and
 * copied as it is when all are complete. Rows are compressed once and nothing is held in memory.
 */
final class RowSpool implements Closeable {

    /** Locates one table in the spool file: length of its data file, and where its frames are. */
    private record Segment(long length, long position, long compressed) {
    }

    private final FileChannel file;
    private final Compressor compressor;
    private final Map<Table, Segment> segments = new EnumMap<>(Table.class);

    /** Holds the ordinal of the table that rows are accepted for; all before it are complete. */
    private int current;
    private boolean begun;
    private long position;
    private Tally tally;
    private JsonGenerator json;

    /** @param file empty, closed with this */
    RowSpool(FileChannel file) throws IOException {
        this.file = file;
        this.compressor = new Compressor(file);
    }

    void row(Table table, ObjectNode row) throws IOException {
        if (table.ordinal() < current) {
            throw new IllegalStateException("a row for " + table + " after " + Table.values()[current]);
        }
        while (current < table.ordinal()) {
            endTable();
        }
        if (!begun) {
            beginTable();
        }
        long before = tally.length + json.getOutputBuffered();
        if (table == Table.SETTINGS) {
            json.writeStartArray();
            json.writeString(row.path("key").textValue());
            json.writeString(row.path("value").textValue());
            json.writeEndArray();
        } else {
            Json.MAPPER.writeTree(json, row);
        }
        if (tally.length + json.getOutputBuffered() - before > ArchiveLimits.DEFAULT.maxRowChars()) {
            throw new ArchiveException("the " + table.label() + " " + Quoted.of(row.path("id").asText()) + " has more than "
                    + ArchiveLimits.DEFAULT.maxRowChars() + " characters; an archive with it could not be read",
                    "Shorten the texts of this " + table.label() + " and try again.");
        }
    }

    /** Completes the last table after its last row. */
    void end() throws IOException {
        while (current < Table.values().length) {
            endTable();
        }
        compressor.close();
    }

    /** Returns the length of a table's data file in bytes. */
    long length(Table table) {
        return segments.get(table).length();
    }

    /** Copies the complete frames of a table's data file and its padding. */
    void copyTo(FileChannel target, Table table) throws IOException {
        Segment segment = segments.get(table);
        long copied = 0;
        while (copied < segment.compressed()) {
            copied += file.transferTo(segment.position() + copied, segment.compressed() - copied, target);
        }
    }

    @Override
    public void close() throws IOException {
        try (file) {
            compressor.close();
        }
    }

    private void beginTable() throws IOException {
        begun = true;
        position = file.position();
        tally = new Tally(compressor);
        tally.write('[');
        json = Json.MAPPER.getFactory().createGenerator(tally, JsonEncoding.UTF8);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
        // One row a line: small, and the line number in another program's error message leads to the row.
        json.setPrettyPrinter(new MinimalPrettyPrinter(",\n"));
    }

    private void endTable() throws IOException {
        if (!begun) {
            beginTable();
        }
        json.close();
        tally.write(']');
        long length = tally.length;
        tally.write(TarHeader.padding(length));
        tally.flush();
        segments.put(Table.values()[current], new Segment(length, position, file.position() - position));
        begun = false;
        current++;
    }

    /** Counts the bytes that pass through it. */
    private static final class Tally extends BufferedOutputStream {
        private long length;

        Tally(OutputStream out) {
            super(out, 1 << 18);
        }

        @Override
        public synchronized void write(int b) throws IOException {
            super.write(b);
            length++;
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int count) throws IOException {
            super.write(bytes, offset, count);
            length += count;
        }
    }
}
