package io.storeit.server;

import static io.storeit.server.Household.placed;
import static io.storeit.server.Household.target;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests two users in two groups: whatever mira tries, zoe's records do not exist for her and stay unchanged. */
class TwoGroupsTest {
    private static final String LOCATION = "4a39531c-f672-4bfa-bca3-c31cc9435e3f";
    private static final String CONTAINER = "78996ac1-b273-4c32-bd9b-76aa95440bdd";
    private static final String ITEM = "cff45b4e-1030-495c-9b0a-e38db105ffaf";
    private static final String TAG = "26cafff1-4ea9-40dc-94bd-6a32bf416db3";

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client mira;
    private List<String> before;

    @BeforeAll
    static void start() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
        mira = Household.mira(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void remember() {
        before = everything();
    }

    @AfterEach
    void nothingHasChanged() {
        assertThat(everything()).isEqualTo(before);
    }

    private static List<String> everything() {
        var rows = new ArrayList<String>();
        for (String table : List.of("locations", "containers", "items", "nfc_tags", "photos", "search_index", "_meta")) {
            rows.addAll(Sqlite.rows(server.database(), "SELECT * FROM " + table));
        }
        return rows;
    }

    /** A request that names a record of the other group. */
    record Attempt(String method, String path, String body) {
        @Override
        public String toString() {
            return method + " " + path + " " + body;
        }
    }

    static Stream<Attempt> attempts() {
        String location = "/api/v1/locations/" + LOCATION;
        String container = "/api/v1/containers/" + CONTAINER;
        String item = "/api/v1/items/" + ITEM;
        String tag = "/api/v1/nfc-tags/" + TAG;
        String assignment = "{\"entity_type\":\"%s\",\"entity_id\":\"%s\"}";
        String registration = "{\"tag_uri\":\"new\",\"entity_type\":\"%s\",\"entity_id\":\"%s\"}";
        return Stream.of(
                new Attempt("GET", location, ""),
                new Attempt("PUT", location, "{\"name\":\"mine\"}"),
                new Attempt("DELETE", "/api/v1/locations/7c7ce410-5b7a-4b5f-9e69-8d0edec7bc2a", ""),
                new Attempt("POST", "/api/v1/locations", "{\"name\":\"mine\",\"parent_id\":\"" + LOCATION + "\"}"),
                new Attempt("GET", container, ""),
                new Attempt("PUT", container, "{\"name\":\"mine\"}"),
                new Attempt("DELETE", "/api/v1/containers/f5d28f71-f6c3-40f5-93f6-d49dd79f2716", ""),
                new Attempt("POST", "/api/v1/containers", placed("location", LOCATION, "mine")),
                new Attempt("POST", "/api/v1/containers", placed("container", CONTAINER, "mine")),
                new Attempt("POST", container + "/move", target("location", Household.MIRAS_LOCATION)),
                new Attempt("POST", container + "/move", target("container", Household.MIRAS_CONTAINER)),
                new Attempt("POST", "/api/v1/containers/" + Household.MIRAS_CONTAINER + "/move", target("container", CONTAINER)),
                new Attempt("POST", "/api/v1/containers/" + Household.MIRAS_CONTAINER + "/move", target("location", LOCATION)),
                new Attempt("GET", item, ""),
                new Attempt("PUT", item, "{\"name\":\"mine\"}"),
                new Attempt("DELETE", item, ""),
                new Attempt("POST", "/api/v1/items", placed("location", LOCATION, "mine")),
                new Attempt("POST", "/api/v1/items", placed("container", CONTAINER, "mine")),
                new Attempt("POST", "/api/v1/items/batch", "[" + placed("container", Household.MIRAS_CONTAINER, "mine") + "," + placed("container", CONTAINER, "mine") + "]"),
                new Attempt("POST", item + "/move", target("container", Household.MIRAS_CONTAINER)),
                new Attempt("GET", tag, ""),
                new Attempt("DELETE", tag, ""),
                new Attempt("PUT", tag + "/assign", assignment.formatted("location", Household.MIRAS_LOCATION)),
                new Attempt("PUT", tag + "/unassign", "{}"),
                new Attempt("POST", "/api/v1/nfc-tags/register-and-assign", registration.formatted("location", LOCATION)),
                new Attempt("POST", "/api/v1/nfc-tags/register-and-assign", registration.formatted("container", CONTAINER)),
                new Attempt("GET", "/api/v1/nfc-tags/resolve/storeit:%2F%2Ftag%2Fbox", ""),
                new Attempt("GET", "/api/v1/nfc-tags/resolve-uid?uid=storeit:%2F%2Ftag%2Fbox", ""),
                new Attempt("GET", "/api/v1/nfc-tags/resolve-uid?uid=item-" + ITEM, ""),
                new Attempt("GET", "/api/v1/nfc-tags/resolve-uid?uid=container-" + CONTAINER, ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attempts")
    void whatAnotherGroupHasIsNotThere(Attempt attempt) {
        Answer answer = mira.send(attempt.method(), attempt.path(), HttpRequest.BodyPublishers.ofString(attempt.body()), "application/json");

        assertThat(answer.status()).as(answer.body()).isEqualTo(404);
        assertThat(answer.errorCode()).isEqualTo("NOT_FOUND");
    }

    @Test
    void noListShowsWhatAnotherGroupHas() {
        for (String path : List.of("locations", "locations/tree", "containers", "items", "nfc-tags", "search?q=box&limit=1000", "search?q=e*&limit=1000")) {
            JsonNode list = mira.get("/api/v1/" + path).json();
            var ids = Stream.of("id", "entity_id").flatMap(field -> list.findValuesAsText(field).stream()).filter(id -> !id.equals("null")).toList();
            assertThat(ids).allSatisfy(id -> assertThat(before).as(path).noneMatch(row -> row.contains(id) && row.contains(Household.ZOES_GROUP)));
        }
    }

    @Test
    void nothingIsInWhatAnotherGroupHas() {
        for (String path : List.of(
                "locations/" + LOCATION + "/children", "locations/" + LOCATION + "/containers", "locations/" + LOCATION + "/items",
                "containers/" + CONTAINER + "/containers", "containers/" + CONTAINER + "/items", "containers/" + CONTAINER + "/ancestry")) {
            assertThat(mira.get("/api/v1/" + path).body()).as(path).isEqualTo("[]");
        }
    }

    @Test
    void anAddressThatAnotherGroupHasCannotBeRegistered() {
        for (String path : List.of("", "/register-and-assign")) {
            Answer answer = mira.post("/api/v1/nfc-tags" + path,
                    "{\"tag_uri\":\"storeit://tag/box\",\"entity_type\":\"location\",\"entity_id\":\"" + Household.MIRAS_LOCATION + "\"}");
            assertThat(answer.errorCode()).isEqualTo("CONFLICT");
        }
    }
}
