package io.storeit.server.photo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads how the camera was held from the Exif data in a JPEG or TIFF: 1 for upright to 8. Unreadable data counts as upright.
 * Browsers turn originals by themselves, but a smaller picture has no Exif data and must be turned.
 */
final class Orientation {
    private static final int UPRIGHT = 1;
    private static final int TAG = 0x0112;
    /** The bytes that are read of a TIFF file. */
    private static final int LOOKED_AT = 256 * 1024;

    private Orientation() {
    }

    static int of(Path image, ImageType type) throws IOException {
        return switch (type) {
            case JPEG -> JpegHeader.of(image).exif().map(Orientation::ofTiff).orElse(UPRIGHT);
            case TIFF -> {
                try (InputStream in = Files.newInputStream(image)) {
                    yield ofTiff(ByteBuffer.wrap(in.readNBytes(LOOKED_AT)));
                }
            }
            case PNG, GIF, WEBP, HEIC, AVIF, BMP -> UPRIGHT;
        };
    }

    /**
     * Reads a header with the byte order and the position of a directory, whose entries have 12 bytes: tag, type, count, value.
     */
    private static int ofTiff(ByteBuffer tiff) {
        try {
            tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            tiff.position(tiff.getInt(4));
            int entries = tiff.getShort() & 0xffff;
            for (int i = 0; i < entries; i++) {
                int entry = tiff.position();
                if ((tiff.getShort() & 0xffff) == TAG) {
                    int orientation = tiff.getShort(entry + 8);
                    return orientation >= 1 && orientation <= 8 ? orientation : UPRIGHT;
                }
                tiff.position(entry + 12);
            }
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            // The data was cut off or is invalid.
        }
        return UPRIGHT;
    }
}
