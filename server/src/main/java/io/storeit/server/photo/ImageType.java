package io.storeit.server.photo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The accepted kinds of image. The first bytes of a file determine its kind. The type that the sender or an old row states is
 * ignored, because a browser that receives {@code text/html} runs whatever is in it.
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

    /** The type of all other files: old servers stored anything. */
    static final String UNKNOWN_MIME_TYPE = "application/octet-stream";

    /** The bytes that are read: enough for the list of brands in a HEIC or AVIF file. */
    private static final int LOOKED_AT = 64;
    /** Lengths of the second header of a BMP. Its two letters alone would match many texts. */
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

    /** Returns the ending of the file's name, one of those that StoreIT has always used. */
    String ending() {
        return ending;
    }

    /** Finds the type of an image file; empty when it is none of these. */
    static Optional<ImageType> of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return of(in.readNBytes(LOOKED_AT));
        }
    }

    /** Finds the type of an image by its first bytes. */
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

    /** Distinguishes HEIC and AVIF, which use the same container, by the first brand that means one of them. */
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
