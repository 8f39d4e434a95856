package io.storeit.server.photo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How the camera was held, as the Exif data in a JPEG or TIFF say: 1 for upright to 8. What cannot be read counts as upright.
 * Browsers turn originals by themselves; a picture made of one has no Exif data any more and must be turned.
 */
final class Orientation {
    private static final int UPRIGHT = 1;
    private static final int TAG = 0x0112;
    /** Bytes; in a JPEG the Exif data stand before the pixels and are 64 KiB at most. */
    private static final int LOOKED_AT = 256 * 1024;

    private Orientation() {
    }

    static int of(Path image, ImageType type) throws IOException {
        try (InputStream in = Files.newInputStream(image)) {
            return switch (type) {
                case JPEG -> ofJpeg(ByteBuffer.wrap(in.readNBytes(LOOKED_AT)));
                case TIFF -> ofTiff(ByteBuffer.wrap(in.readNBytes(LOOKED_AT)));
                case PNG, GIF, WEBP, HEIC, AVIF, BMP -> UPRIGHT;
            };
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return UPRIGHT;
        }
    }

    /** Segments of a marker, a length and data; the Exif data are a whole TIFF header in the segment APP1. */
    private static int ofJpeg(ByteBuffer jpeg) {
        jpeg.position(2);
        while (jpeg.remaining() > 4 && (jpeg.get() & 0xff) == 0xff) {
            int marker = jpeg.get() & 0xff;
            int end = jpeg.position() + (jpeg.getShort() & 0xffff);
            if (marker == 0xe1 && text(jpeg, 6).equals("Exif\0\0")) {
                return ofTiff(jpeg.slice());
            }
            if (marker == 0xda) {
                // The pixels.
                break;
            }
            jpeg.position(end);
        }
        return UPRIGHT;
    }

    /** A header with the byte order and the place of a directory; entries of 12 bytes: tag, type, count, value. */
    private static int ofTiff(ByteBuffer tiff) {
        tiff.order(text(tiff, 2).equals("II") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
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
        return UPRIGHT;
    }

    private static String text(ByteBuffer bytes, int length) {
        var text = new byte[length];
        bytes.get(text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
