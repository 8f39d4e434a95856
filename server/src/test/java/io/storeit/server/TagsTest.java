package io.storeit.server;

import static io.storeit.server.Household.MIRAS_CONTAINER;
import static io.storeit.server.Household.MIRAS_GROUP;
import static io.storeit.server.Household.MIRAS_LOCATION;
import static io.storeit.server.Household.UNKNOWN_ID;
import static io.storeit.server.Household.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.net.URLEncoder;
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

class TagsTest {
    private static final String PATH = "/api/v1/nfc-tags";
    private static final String ZOES_LOCATION = "4a39531c-f672-4bfa-bca3-c31cc9435e3f";
    private static final String ZOES_CONTAINER = "78996ac1-b273-4c32-bd9b-76aa95440bdd";
    private static final String ZOES_ASSIGNED_TAG = "26cafff1-4ea9-40dc-94bd-6a32bf416db3";

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
    void aNewTagIsFree() {
        Answer created = mira.post(PATH, "{\"tag_uri\":\"storeit://tag/new\"}");

        assertThat(created.status()).isEqualTo(201);
        String id = created.json().path("id").textValue();
        assertThat(created.body()).isEqualTo("""
                {"id":"%s","group_id":"%s","tag_uri":"storeit://tag/new","entity_type":null,"entity_id":null,"created_at":"%s","assigned_at":null}"""
                .formatted(id, MIRAS_GROUP, created.json().path("created_at").textValue()));
        assertThat(mira.get(PATH + "/" + id).json()).isEqualTo(created.json());
    }

    @Test
    void listsTheNewestFirst() {
        register("first");
        register("second");

        List<String> uris = mira.get(PATH).json().findValuesAsText("tag_uri");
        assertThat(uris.indexOf("second")).isLessThan(uris.indexOf("first"));
        assertThat(zoe.get(PATH).json().findValuesAsText("tag_uri")).containsExactly(
                "storeit://tag/box", "04:A2:FF:10:22:33:80", "https://example.org/t/ä?x=1&y=2", "storeit://tag/free");
    }

    @Test
    @DisplayName("D99: an address that is taken, in whichever group, is 409")
    void taken() {
        register("taken");
        for (String uri : List.of("taken", "storeit://tag/free")) {
            Answer answer = mira.post(PATH, "{\"tag_uri\":\"" + uri + "\"}");

            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.errorCode()).isEqualTo("CONFLICT");
        }
        assertThat(mira.post(PATH, "{\"tag_uri\":\"Taken\"}").status()).isEqualTo(201);
    }

    @Test
    @DisplayName("D118: a tag needs an address of bounded length")
    void rules() {
        assertThat(mira.post(PATH, "{\"tag_uri\":\" \"}").errorCode()).isEqualTo("VALIDATION_ERROR");
        assertThat(mira.post(PATH, "{\"tag_uri\":\"" + "t".repeat(2001) + "\"}").errorCode()).isEqualTo("VALIDATION_ERROR");
        assertThat(mira.post(PATH, "{\"tag_uri\":\"" + "t".repeat(2000) + "\"}").status()).isEqualTo(201);
    }

    @Test
    void aTagIsAssignedAndAssignedAgainAndMadeFree() {
        String tag = PATH + "/" + register("moving");

        JsonNode assigned = mira.put(tag + "/assign", assignment("location", MIRAS_LOCATION)).json();
        assertThat(assigned.path("entity_type").textValue()).isEqualTo("location");
        assertThat(assigned.path("entity_id").textValue()).isEqualTo(MIRAS_LOCATION);
        assertThat(assigned.path("assigned_at").isTextual()).isTrue();
        assertThat(mira.put(tag + "/assign", assignment("container", MIRAS_CONTAINER)).json().path("entity_id").textValue()).isEqualTo(MIRAS_CONTAINER);

        for (int i = 0; i < 2; i++) {
            assertThat(mira.put(tag + "/unassign", "{}").status()).isEqualTo(204);
        }
        assertThat(mira.send("PUT", tag + "/unassign").status()).isEqualTo(204);
        JsonNode free = mira.get(tag).json();
        assertThat(free.path("entity_type").isNull() && free.path("entity_id").isNull() && free.path("assigned_at").isNull()).isTrue();
    }

    @Test
    void onlyLocationsAndContainersHaveTags() {
        String tag = PATH + "/" + register("choosy");
        String register = "{\"tag_uri\":\"never\",\"entity_type\":\"%s\",\"entity_id\":\"" + UNKNOWN_ID + "\"}";

        for (Answer answer : List.of(mira.put(tag + "/assign", assignment("shelf", UNKNOWN_ID)), mira.post(PATH + "/register-and-assign", register.formatted("shelf")))) {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.errorCode()).isEqualTo("INVALID_ENTITY_TYPE");
            assertThat(answer.errorMessage()).isEqualTo("invalid entity type: shelf");
        }
        for (Answer answer : List.of(mira.put(tag + "/assign", assignment("item", UNKNOWN_ID)), mira.post(PATH + "/register-and-assign", register.formatted("item")))) {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.errorMessage()).isEqualTo("validation error: NFC tags can only be assigned to locations or containers");
        }
    }

    @Test
    @DisplayName("D10: what a tag is assigned to has to be in the group; otherwise 404, and nothing is registered")
    void foreignEntities() {
        String tag = PATH + "/" + register("faithful");
        for (String[] entity : new String[][] {{"location", UNKNOWN_ID}, {"location", ZOES_LOCATION}, {"container", ZOES_CONTAINER}, {"location", MIRAS_CONTAINER}}) {
            for (Answer answer : List.of(
                    mira.put(tag + "/assign", assignment(entity[0], entity[1])),
                    mira.post(PATH + "/register-and-assign", registration("never", entity[0], entity[1])))) {
                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.errorMessage()).isEqualTo("entity not found: " + entity[0] + " " + entity[1]);
            }
        }
        assertThat(mira.get(tag).json().path("entity_id").isNull()).isTrue();
        assertThat(mira.get(PATH).json().findValuesAsText("tag_uri")).doesNotContain("never");
    }

    @Test
    void registerAndAssignMakesATagOrTakesTheOneThereIs() {
        Answer made = mira.post(PATH + "/register-and-assign", registration("both", "location", MIRAS_LOCATION));
        Answer taken = mira.post(PATH + "/register-and-assign", registration("both", "container", MIRAS_CONTAINER));

        assertThat(made.status()).isEqualTo(201);
        assertThat(taken.status()).isEqualTo(201);
        assertThat(taken.json().path("id")).isEqualTo(made.json().path("id"));
        assertThat(taken.json().path("created_at")).isEqualTo(made.json().path("created_at"));
        assertThat(taken.json().path("entity_id").textValue()).isEqualTo(MIRAS_CONTAINER);
    }

    @Test
    @DisplayName("D10: a tag of another group cannot be seen, assigned, freed, deleted or taken over")
    void foreignTags() {
        String tag = PATH + "/" + ZOES_ASSIGNED_TAG;
        JsonNode before = zoe.get(tag).json();

        for (Answer answer : List.of(
                mira.get(tag), mira.put(tag + "/assign", assignment("location", MIRAS_LOCATION)), mira.put(tag + "/unassign", "{}"), mira.delete(tag),
                mira.get(PATH + "/resolve/" + encoded("storeit://tag/box")), mira.get(PATH + "/resolve-uid?uid=" + encoded("storeit://tag/box")))) {
            assertThat(answer.status()).isEqualTo(404);
        }
        Answer register = mira.post(PATH + "/register-and-assign", registration("storeit://tag/box", "location", MIRAS_LOCATION));
        assertThat(register.errorCode()).isEqualTo("CONFLICT");
        assertThat(mira.get(PATH + "/resolve-uid?uid=" + encoded("storeit://tag/free")).body()).isEqualTo("{\"status\":\"unknown\"}");
        assertThat(zoe.get(tag).json()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"storeit://tag/x?a=1&b=2#c", "04:A2:FF", "a b+c", "50%", "%2F", "ä/地下室", "a;b=c", ".", "a\\b"})
    void anyAddressResolvesByItsEncodedForm(String uri) {
        String tag = mira.post(PATH + "/register-and-assign", registration(uri.replace("\\", "\\\\"), "location", MIRAS_LOCATION)).json().path("id").textValue();

        Answer resolved = mira.get(PATH + "/resolve/" + encoded(uri).replace(".", "%2E"));

        assertThat(resolved.json()).isEqualTo(json("""
                {"tag_id":"%s","entity_type":"location","entity_id":"%s","entity_name":"Hütte","location_path":[]}""".formatted(tag, MIRAS_LOCATION)));
        assertThat(mira.get(PATH + "/resolve-uid?uid=" + encoded(uri)).json().path("tag_id").textValue()).isEqualTo(tag);
    }

    @Test
    void aTagThatIsUnknownOrFreeResolvesToAnError() {
        register("free");

        Answer unknown = mira.get(PATH + "/resolve/nothing");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.errorMessage()).isEqualTo("entity not found: nfc_tag 00000000-0000-0000-0000-000000000000");
        Answer free = mira.get(PATH + "/resolve/free");
        assertThat(free.status()).isEqualTo(400);
        assertThat(free.errorMessage()).isEqualTo("validation error: NFC tag is not assigned to any entity");
    }

    @Test
    void aTagWhoseEntityIsGoneResolvesTo404() {
        Sqlite.execute(server.database(), "INSERT INTO nfc_tags (id, group_id, tag_uri, entity_type, entity_id) VALUES ('d', '%s', 'dangling', 'container', '%s')"
                .formatted(MIRAS_GROUP, UNKNOWN_ID));

        assertThat(mira.get(PATH + "/resolve/dangling").errorMessage()).isEqualTo("entity not found: container " + UNKNOWN_ID);
        assertThat(mira.get(PATH + "/resolve-uid?uid=dangling").status()).isEqualTo(404);
    }

    @Test
    void aUidIsUnknownUnassignedOrAssigned() {
        String tag = register("04A2FF");
        String path = PATH + "/resolve-uid?uid=04A2FF";

        assertThat(mira.get(PATH + "/resolve-uid?uid=04a2ff").body()).isEqualTo("{\"status\":\"unknown\"}");
        assertThat(mira.get(path).json()).isEqualTo(json("{\"status\":\"unassigned\",\"tag_id\":\"" + tag + "\"}"));
        mira.put(PATH + "/" + tag + "/assign", assignment("container", MIRAS_CONTAINER));
        assertThat(mira.get(path).json()).isEqualTo(json("""
                {"status":"assigned","tag_id":"%s","entity_type":"container","entity_id":"%s","entity_name":"Küchenkiste","location_path":["Hütte","Küchenkiste"]}"""
                .formatted(tag, MIRAS_CONTAINER)));
        assertThat(mira.get(PATH + "/resolve-uid").errorCode()).isEqualTo("INVALID_REQUEST");
    }

    @Test
    @DisplayName("D122: the uid of a printed label leads to what it is printed for, in the own group only")
    void labels() {
        String spoon = household.itemIn(MIRAS_CONTAINER, "spoon");
        String table = household.itemAt(MIRAS_LOCATION, "table");
        String path = PATH + "/resolve-uid?uid=";

        assertThat(mira.get(path + "location-" + MIRAS_LOCATION).json()).isEqualTo(json("""
                {"status":"assigned","entity_type":"location","entity_id":"%s","entity_name":"Hütte","location_path":[]}""".formatted(MIRAS_LOCATION)));
        assertThat(mira.get(path + "container-" + MIRAS_CONTAINER).json().path("location_path")).isEqualTo(json("[\"Hütte\",\"Küchenkiste\"]"));
        assertThat(mira.get(path + "item-" + spoon).json()).isEqualTo(json("""
                {"status":"assigned","entity_type":"item","entity_id":"%s","entity_name":"spoon","location_path":["Hütte","Küchenkiste"]}""".formatted(spoon)));
        assertThat(mira.get(path + "item-" + table).json().path("location_path")).isEqualTo(json("[\"Hütte\"]"));
        assertThat(mira.get(path + "item-" + UNKNOWN_ID).status()).isEqualTo(404);
        assertThat(zoe.get(path + "item-" + spoon).status()).isEqualTo(404);
        assertThat(mira.get(path + "photo-" + spoon).body()).isEqualTo("{\"status\":\"unknown\"}");
    }

    @Test
    void theAddressOfADeletedTagIsFreeAgain() {
        String tag = register("reused");

        assertThat(mira.delete(PATH + "/" + tag).status()).isEqualTo(204);
        assertThat(mira.delete(PATH + "/" + tag).errorMessage()).isEqualTo("entity not found: nfc_tag " + tag);
        assertThat(mira.post(PATH, "{\"tag_uri\":\"reused\"}").status()).isEqualTo(201);
    }

    private static String register(String uri) {
        return mira.post(PATH, "{\"tag_uri\":\"" + uri + "\"}").json().path("id").textValue();
    }

    private static String assignment(String type, String id) {
        return "{\"entity_type\":\"" + type + "\",\"entity_id\":\"" + id + "\"}";
    }

    private static String registration(String uri, String type, String id) {
        return "{\"tag_uri\":\"" + uri + "\",\"entity_type\":\"" + type + "\",\"entity_id\":\"" + id + "\"}";
    }

    /** Encodes a text as JavaScript's encodeURIComponent does. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
