package io.storeit.interchange.sqlite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.ArchiveException;
import io.storeit.interchange.Column;
import io.storeit.interchange.ContentDigest;
import io.storeit.interchange.DatabaseException;
import io.storeit.interchange.Json;
import io.storeit.interchange.Manifest;
import io.storeit.interchange.Progress;
import io.storeit.interchange.Table;
import io.storeit.interchange.Timestamps;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.images.StagedImages;
import io.storeit.interchange.schema.Losses;
import io.storeit.interchange.schema.SchemaChain;
import io.storeit.interchange.schema.SchemaTransforms;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Builds a fresh database from an archive, beside the one it may later replace, and trusts it only after reading it back.
 *
 * <p>Three things overlap: rows are read, converted and added up on the calling thread; a {@link DatabaseLoader} inserts them; and once the
 * last row is in, the database is checked while the image files are staged. Nothing is kept in memory but what is on the way between them.
 */
public final class Importer implements ArchiveHandler {

    private static final int PROGRESS_STEP = 100;
    /** Settings are a handful of machine options. They are kept in memory, since of a doubled key the last one counts. */
    private static final int MAX_SETTINGS = 10_000;

    private final Path newDatabase;
    private final SchemaCreator creator;
    private final ImportOptions options;
    private final Progress progress;
    private final ImageStore store;
    private final StagedImages images;
    private final Notes warnings = new Notes();
    private final Map<Table, StoredRowWriter> writers = new EnumMap<>(Table.class);
    private final Map<Table, Long> counts = new EnumMap<>(Table.class);
    private final Map<String, ObjectNode> settings = new LinkedHashMap<>();
    /** Two for the checks that read, one that waits for the disk. */
    private final ExecutorService checkers = Executors.newFixedThreadPool(3, work -> {
        var thread = new Thread(work, "import-check");
        thread.setDaemon(true);
        return thread;
    });

    private DatabaseLoader loader;
    private Manifest manifest;
    private SchemaChain chain;
    /** Of the rows as the archive has them; the same as {@code outgoing} when nothing is converted. */
    private ContentDigest incoming;
    /** Of the rows as they go into the database. */
    private ContentDigest outgoing;
    private ContentDigest.Value expected;
    private boolean hasDefaultGroup;
    private CompletableFuture<Void> integrity;
    private CompletableFuture<DatabaseChecks.Content> content;
    private CompletableFuture<Void> durable;
    private long stepsDone;
    private long steps;

    private Importer(Path newDatabase, Path imageFolder, SchemaCreator creator, ImportOptions options, Progress progress) {
        this.newDatabase = newDatabase;
        this.creator = creator;
        this.options = options;
        this.progress = progress;
        this.store = new ImageStore(imageFolder);
        this.images = store.stage();
        for (Table table : Table.values()) {
            writers.put(table, new StoredRowWriter(table, SchemaTransforms.columns(table, creator.schemaVersion())));
            counts.put(table, 0L);
        }
    }

    /**
     * Builds and checks a new database. On any failure the new file and the staged images are gone, and nothing else was touched.
     *
     * @param archive     the archive; read once, to its end
     * @param newDatabase the file to make; must not exist. When this returns, its content is on the disk and nothing has it open
     * @param imageFolder the image folder of the server; made when there are images to stage
     * @throws ArchiveException  when the archive cannot be used; the message names file and row
     * @throws DatabaseException when the new database or the images cannot be written
     */
    public static ImportReport build(Path archive, Path newDatabase, Path imageFolder, SchemaCreator creator, ImportOptions options,
            Progress progress) {
        if (Files.exists(newDatabase) || !SideFiles.of(newDatabase).isEmpty()) {
            throw new DatabaseException("cannot build a database at " + newDatabase + ": there is a file of that name",
                    "It may be left from an import that was killed; remove it and try again.");
        }
        var importer = new Importer(newDatabase, imageFolder, creator, options, progress);
        try {
            return importer.run(archive);
        } catch (IOException e) {
            importer.undo(e);
            throw new DatabaseException("cannot import " + archive + ": " + e.getMessage(),
                    "Check free space and permissions of " + newDatabase.toAbsolutePath().getParent() + " and " + imageFolder + ".", e);
        } catch (RuntimeException | Error e) {
            importer.undo(e);
            throw e;
        } finally {
            importer.checkers.shutdown();
        }
    }

    private ImportReport run(Path archive) throws IOException {
        progress.status("reading the archive");
        ArchiveReader.read(archive, this, ArchiveLimits.DEFAULT);
        progress.status("checking the new database");
        images.await();
        noteMissingImages();
        join(integrity);
        DatabaseChecks.Content readBack = join(content);
        join(durable);
        DatabaseSwitch.fsyncFolder(newDatabase.toAbsolutePath().getParent());
        images.warnings().forEach(warnings::add);
        progress.done(steps);
        return new ImportReport(manifest, readBack.digest(), readBack.counts(), manifest.losses(), warnings.lines(), images);
    }

    @Override
    public void manifest(Manifest manifest) {
        this.manifest = manifest;
        int schema = manifest.schemaVersion();
        if (schema > creator.schemaVersion()) {
            throw new ArchiveException("the archive has schema version " + schema + ", and this version of StoreIT reads up to "
                    + creator.schemaVersion(), "Import it with the StoreIT that wrote it, or a newer one.");
        }
        chain = SchemaTransforms.chain(schema, creator.schemaVersion());
        outgoing = new ContentDigest(creator.schemaVersion());
        incoming = chain.isEmpty() || manifest.digest() == null ? outgoing : new ContentDigest(schema);
        if (manifest.counts() != null) {
            Map<Table, Long> rows = manifest.counts();
            steps = rows.values().stream().mapToLong(Long::longValue).sum()
                    + (withImages() ? rows.getOrDefault(Table.PHOTOS, 0L) : 0);
            progress.total(steps);
        }
        creator.create(newDatabase);
        loader = new DatabaseLoader(newDatabase, writers);
    }

    @Override
    public void row(Table table, long number, ObjectNode row) {
        if (number == 1) {
            progress.status("reading " + table.key());
        }
        if (incoming != outgoing) {
            incoming.add(table, row);
        }
        keepVariantKeys(table, row);
        ObjectNode current = chain.apply(table, row, new Losses());
        step();
        if (table == Table.SETTINGS) {
            setting(current);
            return;
        }
        outgoing.add(table, current);
        switch (table) {
            case USERS -> lookAtPassword(number, current);
            case GROUPS -> hasDefaultGroup |= ContentDigest.DEFAULT_GROUP_ID.equals(current.get("id").textValue());
            default -> { }
        }
        loader.add(table, writers.get(table).values(current), searchRow(table, current));
        counts.merge(table, 1L, Long::sum);
    }

    @Override
    public void tableEnd(Table table, long rows) {
        if (table == Table.SETTINGS) {
            for (ObjectNode setting : settings.values()) {
                outgoing.add(table, setting);
                loader.add(table, writers.get(table).values(setting), null);
            }
            counts.put(table, (long) settings.size());
        }
        Long stated = manifest.counts() == null ? null : manifest.counts().get(table);
        if (stated != null && stated != rows) {
            throw new ArchiveException(table.fileName() + " has " + rows + " rows, but the manifest says " + stated,
                    "The archive is damaged or was changed by hand; use another backup.");
        }
        if (table == Table.NFC_TAGS) {
            complete();
        }
    }

    @Override
    public void image(String key, long size, InputStream bytes) throws IOException {
        if (withImages() && isNamed(key)) {
            images.add(key, size, bytes);
            step();
        }
    }

    /** All rows were seen: commits them and starts the checks, which run while image files are staged. */
    private void complete() {
        ContentDigest.Value stated = manifest.digest();
        if (stated != null && stated.version() == ContentDigest.VERSION && stated.schemaVersion() == manifest.schemaVersion()) {
            compare(stated, incoming.value(), "the rows of the archive do not add up to the digest in its manifest",
                    "The archive is damaged or was changed by hand; use another backup.");
        }
        expected = outgoing.value();
        steps = Math.max(steps, stepsDone + (withImages() ? counts.get(Table.PHOTOS) : 0));
        progress.total(steps);
        loader.commit(this::stamp);
        loader.close();
        integrity = CompletableFuture.runAsync(() -> onNewDatabase(connection -> {
            refuse(DatabaseChecks.integrity(connection));
            return null;
        }), checkers);
        content = CompletableFuture.supplyAsync(() -> onNewDatabase(this::readBack), checkers);
        durable = CompletableFuture.runAsync(this::makeDurable, checkers);
    }

    private void stamp(Connection connection) throws SQLException {
        if (!hasDefaultGroup && options.keepDefaultGroup()) {
            addDefaultGroup(connection);
            counts.merge(Table.GROUPS, 1L, Long::sum);
        }
        if (options.imageStoragePath() != null) {
            insert(connection, "INSERT INTO settings (key, value) VALUES (?, ?)",
                    ContentDigest.IMAGE_FOLDER_SETTING, options.imageStoragePath());
            counts.merge(Table.SETTINGS, 1L, Long::sum);
        }
        ObjectNode rows = Json.MAPPER.createObjectNode();
        counts.forEach((table, count) -> rows.put(table.key(), count));
        String meta = "INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)";
        insert(connection, meta, "content_digest", expected.stamp());
        insert(connection, meta, "content_counts", rows.toString());
        insert(connection, meta, ChangeMark.DATABASE_ID, UUID.randomUUID().toString());
        insert(connection, meta, ChangeMark.CHANGE_COUNTER, "0");
    }

    /** The seeded group of every StoreIT database. Its name may have gone to another group meanwhile. */
    private static void addDefaultGroup(Connection connection) throws SQLException {
        String name = ContentDigest.DEFAULT_GROUP_NAME;
        for (int i = 2; Sqlite.text(connection, "SELECT id FROM groups WHERE name = ?", name).isPresent(); i++) {
            name = ContentDigest.DEFAULT_GROUP_NAME + " " + i;
        }
        String now = Timestamps.formatStored(System.currentTimeMillis());
        insert(connection, "INSERT INTO groups (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)",
                ContentDigest.DEFAULT_GROUP_ID, name, now, now);
    }

    private static void insert(Connection connection, String sql, String... values) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    private DatabaseChecks.Content readBack(Connection connection) throws SQLException {
        refuse(DatabaseChecks.references(connection));
        DatabaseChecks.Content found = DatabaseChecks.content(connection, creator.schemaVersion(), new Notes(), Progress.NONE);
        if (!found.counts().equals(counts)) {
            throw new DatabaseException("the new database holds other numbers of records than went in: " + found.counts() + " instead of "
                    + counts, "Check the disk and try again.");
        }
        compare(expected, found.digest(), "the new database does not hold what went in", "Check the disk and memory, and try again.");
        return found;
    }

    /**
     * Writes the new file through to the disk while the checks read it. Closing this second descriptor drops the locks of their connections;
     * nobody else knows the file, so nobody is kept out by them anyway.
     */
    private void makeDurable() {
        try {
            DatabaseSwitch.fsyncFile(newDatabase);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Reading<T> {
        T on(Connection connection) throws SQLException;
    }

    private <T> T onNewDatabase(Reading<T> reading) {
        try (var connection = Sqlite.readOnly(Sqlite.uri(newDatabase, "mode=ro"))) {
            return reading.on(connection);
        } catch (SQLException e) {
            throw Sqlite.failure("cannot check the new database", e);
        }
    }

    private static void refuse(List<DatabaseChecks.Defect> defects) {
        if (defects.isEmpty()) {
            return;
        }
        DatabaseChecks.Defect first = defects.get(0);
        if (first.table() == null) {
            throw new DatabaseException("the new database is damaged: " + first.what(), "Check the disk and memory, and try again.");
        }
        throw new ArchiveException(first.table().fileName() + " row " + first.row() + ": " + first.what(),
                "The archive contradicts itself; use another backup.");
    }

    private static void compare(ContentDigest.Value wanted, ContentDigest.Value found, String message, String hint) {
        if (wanted.value().equals(found.value())) {
            return;
        }
        List<String> tables = found.tables().keySet().stream()
                .filter(table -> !found.tables().get(table).equals(wanted.tables().get(table)))
                .map(Table::fileName).toList();
        throw new ArchiveException(message + (tables.isEmpty() ? "" : " (" + String.join(", ", tables) + ")"), hint);
    }

    /**
     * Thumbnail and large files are not in archives. A row may name them only when they are already in the image folder; otherwise they
     * are made again when somebody looks. Our own archives carry the names under keys that old servers ignore.
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

    private void setting(ObjectNode row) {
        String key = row.get("key").textValue();
        if (!key.equals(ContentDigest.IMAGE_FOLDER_SETTING)) {
            settings.put(key, row);
        }
        if (settings.size() > MAX_SETTINGS) {
            throw new ArchiveException("settings.json holds more than " + MAX_SETTINGS + " settings", "No StoreIT server writes that many.");
        }
    }

    private void lookAtPassword(long number, ObjectNode user) {
        JsonNode hash = user.path("_password_hash");
        if (hash.isTextual() && !PasswordHash.isKnown(hash.textValue())) {
            warnings.add("users.json row " + number + ": the password of " + StoredRowReader.describe(Table.USERS, user)
                    + " is stored in an unknown form and cannot be checked; an administrator must set a new one");
        }
    }

    private static Object[] searchRow(Table table, ObjectNode row) {
        return SearchText.TABLES.contains(table) ? new Object[] {
            table.label(), row.get("id").textValue(), row.get("group_id").textValue(), SearchText.of(table, row)
        } : null;
    }

    private boolean withImages() {
        return options.images() && manifest.includesImages();
    }

    /** Only after {@link #complete}: files that no photo names are not taken over. */
    private boolean isNamed(String key) throws IOException {
        try (var connection = Sqlite.readOnly(Sqlite.uri(newDatabase, "mode=ro"))) {
            return Sqlite.text(connection, "SELECT id FROM photos WHERE storage_key = ? LIMIT 1", key).isPresent();
        } catch (SQLException e) {
            throw Sqlite.failure("cannot read the new database", e);
        }
    }

    private void noteMissingImages() {
        onNewDatabase(connection -> {
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

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /** Leaves nothing behind; what goes wrong with that is told together with the reason. */
    private void undo(Throwable reason) {
        checkers.shutdown();
        for (Runnable step : List.<Runnable>of(this::stopChecks, this::closeLoader, this::deleteDatabase, images::discard)) {
            try {
                step.run();
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
        }
    }

    private void stopChecks() {
        for (CompletableFuture<?> check : new CompletableFuture<?>[] {integrity, content, durable}) {
            if (check != null) {
                check.handle((result, failure) -> null).join();
            }
        }
    }

    private void closeLoader() {
        if (loader != null) {
            loader.close();
        }
    }

    private void deleteDatabase() {
        try {
            SideFiles.deleteWith(newDatabase);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
