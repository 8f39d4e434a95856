package io.storeit.server;

import static io.storeit.server.Household.MIRAS_GROUP;
import static io.storeit.server.Household.MIRAS_LOCATION;
import static io.storeit.server.Household.UNKNOWN_ID;
import static io.storeit.server.Household.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocationsTest {
    private static final String PATH = "/api/v1/locations";
    /** Advances with every call, so that a change can be recognised by its time. */
    private static Instant now = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    static Path folder;

    private static TestServer server;
    private static Client mira;
    private static Client zoe;
    private static Household household;

    @BeforeAll
    static void start() {
        Fixture.SCHEMA_2.copyTo(folder);
        server = TestServer.in(folder, () -> now = now.plusMillis(1), Map.of());
        mira = Household.mira(server);
        zoe = Household.zoe(server);
        household = new Household(mira);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aNewLocationIsAnsweredStoredAndSearchable() {
        Answer created = mira.post(PATH, """
                {"name":" Keller ","description":"feucht","latitude":47,"longitude":-0.0,"parent_id":"%s"}""".formatted(MIRAS_LOCATION));

        assertThat(created.status()).isEqualTo(201);
        JsonNode location = created.json();
        String id = location.path("id").textValue();
        assertThat(created.body()).isEqualTo("""
                {"id":"%s","group_id":"%s","parent_id":"%s","name":" Keller ","description":"feucht","latitude":47.0,"longitude":0.0,\
                "created_at":"%s","updated_at":"%s"}""".formatted(id, MIRAS_GROUP, MIRAS_LOCATION, location.path("created_at").textValue(),
                location.path("created_at").textValue()));
        assertThat(mira.get(PATH + "/" + id).json()).isEqualTo(location);
        assertThat(Sqlite.rows(server.database(), "SELECT entity_type, searchable_text FROM search_index WHERE entity_id = '" + id + "'"))
                .containsExactly("location| Keller  feucht");
    }

    @Test
    void listsRootsAndChildrenByNameByteByByte() {
        String house = household.location("house");
        for (String name : List.of("b", "a", "Z", "ä")) {
            household.locationIn(house, name);
        }
        household.location("Attic");

        assertThat(mira.get(PATH + "/" + house + "/children").json().findValuesAsText("name")).containsExactly("Z", "a", "b", "ä");
        List<String> roots = mira.get(PATH).json().findValuesAsText("name");
        assertThat(roots).contains("Attic", "house", "Hütte").doesNotContain("Z");
        assertThat(roots.indexOf("Attic")).isLessThan(roots.indexOf("Hütte"));
        assertThat(mira.get(PATH + "/" + UNKNOWN_ID + "/children").body()).isEqualTo("[]");
        assertThat(mira.get(PATH + "/" + UNKNOWN_ID + "/containers").body()).isEqualTo("[]");
        assertThat(mira.get(PATH + "/" + UNKNOWN_ID + "/items").body()).isEqualTo("[]");
    }

    @Test
    void listsWhatIsDirectlyAtALocation() {
        String room = household.location("room");
        String box = household.containerAt(room, "box");
        household.containerIn(box, "inner box");
        household.itemIn(box, "spoon");
        household.itemAt(room, "table");

        assertThat(mira.get(PATH + "/" + room + "/containers").json().findValuesAsText("name")).containsExactly("box");
        assertThat(mira.get(PATH + "/" + room + "/items").json().findValuesAsText("name")).containsExactly("table");
    }

    @Test
    void theTreeHasEveryLevelByNameAndNoGroupParentOrTimes() {
        JsonNode trees = zoe.get(PATH + "/tree").json();

        assertThat(trees.findValuesAsText("name")).containsExactly(
                "Boat", "Zuhause", "Attic (under the roof)", "Empty room", "Garage", "A-shelf", "地下室");
        JsonNode home = trees.get(1);
        assertThat(home.fieldNames()).toIterable().containsExactly("id", "name", "description", "latitude", "longitude", "children");
        assertThat(home.path("children").findValuesAsText("name")).containsExactly(
                "Attic (under the roof)", "Empty room", "Garage", "A-shelf", "地下室");
        assertThat(home.path("children").get(0).path("children")).isEqualTo(json("[]"));
    }

    @Test
    @DisplayName("D120: the tree of locations nested ten thousand deep is answered like any other")
    void deepTree(@TempDir Path other) {
        Path database = Fixture.SCHEMA_2.copyTo(other);
        Sqlite.execute(database, """
                WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
                INSERT INTO locations (id, group_id, parent_id, name)
                SELECT 'deep-' || n, '%s', CASE n WHEN 1 THEN '%s' ELSE 'deep-' || (n - 1) END, 'level ' || n FROM numbers"""
                .formatted(MIRAS_GROUP, MIRAS_LOCATION));
        try (TestServer server = TestServer.in(other)) {
            Answer tree = Household.mira(server).get(PATH + "/tree");

            assertThat(tree.status()).isEqualTo(200);
            assertThat(tree.body()).contains("\"name\":\"level 10000\"").endsWith("[]" + "}]".repeat(10_001));
        }
    }

    @Test
    void aLocationWithAForeignParentOrInACircleIsNotInTheTree(@TempDir Path other) {
        Path database = Fixture.SCHEMA_2.copyTo(other);
        Sqlite.execute(database,
                "INSERT INTO locations (id, group_id, parent_id, name) VALUES ('a', '%s', 'a45e80c8-60a5-4844-8357-4b15fc965fcc', 'a')".formatted(MIRAS_GROUP),
                "INSERT INTO locations (id, group_id, parent_id, name) VALUES ('b', '%s', 'b', 'b')".formatted(MIRAS_GROUP));
        try (TestServer server = TestServer.in(other)) {
            assertThat(Household.mira(server).get(PATH + "/tree").json().findValuesAsText("name")).containsExactly("Hütte");
        }
    }

    @Test
    @DisplayName("D95: an absent field keeps its value and null clears it, but for the name")
    void absentKeepsAndNullClears() {
        String id = household.location("shed");
        mira.put(PATH + "/" + id, "{\"description\":\"old\",\"latitude\":1.5,\"longitude\":2.5}");

        Answer updated = mira.put(PATH + "/" + id, "{\"name\":null,\"description\":null,\"latitude\":null}");

        assertThat(updated.status()).isEqualTo(200);
        assertThat(updated.json().path("name").textValue()).isEqualTo("shed");
        assertThat(updated.json().path("description").isNull()).isTrue();
        assertThat(updated.json().path("latitude").isNull()).isTrue();
        assertThat(updated.json().path("longitude").doubleValue()).isEqualTo(2.5);
        assertThat(mira.get(PATH + "/" + id).json()).isEqualTo(updated.json());
    }

    @Test
    void anUpdateIsSearchableAndChangesTheTimeAlsoWhenNothingElseChanges() {
        String id = household.location("pantry");
        JsonNode first = mira.put(PATH + "/" + id, "{\"name\":\"larder\",\"description\":\"\"}").json();
        JsonNode second = mira.put(PATH + "/" + id, "{}").json();

        assertThat(second.path("updated_at").textValue()).isGreaterThan(first.path("updated_at").textValue());
        assertThat(second.path("created_at")).isEqualTo(first.path("created_at"));
        assertThat(Sqlite.rows(server.database(), "SELECT searchable_text FROM search_index WHERE entity_id = '" + id + "'"))
                .containsExactly("larder ");
    }

    @Test
    void theParentIsNotChangedByAnUpdate() {
        String id = household.locationIn(MIRAS_LOCATION, "nook");
        assertThat(mira.put(PATH + "/" + id, "{\"parent_id\":null,\"name\":\"n\"}").json().path("parent_id").textValue()).isEqualTo(MIRAS_LOCATION);
    }

    @ParameterizedTest
    @DisplayName("D118: a location needs a name of bounded length and coordinates on this planet")
    @ValueSource(strings = {
        "{\"name\":\"\"}", "{\"name\":\"\\t \"}", "{\"name\":\"a\",\"latitude\":90.01}", "{\"name\":\"a\",\"longitude\":-181}",
        "{\"name\":\"a\",\"latitude\":99999999999999999999999999999}"
    })
    void rules(String body) {
        String id = household.location("valid");
        for (Answer answer : List.of(mira.post(PATH, body), mira.put(PATH + "/" + id, body))) {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.errorCode()).isEqualTo("VALIDATION_ERROR");
        }
        assertThat(mira.get(PATH + "/" + id).json().path("name").textValue()).isEqualTo("valid");
    }

    @Test
    @DisplayName("D118: a nameless location off the map, as old data may have it, can be changed otherwise")
    void oldValues() {
        String id = household.location("odd");
        Sqlite.execute(server.database(), "UPDATE locations SET name = '', latitude = 1000.5 WHERE id = '" + id + "'");
        ObjectNode location = (ObjectNode) mira.get(PATH + "/" + id).json();

        Answer updated = mira.put(PATH + "/" + id, location.put("description", "found").toString());

        assertThat(updated.status()).as(updated.body()).isEqualTo(200);
        assertThat(updated.json().path("latitude").doubleValue()).isEqualTo(1000.5);
        assertThat(mira.put(PATH + "/" + id, "{\"latitude\":1000}").errorCode()).isEqualTo("VALIDATION_ERROR");
    }

    @Test
    @DisplayName("D118: the poles, the date line and a name of 1000 characters are within the limits")
    void limits() {
        String name = "n".repeat(1000);
        assertThat(mira.post(PATH, "{\"name\":\"" + name + "\",\"latitude\":-90,\"longitude\":180.0}").status()).isEqualTo(201);
        assertThat(mira.post(PATH, "{\"name\":\"" + name + "n\"}").status()).isEqualTo(400);
        assertThat(mira.post(PATH, "{\"name\":\"a\",\"description\":\"" + "d".repeat(100_000) + "\"}").status()).isEqualTo(201);
        assertThat(mira.post(PATH, "{\"name\":\"a\",\"description\":\"" + "d".repeat(100_001) + "\"}").status()).isEqualTo(400);
    }

    @Test
    @DisplayName("D9, D98: a parent that is unknown or in another group is 404")
    void unknownParent() {
        for (String parent : List.of(UNKNOWN_ID, "a45e80c8-60a5-4844-8357-4b15fc965fcc")) {
            Answer answer = mira.post(PATH, "{\"name\":\"a\",\"parent_id\":\"" + parent + "\"}");

            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.errorMessage()).isEqualTo("entity not found: location " + parent);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"name\":1}", "{\"name\":\"a\",\"parent_id\":\"x\"}", "{\"name\":\"a\",\"latitude\":\"1\"}", "[\"a\"]"})
    void aBodyOfAnotherShapeIs422(String body) {
        assertThat(mira.post(PATH, body).errorCode()).isEqualTo("UNPROCESSABLE");
    }

    @Test
    @DisplayName("D121: a location that is not empty cannot be deleted, and the answer says how much is in it")
    void notEmpty() {
        String house = household.location("full");
        household.locationIn(house, "room");
        household.containerAt(house, "box");
        household.itemAt(house, "table");
        household.itemAt(house, "chair");

        Answer answer = mira.delete(PATH + "/" + house);

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.errorCode()).isEqualTo("NOT_EMPTY");
        assertThat(answer.errorMessage()).isEqualTo("entity not empty: location " + house + " contains 4 children");
        assertThat(mira.get(PATH + "/" + house).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("D100: a deleted location leaves no photo, no assigned tag and nothing to be found")
    void deleteLeavesNothing() {
        String id = household.location("gone");
        Sqlite.execute(server.database(),
                "INSERT INTO photos (id, entity_type, entity_id, storage_key, mime_type) VALUES ('p-%1$s', 'location', '%1$s', 'x.webp', 'image/webp')".formatted(id));
        String tag = mira.post("/api/v1/nfc-tags/register-and-assign",
                "{\"tag_uri\":\"gone\",\"entity_type\":\"location\",\"entity_id\":\"" + id + "\"}").json().path("id").textValue();

        Answer deleted = mira.delete(PATH + "/" + id);

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.bytes()).isEmpty();
        assertThat(mira.get(PATH + "/" + id).status()).isEqualTo(404);
        assertThat(mira.delete(PATH + "/" + id).errorCode()).isEqualTo("NOT_FOUND");
        assertThat(Sqlite.rows(server.database(), "SELECT 1 FROM photos WHERE entity_id = '" + id + "'")).isEmpty();
        assertThat(Sqlite.rows(server.database(), "SELECT 1 FROM search_index WHERE entity_id = '" + id + "'")).isEmpty();
        JsonNode free = mira.get("/api/v1/nfc-tags/" + tag).json();
        assertThat(free.path("entity_type").isNull() && free.path("entity_id").isNull() && free.path("assigned_at").isNull()).isTrue();
    }

    @Test
    void textsAreStoredAsSentWhateverIsInThem() {
        String name = "a\\u0000b \\u202e\\n\\\\ \\\"' 🔥 地下室";
        JsonNode created = mira.post(PATH, "{\"name\":\"" + name + "\"}").json();

        assertThat(created.path("name")).isEqualTo(json("\"" + name + "\""));
        assertThat(mira.get(PATH + "/" + created.path("id").textValue()).bytes())
                .contains("🔥 地下室".getBytes(StandardCharsets.UTF_8));
        assertThat(mira.delete(PATH + "/" + created.path("id").textValue()).status()).isEqualTo(204);
    }
}
