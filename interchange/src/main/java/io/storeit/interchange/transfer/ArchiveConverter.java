package io.storeit.interchange.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.ArchiveWriter;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Conversion;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Converts an archive to another archive: in another schema, for an older server, or without images. Whatever was in it before, the result
 * has parents before their children and no thumbnail keys, as servers before 0.3.0 need it.
 *
 * <p>An archive of a newer schema than this build knows can be copied, with or without images; its rows stay as they are.
 */
public final class ArchiveConverter implements ArchiveHandler {

    /**
     * Holds the options of a conversion.
     *
     * @param toSchema   schema version of the result; 0 keeps it, or takes the newest that {@code forVersion} reads
     * @param forVersion version of the server that will read it, such as {@code 0.2.1}, or null. Servers before 0.3.0 get users without
     *                   password hashes that they cannot check
     * @param withImages false leaves the image files out and says so in the manifest
     */
    public record Options(int toSchema, String forVersion, boolean withImages) {
    }

    /** Reports the manifest of the result, which names the losses. */
    public record Report(Manifest manifest) {
    }

    private final Path in;
    private final Path out;
    private final Options options;
    private final Consumer<LossReport> consent;
    private final Progress progress;

    private ArchiveWriter writer;
    private Manifest source;
    private Manifest written;
    /** Is null when rows stay as they are because this build does not know their schema. */
    private Conversion conversion;
    private ParentsFirst order;
    private long steps;

    private ArchiveConverter(Path in, Path out, Options options, Consumer<LossReport> consent, Progress progress) {
        this.in = in;
        this.out = out;
        this.options = options;
        this.consent = consent;
        this.progress = progress;
    }

    /**
     * Converts an archive; {@code out} appears only once it is complete.
     *
     * @throws ArchiveException when {@code in} cannot be used, when this build does not know the way, or {@code out} cannot be written
     */
    public static Report convert(Path in, Path out, Options options, Progress progress) {
        return convert(in, out, options, losses -> { }, progress);
    }

    /**
     * Converts an archive, and asks before anything that cannot be kept is left out.
     *
     * @param consent gets the losses of this conversion, if there are any, once all rows were read; what it throws ends the conversion and
     *                leaves nothing
     */
    public static Report convert(Path in, Path out, Options options, Consumer<LossReport> consent, Progress progress) {
        return new ArchiveConverter(in, out, options, consent, progress).convert();
    }

    /**
     * Reads an archive to its end and returns what a conversion could not keep, without writing anything.
     *
     * @throws ArchiveException when it cannot be used or this build does not know the way
     */
    public static LossReport losses(Path in, Options options, Progress progress) {
        var conversion = new Conversion[1];
        try {
            ArchiveReader.read(in, new ArchiveHandler() {
                private long steps;

                @Override
                public void manifest(Manifest found) {
                    conversion[0] = Conversion.of(found.schemaVersion(), options.toSchema(), options.forVersion());
                    progress.total(found.rowsAndImages());
                }

                @Override
                public void row(Table table, long number, ObjectNode row) {
                    conversion[0].apply(table, row);
                    progress.done(++steps);
                }

                @Override
                public void tableEnd(Table table, long rows) {
                }

                @Override
                public void image(String key, long size, InputStream bytes) {
                    progress.done(++steps);
                }
            }, ArchiveLimits.DEFAULT);
        } catch (IOException e) {
            throw new ArchiveException("cannot read " + in + ": " + Reasons.of(e), "", e);
        }
        return conversion[0].losses();
    }

    private Report convert() {
        try {
            ArchiveReader.readAnySchema(in, this, ArchiveLimits.DEFAULT);
            writer.finish();
            return new Report(written);
        } catch (ArchiveWriter.ImageException e) {
            throw new ArchiveException("images/" + e.key() + ": " + e.getMessage(), "Use another backup.", e);
        } catch (IOException e) {
            throw new ArchiveException("cannot convert " + in + ": " + Reasons.of(e), "Check the free space and try again.", e);
        } finally {
            close();
        }
    }

    @Override
    public void manifest(Manifest found) {
        source = found;
        boolean understood = found.schemaVersion() <= SchemaTransforms.newest();
        if (understood || options.toSchema() != 0 || options.forVersion() != null) {
            conversion = Conversion.of(found.schemaVersion(), options.toSchema(), options.forVersion());
        }
        writer = ArchiveWriter.open(out, schemaVersion());
        progress.total(found.rowsAndImages());
        begin(Table.USERS);
    }

    @Override
    public void row(Table table, long number, ObjectNode row) {
        order.row(conversion == null ? row : conversion.apply(table, row));
        progress.done(++steps);
    }

    @Override
    public void tableEnd(Table table, long rows) throws IOException {
        order.end();
        order.close();
        if (table.ordinal() + 1 < Table.values().length) {
            begin(Table.values()[table.ordinal() + 1]);
        }
    }

    @Override
    public void rowsEnd(ContentDigest.Value digest) {
        if (conversion != null && !conversion.losses().isEmpty()) {
            consent.accept(conversion.losses());
        }
        progress.status("writing the archive");
        if (conversion == null) {
            ObjectNode manifest = ArchiveReader.readManifestJson(in);
            manifest.put("includes_images", withImages());
            writer.manifest(manifest, source.createdAt());
            written = Manifest.parse(manifest);
        } else {
            written = writer.manifest(new Manifest(Manifest.FORMAT, schemaVersion(), source.appVersion(), source.createdAt(), withImages(),
                    null, null, source.skippedImages(), source.losses().plus(conversion.losses()), source.source()));
        }
    }

    @Override
    public void image(String key, long size, InputStream bytes) throws IOException {
        if (withImages()) {
            writer.image(key, size, bytes);
        }
        progress.done(++steps);
    }

    @Override
    public void damagedImage(String key, ArchiveException damage) {
        if (withImages()) {
            throw damage;
        }
    }

    private void begin(Table table) {
        Table current = table;
        progress.status("converting " + table.key());
        order = new ParentsFirst(conversion == null ? Table.USERS : table, row -> writer.row(current, row));
    }

    private int schemaVersion() {
        return conversion == null ? source.schemaVersion() : conversion.to();
    }

    private boolean withImages() {
        return options.withImages() && source.includesImages();
    }

    private void close() {
        try {
            if (order != null) {
                order.close();
            }
        } catch (IOException e) {
            throw new ArchiveException("cannot remove a temporary file: " + Reasons.of(e), "", e);
        } finally {
            if (writer != null) {
                writer.close();
            }
        }
    }
}
