package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The Java that {@code scripts/test.sh} names in {@code test.java} runs the tests, and the programs that they start. */
@EnabledIfSystemProperty(named = "test.java", matches = ".+")
class JavaTest extends EndToEnd {
    private static final String WANTED = System.getProperty("test.java");

    @Test
    @Tag("every-java")
    void runsTheTestsTheServerAndTheTool() throws Exception {
        assertThat(Runtime.version().feature()).hasToString(WANTED);
        running(Release.OURS);
        var server = machine.servers().get(0).pid();
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + server + "/exe"))).startsWithRaw(Path.of(System.getProperty("java.home")).toRealPath());
        machine.setToolVariable("STOREIT_CTL_JAVA_OPTS", "-showversion");
        assertThat(machine.tool("status").requireExit(0).err()).contains(" version \"" + WANTED);
    }
}
