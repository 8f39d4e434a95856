package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.StoreitVersion;
import io.storeit.scripts.Shell.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * storeit-ctl from its source, as {@code jbang storeit-ctl} runs it; JBang itself comes from Maven Central where it is not installed. One test at
 * a time: two JBangs that build the same script at once spoil each other's jar.
 */
@Tag("process")
@Execution(ExecutionMode.SAME_THREAD)
class JBangTest {

    @TempDir
    static Path jbangFolder;

    private static Result jbang(Path folder, String... arguments) throws Exception {
        var environment = new HashMap<>(System.getenv());
        environment.put("JBANG_DIR", jbangFolder.toString());
        environment.put("LC_ALL", "C");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        var command = new ArrayList<>(List.of(Shell.ROOT.resolve("scripts/jbang").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(folder, environment, command);
    }

    @Test
    void runsInTheCheckoutInAFolderOfItAndFromAnotherFolder() throws Exception {
        for (Result result : List.of(jbang(Shell.ROOT, "storeit-ctl", "--version"), jbang(Shell.ROOT.resolve("docs"), "storeit-ctl", "--version"),
                jbang(jbangFolder, "storeit-ctl@" + Shell.ROOT, "--version"))) {
            assertThat(result.out()).as(result.err()).isEqualTo("storeit-ctl " + StoreitVersion.APPLICATION + "\n");
            assertThat(result.code()).isZero();
        }
    }

    @Test
    void passesTheExitCodeOn() throws Exception {
        Result result = jbang(Shell.ROOT, "storeit-ctl", "verify", "no such archive");
        assertThat(result.err()).contains("There is no file ").contains("no such archive");
        assertThat(result.code()).isEqualTo(1);
    }

    @Test
    void isDescribedInTheCatalog() throws Exception {
        assertThat(jbang(Shell.ROOT, "alias", "list").out()).contains("storeit-ctl").doesNotContain("broken");
    }

    /** Its own dependencies are jars of this checkout, of the version the pom names. */
    @Test
    void dependsOnTheVersionThePomNames() throws Exception {
        String pom = Files.readString(Shell.ROOT.resolve("pom.xml"));
        String revision = pom.substring(pom.indexOf("<revision>") + "<revision>".length(), pom.indexOf("</revision>"));
        assertThat(Files.readAllLines(Shell.ROOT.resolve("storeit-ctl.java"))).contains("//DEPS io.storeit:storeit-interchange:" + revision, "//DEPS io.storeit:storeit-ops:" + revision);
    }
}
