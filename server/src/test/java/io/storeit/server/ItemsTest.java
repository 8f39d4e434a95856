package io.storeit.server;

import static io.storeit.server.Household.MIRAS_CONTAINER;
import static io.storeit.server.Household.MIRAS_LOCATION;
import static io.storeit.server.Household.UNKNOWN_ID;
import static io.storeit.server.Household.placed;
import static io.storeit.server.Household.target;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests operations on items beyond those of {@link InventoryTest}. */
class ItemsTest {
    private static final String PATH = "/api/v1/items";
    private static final String ZOES_CONTAINER = "78996ac1-b273-4c32-bd9b-76aa95440bdd";
    private static final String NEGATIVE_STOCK = PATH + "/cff45b4e-1030-495c-9b0a-e38db105ffaf";

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
    void listsEveryItemOfTheGroupByName() {
        assertThat(zoe.get(PATH).json().findValuesAsText("name")).hasSizeGreaterThan(300).isEqualTo(Sqlite.rows(server.database(),
                "SELECT name FROM items WHERE group_id = '" + Household.ZOES_GROUP + "' ORDER BY name"));
    }

    @Test
    @DisplayName("D119: the lists of all items and all containers come in pages to those who ask for them")
    void pages() {
        for (String path : List.of(PATH, "/api/v1/containers")) {
            List<String> all = zoe.get(path).json().findValuesAsText("id");
            var paged = new ArrayList<String>();
            for (int offset = 0; offset <= all.size(); offset += 10) {
                List<String> page = zoe.get(path + "?limit=10&offset=" + offset).json().findValuesAsText("id");
                assertThat(page).hasSize(Math.min(10, all.size() - offset));
                paged.addAll(page);
            }
            assertThat(paged).isEqualTo(all);
            assertThat(zoe.get(path + "?limit=0").body()).isEqualTo("[]");
            assertThat(zoe.get(path + "?offset=3").json()).hasSize(all.size() - 3);
            assertThat(zoe.get(path + "?limit=4294967295&offset=4294967295").body()).isEqualTo("[]");
            for (String wrong : List.of("limit=-1", "limit=x", "offset=1.5", "limit=4294967296", "limit=1&limit=2", "offset=")) {
                assertThat(zoe.get(path + "?" + wrong).errorCode()).as(wrong).isEqualTo("INVALID_REQUEST");
            }
        }
    }

    @Test
    void aBatchIsMadeInItsOrderAndAnsweredInIt() {
        Answer created = mira.post(PATH + "/batch", "[" + placed("location", MIRAS_LOCATION, "z") + "," + placed("container", MIRAS_CONTAINER, "a") + "]");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().findValuesAsText("name")).containsExactly("z", "a");
        assertThat(created.json().get(0).path("location_id").textValue()).isEqualTo(MIRAS_LOCATION);
        assertThat(created.json().get(1).path("container_id").textValue()).isEqualTo(MIRAS_CONTAINER);
        for (JsonNode item : created.json()) {
            assertThat(mira.get(PATH + "/" + item.path("id").textValue()).json()).isEqualTo(item);
        }
        Answer none = mira.post(PATH + "/batch", "[]");
        assertThat(none.status()).isEqualTo(201);
        assertThat(none.body()).isEqualTo("[]");
    }

    @Test
    void aBatchIsAllOrNothing() {
        String good = placed("location", MIRAS_LOCATION, "part of a bad batch");
        String[][] bad = {
            {placed("container", UNKNOWN_ID, "a"), "NOT_FOUND"},
            {placed("container", ZOES_CONTAINER, "a"), "NOT_FOUND"},
            {placed("shelf", UNKNOWN_ID, "a"), "VALIDATION_ERROR"},
            {placed("location", MIRAS_LOCATION, " "), "VALIDATION_ERROR"},
            {"{\"name\":\"a\"}", "UNPROCESSABLE"}, {"null", "UNPROCESSABLE"}, {"[]", "UNPROCESSABLE"},
            {"{\"name\":\"a\",\"name\":\"b\",\"parent_type\":\"location\",\"parent_id\":\"" + MIRAS_LOCATION + "\"}", "UNPROCESSABLE"},
            {"{", "INVALID_REQUEST"},
        };
        for (String[] last : bad) {
            assertThat(mira.post(PATH + "/batch", "[" + good + "," + last[0] + "]").errorCode()).as(last[0]).isEqualTo(last[1]);
        }
        assertThat(mira.post(PATH + "/batch", good).errorCode()).isEqualTo("UNPROCESSABLE");
        assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM items WHERE name = 'part of a bad batch'")).isEqualTo("0");
        assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM search_index WHERE searchable_text = 'part of a bad batch'")).isEqualTo("0");
    }

    @Test
    @DisplayName("D95: an absent field keeps its value and null clears it where there may be none")
    void absentKeepsAndNullClears() {
        String full = """
                {"name":"drill","description":"d","aliases":["a"],"keywords":["k"],"category":"c","barcode":"b","material":"m","color":"o",\
                "condition_notes":"n","quantity":7}""";
        String path = PATH + "/" + household.itemIn(MIRAS_CONTAINER, "x");
        for (String field : List.of("name", "description", "aliases", "keywords", "category", "barcode", "material", "color", "condition_notes", "quantity")) {
            ObjectNode expected = withoutTime(mira.put(path, full));
            if (!List.of("name", "aliases", "keywords", "quantity").contains(field)) {
                expected.putNull(field);
            }

            assertThat((JsonNode) withoutTime(mira.put(path, "{\"" + field + "\":null}"))).as(field).isEqualTo(expected);
        }
    }

    private static ObjectNode withoutTime(Answer answer) {
        var item = (ObjectNode) answer.json();
        item.remove("updated_at");
        return item;
    }

    @Test
    void listsAreReplacedAndEmptyTextsStored() {
        String path = PATH + "/" + household.itemIn(MIRAS_CONTAINER, "glue");
        mira.put(path, "{\"aliases\":[\"a\",\"b\"],\"keywords\":[\"k\"],\"category\":\"c\"}");

        JsonNode updated = mira.put(path, "{\"aliases\":[\"c\"],\"keywords\":[],\"category\":\"\"}").json();

        assertThat(updated.path("aliases")).isEqualTo(Household.json("[\"c\"]"));
        assertThat(updated.path("keywords")).isEqualTo(Household.json("[]"));
        assertThat(Sqlite.rows(server.database(), "SELECT searchable_text FROM search_index WHERE entity_id = '" + updated.path("id").textValue() + "'"))
                .containsExactly("glue c ");
    }

    @Test
    void theParentIsNotChangedByAnUpdate() {
        String id = household.itemIn(MIRAS_CONTAINER, "pan");
        JsonNode updated = mira.put(PATH + "/" + id, "{\"location_id\":\"" + MIRAS_LOCATION + "\",\"parent_id\":\"" + UNKNOWN_ID + "\"}").json();

        assertThat(updated.path("container_id").textValue()).isEqualTo(MIRAS_CONTAINER);
        assertThat(updated.path("location_id").isNull()).isTrue();
    }

    @Test
    @DisplayName("D118: a negative quantity of old data stays readable and does not stand in the way of other changes")
    void oldValues() {
        ObjectNode item = (ObjectNode) zoe.get(NEGATIVE_STOCK).json();
        assertThat(item.path("quantity").intValue()).isEqualTo(-3);

        // As the web client sends it: all fields, most of them unchanged.
        Answer updated = zoe.put(NEGATIVE_STOCK, item.put("description", "counted again").toString());

        assertThat(updated.status()).as(updated.body()).isEqualTo(200);
        assertThat(updated.json().path("quantity").intValue()).isEqualTo(-3);
        assertThat(updated.json().path("description").textValue()).isEqualTo("counted again");
        assertThat(zoe.put(NEGATIVE_STOCK, "{\"quantity\":-4}").errorCode()).isEqualTo("VALIDATION_ERROR");
        assertThat(zoe.put(NEGATIVE_STOCK, "{\"quantity\":0}").json().path("quantity").intValue()).isZero();
    }

    @Test
    void whatIsSentBackUnchangedStaysAsItIsStored(@TempDir Path other) {
        Path database = Fixture.SCHEMA_2.copyTo(other);
        Sqlite.execute(database, "UPDATE items SET quantity = 4294967298, aliases = 'no list', name = '' WHERE name = 'Negative stock'");
        try (TestServer odd = TestServer.in(other)) {
            Client client = Household.zoe(odd);
            ObjectNode item = (ObjectNode) client.get(NEGATIVE_STOCK).json();
            assertThat(item.path("quantity").intValue()).isEqualTo(2);

            assertThat(client.put(NEGATIVE_STOCK, item.put("color", "red").toString()).json().path("color").textValue()).isEqualTo("red");
        }
        assertThat(Sqlite.rows(database, "SELECT quantity, aliases, name, color FROM items WHERE id = 'cff45b4e-1030-495c-9b0a-e38db105ffaf'"))
                .containsExactly("4294967298|no list||red");
    }

    @Test
    @DisplayName("D118: texts and lists of an item are bounded, on both sides of the limits")
    void limits() {
        String path = PATH + "/" + household.itemIn(MIRAS_CONTAINER, "limits");
        String entries = "\"a\"" + ",\"a\"".repeat(999);
        for (String good : List.of("\"name\":\"" + "n".repeat(1000) + "\"", "\"condition_notes\":\"" + "n".repeat(100_000) + "\"",
                "\"barcode\":\"" + "n".repeat(1000) + "\"", "\"keywords\":[" + entries + "]", "\"quantity\":2147483647")) {
            assertThat(mira.put(path, "{" + good + "}").status()).isEqualTo(200);
        }
        for (String bad : List.of("\"name\":\"" + "n".repeat(1001) + "\"", "\"condition_notes\":\"" + "n".repeat(100_001) + "\"",
                "\"barcode\":\"" + "n".repeat(1001) + "\"", "\"keywords\":[" + entries + ",\"a\"]", "\"aliases\":[\"" + "n".repeat(1001) + "\"]")) {
            assertThat(mira.put(path, "{" + bad + "}").errorCode()).isEqualTo("VALIDATION_ERROR");
        }
        for (String shape : List.of("\"quantity\":1.0", "\"quantity\":\"1\"", "\"quantity\":2147483648", "\"aliases\":\"a\"", "\"aliases\":[null]", "\"name\":1")) {
            assertThat(mira.put(path, "{" + shape + "}").errorCode()).isEqualTo("UNPROCESSABLE");
        }
        assertThat(mira.put(path, "{\"quantity\":1e400}").errorCode()).isEqualTo("INVALID_REQUEST");
    }

    @Test
    void anItemIsMovedToALocationAndIntoAContainer() {
        String path = PATH + "/" + household.itemIn(MIRAS_CONTAINER, "nomad");

        JsonNode there = mira.post(path + "/move", target("location", MIRAS_LOCATION)).json();
        assertThat(there.path("location_id").textValue()).isEqualTo(MIRAS_LOCATION);
        assertThat(there.path("container_id").isNull()).isTrue();
        JsonNode back = mira.post(path + "/move", target("container", MIRAS_CONTAINER)).json();
        assertThat(back.path("location_id").isNull()).isTrue();
        assertThat(back.path("container_id").textValue()).isEqualTo(MIRAS_CONTAINER);
        assertThat(mira.get(path).json()).isEqualTo(back);
    }

    @Test
    @DisplayName("D9, D98: a target that is unknown or in another group is 404, and so is an unknown item, in this order")
    void unknownTargets() {
        String path = PATH + "/" + household.itemIn(MIRAS_CONTAINER, "stays");

        assertThat(mira.post(PATH + "/" + UNKNOWN_ID + "/move", target("shelf", UNKNOWN_ID)).errorMessage())
                .isEqualTo("validation error: invalid target_type: shelf");
        assertThat(mira.post(PATH + "/" + UNKNOWN_ID + "/move", target("container", MIRAS_CONTAINER)).errorMessage())
                .isEqualTo("entity not found: item " + UNKNOWN_ID);
        for (String container : List.of(UNKNOWN_ID, ZOES_CONTAINER)) {
            assertThat(mira.post(path + "/move", target("container", container)).errorMessage()).isEqualTo("entity not found: container " + container);
        }
        assertThat(mira.get(path).json().path("container_id").textValue()).isEqualTo(MIRAS_CONTAINER);
    }

    @Test
    @DisplayName("D100: a deleted item leaves no photo and nothing to be found")
    void deleteLeavesNothing() {
        String photographed = "8c20ea88-aff8-4d9c-a3da-772ed0f19a3b";

        assertThat(zoe.delete(PATH + "/" + photographed).status()).isEqualTo(204);

        assertThat(zoe.get(PATH + "/" + photographed).errorCode()).isEqualTo("NOT_FOUND");
        assertThat(zoe.delete(PATH + "/" + photographed).errorCode()).isEqualTo("NOT_FOUND");
        assertThat(Sqlite.rows(server.database(), "SELECT 1 FROM photos WHERE entity_id = '" + photographed + "'")).isEmpty();
        assertThat(Sqlite.rows(server.database(), "SELECT 1 FROM search_index WHERE entity_id = '" + photographed + "'")).isEmpty();
        // The photo of another, deleted by an earlier server, is nobody's business.
        assertThat(Sqlite.rows(server.database(), "SELECT id FROM photos WHERE entity_id = 'd7b0aa81-3e7f-4fbc-a194-e558d9c24b40'")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "GET"})
    void anIdThatIsNoneIs400(String method) {
        assertThat(mira.send(method, PATH + "/tree").errorCode()).isEqualTo("INVALID_REQUEST");
    }
}
