package io.storeit.server.photo;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.images.ImageStore;
import io.storeit.server.db.Database;
import io.storeit.server.db.FreshDatabase;
import io.storeit.server.db.WriteGate;
import io.storeit.server.entity.EntityType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests when the files of deleted photos are deleted, and when they are kept. */
class RemovedImagesTest {
    private static final String GROUP = "00000000-0000-0000-0000-000000000001";
    private static final String SHELF = "11111111-0000-4000-8000-000000000001";
    private static final String ROOM = "11111111-0000-4000-8000-000000000002";

    @TempDir
    Path folder;

    private Path file;
    private Database database;
    private ImageFolder images;
    private PhotoRepository photos;
    private final AtomicBoolean jobRunning = new AtomicBoolean();

    @BeforeEach
    void open() throws IOException {
        file = folder.resolve("storeit.db");
        new FreshDatabase().create(file);
        database = Database.open(file, WriteGate.OPEN);
        images = new ImageFolder(Files.createDirectory(folder.resolve("images")), true);
        photos = new PhotoRepository(database, removed(Duration.ZERO), InstantSource.system());
        for (String id : List.of(SHELF, ROOM)) {
            database.inTransaction(sql -> sql.update("INSERT INTO locations (id, group_id, name) VALUES (?, ?, 'somewhere')", id, GROUP));
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    @DisplayName("D100: the file of a deleted photo goes with its variants, but not at once")
    void goesAfterAWhile() throws IOException {
        Photo photo = photograph(SHELF, "a");
        Path original = fileOf(photo);
        Files.writeString(Variant.THUMBNAIL.beside(original), "small");
        photos.delete(GROUP, photo.id());

        removed(Duration.ofMinutes(9)).sweep();
        assertThat(original).exists();
        removed(Duration.ofMinutes(11)).sweep();
        assertThat(imageFiles()).isEmpty();
        assertThat(noted()).isEmpty();
    }

    @Test
    @DisplayName("D100: with an entity go its photos, those of others stay")
    void goesWithItsEntity() throws IOException {
        Photo photo = photograph(SHELF, "a");
        Photo other = photograph(ROOM, "b");
        database.inTransaction(sql -> {
            photos.detach(sql, GROUP, EntityType.LOCATION, SHELF);
            return null;
        });
        removed(Duration.ofHours(1)).sweep();

        assertThat(photos.listOf(GROUP, EntityType.LOCATION, SHELF)).isEmpty();
        assertThat(imageFiles()).containsExactly(fileOf(other).getFileName().toString());
        assertThat(photo.id()).isNotEqualTo(other.id());
    }

    @Test
    @DisplayName("D109: a file that another photo names stays, in whichever column it does")
    void staysWhileNamed() throws IOException {
        for (String column : List.of("storage_key", "thumbnail_key", "large_key")) {
            Photo photo = photograph(SHELF, column);
            Photo other = photograph(ROOM, "other of " + column);
            String key = photos.imageKeys(GROUP, photo.id()).original();
            database.inTransaction(sql -> sql.update("UPDATE photos SET " + column + " = ? WHERE id = ?", key, other.id()));
            photos.delete(GROUP, photo.id());
            removed(Duration.ofHours(1)).sweep();

            assertThat(images.path().resolve(key)).as(column).exists();
            assertThat(noted()).isEmpty();
        }
    }

    @Test
    void staysWhileAKeptDatabaseCouldNameItOrABackupMayBeCopyingIt() throws IOException {
        Photo photo = photograph(SHELF, "a");
        photos.delete(GROUP, photo.id());
        Path kept = Files.writeString(folder.resolve("storeit.db.pre-upgrade"), "");
        removed(Duration.ofHours(1)).sweep();
        assertThat(imageFiles()).hasSize(1);

        Files.delete(kept);
        jobRunning.set(true);
        removed(Duration.ofHours(1)).sweep();
        assertThat(imageFiles()).hasSize(1);

        jobRunning.set(false);
        removed(Duration.ofHours(1)).sweep();
        assertThat(imageFiles()).isEmpty();
    }

    @Test
    void whatIsRememberedMovesToTheDatabaseThatTakesOver() {
        Photo photo = photograph(SHELF, "a");
        photos.delete(GROUP, photo.id());
        Path other = folder.resolve("other.db");
        new FreshDatabase().create(other);
        try (Database next = Database.open(other, WriteGate.OPEN)) {
            removed(Duration.ZERO).copyTo(next);
            assertThat(next.<List<String>>read(sql -> sql.list("SELECT key FROM _meta WHERE key LIKE 'removed_image:%'", row -> row.getString(1))))
                    .isEqualTo(noted()).hasSize(1);
        }
    }

    @Test
    @DisplayName("D110: a picture that is uploaded while the same one is being removed keeps its file")
    void uploadAgainstRemoval() throws Exception {
        var threads = Executors.newFixedThreadPool(4);
        var done = new AtomicBoolean();
        var uploads = new ArrayList<Future<?>>();
        try (RemovedImages sweeper = removed(Duration.ofHours(1))) {
            for (int i = 0; i < 3; i++) {
                uploads.add(threads.submit(() -> {
                    for (int n = 0; n < 40; n++) {
                        Photo photo = photograph(SHELF, "the same picture");
                        assertThat(fileOf(photo)).exists();
                        photos.delete(GROUP, photo.id());
                    }
                }));
            }
            Future<?> sweeping = threads.submit(() -> {
                while (!done.get()) {
                    sweeper.sweep();
                }
            });
            for (Future<?> upload : uploads) {
                upload.get();
            }
            done.set(true);
            sweeping.get();
            sweeper.sweep();
            assertThat(imageFiles()).isEmpty();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } finally {
            done.set(true);
            threads.shutdownNow();
        }
    }

    /** Returns the object as it is after that time. */
    private RemovedImages removed(Duration later) {
        InstantSource clock = () -> InstantSource.system().instant().plus(later);
        return new RemovedImages(database, images, jobRunning::get, clock);
    }

    /** @param content distinguishes pictures */
    private Photo photograph(String location, String content) {
        try (NewImage image = NewImage.in(new ImageStore(images.path()))) {
            Files.write(image.file(), ("GIF89a" + content).getBytes(StandardCharsets.UTF_8));
            return photos.insert(GROUP, EntityType.LOCATION, location, image.complete().orElseThrow(), image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path fileOf(Photo photo) {
        return images.path().resolve(photos.imageKeys(GROUP, photo.id()).original());
    }

    private List<String> imageFiles() throws IOException {
        try (Stream<Path> files = Files.walk(images.path())) {
            return files.filter(Files::isRegularFile).map(path -> path.getFileName().toString()).toList();
        }
    }

    private List<String> noted() {
        return database.read(sql -> sql.list("SELECT key FROM _meta WHERE key LIKE 'removed_image:%'", row -> row.getString(1)));
    }
}
