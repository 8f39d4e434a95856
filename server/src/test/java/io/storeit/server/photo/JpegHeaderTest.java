package io.storeit.server.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what is read of a JPEG before it is decoded. */
class JpegHeaderTest {
    @TempDir
    Path folder;

    @Test
    void tellsAProgressiveJpegFromAUsualOne() throws IOException {
        Path usual = jpeg(ImageWriteParam.MODE_DISABLED);
        Path progressive = jpeg(ImageWriteParam.MODE_DEFAULT);

        assertThat(JpegHeader.of(usual).isProgressive()).isFalse();
        assertThat(JpegHeader.of(progressive).isProgressive()).isTrue();
        assertThat(JpegHeader.of(progressive).exif()).isEmpty();
    }

    @Test
    void isNotConfusedByAFileThatEndsAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(jpeg(ImageWriteParam.MODE_DEFAULT));
        for (int length = 0; length < whole.length; length++) {
            Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
            assertThat(JpegHeader.of(cut).exif()).isEmpty();
        }
    }

    private Path jpeg(int progressiveMode) throws IOException {
        Path file = folder.resolve(progressiveMode + ".jpg");
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpg").next();
        try (var out = ImageIO.createImageOutputStream(file.toFile())) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(progressiveMode);
            writer.setOutput(out);
            writer.write(null, new IIOImage(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), null, null), param);
        }
        return file;
    }
}
