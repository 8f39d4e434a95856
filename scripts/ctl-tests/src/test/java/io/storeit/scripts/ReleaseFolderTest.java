package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Shell.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layout of a local folder of releases, as storeit-ctl's releases_url expects it. */
@Tag("process")
class ReleaseFolderTest {

    @TempDir
    Path folder;

    private Result release(String version, String... files) throws Exception {
        var command = new ArrayList<>(List.of(Shell.ROOT.resolve("scripts/release-folder.sh").toString(), "releases", version));
        command.addAll(List.of(files));
        return Shell.run(folder, Map.of("PATH", System.getenv("PATH")), command);
    }

    @Test
    void holdsTheServerUnderThePlatformsNamesAndTheSumsOfAllFiles() throws Exception {
        Files.writeString(folder.resolve("the server"), "server");
        Files.writeString(folder.resolve("storeit-ctl"), "ctl");
        Result made = release("1.2.3", "the server", "storeit-ctl");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).isEmpty();

        Path release = folder.resolve("releases/v1.2.3");
        assertThat(Shell.files(folder.resolve("releases"))).containsExactly("v1.2.3");
        List<String> assets = Shell.files(release);
        assertThat(assets).contains("SHA256SUMS", "storeit-ctl").anyMatch(name -> name.matches("storeit-server-(linux|darwin)-(x86_64|aarch64)"));
        if (assets.stream().anyMatch(name -> name.contains("linux"))) {
            assertThat(assets).anyMatch(name -> name.endsWith("-musl"));
        }

        List<String> sums = Files.readAllLines(release.resolve("SHA256SUMS"));
        assertThat(sums).first().isEqualTo("# StoreIT 1.2.3");
        assertThat(sums).hasSize(assets.size()).contains("8d64666b3a57b53101d5ec122525a781485120c5ee7be962ba492bef42096341  storeit-ctl");
    }

    @Test
    void replacesAReleaseOfThatVersion() throws Exception {
        Files.writeString(folder.resolve("server"), "first");
        Files.writeString(folder.resolve("extra"), "extra");
        assertThat(release("1.2.3", "server", "extra").code()).isZero();
        assertThat(release("1.2.3", "server").code()).isZero();
        assertThat(Shell.files(folder.resolve("releases/v1.2.3"))).doesNotContain("extra");
    }

    @Test
    void saysHowItIsUsed() throws Exception {
        Result result = release("1.2.3");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("scripts/release-folder.sh FOLDER VERSION SERVER");
        assertThat(folder.resolve("releases")).doesNotExist();
    }
}
