package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page of the documentation, as far as it is commands: what its blocks {@code bash} tell to type, and what they say is shown then. */
final class Page {
    private static final Pattern HEADING_OR_BLOCK = Pattern.compile("(?ms)^#+ ([^\n]+)$|^```(\\w*)\n(.*?)^```$");

    /**
     * Commands that are typed together.
     *
     * @param heading above them
     * @param commands as they stand on the page
     * @param shown what a block {@code text} right after them says is printed; in it, … stands for any text. Null without such a block
     */
    record Block(String heading, String commands, String shown) {
        /** The lines that are commands: no comments, no blank ones, those that go on in the next line as one. */
        List<String> lines() {
            return commands.replace("\\\n", " ").lines().map(line -> line.replaceFirst("\\s+#.*", "").strip())
                    .filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
        }

        void assertShown(String output) {
            if (shown != null) {
                var pattern = Stream.of(shown.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
                assertThat(output).as(commands).matches(Pattern.compile(pattern));
            }
        }
    }

    final String name;
    final String text;
    final List<Block> blocks = new ArrayList<>();

    private Page(Path file) {
        try {
            name = Release.PROJECT.relativize(file).toString();
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var heading = "";
        for (Matcher part = HEADING_OR_BLOCK.matcher(text); part.find();) {
            if (part.group(1) != null) {
                heading = part.group(1);
            } else if (part.group(2).equals("bash")) {
                blocks.add(new Block(heading, part.group(3), null));
            } else if (part.group(2).equals("text") && !blocks.isEmpty() && text.substring(0, part.start()).endsWith(last().commands + "```\n\n")) {
                var block = blocks.remove(blocks.size() - 1);
                blocks.add(new Block(block.heading, block.commands, part.group(3)));
            }
        }
    }

    private Block last() {
        return blocks.get(blocks.size() - 1);
    }

    /** @param name from the top of the checkout, such as {@code docs/install.md} */
    static Page of(String name) {
        return new Page(Release.PROJECT.resolve(name));
    }

    /** README and everything in {@code docs}. */
    static List<Page> all() {
        try (Stream<Path> files = Files.list(Release.PROJECT.resolve("docs"))) {
            return Stream.concat(Stream.of(Release.PROJECT.resolve("README.md")), files.filter(file -> file.toString().endsWith(".md")).sorted())
                    .map(Page::new).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Block> under(String heading) {
        var found = blocks.stream().filter(block -> block.heading.equals(heading)).toList();
        assertThat(found).as("commands below \"" + heading + "\" in " + name).isNotEmpty();
        return found;
    }
}
