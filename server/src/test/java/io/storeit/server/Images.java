package io.storeit.server;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Pictures for tests: red in the upper left quarter, blue elsewhere. */
final class Images {
    private Images() {
    }

    static BufferedImage picture(int width, int height, int type) {
        var image = new BufferedImage(width, height, type);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.BLUE);
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(Color.RED);
        graphics.fillRect(0, 0, width / 2, height / 2);
        graphics.dispose();
        return image;
    }

    /** @param format a name ImageIO knows, such as {@code png} */
    static byte[] encoded(BufferedImage image, String format) {
        var bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, bytes)) {
                throw new IllegalArgumentException(format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] png(int width, int height) {
        return encoded(picture(width, height, BufferedImage.TYPE_INT_RGB), "png");
    }

    static byte[] jpeg(int width, int height) {
        return encoded(picture(width, height, BufferedImage.TYPE_INT_RGB), "jpg");
    }

    /** Makes a JPEG whose Exif data state how the camera was held. */
    static byte[] jpeg(int width, int height, int orientation) {
        byte[] plain = jpeg(width, height);
        ByteBuffer exif = ByteBuffer.allocate(36);
        exif.putShort((short) 0xffe1).putShort((short) 34).put("Exif\0\0MM\0*".getBytes(StandardCharsets.ISO_8859_1)).putInt(8);
        exif.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation).putShort((short) 0).putInt(0);
        return ByteBuffer.allocate(plain.length + exif.capacity())
                .put(plain, 0, 2).put(exif.array()).put(plain, 2, plain.length - 2).array();
    }

    /** Makes a real PNG of one bit a pixel, all of them black. It has a few dozen kilobytes, however large the picture is. */
    static byte[] blackPng(int width, int height) throws IOException {
        var pixels = new ByteArrayOutputStream();
        try (var deflater = new DeflaterOutputStream(pixels, new Deflater(Deflater.BEST_SPEED), 1 << 16)) {
            var row = new byte[1 + (width + 7) / 8];
            for (int i = 0; i < height; i++) {
                deflater.write(row);
            }
        }
        var png = new ByteArrayOutputStream();
        png.write("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
        png.write(chunk("IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 1).array()));
        png.write(chunk("IDAT", pixels.toByteArray()));
        png.write(chunk("IEND", new byte[0]));
        return png.toByteArray();
    }

    private static byte[] chunk(String name, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length).put(name.getBytes(StandardCharsets.US_ASCII)).put(data);
        var crc = new CRC32();
        crc.update(chunk.array(), 4, 4 + data.length);
        return chunk.putInt((int) crc.getValue()).array();
    }

    static BufferedImage webp(byte[] bytes) {
        ImageReader reader = new WebPImageReaderSpi().createReaderInstance(null);
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in);
            return reader.read(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isRed(BufferedImage image, int x, int y) {
        var colour = new Color(image.getRGB(x, y));
        return colour.getRed() > 150 && colour.getBlue() < 100;
    }
}
