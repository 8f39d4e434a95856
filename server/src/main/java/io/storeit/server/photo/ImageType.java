package io.storeit.server.photo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The kinds of image that are taken in. What a file is shows in its first bytes; what its sender or an old row calls it does not
 * count, since a browser that is told {@code text/html} runs whatever is in it.
 */
enum ImageType {
    JPEG("image/jpeg", "jpg"),
    PNG("image/png", "png"),
    GIF("image/gif", "gif"),
    WEBP("image/webp", "webp"),
    HEIC("image/heic", "heic"),
    AVIF("image/avif", "bin"),
    BMP("image/bmp", "bin"),
    TIFF("image/tiff", "bin");

    /** For what is none of these: old servers stored anything. */
    static final String UNKNOWN_MIME_TYPE = "application/octet-stream";

    /** Enough for the brands of a HEIC or AVIF file, which come in a list. */
    private static final int LOOKED_AT = 64;
    /** Lengths of the second header of a BMP; two letters alone would make an image of many a text. */
    private static final Set<Integer> BMP_HEADERS = Set.of(12, 40, 52, 56, 64, 108, 124);
    private static final Set<String> AVIF_BRANDS = Set.of("avif", "avis");
    private static final Set<String> HEIC_BRANDS = Set.of("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1");

    private final String mimeType;
    private final String ending;

    ImageType(String mimeType, String ending) {
        this.mimeType = mimeType;
        this.ending = ending;
    }

    String mimeType() {
        return mimeType;
    }

    /** Of the file's name: one of those that StoreIT always used. */
    String ending() {
        return ending;
    }

    /** The type of an image file; empty when it is none of these. */
    static Optional<ImageType> of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in.readNBytes(LOOKED_AT));
        }
    }

    /** The type of an image that begins like this. */
    static Optional<ImageType> of(byte[] start) {
        var text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("\u00ff\u00d8\u00ff")) {
            return Optional.of(JPEG);
        }
        if (text.startsWith("\u0089PNG\r\n\u001a\n")) {
            return Optional.of(PNG);
        }
        if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
            return Optional.of(GIF);
        }
        if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
            return Optional.of(WEBP);
        }
        if (text.startsWith("II*\0") || text.startsWith("MM\0*")) {
            return Optional.of(TIFF);
        }
        if (text.startsWith("BM") && start.length > 17 && start[15] == 0 && start[16] == 0 && start[17] == 0
                && BMP_HEADERS.contains((int) start[14])) {
            return Optional.of(BMP);
        }
        return text.startsWith("ftyp", 4) ? ofBrands(text) : Optional.empty();
    }

    /** HEIC and AVIF are the same kind of container; which of them it is says the first brand in it that means one. */
    private static Optional<ImageType> ofBrands(String text) {
        int length = Math.min(text.length(), text.charAt(2) << 8 | text.charAt(3));
        boolean heic = false;
        for (int i = 8; i + 4 <= length; i += 4) {
            String brand = text.substring(i, i + 4);
            if (AVIF_BRANDS.contains(brand)) {
                return Optional.of(AVIF);
            }
            heic |= HEIC_BRANDS.contains(brand);
        }
        return heic ? Optional.of(HEIC) : Optional.empty();
    }
}
