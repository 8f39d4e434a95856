package io.storeit.server.photo;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.images.ImageStore;
import io.storeit.server.db.Database;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Gives the image files of very old installations, whose names do not depend on their content, the names that all others have.
 * Each is copied under its new name, and only then its photos name the copy, so it can end anywhere and be started again. The old
 * file is deleted like all files that no photo names any longer.
 */
public final class StorageMigration {
    private static final Logger LOG = System.getLogger(StorageMigration.class.getName());

    /**
     * The outcome, in photos.
     *
     * @param skipped photos that already had a new name
     * @param errors  photos whose file cannot be read and is kept
     */
    public record Outcome(int migrated, int skipped, int errors) {}

    private record OldKey(String key, int photos) {}

    private final Database database;
    private final ImageFolder images;
    private final RemovedImages removed;

    public StorageMigration(Database database, ImageFolder images, RemovedImages removed) {
        this.database = database;
        this.images = images;
        this.removed = removed;
    }

    public Outcome run(Progress progress) {
        List<OldKey> old = database.read(sql -> sql.list(
                "SELECT storage_key, count(*) FROM photos WHERE instr(storage_key, '/') = 0 GROUP BY storage_key",
                row -> new OldKey(row.getString(1), row.getInt(2))));
        int skipped = database.read(sql -> sql.first("SELECT count(*) FROM photos WHERE instr(storage_key, '/') > 0", row -> row.getInt(1))).orElse(0);
        int migrated = 0;
        int errors = 0;
        progress.total(old.size());
        for (int i = 0; i < old.size(); i++) {
            try {
                migrated += migrate(old.get(i).key());
            } catch (IOException e) {
                errors += old.get(i).photos();
                LOG.log(Level.WARNING, "cannot migrate image " + old.get(i).key() + ": " + e);
            }
            progress.done(i + 1);
        }
        return new Outcome(migrated, skipped, errors);
    }

    /** @return the number of photos that name the new file now */
    private int migrate(String key) throws IOException {
        var store = new ImageStore(images.path());
        if (!store.has(key)) {
            throw new NoSuchFileException(key);
        }
        Path file = store.file(key);
        try (NewImage image = NewImage.in(store)) {
            Files.copy(file, image.file(), StandardCopyOption.REPLACE_EXISTING);
            image.complete();
            return database.inTransaction(sql -> {
                removed.note(sql, new ImageKeys(key, null, null));
                int photos = sql.update("UPDATE photos SET storage_key = ? WHERE storage_key = ?", image.key(), key);
                image.putInPlace();
                return photos;
            });
        }
    }
}
