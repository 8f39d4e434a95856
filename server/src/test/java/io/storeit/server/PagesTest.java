package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the routes that do not answer JSON: the web interface, the description of the API and its page, the figures. */
class PagesTest {
    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client anyone;

    @BeforeAll
    static void start() throws IOException {
        Path root = Files.createDirectories(folder.resolve("web"));
        Files.createDirectories(root.resolve("assets"));
        Files.createDirectories(root.resolve(".git"));
        Files.writeString(root.resolve("index.html"), "<title>app</title>");
        Files.writeString(root.resolve("sw.js"), "sw()");
        Files.writeString(root.resolve("manifest.webmanifest"), "{}");
        Files.writeString(root.resolve("assets/app-4f1c.js"), "app()");
        Files.writeString(root.resolve("assets/ü.svg"), "<svg/>");
        Files.writeString(root.resolve(".git/config"), "hidden words");
        Files.writeString(folder.resolve("secret.txt"), "hidden words");
        Files.createSymbolicLink(root.resolve("link.txt"), folder.resolve("secret.txt"));
        server = TestServer.in(folder, InstantSource.system(), Map.of("STOREIT_WEB_ROOT", "web"));
        anyone = server.anonymous();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"/sw.js,text/javascript; charset=utf-8,sw()", "/manifest.webmanifest,application/manifest+json,{}", "/,text/html; charset=utf-8,<title>app</title>"})
    void aFileOfTheWebInterfaceHasItsTypeAndIsLookedAtAgain(String path, String type, String content) {
        Answer answer = anyone.get(path);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).contains(type);
        assertThat(answer.header("Cache-Control")).contains("no-cache");
        assertThat(answer.body()).isEqualTo(content);
        Answer again = new Client(server, "If-None-Match", answer.header("ETag").orElseThrow()).get(path);
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.bytes()).isEmpty();
    }

    @Test
    void anAssetIsKeptForEverAndAMissingOneIsNoPage() {
        Answer asset = anyone.get("/assets/app-4f1c.js");
        assertThat(asset.header("Cache-Control")).contains("public, max-age=31536000, immutable");
        assertThat(asset.body()).isEqualTo("app()");
        assertThat(anyone.get("/assets/%C3%BC.svg").header("Content-Type")).contains("image/svg+xml");

        assertThat(anyone.get("/assets/app-old.js").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/search", "/locations/3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a0b13", "/add/batch", "/apis", "/settings/", "/health/"})
    void anyOtherPathIsThePage(String path) {
        Answer answer = anyone.get(path);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("<title>app</title>");
        assertThat(anyone.send("HEAD", path).status()).isEqualTo(200);
        assertThat(anyone.send("POST", path).status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api", "/api/", "/api/v1/nothing", "/api/v1/items/"})
    @DisplayName("D103: an unknown path under /api is 404 in JSON for every method, although there is a web interface")
    void anUnknownPathUnderApiIs404(String path) {
        for (String method : List.of("GET", "HEAD", "POST", "DELETE", "OPTIONS")) {
            assertThat(anyone.send(method, path).status()).as(method).isEqualTo(404);
        }
        assertThat(anyone.get(path).errorCode()).isEqualTo("NOT_FOUND");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt",
        "//secret.txt", "/.git/config", "/link.txt", "/%00", "/index.html%00.js", "/assets"})
    void nothingOutsideTheFolderIsServed(String path) {
        Answer answer = anyone.get(path);

        assertThat(answer.body()).doesNotContain("hidden words");
        assertThat(answer.status()).isIn(200, 400, 404);
    }

    @Test
    void aFolderWithoutAnApplicationIsRefusedAtTheStart() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        for (Path wrong : List.of(empty, folder.resolve("nowhere"))) {
            assertThatThrownBy(() -> TestServer.in(empty, InstantSource.system(), Map.of("STOREIT_WEB_ROOT", wrong.toString())))
                    .isInstanceOf(Problem.class).hasMessageContaining("STOREIT_WEB_ROOT");
        }
    }

    @Test
    @DisplayName("D22, D25: every answer has the usual headers, none lets pages of other origins in")
    void everyAnswerHasTheUsualHeaders() {
        Client stranger = new Client(server, "Origin", "https://example.org");
        for (String path : List.of("/", "/sw.js", "/health", "/api/v1/items", "/api/v1/nothing", "/swagger-ui/", "/api-docs/openapi.json")) {
            Answer answer = stranger.get(path);

            assertThat(answer.header("X-Content-Type-Options")).as(path).contains("nosniff");
            assertThat(answer.header("X-Frame-Options")).as(path).contains("DENY");
            assertThat(answer.header("Referrer-Policy")).as(path).contains("same-origin");
            assertThat(answer.response().headers().allValues("Content-Security-Policy")).as(path).hasSize(1)
                    .allMatch(policy -> policy.contains("frame-ancestors 'none'"));
            assertThat(answer.response().headers().allValues("Cache-Control")).as(path).hasSize(1);
            assertThat(answer.response().headers().map().keySet()).as(path).noneMatch(name -> name.toLowerCase().startsWith("access-control"));
        }
        assertThat(stranger.send("OPTIONS", "/api/v1/items").status()).isEqualTo(405);
    }

    @Test
    void theApiDescribesItself() {
        Answer answer = anyone.get("/api-docs/openapi.json");

        assertThat(answer.header("Content-Type")).contains("application/json");
        JsonNode description = answer.json();
        assertThat(description.path("openapi").textValue()).startsWith("3.1");
        assertThat(description.path("info").path("title").textValue()).isEqualTo("StoreIT API");
        assertThat(description.path("info").path("version").textValue()).isEqualTo("0.1.0");
        // YAML would make a number or a boolean of much that JSON has as a text.
        assertThat(description.path("paths").path("/api/v1/auth/mode").path("get").path("responses").has("200")).isTrue();
    }

    @Test
    void thePageOfTheApiHasAllItNeeds() {
        Answer moved = anyone.get("/swagger-ui");
        assertThat(moved.status()).isEqualTo(303);
        assertThat(moved.header("Location")).contains("/swagger-ui/");

        Answer page = anyone.get("/swagger-ui/");
        assertThat(page.header("Content-Type")).contains("text/html; charset=utf-8");
        List<String> files = Pattern.compile("(?:href|src)=\"([^\"]+)\"").matcher(page.body()).results().map(match -> match.group(1)).toList();
        assertThat(files).hasSize(4);
        for (String file : files) {
            assertThat(anyone.get("/swagger-ui/" + file).status()).as(file).isEqualTo(200);
        }
        assertThat(anyone.get("/swagger-ui/start.js").body()).contains("/api-docs/openapi.json");
        assertThat(anyone.get("/swagger-ui/openapi.yaml").status()).isEqualTo(404);
        assertThat(anyone.get("/swagger-ui/..%2fopenapi.yaml").status()).isEqualTo(404);
    }

    @Test
    void theFiguresCountRequestsByRouteAndStatus() {
        anyone.get("/api/v1/items/3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a0b13");
        anyone.send("NONSENSE", "/nowhere");

        String figures = Awaitility.await().until(() -> anyone.get("/metrics").body(), text -> text.contains("status=\"405\""));

        assertThat(figures).contains(
                "storeit_http_requests_total{method=\"GET\",route=\"/api/v1/items/{id}\",status=\"401\"} 1.0",
                "storeit_http_requests_total{method=\"other\",route=\"/\",status=\"405\"} 1.0",
                "storeit_http_request_duration_seconds_bucket{method=\"GET\",route=\"/api/v1/items/{id}\",le=\"+Inf\"} 1",
                "storeit_info{version=\"0.3.0\"} 1");
        assertThat(figures).containsPattern("storeit_database_bytes [1-9]").contains("storeit_images_bytes 0.0");
        assertThat(anyone.get("/metrics").header("Content-Type").orElseThrow()).startsWith("text/plain; version=0.0.4");
    }

    @Test
    void theFiguresCountJobsByOutcome() {
        Client admin = server.login("admin", TestServer.ADMIN_PASSWORD);

        assertThat(admin.post("/api/v1/admin/backup", "{\"include_images\":false}").status()).isEqualTo(200);

        Awaitility.await().until(() -> anyone.get("/metrics").body()
                .contains("storeit_jobs_total{outcome=\"complete\",type=\"backup\"} 1.0"));
    }

    @Test
    void whoComesThroughAProxyNeedsToBeAnAdministratorForTheFigures() {
        assertThat(new Client(server, "X-Forwarded-For", "203.0.113.9").get("/metrics").status()).isEqualTo(401);
        assertThat(server.login("admin", TestServer.ADMIN_PASSWORD).get("/metrics").status()).isEqualTo(200);
    }
}
