package io.storeit.interchange.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.PasswordHash;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Timestamps;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.images.StagedImages;
import io.storeit.interchange.schema.Losses;
import io.storeit.interchange.schema.SchemaChain;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChangeToken;
import io.storeit.interchange.sqlite.DatabaseChecks;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.SearchText;
import io.storeit.interchange.sqlite.Sqlite;
import io.storeit.interchange.sqlite.StoredRowReader;
import io.storeit.interchange.sqlite.StoredRowWriter;
import io.storeit.interchange.sqlite.Warnings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Runs one import.
 *
 * <p>Three things overlap: rows are read, converted and added up on the calling thread; a {@link DatabaseLoader} inserts them; and once the
 * last row is in, the database is checked while the image files are staged. Nothing is kept in memory but what is on the way between them.
 */
final class ImportRun implements ArchiveHandler {

    private static final int PROGRESS_STEP = 100;
    /** Limits the settings, which are a handful of machine options. They are kept in memory, because the last one of a doubled key counts. */
    private static final int MAX_SETTINGS = 10_000;

    private final Path newDatabase;
    private final SchemaCreator creator;
    private final ImportOptions options;
    private final Progress progress;
    private final ImageStore store;
    private final StagedImages images;
    private final Warnings warnings = new Warnings();
    private final Map<Table, StoredRowWriter> writers = new EnumMap<>(Table.class);
    private final Map<Table, Long> counts = new EnumMap<>(Table.class);
    private final Map<String, ObjectNode> settings = new LinkedHashMap<>();
    /** Holds the names of groups that are called like the seeded one, or nearly. */
    private final Set<String> groupNames = new HashSet<>();
    private final NewDatabaseChecks checks;

    private DatabaseLoader loader;
    private Manifest manifest;
    private SchemaChain chain;
    /** Digests the converted rows; null when nothing is converted, because then the reader's own digest is used. */
    private ContentDigest converted;
    private boolean hasDefaultGroup;
    private PhotoKeys photoKeys;
    private long stepsDone;
    private long steps;

    ImportRun(Path newDatabase, Path imageFolder, SchemaCreator creator, ImportOptions options, Progress progress) {
        this.newDatabase = newDatabase;
        this.creator = creator;
        this.options = options;
        this.progress = progress;
        this.checks = new NewDatabaseChecks(newDatabase, creator.schemaVersion());
        this.store = new ImageStore(imageFolder);
        this.images = store.stage();
        for (Table table : Table.values()) {
            writers.put(table, new StoredRowWriter(table, SchemaTransforms.columns(table, creator.schemaVersion())));
            counts.put(table, 0L);
        }
    }

    /** @throws IOException when an image file cannot be written */
    ImportReport run(Path archive) throws IOException {
        progress.status("reading the archive");
        loader = new DatabaseLoader(newDatabase, creator, writers);
        ArchiveReader.Contents read = ArchiveReader.read(archive, this, ArchiveLimits.DEFAULT);
        progress.status("checking the new database");
        photoKeys.close();
        images.await();
        noteMissingImages();
        DatabaseChecks.Content found = checks.result(counts, expectedSums(read));
        stamp(found);
        DurableFiles.fsyncFile(newDatabase);
        DurableFiles.fsyncFolder(newDatabase.toAbsolutePath().getParent());
        images.warnings().forEach(warnings::add);
        progress.done(steps);
        return new ImportReport(manifest, found.digest(), found.counts(), manifest.losses(), warnings.lines(), images);
    }

    @Override
    public void manifest(Manifest manifest) {
        this.manifest = manifest;
        chain = SchemaTransforms.chain(manifest.schemaVersion(), creator.schemaVersion());
        converted = chain.isEmpty() ? null : new ContentDigest(creator.schemaVersion());
        if (manifest.counts() != null) {
            Map<Table, Long> rows = manifest.counts();
            steps = rows.values().stream().mapToLong(Long::longValue).sum()
                    + (withImages() ? rows.getOrDefault(Table.PHOTOS, 0L) : 0);
            progress.total(steps);
        }
    }

    @Override
    public void row(Table table, long number, ObjectNode row) {
        if (number == 1) {
            progress.status("reading " + table.key());
        }
        step();
        keepVariantKeys(table, row);
        ObjectNode current = chain.apply(table, row, new Losses());
        if (table == Table.SETTINGS) {
            setting(current);
            return;
        }
        switch (table) {
            case USERS -> lookAtPassword(number, current);
            case GROUPS -> {
                hasDefaultGroup |= ContentDigest.DEFAULT_GROUP_ID.equals(current.get("id").textValue());
                noteDefaultName(current.get("name").textValue());
            }
            case MEMBERSHIPS, SETTINGS, LOCATIONS, CONTAINERS, ITEMS, PHOTOS, NFC_TAGS -> {
            }
        }
        load(table, current);
    }

    @Override
    public void tableEnd(Table table, long rows) {
        if (table == Table.GROUPS && !hasDefaultGroup && options.keepDefaultGroup()) {
            load(table, defaultGroup());
        }
        if (table == Table.SETTINGS) {
            settings.values().forEach(setting -> load(table, setting));
            if (options.imageStoragePath() != null) {
                load(table, Json.MAPPER.createObjectNode()
                        .put("key", ContentDigest.IMAGE_FOLDER_SETTING).put("value", options.imageStoragePath()));
            }
        }
        if (table == Table.NFC_TAGS) {
            complete();
        }
    }

    @Override
    public void image(String key, long size, InputStream bytes) throws IOException {
        // Files that no photo names are not taken over.
        if (withImages() && photoKeys.contain(key)) {
            images.add(key, size, bytes);
            step();
        }
    }

    private void load(Table table, ObjectNode row) {
        if (converted != null) {
            converted.add(table, row);
        }
        loader.add(table, writers.get(table).values(row), searchRow(table, row));
        counts.merge(table, 1L, Long::sum);
    }

    /** Commits all rows and starts the checks, which run while image files are staged. */
    private void complete() {
        steps = Math.max(steps, stepsDone + (withImages() ? counts.get(Table.PHOTOS) : 0));
        progress.total(steps);
        loader.commit();
        loader.close();
        checks.start();
        photoKeys = new PhotoKeys(newDatabase);
    }

    /** Returns what the database must add up to, by table: the rows of the archive, except the few that this import decides about. */
    private Map<Table, String> expectedSums(ArchiveReader.Contents read) {
        if (converted != null) {
            return converted.value().tables();
        }
        var sums = new EnumMap<>(read.digest().tables());
        var own = new ContentDigest(creator.schemaVersion());
        settings.values().forEach(setting -> own.add(Table.SETTINGS, setting));
        sums.put(Table.SETTINGS, own.value().tables().get(Table.SETTINGS));
        if (!hasDefaultGroup && options.keepDefaultGroup()) {
            // Whether the group created again counts depends on who names it; the number of groups is compared in any case.
            sums.remove(Table.GROUPS);
        }
        return sums;
    }

    /** Records in the database itself what it holds; servers and tools compare this with what they expect. */
    private void stamp(DatabaseChecks.Content found) {
        ObjectNode rows = Json.MAPPER.createObjectNode();
        found.counts().forEach((table, count) -> rows.put(table.key(), count));
        String meta = "INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)";
        try (var connection = Sqlite.existing(newDatabase, Sqlite.BUSY_MILLISECONDS)) {
            // No journal file that a killed import could leave behind; the file is worthless until it is complete anyway.
            Sqlite.execute(connection, "PRAGMA journal_mode = MEMORY");
            Sqlite.execute(connection, "PRAGMA synchronous = OFF");
            connection.setAutoCommit(false);
            insert(connection, meta, "content_digest", found.digest().stamp());
            insert(connection, meta, "content_counts", rows.toString());
            insert(connection, meta, ChangeToken.DATABASE_ID, UUID.randomUUID().toString());
            insert(connection, meta, ChangeToken.CHANGE_COUNTER, "0");
            connection.commit();
        } catch (SQLException e) {
            throw Sqlite.failure("cannot complete the new database", e);
        }
    }

    /** Returns the seeded group of every StoreIT database. Another group may have its name meanwhile. */
    private ObjectNode defaultGroup() {
        String name = ContentDigest.DEFAULT_GROUP_NAME;
        for (int i = 2; groupNames.contains(name); i++) {
            name = ContentDigest.DEFAULT_GROUP_NAME + " " + i;
        }
        String now = Timestamps.format(System.currentTimeMillis());
        return Json.MAPPER.createObjectNode()
                .put("id", ContentDigest.DEFAULT_GROUP_ID).put("name", name).put("created_at", now).put("updated_at", now);
    }

    private static void insert(Connection connection, String sql, String... values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    /**
     * Keeps the names of thumbnail and large files only when those files exist, because they are not in archives. A row may name them only
     * when they are already in the image folder; otherwise they are created again on demand. Our own archives carry the names under
     * keys that old servers ignore.
     */
    private void keepVariantKeys(Table table, ObjectNode row) {
        if (table != Table.PHOTOS) {
            return;
        }
        for (String key : List.of("thumbnail_key", "large_key")) {
            JsonNode named = row.hasNonNull(key) ? row.get(key) : row.path("_" + key);
            if (named.isTextual() && store.has(named.textValue())) {
                row.set(key, named);
            } else {
                row.putNull(key);
            }
        }
    }

    private void noteDefaultName(String name) {
        if (name.startsWith(ContentDigest.DEFAULT_GROUP_NAME) && groupNames.size() < MAX_SETTINGS) {
            groupNames.add(name);
        }
    }

    private void setting(ObjectNode row) {
        String key = row.get("key").textValue();
        if (!key.equals(ContentDigest.IMAGE_FOLDER_SETTING)) {
            settings.put(key, row);
        }
        if (settings.size() > MAX_SETTINGS) {
            throw new ArchiveException("settings.json has more than " + MAX_SETTINGS + " settings", "No StoreIT server writes that many.");
        }
    }

    private void lookAtPassword(long number, ObjectNode user) {
        JsonNode hash = user.path("_password_hash");
        if (hash.isTextual() && !PasswordHash.isKnown(hash.textValue())) {
            warnings.add("users.json row " + number + ": the password of " + StoredRowReader.describe(Table.USERS, user)
                    + " has an unknown hash format and cannot be checked; an administrator must set a new one");
        }
    }

    private static Object[] searchRow(Table table, ObjectNode row) {
        return SearchText.TABLES.contains(table) ? SearchText.indexRow(table, row) : null;
    }

    private boolean withImages() {
        return options.images() && manifest.includesImages();
    }

    private void noteMissingImages() {
        checks.read(connection -> {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT DISTINCT storage_key FROM photos ORDER BY storage_key")) {
                while (rows.next()) {
                    String key = rows.getString(1);
                    if (!images.has(key)) {
                        warnings.add("image file " + key + " is neither in the archive nor in " + store.folder()
                                + (manifest.skippedImages().contains(key) ? "; it was unreadable when the archive was written" : ""));
                    }
                }
            }
            return null;
        });
    }

    private void step() {
        stepsDone++;
        if (stepsDone % PROGRESS_STEP == 0 && (steps == 0 || stepsDone < steps)) {
            progress.done(stepsDone);
        }
    }

    /** Looks up the keys that photos of the new database name, once all rows are in. */
    private static final class PhotoKeys {
        private final Connection connection;
        private final PreparedStatement query;

        PhotoKeys(Path database) {
            try {
                connection = Sqlite.readOnly(Sqlite.uri(database, "mode=ro"));
                query = connection.prepareStatement("SELECT 1 FROM photos WHERE storage_key = ? LIMIT 1");
            } catch (SQLException e) {
                throw Sqlite.failure("cannot read the new database", e);
            }
        }

        boolean contain(String key) {
            try {
                query.setString(1, key);
                try (var rows = query.executeQuery()) {
                    return rows.next();
                }
            } catch (SQLException e) {
                throw Sqlite.failure("cannot read the new database", e);
            }
        }

        void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw Sqlite.failure("cannot close the new database", e);
            }
        }
    }

    /** Removes everything this run made; a failure to do so is reported together with the reason. */
    void undo(Throwable reason) {
        for (Runnable step : List.<Runnable>of(checks::stop, this::closeLoader, this::deleteDatabase, images::discard)) {
            try {
                step.run();
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
        }
    }

    private void closeLoader() {
        if (loader != null) {
            loader.close();
        }
        if (photoKeys != null) {
            photoKeys.close();
        }
    }

    private void deleteDatabase() {
        try {
            DatabaseFiles.deleteWithSideFiles(newDatabase);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
