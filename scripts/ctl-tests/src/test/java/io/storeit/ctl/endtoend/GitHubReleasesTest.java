package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Releases from the GitHub API, played by a web server: look-up, download, and every way in which they can disagree. */
class GitHubReleasesTest extends EndToEnd {
    private final MockWebServer gitHub = new MockWebServer();
    private final Map<String, byte[]> files = new HashMap<>();
    private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
    private String latest = "v0.3.0";
    private boolean announceDigests = true;
    private boolean announceWrongDigests;
    private long addToSizes;
    private boolean cutDownloads;

    @BeforeEach
    void serveAReleaseAndAnOldServer() throws IOException {
        gitHub.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                requests.add(request);
                return answer(request.getUrl().encodedPath());
            }
        });
        gitHub.start();
        running(Release.REFERENCE_021).publish(Release.OURS);
        var folder = machine.release(Release.OURS);
        for (var name : Machine.names(folder)) {
            files.put(name, Files.readAllBytes(folder.resolve(name)));
        }
        machine.setToolVariable("STOREIT_CTL_RELEASES_URL", gitHub.url("/repos/storeit/storeit/releases").toString());
        machine.forgetReleases();
    }

    @AfterEach
    void closeGitHub() throws IOException {
        gitHub.close();
    }

    private MockResponse answer(String path) {
        var releases = "/repos/storeit/storeit/releases";
        if (path.equals(releases + "/latest") && latest != null) {
            return json(release(latest));
        }
        if (path.equals(releases + "/tags/v0.3.0")) {
            return json(release("v0.3.0"));
        }
        var bytes = files.get(path.substring(path.lastIndexOf('/') + 1));
        if (path.startsWith("/download/") && bytes != null) {
            var response = new MockResponse.Builder().code(200).body(new Buffer().write(bytes));
            return cutDownloads ? response.onResponseBody(SocketEffect.ShutdownConnection.INSTANCE).build() : response.build();
        }
        return new MockResponse.Builder().code(404).body("{\"message\": \"Not Found\"}").build();
    }

    private static MockResponse json(Object value) {
        return new MockResponse.Builder().code(200).addHeader("Content-Type", "application/json").body(value.toString()).build();
    }

    private Object release(String tag) {
        var assets = new ArrayList<Map<String, Object>>();
        for (var file : files.entrySet()) {
            var asset = new HashMap<String, Object>(Map.of("name", file.getKey(), "size", file.getValue().length + addToSizes,
                    "browser_download_url", gitHub.url("/download/" + tag + "/" + file.getKey()).toString()));
            if (announceDigests) {
                asset.put("digest", "sha256:" + (announceWrongDigests ? "0".repeat(64)
                        : Machine.sha256(machine.release(Release.OURS).resolve(file.getKey()))));
            }
            assets.add(asset);
        }
        return Machine.object(Map.of("tag_name", tag, "assets", assets));
    }

    private List<String> paths() {
        return requests.stream().map(request -> request.getUrl().encodedPath()).toList();
    }

    private CommandRun assertRefused() {
        var server = machine.servers().get(0).pid();
        var run = machine.upgrade(Release.OURS).requireExit(1);
        assertThat(machine.servers().get(0).pid()).isEqualTo(server);
        assertServesEverything(Release.REFERENCE_021);
        assertThat(Machine.names(machine.binary.getParent())).containsExactly("storeit-server");
        return run;
    }

    @Test
    void aVersionIsLookedUpByItsTag() {
        machine.upgrade(Release.OURS).requireExit(0);
        assertServesEverything(Release.OURS);
        assertThat(paths()).contains("/repos/storeit/storeit/releases/tags/v0.3.0").noneMatch(path -> path.endsWith("/latest"));
        assertThat(requests.get(0).getHeaders().get("Accept")).isEqualTo("application/vnd.github+json");
        assertThat(requests).allMatch(request -> request.getHeaders().get("Authorization") == null && request.getHeaders()
                .get("Cookie") == null);
    }

    @Test
    void withoutAVersionTheLatestReleaseIsTaken() {
        machine.tool("upgrade", "--yes", "--allow-unsigned").requireExit(0);
        assertServesEverything(Release.OURS);
        assertThat(paths()).contains("/repos/storeit/storeit/releases/latest");
    }

    @Test
    void theMuslFileIsTakenFirstAsByTheOldTool() {
        machine.upgrade(Release.OURS).requireExit(0);
        assertThat(paths()).anyMatch(path -> path.matches("/download/v0\\.3\\.0/storeit-server-linux-[a-z0-9_]+-musl"));
    }

    @Test
    void withoutAMuslFileThePlainOneIsTaken() {
        files.keySet().removeIf(name -> name.endsWith("-musl"));
        machine.upgrade(Release.OURS).requireExit(0);
        assertServesEverything(Release.OURS);
    }

    /** The old tool takes any asset whose name merely contains a wanted one (D90). */
    @ParameterizedTest
    @ValueSource(strings = {".sha256", ".sig", "-debug.tar.gz"})
    void aFileWhoseNameOnlyBeginsSoIsNotTaken(String ending) {
        var renamed = new HashMap<String, byte[]>();
        files.forEach((name, bytes) -> renamed.put(name.startsWith("storeit-server") ? name + ending : name, bytes));
        files.clear();
        files.put("SHA256SUMS", renamed.get("SHA256SUMS"));
        announceDigests = false;
        renamed.keySet().stream().filter(name -> !name.equals("SHA256SUMS")).forEach(name -> files.put(name, renamed.get(name)));
        assertThat(assertRefused().text()).contains("SHA256SUMS");
    }

    @Test
    void aReleaseThatIsNotThereIsSaidSo() {
        assertThat(machine.tool("upgrade", "9.9.9", "--yes", "--allow-unsigned").requireExit(1).text()).contains("9.9.9");
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void noReleaseAtAllIsSaidSo() {
        latest = null;
        assertThat(machine.tool("upgrade", "--yes", "--allow-unsigned").requireExit(1).text()).contains("latest");
    }

    @Test
    void aDigestOfTheApiThatDisagreesStopsIt() {
        announceWrongDigests = true;
        assertRefused();
    }

    @Test
    void aSizeOfTheApiThatDisagreesStopsIt() {
        addToSizes = 1;
        assertRefused();
    }

    @Test
    void aReleaseWithoutDigestsInTheApiIsCheckedByItsSums() {
        announceDigests = false;
        machine.upgrade(Release.OURS).requireExit(0);
        assertServesEverything(Release.OURS);
    }

    @Test
    void aDownloadThatIsCutStopsIt() {
        cutDownloads = true;
        assertRefused();
    }

    @Test
    void aFileThatWasExchangedOnTheWayStopsIt() {
        announceDigests = false;
        files.replaceAll((name, bytes) -> name.startsWith("storeit-server")
                ? "#!/bin/sh\ntouch /tmp/executed\n".getBytes(java.nio.charset.StandardCharsets.UTF_8) : bytes);
        assertRefused();
        assertThat(Path.of("/tmp/executed")).doesNotExist();
    }

    @Test
    void anUnreachableAddressIsSaidSo() throws IOException {
        gitHub.close();
        assertThat(assertRefused().text()).contains("storeit/releases");
    }
}
