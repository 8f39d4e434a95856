package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What GitHub runs is what people run here. */
@Tag("once")
class WorkflowTest {
    private static final Pattern COMMAND = Pattern.compile("(?m)^\\s*-? *run:(.*)$");

    static Stream<Path> workflows() throws IOException {
        Path folder = Shell.ROOT.resolve(".github/workflows");
        return Shell.files(folder).stream().map(folder::resolve);
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void callsMakeTargetsAndNothingElse(Path workflow) throws IOException {
        var targets = Pattern.compile("(?m)^([a-z0-9-]+):").matcher(Files.readString(Shell.ROOT.resolve("Makefile"))).results()
                .map(target -> "make " + target.group(1)).toList();
        assertThat(COMMAND.matcher(Files.readString(workflow)).results().map(command -> command.group(1).strip().replaceFirst("^sudo ", "")))
                .isNotEmpty().isSubsetOf(targets);
    }
}
