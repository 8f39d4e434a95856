package io.storeit.server.photo;

import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.inspect.DatabaseOverview;
import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Deletes the image files of deleted photos. A file is deleted only when no photo names it any longer and no kept database
 * ({@code <database>.pre-*}) can name it, because a rollback must bring its photos back. Until then its name is in {@code _meta}
 * as {@code removed_image:<key>}, written in the transaction that deleted the photo, so that a crash loses nothing.
 */
public final class RemovedImages implements AutoCloseable {
    private static final Logger LOG = System.getLogger(RemovedImages.class.getName());

    private static final String PREFIX = DatabaseOverview.REMOVED_IMAGE;
    /** A command may be exporting the state before the deletion, and then copies the files. */
    private static final Duration GRACE = Duration.ofMinutes(10);
    /** A partial upload that was last written so long ago is a leftover of a crash. */
    private static final Duration LEFTOVER = Duration.ofDays(1);
    private static final int FILES_PER_TRANSACTION = 20;

    private final Database database;
    private final ImageFolder images;
    private final BooleanSupplier jobRunning;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor sweeper;

    /** @param jobRunning whether a backup may be copying the files of an earlier state right now */
    public RemovedImages(Database database, ImageFolder images, BooleanSupplier jobRunning, InstantSource clock) {
        this.database = database;
        this.images = images;
        this.jobRunning = jobRunning;
        this.clock = clock;
        sweeper = new ScheduledThreadPoolExecutor(1, work -> {
            var thread = new Thread(work, "removed-images");
            thread.setDaemon(true);
            return thread;
        });
        sweeper.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Begins to delete files, soon and every few minutes. */
    public void start() {
        sweeper.scheduleWithFixedDelay(this::sweep, 1, GRACE.toMinutes() * 60, TimeUnit.SECONDS);
    }

    /** Records the files of a photo that is being deleted. */
    void note(Sql sql, ImageKeys keys) throws SQLException {
        String now = Times.stored(clock.instant());
        for (String key : Stream.of(keys.original(), keys.thumbnail(), keys.large()).filter(key -> key != null && StorageKey.isValid(key)).toList()) {
            sql.update("INSERT INTO _meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", PREFIX + key, now);
        }
    }

    /** Copies the records to another database of this server. */
    public void copyTo(Database other) {
        List<String[]> noted = database.read(sql -> sql.list("SELECT key, value FROM _meta WHERE key >= ? AND key < ?",
                row -> new String[] {row.getString(1), row.getString(2)}, PREFIX, PREFIX + "~"));
        other.inUncountedTransaction(sql -> {
            for (String[] row : noted) {
                sql.update("INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)", row[0], row[1]);
            }
            return null;
        });
    }

    /** Deletes the files that may be deleted now. */
    void sweep() {
        try {
            NewImage.removeLeftovers(images.path(), clock.instant().minus(LEFTOVER));
            List<String> batch;
            do {
                batch = removable();
                // This is checked only now: a job that begins to copy files later sees the state without them.
                if (jobRunning.getAsBoolean() || keptDatabaseExists()) {
                    return;
                }
                remove(batch);
            } while (batch.size() == FILES_PER_TRANSACTION);
        } catch (Problem e) {
            // The file is being switched, or the server is stopping. The next sweep does it.
            LOG.log(Level.DEBUG, () -> "removed images are kept for now: " + e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "cannot delete the image files of deleted photos", e);
        }
    }

    private List<String> removable() {
        Instant before = clock.instant().minus(GRACE);
        return database.read(sql -> sql.list("SELECT key FROM _meta WHERE key >= ? AND key < ? AND value < ? LIMIT ?",
                row -> row.getString(1).substring(PREFIX.length()), PREFIX, PREFIX + "~", Times.stored(before), FILES_PER_TRANSACTION));
    }

    private boolean keptDatabaseExists() throws IOException {
        Path file = database.file().toAbsolutePath();
        String start = file.getFileName() + ".pre-";
        try (DirectoryStream<Path> kept = Files.newDirectoryStream(file.getParent(), other -> other.getFileName().toString().startsWith(start))) {
            return kept.iterator().hasNext();
        }
    }

    /**
     * Deletes files in one transaction with the check whether a photo names them, so that an upload of the same picture comes
     * before or after.
     */
    private void remove(List<String> keys) {
        if (keys.isEmpty()) {
            return;
        }
        var store = new ImageStore(images.path());
        database.inUncountedTransaction(sql -> {
            for (String key : keys) {
                if (StorageKey.isValid(key) && !isNamed(sql, key)) {
                    delete(store.file(key));
                }
                sql.update("DELETE FROM _meta WHERE key = ?", PREFIX + key);
            }
            return null;
        });
    }

    private static boolean isNamed(Sql sql, String key) throws SQLException {
        return sql.exists("SELECT 1 FROM photos WHERE storage_key = ?", key)
                || sql.exists("SELECT 1 FROM photos WHERE thumbnail_key = ? OR large_key = ?", key, key);
    }

    /**
     * Deletes a file and its variants. A file that cannot be deleted is kept: it does no harm, and endless attempts do no good.
     */
    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
            for (Variant variant : Variant.values()) {
                Files.deleteIfExists(variant.beside(file));
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot delete " + file + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        sweeper.shutdown();
    }
}
