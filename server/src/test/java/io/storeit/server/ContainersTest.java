package io.storeit.server;

import static io.storeit.server.Household.MIRAS_CONTAINER;
import static io.storeit.server.Household.MIRAS_LOCATION;
import static io.storeit.server.Household.UNKNOWN_ID;
import static io.storeit.server.Household.json;
import static io.storeit.server.Household.target;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainersTest {
    private static final String PATH = "/api/v1/containers";
    private static final String ZOES_LOCATION = "4a39531c-f672-4bfa-bca3-c31cc9435e3f";
    private static final String ZOES_CONTAINER = "78996ac1-b273-4c32-bd9b-76aa95440bdd";

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client mira;
    private static Client zoe;
    private static Household household;

    @BeforeAll
    static void start() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
        mira = Household.mira(server);
        zoe = Household.zoe(server);
        household = new Household(mira);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aNewContainerIsAtALocationOrInAnotherContainer() {
        JsonNode outer = mira.post(PATH, """
                {"parent_type":"location","parent_id":"%s","name":"Kiste","description":"aus Holz","color":"#aabbcc"}""".formatted(MIRAS_LOCATION)).json();
        JsonNode inner = mira.get(PATH + "/" + household.containerIn(outer.path("id").textValue(), "Fach")).json();

        assertThat(outer.path("parent_location_id").textValue()).isEqualTo(MIRAS_LOCATION);
        assertThat(outer.path("parent_container_id").isNull()).isTrue();
        assertThat(outer.path("color").textValue()).isEqualTo("#aabbcc");
        assertThat(inner.path("parent_location_id").isNull()).isTrue();
        assertThat(inner.path("parent_container_id")).isEqualTo(outer.path("id"));
        assertThat(inner.path("color").isNull()).isTrue();
        assertThat(mira.get(PATH + "/" + outer.path("id").textValue()).json()).isEqualTo(outer);
        assertThat(mira.get(PATH + "/" + outer.path("id").textValue() + "/containers").json()).isEqualTo(json("[" + inner + "]"));
        assertThat(Sqlite.rows(server.database(), "SELECT entity_type, searchable_text FROM search_index WHERE entity_id = '" + outer.path("id").textValue() + "'"))
                .containsExactly("container|Kiste aus Holz");
    }

    @Test
    void aWrongTypeOfParentOrTargetIs400() {
        assertThat(mira.post(PATH, Household.placed("item", MIRAS_LOCATION, "a")).errorMessage())
                .isEqualTo("validation error: invalid parent_type: item, must be 'location' or 'container'");
        assertThat(mira.post(PATH + "/" + UNKNOWN_ID + "/move", target("Location", UNKNOWN_ID)).errorMessage())
                .isEqualTo("validation error: invalid target_type: Location, must be 'location' or 'container'");
    }

    @Test
    @DisplayName("D9, D98: a parent or target that is unknown or in another group is 404, and nothing is moved")
    void unknownPlaces() {
        String box = household.containerAt(MIRAS_LOCATION, "stays");
        for (String[] place : new String[][] {
            {"location", UNKNOWN_ID}, {"container", UNKNOWN_ID}, {"location", ZOES_LOCATION}, {"container", ZOES_CONTAINER},
            // The right id of the wrong type.
            {"location", MIRAS_CONTAINER}, {"container", MIRAS_LOCATION}
        }) {
            for (Answer answer : List.of(
                    mira.post(PATH, Household.placed(place[0], place[1], "a")),
                    mira.post(PATH + "/" + box + "/move", target(place[0], place[1])))) {
                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.errorMessage()).isEqualTo("entity not found: " + place[0] + " " + place[1]);
            }
        }
        assertThat(mira.get(PATH + "/" + box).json().path("parent_location_id").textValue()).isEqualTo(MIRAS_LOCATION);
    }

    @Test
    @DisplayName("D95: an absent field keeps its value and null clears it, but for the name")
    void absentKeepsAndNullClears() {
        String id = household.containerAt(MIRAS_LOCATION, "chest");
        mira.put(PATH + "/" + id, "{\"description\":\"old\",\"color\":\"red\"}");

        JsonNode updated = mira.put(PATH + "/" + id, "{\"name\":null,\"description\":null}").json();

        assertThat(updated.path("name").textValue()).isEqualTo("chest");
        assertThat(updated.path("description").isNull()).isTrue();
        assertThat(updated.path("color").textValue()).isEqualTo("red");
        assertThat(updated.path("parent_location_id").textValue()).isEqualTo(MIRAS_LOCATION);
    }

    @Test
    @DisplayName("D118: a container needs a name of bounded length")
    void rules() {
        String id = household.containerAt(MIRAS_LOCATION, "valid");
        for (String fields : List.of("\"name\":\" \"", "\"name\":\"" + "x".repeat(1001) + "\"", "\"name\":\"a\",\"color\":\"" + "x".repeat(1001) + "\"")) {
            assertThat(mira.post(PATH, "{\"parent_type\":\"location\",\"parent_id\":\"" + MIRAS_LOCATION + "\"," + fields + "}").errorCode())
                    .isEqualTo("VALIDATION_ERROR");
            assertThat(mira.put(PATH + "/" + id, "{" + fields + "}").errorCode()).isEqualTo("VALIDATION_ERROR");
        }
    }

    @Test
    void aMovedContainerTakesAlongWhatIsInIt() {
        String room = household.location("from");
        String box = household.containerAt(room, "box");
        String tray = household.containerIn(box, "tray");
        String spoon = household.itemIn(tray, "spoon");

        Answer moved = mira.post(PATH + "/" + box + "/move", target("container", MIRAS_CONTAINER));

        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.json().path("parent_container_id").textValue()).isEqualTo(MIRAS_CONTAINER);
        assertThat(moved.json().path("parent_location_id").isNull()).isTrue();
        assertThat(mira.get(PATH + "/" + tray + "/ancestry").json().findValuesAsText("name")).containsExactly("Hütte", "Küchenkiste", "box", "tray");
        assertThat(mira.get("/api/v1/items/" + spoon).json().path("container_id").textValue()).isEqualTo(tray);
        // To where it is already.
        assertThat(mira.post(PATH + "/" + box + "/move", target("container", MIRAS_CONTAINER)).status()).isEqualTo(200);
    }

    @Test
    void aContainerCannotBeMovedIntoItselfHoweverDeep() {
        String box = household.containerAt(MIRAS_LOCATION, "outermost");
        String tray = household.containerIn(box, "middle");
        String tin = household.containerIn(tray, "innermost");

        for (String inside : List.of(box, tray, tin)) {
            Answer answer = mira.post(PATH + "/" + box + "/move", target("container", inside));

            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.errorCode()).isEqualTo("CIRCULAR_REFERENCE");
            assertThat(answer.errorMessage()).isEqualTo("circular reference detected: container " + box + " cannot be its own ancestor");
        }
        assertThat(mira.post(PATH + "/" + UNKNOWN_ID + "/move", target("container", UNKNOWN_ID)).errorCode()).isEqualTo("CIRCULAR_REFERENCE");
        assertThat(mira.post(PATH + "/" + UNKNOWN_ID + "/move", target("container", box)).errorCode()).isEqualTo("NOT_FOUND");
        assertThat(mira.post(PATH + "/" + tin + "/move", target("container", box)).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("D117: moves at the same time never put containers into each other")
    void movesAtTheSameTime() {
        String[] boxes = IntStream.range(0, 4).mapToObj(i -> household.containerAt(MIRAS_LOCATION, "box " + i)).toArray(String[]::new);
        for (int round = 0; round < 10; round++) {
            CompletableFuture<?>[] moves = IntStream.range(0, 4)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() ->
                            mira.post(PATH + "/" + boxes[i] + "/move", target("container", boxes[(i + 1) % 4])).status()))
                    .peek(status -> status.thenAccept(code -> assertThat(code).isIn(200, 409)))
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(moves).join();

            for (String box : boxes) {
                assertThat(mira.get(PATH + "/" + box + "/ancestry").json().path(0).path("entity_type").textValue()).isEqualTo("location");
                mira.post(PATH + "/" + box + "/move", target("location", MIRAS_LOCATION));
            }
        }
    }

    @Test
    @DisplayName("D117: the ancestry of containers that are in each other, as old data may have them, comes to an end")
    void circle(@TempDir Path other) {
        Path database = Fixture.SCHEMA_2.copyTo(other);
        Sqlite.execute(database, "UPDATE containers SET parent_location_id = NULL, parent_container_id = 'f5d28f71-f6c3-40f5-93f6-d49dd79f2716' WHERE id = '"
                + ZOES_CONTAINER + "'");
        try (TestServer circular = TestServer.in(other)) {
            Client client = Household.zoe(circular);

            assertThat(client.get(PATH + "/" + ZOES_CONTAINER + "/ancestry").json().findValuesAsText("name"))
                    .containsExactly("Inner tray", "a tiny tin", "Zebra box");
            assertThat(client.post(PATH + "/" + ZOES_CONTAINER + "/move", target("location", ZOES_LOCATION)).status()).isEqualTo(200);
            assertThat(client.get(PATH + "/" + ZOES_CONTAINER + "/ancestry").json().findValuesAsText("name")).containsExactly("Garage", "Zebra box");
        }
    }

    @Test
    @DisplayName("D123: the ancestry keeps its shape: the location that holds the outermost container, then the containers")
    void ancestry() {
        JsonNode ancestry = zoe.get(PATH + "/f5d28f71-f6c3-40f5-93f6-d49dd79f2716/ancestry").json();

        assertThat(ancestry).isEqualTo(json("""
                [{"entity_type":"location","id":"4a39531c-f672-4bfa-bca3-c31cc9435e3f","name":"Garage"},
                 {"entity_type":"container","id":"78996ac1-b273-4c32-bd9b-76aa95440bdd","name":"Zebra box"},
                 {"entity_type":"container","id":"154e4aab-5263-4afb-93f4-e782f48af4b6","name":"Inner tray"},
                 {"entity_type":"container","id":"f5d28f71-f6c3-40f5-93f6-d49dd79f2716","name":"a tiny tin"}]"""));
        assertThat(zoe.get(PATH + "/" + UNKNOWN_ID + "/ancestry").body()).isEqualTo("[]");
    }

    @Test
    @DisplayName("D121: a container that is not empty cannot be deleted, and the answer says how much is in it")
    void notEmpty() {
        String box = household.containerAt(MIRAS_LOCATION, "full");
        String tray = household.containerIn(box, "tray");
        String spoon = household.itemIn(box, "spoon");

        Answer answer = mira.delete(PATH + "/" + box);
        assertThat(answer.errorCode()).isEqualTo("NOT_EMPTY");
        assertThat(answer.errorMessage()).isEqualTo("entity not empty: container " + box + " contains 2 children");

        assertThat(mira.delete(PATH + "/" + tray).status()).isEqualTo(204);
        assertThat(mira.delete("/api/v1/items/" + spoon).status()).isEqualTo(204);
        assertThat(mira.delete(PATH + "/" + box).status()).isEqualTo(204);
        assertThat(Sqlite.rows(server.database(), "SELECT 1 FROM search_index WHERE entity_id IN ('" + box + "', '" + tray + "', '" + spoon + "')")).isEmpty();
    }

    @Test
    @DisplayName("D100: a deleted container leaves no photo and no assigned tag")
    void deleteLeavesNothing() {
        String id = household.containerAt(MIRAS_LOCATION, "gone");
        Sqlite.execute(server.database(),
                "INSERT INTO photos (id, entity_type, entity_id, storage_key, mime_type) VALUES ('p-%1$s', 'container', '%1$s', 'x.webp', 'image/webp')".formatted(id));
        mira.post("/api/v1/nfc-tags/register-and-assign", "{\"tag_uri\":\"gone box\",\"entity_type\":\"container\",\"entity_id\":\"" + id + "\"}");

        assertThat(mira.delete(PATH + "/" + id).status()).isEqualTo(204);

        assertThat(Sqlite.rows(server.database(), "SELECT 1 FROM photos WHERE entity_id = '" + id + "'")).isEmpty();
        assertThat(mira.get("/api/v1/nfc-tags/resolve-uid?uid=gone+box").json().path("status").textValue()).isEqualTo("unassigned");
    }
}
