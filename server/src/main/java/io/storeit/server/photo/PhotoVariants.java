package io.storeit.server.photo;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.images.ImageStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Provides the image files that a photo is shown with. Thumbnails and large versions are made on the first request, and again
 * whenever they are missing. They are not in archives, and no row needs to name them.
 */
public final class PhotoVariants {
    private static final Logger LOG = System.getLogger(PhotoVariants.class.getName());
    private static final int MOST_REMEMBERED = 1000;

    private final ImageFolder images;
    /** Permits one at a time: making an image can take more memory than everything else together. */
    private final ReentrantLock making = new ReentrantLock(true);
    /** Originals that cannot be scaled, so that not every request tries again. */
    private final Set<Path> hopeless = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    }));

    public PhotoVariants(ImageFolder images) {
        this.images = images;
    }

    /** Returns the uploaded file; empty when it is missing. */
    Optional<Path> original(ImageKeys keys) {
        return existing(keys.original());
    }

    /** Returns the file for a smaller picture: the original when none can be made; empty when that is missing too. */
    Optional<Path> file(ImageKeys keys, Variant variant) {
        Optional<Path> named = existing(variant.key(keys));
        if (named.isPresent() || !StorageKey.isValid(keys.original())) {
            return named;
        }
        Path original = store().file(keys.original());
        Path made = variant.beside(original);
        if (Files.isRegularFile(made) || make(original, made, variant)) {
            return Optional.of(made);
        }
        return original(keys);
    }

    private Optional<Path> existing(String key) {
        return Optional.ofNullable(key).filter(store()::has).map(store()::file);
    }

    private ImageStore store() {
        return new ImageStore(images.path());
    }

    /** @return whether the picture exists now */
    private boolean make(Path original, Path target, Variant variant) {
        if (hopeless.contains(original) || !Files.isRegularFile(original)) {
            return false;
        }
        making.lock();
        try {
            if (Files.isRegularFile(target)) {
                // Another thread has made it meanwhile.
                return true;
            }
            Optional<byte[]> picture = Pictures.scaled(original, variant.side(), variant.quality());
            if (picture.isEmpty()) {
                hopeless.add(original);
                return false;
            }
            DurableFiles.write(target, picture.get());
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot make " + target + ", so the original is shown: " + e.getMessage());
            return false;
        } finally {
            making.unlock();
        }
    }
}
