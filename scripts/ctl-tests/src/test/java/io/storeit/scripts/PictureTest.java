package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The picture in README, drawn from the recorded tour. */
@Tag("once")
@Tag("process")
class PictureTest {
    private static final String FILE = "docs/images/upgrade.svg";
    private static final Pattern COLOUR = Pattern.compile("(text|\\.command|\\.screen) \\{[^}]*?fill: (#[0-9a-f]{6});");

    @Test
    @Tag("generated")
    void thePictureIsDrawnFromTheTour(@TempDir Path folder) throws Exception {
        var drawn = Shell.run(Shell.ROOT, System.getenv(), List.of("scripts/tour/picture.sh", folder.resolve("picture.svg").toString()));
        assertThat(drawn.code()).as(drawn.err()).isZero();
        Generated.assertUpToDate(FILE, Files.readString(folder.resolve("picture.svg")));
    }

    @Test
    void itsTextIsTextOfTheTour() throws Exception {
        String tour = Files.readString(Shell.ROOT.resolve("docs/tour.md"));
        String picture = Files.readString(Shell.ROOT.resolve(FILE));
        var texts = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(picture.getBytes(StandardCharsets.UTF_8)))
                .getElementsByTagName("text");
        var lines = new ArrayList<String>();
        for (int i = 0; i < texts.getLength(); i++) {
            lines.add(texts.item(i).getTextContent());
        }
        assertThat(lines).contains("# storeit-ctl rollback", "Upgrade complete!").isSubsetOf(tour.lines().toList());
        assertThat(Pattern.compile("https?:|@import|@font-face|url\\(").matcher(picture).results().map(found -> found.group()))
                .as("what would be loaded; the one address is the name of SVG").containsExactly("http:");
    }

    /** 4.5 is what WCAG 2 asks for. */
    @Test
    void itCanBeReadInLightAndInDark() throws Exception {
        String[] schemes = Files.readString(Shell.ROOT.resolve(FILE)).split("@media \\(prefers-color-scheme: dark\\)");
        assertThat(schemes).hasSize(2);
        for (String scheme : schemes) {
            Map<String, Color> colours = new HashMap<>();
            COLOUR.matcher(scheme).results().forEach(colour -> colours.put(colour.group(1), Color.decode(colour.group(2))));
            assertThat(colours).containsOnlyKeys("text", ".command", ".screen");
            for (String text : List.of("text", ".command")) {
                assertThat(contrast(colours.get(text), colours.get(".screen"))).as(text).isGreaterThan(4.5);
            }
        }
    }

    private static double contrast(Color one, Color other) {
        double[] both = Stream.of(one, other).mapToDouble(PictureTest::luminance).sorted().toArray();
        return (both[1] + 0.05) / (both[0] + 0.05);
    }

    private static double luminance(Color colour) {
        return 0.2126 * linear(colour.getRed()) + 0.7152 * linear(colour.getGreen()) + 0.0722 * linear(colour.getBlue());
    }

    private static double linear(int part) {
        double share = part / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    }
}
