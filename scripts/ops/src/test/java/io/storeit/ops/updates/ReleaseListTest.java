package io.storeit.ops.updates;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.console.Console;
import io.storeit.ops.console.Verbosity;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Which schemas the releases of a place have. */
class ReleaseListTest {
    private Mirror mirror;

    @BeforeEach
    void open() throws IOException {
        mirror = Mirror.plain();
    }

    @AfterEach
    void close() throws IOException {
        mirror.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<Release> releases(String... versions) {
        String entries = Stream.of(versions).map(version -> """
                {"tag_name": "v%s", "assets": [{"name": "SHA256SUMS", "size": 100, "browser_download_url": "%s"}]}""".formatted(version, mirror.url("/" + version)))
                .collect(Collectors.joining(","));
        mirror.on("/releases?per_page=100", Mirror.file(bytes("[" + entries + "]")));
        var console = new Console(new CommandLine(CommandLine.Model.CommandSpec.create()), new Verbosity(true, false, false));
        return Releases.of(new Context(console, Settings.load(Map.of(Settings.Key.RELEASES_URL, mirror.url("/releases"))), Duration.ofSeconds(20))).all();
    }

    private static Mirror.Answer sums(int schema) {
        return Mirror.file(bytes("# StoreIT\n# Schema " + schema + "\n"));
    }

    /** Each is answered only once the other was asked for too. */
    @Test
    void schemasAreReadAtTheSameTime() {
        var both = new CyclicBarrier(2);
        for (var version : Map.of("0.4.0", 3, "0.3.0", 2).entrySet()) {
            mirror.on("/" + version.getKey(), (request, out) -> {
                both.await(10, TimeUnit.SECONDS);
                sums(version.getValue()).write(request, out);
            });
        }
        assertThat(ReleaseList.schemas(releases("0.3.0", "0.4.0"), Duration.ofSeconds(30))).containsExactly(3, 2);
    }

    @Test
    void aSchemaThatIsNotToldInTimeIsNotKnown() {
        mirror.on("/0.5.0", Mirror.silence());
        mirror.on("/0.4.0", sums(3));
        mirror.on("/0.3.0", Mirror.status(500));
        assertThat(ReleaseList.schemas(releases("0.2.1", "0.1.0", "0.3.0", "0.4.0", "0.5.0"), Duration.ofSeconds(2))).containsExactly(null, 3, null, 2, 1);
    }
}
