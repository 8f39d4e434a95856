package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests containers and items over HTTP. */
class InventoryTest {
    private static final String MIRAS_GROUP = "66198627-7714-4bcd-aa7d-a949906b44b0";
    private static final String MIRAS_CONTAINER = "deeb7179-d64e-4343-af86-bb28d5bf8544";

    @TempDir
    Path folder;

    @Test
    void listsTheContainersOfTheActiveGroupByNameByteByByte() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            JsonNode zoes = server.login("zoe", "z".repeat(100)).get("/api/v1/containers").json();
            List<String> names = zoes.findValuesAsText("name");

            assertThat(names).isEqualTo(Sqlite.rows(server.database(),
                    "SELECT name FROM containers WHERE group_id = '00000000-0000-0000-0000-000000000001' ORDER BY name"));
            assertThat(keys(zoes.get(0))).containsExactly("id", "group_id", "parent_location_id", "parent_container_id", "name", "description", "color",
                    "created_at", "updated_at");
            assertThat(zoes.findValuesAsText("id")).doesNotContain(MIRAS_CONTAINER);
        }
    }

    @Test
    void listsTheItemsOfAContainerAndNoneForAnUnknownOrForeignOne() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client mira = server.login("mira", "correct horse battery");
            Client zoe = server.login("zoe", "z".repeat(100));
            String path = "/api/v1/containers/" + MIRAS_CONTAINER + "/items";

            JsonNode items = mira.get(path).json();
            assertThat(items.findValuesAsText("name")).isNotEmpty().isEqualTo(Sqlite.rows(server.database(),
                    "SELECT name FROM items WHERE container_id = '" + MIRAS_CONTAINER + "' ORDER BY name"));
            assertThat(zoe.get(path).body()).isEqualTo("[]");
            assertThat(mira.get("/api/v1/containers/00000000-0000-4000-8000-000000000000/items").body()).isEqualTo("[]");
        }
    }

    @Test
    void everyItemOfTheFixtureCanBeReadByItsGroupAndByNobodyElse() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client mira = server.login("mira", "correct horse battery");
            Client zoe = server.login("zoe", "z".repeat(100));
            for (String row : Sqlite.rows(server.database(), "SELECT id, group_id, quantity FROM items")) {
                String[] item = row.split("\\|");
                boolean miras = item[1].equals(MIRAS_GROUP);
                Answer own = (miras ? mira : zoe).get("/api/v1/items/" + item[0]);

                assertThat(own.status()).isEqualTo(200);
                assertThat(own.json().path("quantity").intValue()).isEqualTo(Integer.parseInt(item[2]));
                Answer foreign = (miras ? zoe : mira).get("/api/v1/items/" + item[0]);
                assertThat(foreign.status()).isEqualTo(404);
                assertThat(foreign.errorMessage()).isEqualTo("entity not found: item " + item[0]);
            }
        }
    }

    @Test
    void aNewItemIsAnsweredStoredAndSearchable() {
        Fixture.SCHEMA_2.copyTo(folder);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-11-22T10:00:00.120Z"));
        try (TestServer server = TestServer.in(folder, clock, Map.of())) {
            Client mira = server.login("mira", "correct horse battery");
            Answer created = mira.post("/api/v1/items", """
                    {"parent_type":"container","parent_id":"%s","name":" Bohrer \\ud83d\\ude00","description":"","aliases":["drill","Bit"],
                     "keywords":[],"category":"Werkzeug","barcode":null,"quantity":3,"unknown":{"is":["ignored"]}}"""
                    .formatted(MIRAS_CONTAINER.toUpperCase()));

            assertThat(created.status()).as(created.body()).isEqualTo(201);
            JsonNode item = created.json();
            String id = item.path("id").textValue();
            assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
            assertThat(created.body()).isEqualTo(("""
                    {"id":"%s","group_id":"%s","container_id":"%s","location_id":null,"name":" Bohrer 😀","description":"","aliases":["drill","Bit"],\
                    "keywords":[],"category":"Werkzeug","barcode":null,"material":null,"color":null,"condition_notes":null,"quantity":3,\
                    "created_at":"2026-11-22T10:00:00.120Z","updated_at":"2026-11-22T10:00:00.120Z"}""").formatted(id, MIRAS_GROUP, MIRAS_CONTAINER));
            assertThat(mira.get("/api/v1/items/" + id).json()).isEqualTo(item);
            assertThat(Sqlite.rows(server.database(), "SELECT created_at, aliases, keywords FROM items WHERE id = '" + id + "'"))
                    .containsExactly("2026-11-22T10:00:00.120|[\"drill\",\"Bit\"]|[]");
            assertThat(Sqlite.rows(server.database(), "SELECT entity_type, group_id, searchable_text FROM search_index WHERE entity_id = '" + id + "'"))
                    .containsExactly("item|" + MIRAS_GROUP + "| Bohrer 😀  drill Bit Werkzeug");
        }
    }

    @Test
    void anItemIsPutAtALocationJustAsWell() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            String location = Sqlite.value(server.database(), "SELECT id FROM locations WHERE group_id = '" + MIRAS_GROUP + "'");
            JsonNode item = server.login("mira", "correct horse battery")
                    .post("/api/v1/items", "{\"parent_type\":\"location\",\"parent_id\":\"" + location + "\",\"name\":\"a\"}").json();

            assertThat(item.path("location_id").textValue()).isEqualTo(location);
            assertThat(item.path("container_id").isNull()).isTrue();
            assertThat(item.path("quantity").intValue()).isEqualTo(1);
        }
    }

    @Test
    void aParentThatIsUnknownOrInAnotherGroupIs404AndNothingIsWritten() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client zoe = server.login("zoe", "z".repeat(100));
            String items = Sqlite.value(server.database(), "SELECT count(*) FROM items");
            for (String parent : List.of(MIRAS_CONTAINER, "00000000-0000-4000-8000-000000000000")) {
                Answer answer = zoe.post("/api/v1/items", "{\"parent_type\":\"container\",\"parent_id\":\"" + parent + "\",\"name\":\"a\"}");

                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.errorMessage()).isEqualTo("entity not found: container " + parent);
            }
            assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM items")).isEqualTo(items);
            assertThat(server.token().get("/health").json().path("changes").longValue()).isZero();
        }
    }

    @Test
    void aValueThatBreaksARuleIs400() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client mira = server.login("mira", "correct horse battery");
            String rest = ",\"parent_id\":\"" + MIRAS_CONTAINER + "\"}";
            assertThat(mira.post("/api/v1/items", "{\"parent_type\":\"item\",\"name\":\"a\"" + rest).errorMessage())
                    .isEqualTo("validation error: invalid parent_type: item");
            for (String fields : List.of("\"name\":\" \"", "\"name\":\"" + "x".repeat(1001) + "\"", "\"name\":\"a\",\"quantity\":-1")) {
                Answer answer = mira.post("/api/v1/items", "{\"parent_type\":\"container\"," + fields + rest);

                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.errorCode()).isEqualTo("VALIDATION_ERROR");
            }
            assertThat(mira.post("/api/v1/items", "{\"parent_type\":\"container\",\"name\":\"" + "x".repeat(1000) + "\",\"quantity\":0" + rest).status())
                    .isEqualTo(201);
        }
    }

    @Test
    void everyChangeIsCountedAndTheDatabaseGetsAnIdWithTheFirst() {
        try (TestServer server = TestServer.of(Fixture.SCHEMA_2, folder)) {
            Client mira = server.login("mira", "correct horse battery");
            for (int i = 1; i <= 3; i++) {
                mira.post("/api/v1/items", "{\"parent_type\":\"container\",\"parent_id\":\"" + MIRAS_CONTAINER + "\",\"name\":\"a\"}");

                assertThat(server.token().get("/health").json().path("changes").longValue()).isEqualTo(i);
            }
            assertThat(Sqlite.rows(server.database(), "SELECT value FROM _meta WHERE key = 'database_id'")).hasSize(1);
        }
    }

    private static List<String> keys(JsonNode object) {
        var keys = new ArrayList<String>();
        object.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
