package io.storeit.interchange.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Losses;
import io.storeit.interchange.schema.SchemaChain;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Scratch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.SQLException;

/** Reads the rows of an archive in another schema version, for comparing, without the setting that belongs to the machine. */
final class ConvertedRows implements ArchiveHandler {

    interface Taker {
        /** @param number counts through all tables; the same whenever the archive is read */
        void row(long number, Table table, ObjectNode row) throws SQLException;
    }

    private final SchemaChain chain;
    private final Scratch scratch;
    private final Taker taker;
    private final Losses none = new Losses();
    private long number;

    private ConvertedRows(SchemaChain chain, Scratch scratch, Taker taker) {
        this.chain = chain;
        this.scratch = scratch;
        this.taker = taker;
    }

    /** @param scratch where the taker keeps rows, for the words of its failures */
    static void read(Path archive, SchemaChain chain, Scratch scratch, Taker taker) throws IOException {
        ArchiveReader.readRows(archive, new ConvertedRows(chain, scratch, taker), ArchiveLimits.DEFAULT);
    }

    @Override
    public void manifest(Manifest manifest) {
    }

    @Override
    public void row(Table table, long ignored, ObjectNode row) {
        number++;
        if (table == Table.SETTINGS && ContentDigest.IMAGE_FOLDER_SETTING.equals(row.get("key").textValue())) {
            return;
        }
        try {
            taker.row(number, table, chain.apply(table, row, none));
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
    }

    @Override
    public void tableEnd(Table table, long count) {
    }

    @Override
    public void image(String key, long size, InputStream bytes) {
        throw new IllegalStateException("only rows are read");
    }
}
