package io.storeit.server.photo;

import com.luciad.imageio.webp.CompressionType;
import com.luciad.imageio.webp.WebPImageReaderSpi;
import com.luciad.imageio.webp.WebPImageWriterSpi;
import com.luciad.imageio.webp.WebPReadParam;
import com.luciad.imageio.webp.WebPWriteParam;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.AffineTransformOp;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Makes small pictures of large ones, as WebP. Memory stays bounded whatever is sent: the size is checked before anything is
 * decoded, and only as many pixels are kept as the small picture needs. Nothing of this is loaded before the first picture.
 */
final class Pictures {
    private static final Logger LOG = System.getLogger(Pictures.class.getName());

    /** The most pixels of an image that is decoded; the largest telephones have 50 million. */
    private static final long MOST_PIXELS = 64_000_000;
    /** The most pixels of an image whose decoder needs all of it in memory, at six bytes a pixel. */
    private static final long MOST_PIXELS_IN_MEMORY = 16_000_000;
    /** The most pixels of a decoded image's longer side: 13 MB, because the heap of the server is small. */
    private static final int MOST_ON_A_SIDE = 2400;
    /** The most bytes of a WebP file, because its decoder needs all of them in memory. */
    private static final long LARGEST_WEBP = 24 * 1024 * 1024;

    static {
        // No window is ever opened; without this macOS shows an icon for the server.
        System.setProperty("java.awt.headless", "true");
        // Otherwise some readers put parts of an image into temporary files.
        ImageIO.setUseCache(false);
    }

    private Pictures() {
    }

    /**
     * Makes a picture that fits into a square, upright, never larger than the image itself.
     *
     * @param side    the side of the square, in pixels
     * @param quality 0 to 1
     * @return a WebP file, lossy, with transparency if the image has any; empty when the image cannot be decoded here
     */
    static Optional<byte[]> scaled(Path image, int side, float quality) throws IOException {
        Optional<ImageType> type = ImageType.of(image);
        if (type.isEmpty()) {
            return Optional.empty();
        }
        try {
            BufferedImage decoded = switch (type.get()) {
                case PNG, GIF, BMP -> read(image, type.get(), MOST_PIXELS, side);
                case JPEG -> read(image, type.get(), JpegHeader.of(image).isProgressive() ? MOST_PIXELS_IN_MEMORY : MOST_PIXELS, side);
                case TIFF -> read(image, type.get(), MOST_PIXELS_IN_MEMORY, side);
                case WEBP -> readWebp(image, side);
                case HEIC, AVIF -> null;
            };
            if (decoded == null) {
                return Optional.empty();
            }
            int orientation = Orientation.of(image, type.get());
            return Optional.of(webp(upright(fitting(inUsualColours(decoded), side), orientation), quality));
        } catch (IOException | RuntimeException | UnsatisfiedLinkError | NoClassDefFoundError | OutOfMemoryError e) {
            // Decoders throw many kinds of errors at damaged files. NoClassDefFoundError means a system without the WebP library.
            LOG.log(Level.INFO, "cannot make a smaller picture of " + image + ": " + e);
            return Optional.empty();
        }
    }

    private static BufferedImage read(Path image, ImageType type, long mostPixels, int side) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName(type.name()).next();
        try (ImageInputStream in = new FileImageInputStream(image.toFile())) {
            reader.setInput(in, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if ((long) width * height > mostPixels) {
                return null;
            }
            ImageReadParam param = reader.getDefaultReadParam();
            // A few more pixels than needed give the scaling something to average.
            int most = Math.min(4 * side, MOST_ON_A_SIDE);
            int step = (Math.max(width, height) + most - 1) / most;
            param.setSourceSubsampling(Math.min(step, width), Math.min(step, height), 0, 0);
            return reader.read(0, param);
        } finally {
            reader.dispose();
        }
    }

    /** Reads a WebP. Its decoder scales by itself, so a large picture is never completely in memory. */
    private static BufferedImage readWebp(Path image, int side) throws IOException {
        if (Files.size(image) > LARGEST_WEBP) {
            return null;
        }
        ImageReader reader = new WebPImageReaderSpi().createReaderInstance(null);
        try (ImageInputStream in = new FileImageInputStream(image.toFile())) {
            reader.setInput(in, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if ((long) width * height > MOST_PIXELS) {
                return null;
            }
            var param = (WebPReadParam) reader.getDefaultReadParam();
            double scale = Math.min(1, (double) side / Math.max(width, height));
            param.setUseScaling(true);
            param.setScaledWidth(scaled(width, scale));
            param.setScaledHeight(scaled(height, scale));
            return reader.read(0, param);
        } finally {
            reader.dispose();
        }
    }

    private static int scaled(int length, double scale) {
        return Math.max(1, (int) Math.round(length * scale));
    }

    /**
     * Converts grey, 16 bits a channel, a palette or a camera's own colours to red, green and blue of 8 bits, as screens use
     * them.
     */
    private static BufferedImage inUsualColours(BufferedImage image) {
        var usual = new BufferedImage(image.getWidth(), image.getHeight(),
                image.getColorModel().hasAlpha() ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
        return new ColorConvertOp(null).filter(image, usual);
    }

    /** Scales an image by halves first, because one large step would skip most of the pixels. */
    private static BufferedImage fitting(BufferedImage image, int side) {
        BufferedImage current = image;
        while (Math.max(current.getWidth(), current.getHeight()) > side) {
            double scale = Math.max(0.5, (double) side / Math.max(current.getWidth(), current.getHeight()));
            var smaller = new BufferedImage(scaled(current.getWidth(), scale), scaled(current.getHeight(), scale), current.getType());
            Graphics2D graphics = smaller.createGraphics();
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.drawImage(current, 0, 0, smaller.getWidth(), smaller.getHeight(), null);
            graphics.dispose();
            current = smaller;
        }
        return current;
    }

    /** @param orientation how the camera was held, as Exif counts it: 1 upright, 2 mirrored, 3 upside down, … 8 */
    private static BufferedImage upright(BufferedImage image, int orientation) {
        if (orientation == 1) {
            return image;
        }
        int width = image.getWidth();
        int height = image.getHeight();
        // The pixel x, y goes to x' = m00 x + m01 y + m02, y' = m10 x + m11 y + m12, in the order m00, m10, m01, m11, m02, m12.
        var turn = switch (orientation) {
            case 2 -> new AffineTransform(-1, 0, 0, 1, width, 0);
            case 3 -> new AffineTransform(-1, 0, 0, -1, width, height);
            case 4 -> new AffineTransform(1, 0, 0, -1, 0, height);
            case 5 -> new AffineTransform(0, 1, 1, 0, 0, 0);
            case 6 -> new AffineTransform(0, 1, -1, 0, height, 0);
            case 7 -> new AffineTransform(0, -1, -1, 0, height, width);
            case 8 -> new AffineTransform(0, -1, 1, 0, 0, width);
            default -> new AffineTransform();
        };
        boolean onItsSide = orientation >= 5;
        var turned = new BufferedImage(onItsSide ? height : width, onItsSide ? width : height, image.getType());
        return new AffineTransformOp(turn, AffineTransformOp.TYPE_NEAREST_NEIGHBOR).filter(image, turned);
    }

    private static byte[] webp(BufferedImage image, float quality) throws IOException {
        ImageWriter writer = new WebPImageWriterSpi().createWriterInstance(null);
        var bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            var param = (WebPWriteParam) writer.getDefaultWriteParam();
            param.setCompressionType(CompressionType.Lossy);
            param.setCompressionQuality(quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
