package io.storeit.ctl.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okio.Buffer;

/**
 * The GitHub API over a machine's folder of releases, as the old and the new tool ask it: {@code /latest} is the highest version there, and
 * each file is downloaded through a redirect.
 */
final class GitHub implements AutoCloseable {
    private static final String RELEASES = "/repos/storeit/storeit/releases";
    /** What the project published up to 0.2.1 beside the checksums. */
    private static final List<String> REFERENCE_ASSETS = List.of("storeit-server-linux-x86_64", "storeit-server-linux-x86_64-musl", "storeit-server-linux-aarch64",
            "storeit-server-linux-aarch64-musl", "storeit-server-darwin-x86_64", "storeit-server-darwin-aarch64", "storeit-server-windows-x86_64.exe", "storeit-ctl");

    private final MockWebServer server = new MockWebServer();
    private final Path releases;
    private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
    private final Map<String, UnaryOperator<MockResponse>> changes = new ConcurrentHashMap<>();

    GitHub(Machine machine) {
        this.releases = machine.releases;
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                requests.add(request);
                String path = request.getUrl().encodedPath();
                return changes.getOrDefault(path.substring(path.lastIndexOf('/') + 1), UnaryOperator.identity()).apply(answer(path, request));
            }
        });
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        machine.setToolVariable("STOREIT_CTL_RELEASES_URL", url());
        machine.forgetReleases();
    }

    String url() {
        return server.url(RELEASES).toString();
    }

    /** Answers to requests whose path ends in this name are changed so. */
    void change(String name, UnaryOperator<MockResponse> change) {
        changes.put(name, change);
    }

    List<RecordedRequest> requests() {
        return requests;
    }

    List<String> paths() {
        return requests.stream().map(request -> request.getUrl().encodedPath()).toList();
    }

    /** As the project published its releases up to 0.2.1: every name, checksums without a version, no signature. */
    static void publishAsTheReferenceDid(Machine machine, Release release) {
        try {
            Path folder = Files.createDirectories(machine.release(release));
            var sums = new StringBuilder();
            for (String name : REFERENCE_ASSETS) {
                if (name.startsWith("storeit-server-" + System.getProperty("os.name").toLowerCase(Locale.ROOT))) {
                    Machine.copyFile(release.asset(), folder.resolve(name));
                } else {
                    Files.writeString(folder.resolve(name), name + " " + release.version + "\n");
                }
                sums.append(Machine.sha256(folder.resolve(name))).append("  ").append(name).append("\n");
            }
            Files.writeString(folder.resolve("SHA256SUMS"), sums);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MockResponse answer(String path, RecordedRequest request) {
        try {
            if (path.equals(RELEASES)) {
                var bodies = new ArrayList<String>();
                for (String tag : Machine.names(releases)) {
                    bodies.add(body(tag));
                }
                return new MockResponse.Builder().code(200).body("[" + String.join(", ", bodies) + "]").build();
            }
            if (path.equals(RELEASES + "/latest")) {
                List<String> tags = Machine.names(releases);
                return tags.isEmpty() ? notFound() : release(tags.get(tags.size() - 1));
            }
            if (path.startsWith(RELEASES + "/tags/") && Files.isDirectory(releases.resolve(path.substring(path.lastIndexOf('/') + 1)))) {
                return release(path.substring(path.lastIndexOf('/') + 1));
            }
            if (path.startsWith("/download/")) {
                return new MockResponse.Builder().code(302).addHeader("Location", "/storage" + path.substring("/download".length())).build();
            }
            Path file = releases.resolve(path.substring(path.indexOf('/', 1) + 1)).normalize();
            if (path.startsWith("/storage/") && file.startsWith(releases) && Files.isRegularFile(file)) {
                return new MockResponse.Builder().code(200).body(new Buffer().write(Files.readAllBytes(file))).build();
            }
            return notFound();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MockResponse release(String tag) throws IOException {
        return new MockResponse.Builder().code(200).addHeader("Content-Type", "application/json").body(body(tag)).build();
    }

    private String body(String tag) throws IOException {
        var assets = new ArrayList<Map<String, Object>>();
        for (String name : Machine.names(releases.resolve(tag))) {
            Path file = releases.resolve(tag).resolve(name);
            var asset = new HashMap<String, Object>(Map.of("name", name, "size", Files.size(file), "browser_download_url", server.url("/download/" + tag + "/" + name).toString()));
            // GitHub names digests since the middle of 2025 only.
            if (!tag.startsWith("v0.2.")) {
                asset.put("digest", "sha256:" + Machine.sha256(file));
            }
            assets.add(asset);
        }
        return Machine.object(Map.of("tag_name", tag, "published_at", "2026-11-01T10:00:00Z", "assets", assets)).toString();
    }

    private static MockResponse notFound() {
        return new MockResponse.Builder().code(404).body("{\"message\": \"Not Found\"}").build();
    }

    @Override
    public void close() {
        server.close();
    }
}
