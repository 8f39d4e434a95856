package io.storeit.interchange.transfer;

import io.storeit.interchange.archive.ArchiveWriter;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.schema.Conversion;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChangeToken;
import io.storeit.interchange.sqlite.ContentReader;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.ReadOnlyView;
import io.storeit.interchange.sqlite.Sqlite;
import io.storeit.interchange.sqlite.Warnings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes a database as an archive. All rows come from one read transaction, so the archive is the state of one moment; the database may be
 * in use, also by this process, and is only read.
 */
public final class Exporter {

    /** Sets how often a table is reported, so that a caller, which may end an export at a report, can do so within a table too. */
    private static final int ROWS_BETWEEN_REPORTS = 1000;
    /** Limits the missing files named in the message of a refused export. */
    private static final int NAMED = 5;
    /**
     * Relates the database to the bytes written: rows are on the disk twice for a moment, compressed each time; a quarter of the database
     * is more than texts ever needed.
     */
    private static final int DATABASE_BYTES_PER_BYTE_WRITTEN = 2;

    private final Connection connection;
    private final int databaseVersion;
    private final ImageStore store;
    private final Path target;
    private final ExportOptions options;
    private final Progress progress;
    private long stepsDone;
    private long rows;
    private long steps;

    private Exporter(Connection connection, int databaseVersion, Path imageFolder, Path target, ExportOptions options, Progress progress) {
        this.connection = connection;
        this.databaseVersion = databaseVersion;
        this.store = new ImageStore(imageFolder);
        this.target = target;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Exports a database.
     *
     * @param database    of any schema version this build knows; only read
     * @param imageFolder where its image files are
     * @param target      the archive to write; appears under this name only once it is complete and on the disk. A failed export leaves nothing
     * @throws DatabaseException when the database cannot be exported, image files are missing or damaged and that is not allowed, or there is no
     *                           space
     * @throws ArchiveException  when the archive cannot be written
     */
    public static ExportReport export(Path database, Path imageFolder, Path target, ExportOptions options, Progress progress) {
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        if (state.kind() != DatabaseInspection.Kind.STOREIT) {
            throw new DatabaseException("cannot export: " + state.reason(), switch (state.kind()) {
                case NEWER -> "Use the StoreIT that wrote it, or a newer one.";
                case DAMAGED, INCONSISTENT -> "Restore a backup.";
                case OLDER_DEVELOPMENT -> "Start StoreIT 0.1.0 once on a copy of it. This migrates it to a known version.";
                case ABSENT, EMPTY, FOREIGN, STOREIT, UNREADABLE -> "Check the path and its permissions.";
            });
        }
        conversion(state.schemaVersion(), options);
        try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
            connection.setAutoCommit(false);
            var exporter = new Exporter(connection, state.schemaVersion(), imageFolder, target, options, progress);
            return exporter.run(Files.size(database));
        } catch (SQLException e) {
            throw Sqlite.failure("cannot read " + database, e);
        } catch (IOException e) {
            throw new DatabaseException("cannot export " + database + ": " + Reasons.withFile(e), "Check free space and permissions.", e);
        }
    }

    /** Creates a conversion for each attempt, because it collects the losses; one is made before the first attempt, to refuse what is impossible. */
    private static Conversion conversion(int databaseVersion, ExportOptions options) {
        return Conversion.of(databaseVersion, options.toSchema(), options.forVersion());
    }

    /**
     * Runs the export, normally in one pass. Damage of an image shows only while it is copied, when the manifest is already written: then
     * once more without it.
     */
    private ExportReport run(long databaseBytes) throws SQLException, IOException {
        var unusable = new TreeMap<String, String>();
        long imageBytes = options.images() ? lookAtImages(unusable) : 0;
        refuse(unusable);
        requireSpace(databaseBytes / DATABASE_BYTES_PER_BYTE_WRITTEN + imageBytes);
        while (true) {
            try {
                return write(unusable.keySet());
            } catch (ArchiveWriter.ImageException e) {
                unusable.put(e.key(), e.getMessage());
                refuse(unusable);
            }
        }
    }

    private ExportReport write(Set<String> unusable) throws SQLException, IOException {
        var warnings = new Warnings();
        Conversion conversion = conversion(databaseVersion, options);
        Instant now = Instant.now();
        stepsDone = 0;
        // What clients of the HTTP contract expect: a step for each data file and one for each photo.
        steps = Table.values().length + (options.images() ? Sqlite.number(connection, "SELECT count(*) FROM photos") : 0);
        progress.total(steps);
        try (var writer = ArchiveWriter.open(target, conversion.to())) {
            writeRows(writer, conversion, warnings);
            Manifest manifest = Manifest.of(conversion.to(), options.appVersion(), now, options.images())
                    .withSkippedImages(List.copyOf(unusable))
                    .withLosses(conversion.losses())
                    .withSource(source());
            Manifest written = writer.manifest(manifest);
            if (options.images()) {
                progress.status("writing image files");
                forEachImage(key -> {
                    if (!unusable.contains(key)) {
                        writer.image(key, store.file(key));
                    }
                    step();
                });
            }
            progress.status("completing the archive");
            writer.finish();
            progress.done(steps);
            return new ExportReport(written, warnings.lines());
        }
    }

    private void writeRows(ArchiveWriter writer, Conversion conversion, Warnings warnings) throws SQLException, IOException {
        var reader = new ContentReader(connection, conversion.from(), warnings);
        for (Table table : Table.values()) {
            progress.status("reading " + table.key());
            reader.readParentsFirst(table, row -> {
                writer.row(table, conversion.apply(table, row));
                if (++rows % ROWS_BETWEEN_REPORTS == 0) {
                    progress.done(stepsDone);
                }
            });
            step();
        }
    }

    private Manifest.Source source() throws SQLException {
        var id = ChangeToken.meta(connection, ChangeToken.DATABASE_ID);
        var counter = ChangeToken.meta(connection, ChangeToken.CHANGE_COUNTER).filter(text -> text.matches("[0-9]{1,18}"));
        return id.isPresent() && counter.isPresent() ? new Manifest.Source(id.get(), Long.parseLong(counter.get())) : null;
    }

    /** Adds the keys whose file is missing or unreadable, with the reason; the result is the size of all others in bytes. */
    private long lookAtImages(TreeMap<String, String> unusable) throws SQLException, IOException {
        progress.status("checking image files");
        long[] bytes = new long[1];
        forEachImage(key -> {
            Path file = store.file(key);
            if (!Files.isRegularFile(file)) {
                unusable.put(key, "does not exist");
            } else if (!Files.isReadable(file)) {
                unusable.put(key, "is not readable");
            } else {
                bytes[0] += Files.size(file);
            }
        });
        return bytes[0];
    }

    private void refuse(TreeMap<String, String> unusable) {
        if (unusable.isEmpty() || options.allowMissingImages()) {
            return;
        }
        String named = unusable.entrySet().stream().limit(NAMED)
                .map(entry -> entry.getKey() + " " + entry.getValue()).collect(Collectors.joining(", "));
        int more = unusable.size() - NAMED;
        throw new DatabaseException("image files in " + store.folder() + " are missing or damaged: " + named
                + (more > 0 ? ", and " + more + " more" : ""),
                "Check the image folder, or use --allow-missing-images to leave them out.");
    }

    private void requireSpace(long bytes) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new DatabaseException("cannot write " + target + ": the folder " + folder + " does not exist", "Create it or choose another.");
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < bytes) {
            throw new DatabaseException("not enough space in " + folder + ": the export may need " + megabytes(bytes) + ", "
                    + megabytes(free) + " are free", "Free some space or choose another folder.");
        }
    }

    private static String megabytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    private interface ImageAction {
        void on(String key) throws IOException;
    }

    private void forEachImage(ImageAction action) throws SQLException, IOException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT DISTINCT storage_key FROM photos ORDER BY storage_key")) {
            while (rows.next()) {
                String key = rows.getString(1);
                if (StorageKey.isValid(key)) {
                    action.on(key);
                }
            }
        }
    }

    private void step() {
        stepsDone++;
        if (stepsDone < steps) {
            progress.done(stepsDone);
        }
    }
}
