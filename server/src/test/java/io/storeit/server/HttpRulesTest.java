package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the general rules of the HTTP contract on the existing routes. */
class HttpRulesTest {
    private static final String CONTAINER = "deeb7179-d64e-4343-af86-bb28d5bf8544";

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client mira;

    @BeforeAll
    static void start() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
        mira = server.login("mira", "correct horse battery");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "/api", "/api/", "/api/v1/nothing", "/api/v1/containers/", "/api/v1/items/x/y/z", "/health/"})
    @DisplayName("D103: an unknown path is 404 in JSON")
    void anUnknownPathIs404InJson(String path) {
        Answer answer = server.anonymous().get(path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.errorCode()).isEqualTo("NOT_FOUND");
        assertThat(answer.header("Content-Type")).contains("application/json");
    }

    @Test
    @DisplayName("D105: a wrong method is 405 with Allow, in JSON, and needs no session")
    void aWrongMethodIs405WithAllowAndNeedsNoSession() {
        Answer items = server.anonymous().send("DELETE", "/api/v1/items");
        assertThat(items.status()).isEqualTo(405);
        assertThat(items.errorCode()).isEqualTo("METHOD_NOT_ALLOWED");
        assertThat(items.header("Allow")).contains("GET, HEAD, POST");

        assertThat(server.anonymous().send("PUT", "/api/v1/locations/tree").header("Allow")).contains("GET, HEAD");
    }

    @Test
    void headWorksWhereGetDoes() {
        Answer get = mira.get("/api/v1/containers");
        Answer head = mira.send("HEAD", "/api/v1/containers");

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.bytes()).isEmpty();
        assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
    }

    @Test
    void withoutASessionNothingElseIsLookedAt() {
        Client anonymous = server.anonymous();
        assertThat(anonymous.get("/api/v1/containers").errorCode()).isEqualTo("UNAUTHENTICATED");
        assertThat(anonymous.get("/api/v1/items/no-uuid").status()).isEqualTo(401);
        assertThat(anonymous.post("/api/v1/items", "{").status()).isEqualTo(401);
        assertThat(server.withCookie("storeit_session=unknown").get("/api/v1/auth/me").status()).isEqualTo(401);
    }

    @Test
    void theRoleIsLookedAtBeforeTheBody() {
        Answer answer = mira.post("/api/v1/admin/backup", "{");

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.errorMessage()).isEqualTo("forbidden: admin access required");
    }

    @Test
    @DisplayName("D105: an id in the path that is no UUID is 400 in JSON")
    void aPathIdThatIsNoUuidIs400BeforeTheBodyIsRead() {
        Answer answer = mira.get("/api/v1/items/12345");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorCode()).isEqualTo("INVALID_REQUEST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/xml"})
    void aBodyOfAnotherTypeIs415(String type) {
        Answer answer = mira.post("/api/v1/items", "{}".getBytes(StandardCharsets.UTF_8), type);

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.errorCode()).isEqualTo("UNSUPPORTED_MEDIA_TYPE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"})
    void allSpellingsOfJsonAreTaken(String type) {
        assertThat(mira.post("/api/v1/items", "{}".getBytes(StandardCharsets.UTF_8), type).status()).isEqualTo(422);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "{", "nul", "{\"name\":NaN}", "{} {}", "{}x", "{\"name\":\"a\nb\"}", "{\"name\":\"\\ud800\"}", "{\"name\":\"\\udc00\\ud800\"}",
        "{\"\\ud800\":1}", "\uFEFF{}", "{\"name\":1e999}", "{'name':1}", "{\"a\":1,}", "{/**/}"
    })
    @DisplayName("D105: what is no JSON is 400, in JSON")
    void whatIsNoJsonIs400(String body) {
        Answer answer = mira.post("/api/v1/items", body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.errorCode()).isEqualTo("INVALID_REQUEST");
    }

    @Test
    void bytesThatAreNotUtf8Are400() {
        byte[] body = "{\"name\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(mira.post("/api/v1/items", body, "application/json").status()).isEqualTo(400);
    }

    @Test
    void endlessNestingIs400AndNotAnError() {
        assertThat(mira.post("/api/v1/items", "[".repeat(100_000)).status()).isEqualTo(400);
        assertThat(mira.post("/api/v1/items", "{\"x\":" + "[".repeat(200) + "]".repeat(200) + "}").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[]", "\"text\"", "null", "{}",
        "[\"container\",\"" + CONTAINER + "\",\"name\"]",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\"}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":null}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":7}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":\"a\",\"name\":\"b\"}",
        "{\"parent_type\":\"container\",\"parent_id\":\"no id\",\"name\":\"a\"}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":\"a\",\"quantity\":\"1\"}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":\"a\",\"quantity\":1.0}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":\"a\",\"quantity\":2147483648}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":\"a\",\"aliases\":\"x\"}",
        "{\"parent_type\":\"container\",\"parent_id\":\"" + CONTAINER + "\",\"name\":\"a\",\"keywords\":[1]}"
    })
    @DisplayName("D105, D133: JSON of another shape is 422, also an array in place of an object")
    void jsonOfAnotherShapeIs422(String body) {
        Answer answer = mira.post("/api/v1/items", body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.errorCode()).isEqualTo("UNPROCESSABLE");
    }

    @Test
    @DisplayName("D37: a body over 50 MiB is 413, however it is sent")
    void aBodyOver50MebibytesIs413HoweverItIsSent() {
        byte[] tooLarge = new byte[50 * 1024 * 1024 + 1];
        for (HttpRequest.BodyPublisher body : List.of(
                HttpRequest.BodyPublishers.ofByteArray(tooLarge),
                HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(tooLarge)))) {
            Answer answer = mira.send("POST", "/api/v1/items", body, "application/json");

            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.errorCode()).isEqualTo("PAYLOAD_TOO_LARGE");
        }
    }

    @Test
    @DisplayName("D5: the schema version is open to anyone")
    void theModeRouteAndTheSchemaVersionAreOpenToAnyone() {
        assertThat(server.anonymous().get("/api/v1/auth/mode").body()).isEqualTo("{\"mode\":\"local\"}");
        assertThat(server.anonymous().get("/api/v1/admin/schema-version").body())
                .isEqualTo("{\"schema_version\":2,\"expected_version\":2,\"app_version\":\"0.3.0\"}");
    }

    @Test
    void aStaleCookieDoesNotMatterWhereNoneIsNeeded() {
        assertThat(server.withCookie("storeit_session=stale").get("/api/v1/auth/mode").status()).isEqualTo(200);
    }

    @Test
    void aBodyThatWouldFillTheMemoryIsRefused() {
        assertThat(mira.post("/api/v1/items/batch", "[" + "{},".repeat(300_000) + "{}]").status()).isEqualTo(400);
        assertThat(mira.post("/api/v1/items/batch", "[" + "{},".repeat(200_000) + "{}]").status()).isEqualTo(422);
        assertThat(mira.post("/api/v1/items/batch", "[" + " ".repeat(8 * 1024 * 1024 - 2) + "]").status()).isEqualTo(201);
        assertThat(mira.post("/api/v1/items/batch", "[" + " ".repeat(8 * 1024 * 1024 - 1) + "]").status()).isEqualTo(413);
    }

    @Test
    @DisplayName("D5: the schema version is that of the database, not that of the program")
    void theSchemaVersionIsThatOfTheDatabase() {
        Sqlite.execute(server.database(), "UPDATE _meta SET value = '7' WHERE key = 'schema_version'");
        try {
            assertThat(server.anonymous().get("/api/v1/admin/schema-version").json().path("schema_version").intValue()).isEqualTo(7);
        } finally {
            Sqlite.execute(server.database(), "UPDATE _meta SET value = '2' WHERE key = 'schema_version'");
        }
    }

    @Test
    @DisplayName("D2, D3, D107: naming things in photos is 501 to who is logged in, and nothing is run for it")
    void namingThingsInPhotosIs501() {
        for (String path : List.of("/api/v1/identify", "/api/v1/identify/correct")) {
            assertThat(server.anonymous().post(path, "{}").status()).isEqualTo(401);
            Answer answer = mira.post(path, "{}");
            assertThat(answer.status()).isEqualTo(501);
            assertThat(answer.errorCode()).isEqualTo("NOT_CONFIGURED");
        }
    }
}
