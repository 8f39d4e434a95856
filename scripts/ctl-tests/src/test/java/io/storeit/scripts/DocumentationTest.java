package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation names is there: files, classes, make targets, other pages and their headings. */
@Tag("once")
class DocumentationTest {

    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    /** To a file of the checkout, or to a heading of the same page; the first group is the file, the second the heading. */
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]*)(?:#([^)]*))?\\)");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*Test)\\.(\\w+)`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern CLASS_NAME = Pattern.compile("[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|Table|Column|Manifest|Progress|Locks|Exporter|Importer|Migration|Journal|Releases");
    private static final Pattern PATH = Pattern.compile("(?:interchange|server|scripts|docs|\\.mvn|\\.ci)/[\\w./-]*|[\\w-]+\\.(?:java|sh|xml)|Makefile|mvnw");
    /** In back ticks or at the start of a line of a code block: the word has other uses. */
    private static final Pattern TARGET = Pattern.compile("(?m)(?:`|^)make ([a-z0-9-]+)");

    /** Of the checkout, found once. */
    private static final Set<String> FILES = new HashSet<>();

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(Shell.ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(Shell.ROOT.resolve("README.md"), Shell.ROOT.resolve("CHANGELOG.md")), files.filter(file -> file.toString().endsWith(".md")).sorted()).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesOnlyFilesThatExist(Path page) throws IOException {
        Set<String> files = checkedOutFiles();
        Set<String> fileNames = files.stream().map(file -> file.substring(file.lastIndexOf('/') + 1)).collect(Collectors.toSet());
        assertThat(code(page).filter(code -> PATH.matcher(code).matches()))
                .allSatisfy(path -> assertThat(Files.exists(Shell.ROOT.resolve(path)) || fileNames.contains(path)).as(path).isTrue());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesOnlyClassesThatExist(Path page) throws IOException {
        var classes = new HashSet<String>();
        for (String file : checkedOutFiles()) {
            if (file.endsWith(".java")) {
                classes.add(file.substring(file.lastIndexOf('/') + 1).replace(".java", ""));
            }
        }
        Pattern.compile("(?m)^(?:final |sealed )*(?:class|record|enum|interface) (\\w+)").matcher(Files.readString(Shell.ROOT.resolve("storeit-ctl.java")))
                .results().forEach(declared -> classes.add(declared.group(1)));
        assertThat(code(page).filter(code -> CLASS_NAME.matcher(code).matches())).isSubsetOf(classes);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesOnlyTestsThatExist(Path page) throws IOException {
        for (Matcher test = TEST.matcher(Files.readString(page)); test.find();) {
            String file = checkedOutFiles().stream().filter(name -> name.endsWith("/" + test.group(1) + ".java")).findFirst().orElseThrow(() -> new AssertionError(test.group()));
            assertThat(Files.readString(Shell.ROOT.resolve(file))).as(file).containsPattern("void " + test.group(2) + "\\(");
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesOnlyMakeTargetsThatExist(Path page) throws IOException {
        var targets = Pattern.compile("(?m)^([a-z0-9-]+):").matcher(Files.readString(Shell.ROOT.resolve("Makefile"))).results().map(target -> target.group(1)).toList();
        assertThat(TARGET.matcher(Files.readString(page)).results().map(target -> target.group(1))).isSubsetOf(targets);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksOnlyToPagesAndHeadingsThatExist(Path page) throws IOException {
        for (Matcher link = LINK.matcher(withoutBlocks(page)); link.find();) {
            Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
            assertThat(target).exists();
            if (link.group(2) != null) {
                assertThat(anchors(target)).as(link.group()).contains(link.group(2));
            }
        }
    }

    /** As GitHub and mdBook make them of headings. */
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(withoutBlocks(page)).results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-')).toList();
    }

    @Test
    void theBookHasEveryPageOnce() throws IOException {
        Path docs = Shell.ROOT.resolve("docs");
        String summary = Files.readString(docs.resolve("SUMMARY.md"));
        assertThat(LINK.matcher(summary).results().map(link -> link.group(1))).containsExactlyInAnyOrderElementsOf(
                pages().filter(page -> page.startsWith(docs)).map(page -> page.getFileName().toString()).filter(name -> !name.equals("SUMMARY.md")).toList());
        assertThat(Files.readString(Shell.ROOT.resolve("docs/book.toml"))).contains("src = \".\"");
    }

    /** What stands between back ticks in running text; examples in code blocks are not names. */
    private static Stream<String> code(Path page) throws IOException {
        return CODE.matcher(withoutBlocks(page)).results().map(code -> code.group(1));
    }

    private static String withoutBlocks(Path page) throws IOException {
        return CODE_BLOCK.matcher(Files.readString(page)).replaceAll("");
    }

    private static synchronized Set<String> checkedOutFiles() throws IOException {
        if (!FILES.isEmpty()) {
            return FILES;
        }
        Files.walkFileTree(Shell.ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return Set.of(".git", "target").contains(folder.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                FILES.add(Shell.ROOT.relativize(file).toString());
                return FileVisitResult.CONTINUE;
            }
        });
        return FILES;
    }
}
