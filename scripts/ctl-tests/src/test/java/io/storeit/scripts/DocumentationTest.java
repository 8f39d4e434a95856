package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation names is there: files, classes, make targets and other pages. */
class DocumentationTest {

    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");
    private static final Pattern CLASS_NAME = Pattern.compile("[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|Table|Column|Manifest|Progress|Locks|Exporter|Importer|Migration|Journal|Releases");
    private static final Pattern PATH = Pattern.compile("(?:interchange|server|scripts|docs|\\.mvn|\\.ci)/[\\w./-]*|[\\w-]+\\.(?:java|sh|xml)|Makefile|mvnw");
    /** In back ticks or at the start of a line of a code block: the word has other uses. */
    private static final Pattern TARGET = Pattern.compile("(?m)(?:`|^)make ([a-z0-9-]+)");

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(Shell.ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(Shell.ROOT.resolve("README.md")), files.filter(file -> file.toString().endsWith(".md")).sorted()).toList().stream();
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
    void namesOnlyMakeTargetsThatExist(Path page) throws IOException {
        var targets = Pattern.compile("(?m)^([a-z0-9-]+):").matcher(Files.readString(Shell.ROOT.resolve("Makefile"))).results().map(target -> target.group(1)).toList();
        assertThat(TARGET.matcher(Files.readString(page)).results().map(target -> target.group(1))).isSubsetOf(targets);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksOnlyToPagesThatExist(Path page) throws IOException {
        assertThat(LINK.matcher(Files.readString(page)).results().map(link -> link.group(1)))
                .allSatisfy(link -> assertThat(page.resolveSibling(link)).exists());
    }

    /** What stands between back ticks in running text; examples in code blocks are not names. */
    private static Stream<String> code(Path page) throws IOException {
        return CODE.matcher(CODE_BLOCK.matcher(Files.readString(page)).replaceAll("")).results().map(code -> code.group(1));
    }

    private static Set<String> checkedOutFiles() throws IOException {
        var files = new HashSet<String>();
        Files.walkFileTree(Shell.ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return Set.of(".git", "target").contains(folder.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(Shell.ROOT.relativize(file).toString());
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }
}
