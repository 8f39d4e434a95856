package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long the main code may get before it has to be cut. */
@Tag("once")
class SizesTest {
    private static final Path SCRIPT = Shell.ROOT.resolve("storeit-ctl.java");
    private static final int SCRIPT_LINES = 2200;
    private static final int SCRIPT_COLUMNS = 120;
    private static final int FILE_LINES = 450;
    private static final int METHOD_LINES = 60;
    /** The table of all routes, a line each. */
    private static final String TABLE = "Routes.java: of";

    @Test
    void theScriptIsReadFromTopToBottomInHalfAnHour() throws IOException {
        List<String> lines = Files.readAllLines(SCRIPT);
        assertThat(lines).hasSizeLessThanOrEqualTo(SCRIPT_LINES).allMatch(line -> line.length() <= SCRIPT_COLUMNS);
    }

    @Test
    void noOtherFileIsLong() throws IOException {
        var tooLong = new ArrayList<String>();
        for (Path file : mainCode()) {
            long lines = Files.readAllLines(file).size();
            if (lines > FILE_LINES && !file.equals(SCRIPT)) {
                tooLong.add(file + ": " + lines + " lines");
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void noMethodIsLong() throws IOException {
        List<Path> files = mainCode();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            var tooLong = new ArrayList<String>();
            for (CompilationUnitTree file : task.parse()) {
                new TreeScanner<Void, Void>() {
                    @Override
                    public Void visitMethod(MethodTree method, Void nothing) {
                        long first = file.getLineMap().getLineNumber(positions.getStartPosition(file, method));
                        long last = file.getLineMap().getLineNumber(positions.getEndPosition(file, method));
                        String name = Path.of(file.getSourceFile().getName()).getFileName() + ": " + method.getName();
                        if (last - first + 1 > METHOD_LINES && !name.equals(TABLE)) {
                            tooLong.add(name + ", " + (last - first + 1) + " lines");
                        }
                        return super.visitMethod(method, nothing);
                    }
                }.scan(file, null);
            }
            assertThat(tooLong).isEmpty();
        }
    }

    private static List<Path> mainCode() throws IOException {
        var files = new ArrayList<Path>(List.of(SCRIPT));
        for (String module : List.of("interchange", "server", "scripts/ops")) {
            try (Stream<Path> found = Files.walk(Shell.ROOT.resolve(module).resolve("src/main/java"))) {
                found.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
            }
        }
        assertThat(files).hasSizeGreaterThan(200);
        return files;
    }
}
