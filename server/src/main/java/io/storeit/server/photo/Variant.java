package io.storeit.server.photo;

import java.nio.file.Path;

/** A kind of smaller picture that is made from an image. */
enum Variant {
    THUMBNAIL("_thumb", 200, 0.80f) {
        @Override
        String key(ImageKeys keys) {
            return keys.thumbnail();
        }
    },
    LARGE("_large", 1200, 0.85f) {
        @Override
        String key(ImageKeys keys) {
            return keys.large();
        }
    };

    private final String suffix;
    private final int side;
    private final float quality;

    Variant(String suffix, int side, float quality) {
        this.suffix = suffix;
        this.side = side;
        this.quality = quality;
    }

    /** Returns the side of the square it fits in, in pixels. */
    int side() {
        return side;
    }

    /** Returns the quality, from 0 to 1. */
    float quality() {
        return quality;
    }

    /** Returns the file that an old server made for it, if any. */
    abstract String key(ImageKeys keys);

    /**
     * Returns the file that this server makes for it, beside the original. For the thumbnail it has the name that StoreIT 0.1 and
     * 0.2 look for when the photo's row names none.
     */
    Path beside(Path original) {
        String name = original.getFileName().toString();
        return original.resolveSibling(name.substring(0, name.lastIndexOf('.')) + suffix + ".webp");
    }
}
