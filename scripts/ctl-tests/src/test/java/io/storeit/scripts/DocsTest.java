package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.storeit.scripts.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code make docs} in a copy of the checkout. */
@Tag("once")
@Tag("process")
class DocsTest {
    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"#:]*)(?:#([^\"]*))?\"");

    @TempDir
    Path checkout;

    private Result makeDocs(Map<String, String> environment) throws Exception {
        Checkout.copyTo(checkout);
        return Shell.run(checkout, environment, List.of("/bin/sh", "scripts/docs.sh"));
    }

    @Test
    void withoutMdBookItSaysWhereToGetIt() throws Exception {
        Path programs = Files.createDirectory(checkout.resolve("programs"));
        for (String program : List.of("dirname", "rm")) {
            Result found = Shell.run(checkout, System.getenv(), List.of("sh", "-c", "command -v " + program));
            Path instead = Files.writeString(programs.resolve(program), "#!/bin/sh\nexec " + found.out().strip() + " \"$@\"\n");
            Files.setPosixFilePermissions(instead, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Result made = makeDocs(Map.of("PATH", programs.toString()));
        assertThat(made.code()).isEqualTo(1);
        assertThat(made.lines()).isEmpty();
        assertThat(made.err()).startsWith("mdBook is not installed: get it with 'cargo install mdbook'").hasLineCount(1);
        assertThat(checkout.resolve("target/docs")).doesNotExist();
    }

    /** The pages as mdBook makes them, whose headings have the anchors that DocumentationTest expects. */
    @Test
    void everyPageIsInTheBookAndEveryLinkLeadsSomewhere() throws Exception {
        assumeThat(Shell.run(checkout, System.getenv(), List.of("sh", "-c", "command -v mdbook")).code()).as("mdBook is installed").isZero();
        Result made = makeDocs(System.getenv());
        assertThat(made.code()).as(made.err()).isZero();
        Path book = checkout.resolve("target/docs");
        for (String page : Shell.files(checkout.resolve("docs"))) {
            if (page.endsWith(".md") && !page.equals("SUMMARY.md")) {
                Path file = book.resolve(page.equals("README.md") ? "index.html" : page.replace(".md", ".html"));
                for (var link = LINK.matcher(Files.readString(file)); link.find();) {
                    assertLeadsSomewhere(file, link.group(1), link.group(2));
                }
            }
        }
    }

    private static void assertLeadsSomewhere(Path page, String path, String anchor) throws IOException {
        Path target = path.isEmpty() ? page : page.resolveSibling(path);
        assertThat(target).as("link of " + page).exists();
        if (anchor != null && target.toString().endsWith(".html")) {
            assertThat(Files.readString(target)).as(page + " links to " + path + "#" + anchor).contains("id=\"" + anchor + "\"");
        }
    }
}
