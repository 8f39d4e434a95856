package io.storeit.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A module with planted violations. */
class ArrowsTest {

    private static final Arrows PICTURE = Arrows.of("module", "base <- left | right <- module");

    @TempDir
    Path folder;

    @Test
    void importsToTheLeftAreFineAlsoFromTheRootOfTheModule() throws IOException {
        Path classes = compile("base.Low {}", "left.Left { base.Low low; }", "right.Right { base.Low low; }",
                "Top { left.Left left; base.Low low; }");
        assertThat(PICTURE.violations(classes)).isEmpty();
    }

    @Test
    void aClassThatImportsWhatStandsRightOfItIsToldWhereItBelongs() throws IOException {
        Path classes = compile("base.Low { left.Left left; }", "left.Left {}", "right.Right {}", "Top {}");
        assertThat(PICTURE.violations(classes)).containsExactly(
                "module.base.Low may not import module.left.Left: in module, base stands left of left. "
                        + "Move Low to left or right of it, or Left to base or left of it.");
    }

    @Test
    void packagesThatStandSideBySideImportNothingOfEachOther() throws IOException {
        Path classes = compile("base.Low {}", "left.Left { right.Right right; }", "right.Right {}", "Top {}");
        assertThat(PICTURE.violations(classes)).containsExactly("module.left.Left may not import module.right.Right: in module, left and right stand side by side. "
                + "Move one of the two classes into the other's package, or what both need to the left of them.");
    }

    @Test
    void typesThatNoSourceNamesAndClassesInsideOthersCountToo() throws IOException {
        Path classes = compile("base.Low { static class Inner { Object hidden() { return left.Left.make().toString(); } } }",
                "left.Left { public static right.Right make() { return null; } }", "right.Right {}", "Top {}");
        assertThat(PICTURE.violations(classes)).hasSize(3).anyMatch(line -> line.startsWith("module.base.Low$Inner may not import module.right.Right:"));
    }

    @Test
    void everyPackageIsInThePictureAndEveryPackageOfThePictureIsThere() throws IOException {
        Path classes = compile("base.Low {}", "left.Left { new_room.Other other; }", "new_room.Other {}", "new_room.Second {}", "Top {}");
        assertThat(PICTURE.violations(classes)).contains("The picture of module has the package right, but no class is in it.",
                "module.new_room.Other is in the package new_room, which is not in the picture: base <- left | right <- module. "
                        + "Move it to a package of the picture, or add the package.");
    }

    @Test
    void aPictureIsReadFromThePageOverAsManyLinesAsItNeeds() throws IOException {
        Path page = Files.writeString(folder.resolve("page.md"), "Text.\n\n```\nmodule:\nbase <- left | right\n  <- module\n```\n\nMore.\n");
        assertThat(Arrows.inPage("module", page)).isEqualTo(PICTURE);
        assertThatThrownBy(() -> Arrows.inPage("other", page)).hasMessageEndingWith("has no picture of other");
    }

    /** Compiles classes given as {@code package.Name { body }}; types in a body are named from the root of the module. */
    private Path compile(String... classes) throws IOException {
        var files = new ArrayList<String>(List.of("-d", folder.resolve("classes").toString()));
        for (String text : classes) {
            String name = "module." + text.substring(0, text.indexOf(' '));
            int dot = name.lastIndexOf('.');
            String body = text.substring(text.indexOf(' ')).replaceAll("\\b(base|left|right|new_room)\\.", "module.$1.");
            Path file = folder.resolve(name.replace('.', '/') + ".java");
            Files.createDirectories(file.getParent());
            Files.writeString(file, "package " + name.substring(0, dot) + ";\npublic class " + name.substring(dot + 1) + body + "\n");
            files.add(file.toString());
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, files.toArray(String[]::new))).isZero();
        return folder.resolve("classes");
    }
}
