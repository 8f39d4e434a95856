package io.storeit.server.metrics;

import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.server.photo.ImageFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Stream;

/** The sizes of the data on disk, in bytes. */
public final class Sizes {
    /** A household may have a hundred thousand image files, and figures are collected every few seconds. */
    private static final Duration IMAGES_EVERY = Duration.ofMinutes(5);

    private final Path database;
    private final ImageFolder images;
    private final InstantSource clock;
    private Instant imagesDue = Instant.MIN;
    private long imageBytes;

    public Sizes(Path database, ImageFolder images, InstantSource clock) {
        this.database = database;
        this.images = images;
        this.clock = clock;
    }

    long database() {
        return bytes(database) + bytes(DatabaseFiles.wal(database)) + bytes(DatabaseFiles.sharedMemory(database));
    }

    synchronized long images() {
        Instant now = clock.instant();
        if (!now.isBefore(imagesDue)) {
            imagesDue = now.plus(IMAGES_EVERY);
            try (Stream<Path> files = Files.walk(images.path())) {
                imageBytes = files.filter(Files::isRegularFile).mapToLong(Sizes::bytes).sum();
            } catch (IOException | UncheckedIOException e) {
                // Files appear and disappear, or the folder cannot be read at the moment. The last figure is kept.
                return imageBytes;
            }
        }
        return imageBytes;
    }

    private static long bytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            // The file was removed meanwhile, or never existed.
            return 0;
        }
    }
}
