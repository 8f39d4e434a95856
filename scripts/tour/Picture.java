package io.storeit.tour;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Draws commands of the recorded tour, with what the terminal showed, as an SVG picture; needs only a JDK of version 17 or newer:
 *
 * <pre>
 * java scripts/tour/Picture.java docs/tour.md PICTURE.svg COMMAND...
 * </pre>
 *
 * <p>The text stays text, in whatever monospaced font the reader has; each line is stretched to its number of columns, so that columns line
 * up in any of them. The colours follow the reader's choice of light or dark.
 */
final class Picture {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```console\n(.*?)^```$");
    private static final String PROMPT = "# ";

    private static final int COLUMNS = 80;
    private static final double COLUMN_WIDTH = 8.4;
    private static final int LINE_HEIGHT = 20;
    private static final int MARGIN = 16;

    private static final String STYLE = """
            text { font: 14px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: #1f2328; }
            .command { font-weight: bold; fill: #0550ae; }
            .screen { fill: #f6f8fa; stroke: #d0d7de; }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3; }
              .command { fill: #79c0ff; }
              .screen { fill: #161b22; stroke: #3d444d; }
            }
            """;

    private Picture() {
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 3) {
            System.err.println("Usage: java scripts/tour/Picture.java TOUR PICTURE COMMAND...");
            System.exit(2);
        }
        String tour = Files.readString(Path.of(arguments[0]));
        List<String> commands = Arrays.asList(arguments).subList(2, arguments.length);
        var lines = new ArrayList<String>();
        for (String command : commands) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            lines.addAll(shown(tour, command));
        }
        Files.writeString(Path.of(arguments[1]), svg(String.join(", ", commands), lines));
    }

    /** The command and what it showed at its end: the last block of the tour that begins with it. */
    private static List<String> shown(String tour, String command) {
        List<String> found = null;
        for (var block = BLOCK.matcher(tour); block.find();) {
            List<String> lines = block.group(1).lines().toList();
            found = lines.get(0).equals(PROMPT + command) ? lines : found;
        }
        if (found == null) {
            throw new IllegalArgumentException("the tour does not have the command: " + command);
        }
        return found;
    }

    private static String svg(String title, List<String> lines) {
        double width = 2 * MARGIN + COLUMNS * COLUMN_WIDTH;
        int height = 2 * MARGIN + lines.size() * LINE_HEIGHT;
        var svg = new StringBuilder();
        svg.append(format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%d\" viewBox=\"0 0 %.0f %d\" role=\"img\" xml:space=\"preserve\">%n",
                width, height, width, height));
        svg.append("<title>A terminal: ").append(escaped(title)).append("</title>\n<style>\n").append(STYLE).append("</style>\n");
        svg.append(format("<rect class=\"screen\" x=\"0.5\" y=\"0.5\" width=\"%.0f\" height=\"%d\" rx=\"8\"/>%n", width - 1, height - 1));
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.isBlank()) {
                svg.append(format("<text%s x=\"%d\" y=\"%d\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\">%s</text>%n",
                        line.startsWith(PROMPT) ? " class=\"command\"" : "", MARGIN, MARGIN + 15 + i * LINE_HEIGHT, line.length() * COLUMN_WIDTH, escaped(line)));
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern.replace("%n", "\n"), values);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
