package io.storeit.server.photo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The part of a JPEG before its pixels: segments of a marker, a length and data. */
final class JpegHeader {
    private static final int PROGRESSIVE = 0xc2;
    private static final int PIXELS = 0xda;
    private static final int APPLICATION = 0xe1;
    /** The bytes that are read. A segment has at most 64 KiB, and the required ones come early. */
    private static final int LOOKED_AT = 512 * 1024;

    private final ByteBuffer bytes;

    private JpegHeader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    static JpegHeader of(Path image) throws IOException {
        try (InputStream in = Files.newInputStream(image)) {
            return new JpegHeader(ByteBuffer.wrap(in.readNBytes(LOOKED_AT)));
        }
    }

    /** Returns whether the pixels come in several rounds. To decode one of them, all must be in memory. */
    boolean isProgressive() {
        return segment(PROGRESSIVE, "").isPresent();
    }

    /** Returns the camera's metadata, which has the form of a TIFF file. */
    Optional<ByteBuffer> exif() {
        return segment(APPLICATION, "Exif\0\0");
    }

    /** Returns the rest of the first segment of that kind that begins with {@code start}. */
    private Optional<ByteBuffer> segment(int marker, String start) {
        ByteBuffer jpeg = bytes.duplicate();
        try {
            jpeg.position(2);
            while ((jpeg.get() & 0xff) == 0xff) {
                int found = jpeg.get() & 0xff;
                if (found == PIXELS) {
                    break;
                }
                int end = jpeg.position() + (jpeg.getShort() & 0xffff);
                if (found == marker && text(jpeg, start.length()).equals(start)) {
                    return Optional.of(jpeg.slice());
                }
                jpeg.position(end);
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // The file was cut off or is not a JPEG, so there is no such segment.
        }
        return Optional.empty();
    }

    private static String text(ByteBuffer bytes, int length) {
        var text = new byte[length];
        bytes.get(text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
