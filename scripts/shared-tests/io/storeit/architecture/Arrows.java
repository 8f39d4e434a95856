package io.storeit.architecture;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * The packages of a module and the direction of its imports: {@code base <- schema | text <- io.storeit.module} means that schema and text may
 * import base but not each other, and that the classes at the root of the module may import all. Every module compiles this file into its
 * tests and compares its picture with its classes and with docs/ARCHITECTURE.md.
 *
 * <p>The arrows are read from class files with {@code jdeps}, which also sees types that no source names. It does not see a constant that
 * the compiler copied.
 *
 * @param root   what the names of all packages begin with; as a name in the picture it stands for the package itself
 * @param layers the packages from left to right; those in one layer stand side by side
 */
public record Arrows(String root, List<List<String>> layers) {

    private static final Pattern ARROW = Pattern.compile("(?m)^ +(\\S+) +-> (\\S+)");

    /** Reads a picture, which may go over several lines. */
    public static Arrows of(String root, String picture) {
        return new Arrows(root, Arrays.stream(picture.strip().split("\\s*<-\\s*")).map(layer -> List.of(layer.split("\\s*\\|\\s*"))).toList());
    }

    /** Finds the picture of a module in a page: the block of code that begins with {@code root:}. */
    public static Arrows inPage(String root, Path page) throws IOException {
        Matcher block = Pattern.compile("```\n" + Pattern.quote(root) + ":\n(.*?)\n```", Pattern.DOTALL).matcher(Files.readString(page));
        if (!block.find()) {
            throw new AssertionError(page + " has no picture of " + root);
        }
        return of(root, block.group(1));
    }

    /** Says what is wrong with the classes of a folder, a sentence for every arrow that does not point to the left. */
    public List<String> violations(Path classes) {
        var wrong = new ArrayList<String>();
        var seen = new TreeSet<String>();
        for (Matcher arrow = ARROW.matcher(jdeps(classes)); arrow.find();) {
            String from = arrow.group(1);
            seen.add(room(from));
            if (!wrong.contains(homeless(from)) && layer(from) < 0) {
                wrong.add(homeless(from));
            } else if (isOurs(arrow.group(2)) && !mayImport(from, arrow.group(2))) {
                wrong.add(forbidden(from, arrow.group(2)));
            }
        }
        layers.stream().flatMap(List::stream).filter(room -> !seen.contains(room))
                .forEach(room -> wrong.add("The picture of " + root + " has the package " + room + ", but no class is in it."));
        return wrong;
    }

    /** Writes the picture in one line. */
    public String picture() {
        return String.join(" <- ", layers.stream().map(layer -> String.join(" | ", layer)).toList());
    }

    private boolean mayImport(String from, String to) {
        return room(from).equals(room(to)) || layer(to) >= 0 && layer(to) < layer(from);
    }

    private String homeless(String name) {
        return name + " is in the package " + room(name) + ", which is not in the picture: " + picture()
                + ". Move it to a package of the picture, or add the package.";
    }

    private String forbidden(String from, String to) {
        String a = room(from);
        String b = room(to);
        String reason = layer(from) == layer(to)
                ? a + " and " + b + " stand side by side. Move one of the two classes into the other's package, or what both need to the left of them."
                : a + " stands left of " + b + ". Move " + simple(from) + " to " + b + " or right of it, or " + simple(to) + " to " + a
                        + " or left of it.";
        return from + " may not import " + to + ": in " + root + ", " + reason;
    }

    private int layer(String name) {
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i).contains(room(name))) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the package of a class as the picture names it. */
    private String room(String name) {
        String full = name.substring(0, name.lastIndexOf('.'));
        return full.equals(root) ? root : full.substring(root.length() + 1);
    }

    private boolean isOurs(String name) {
        return name.startsWith(root + ".");
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private String jdeps(Path classes) {
        var out = new StringWriter();
        var jdeps = ToolProvider.findFirst("jdeps").orElseThrow(() -> new AssertionError("the tests need a JDK, which has jdeps"));
        int exit = jdeps.run(new PrintWriter(out), new PrintWriter(out),
                "-verbose:class", "-filter:none", "-include", Pattern.quote(root) + "\\..*", classes.toString());
        if (exit != 0) {
            throw new AssertionError("jdeps: " + out);
        }
        return out.toString();
    }
}
