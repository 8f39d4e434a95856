package io.storeit.server;

import static io.storeit.server.Household.placed;
import static io.storeit.server.Household.target;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Json;
import io.storeit.server.Contract.Operation;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what a client of StoreIT 0.2 does with a new server, from the first login to the restore of its own backup: every
 * operation once, with an answer of success. ({@link TestServer} checks that the answers have the described shapes.)
 */
class EveryOperationTest {
    /** The operations that this version always refuses. */
    private static final Set<String> REFUSED_ALWAYS = Set.of("oidcLogin", "oidcCallback", "identify", "identifyCorrect");
    private static final String TAG = "nfc://kitchen/box 1?x=ü";

    @TempDir
    Path folder;

    private final Set<String> succeeded = new TreeSet<>();
    private Client client;

    @Test
    void everyOperationSucceedsOnceInTheLifeOfAHousehold() {
        try (TestServer server = TestServer.in(folder, InstantSource.system(), Map.of("STOREIT_IMAGE_PATH", "", "XDG_DATA_HOME", folder.toString()))) {
            client = server.anonymous();
            get("/health");
            get("/metrics");
            get("/api-docs/openapi.json");
            get("/swagger-ui");
            get("/api/v1/auth/mode");
            get("/api/v1/admin/schema-version");
            logIn(server, "admin", TestServer.ADMIN_PASSWORD);

            String group = manageUsersAndGroups();
            put("/api/v1/auth/me/active-group", "{\"group_id\":\"" + group + "\"}");
            put("/api/v1/admin/settings", "{\"image_storage_path\":\"" + get("/api/v1/admin/settings").path("image_storage_path").textValue() + "\"}");
            keepAnInventory();
            assertThat(put("/api/v1/auth/me/active-group", "{\"group_id\":\"" + group + "\"}").path("active_group_id").textValue()).isEqualTo(group);
            backUpAndRestore(server);

            logIn(server, "otto", "another");
            post("/api/v1/auth/logout", "");
        }
        assertThat(Contract.API.operations().stream().map(Operation::id).filter(id -> !REFUSED_ALWAYS.contains(id)).collect(Collectors.toSet()))
                .isEqualTo(succeeded);
    }

    private void logIn(TestServer server, String username, String password) {
        client = server.anonymous();
        client = server.withCookie(ask("POST", "/api/v1/auth/local/login",
                "{\"username\":\"" + username + "\",\"password\":\"" + password + "\"}").header("Set-Cookie").orElseThrow().split(";")[0]);
        get("/api/v1/auth/me");
    }

    /** @return a group the administrator is in */
    private String manageUsersAndGroups() {
        String users = "/api/v1/admin/users";
        String groups = "/api/v1/admin/groups";
        String me = get("/api/v1/auth/me").path("user").path("id").textValue();
        String otto = id(post(users, "{\"username\":\"otto\",\"email\":\"\",\"display_name\":\"Otto\",\"password\":\"secret\"}"));
        put(users + "/" + otto, "{\"display_name\":\"Otto K.\"}");
        put(users + "/" + otto + "/password", "{\"new_password\":\"another\"}");
        assertThat(get(users).findValuesAsText("display_name")).containsExactly("Administrator", "Otto K.");
        String leaving = id(post(users, "{\"username\":\"leaving\",\"email\":\"\",\"display_name\":\"L\",\"password\":\"secret\"}"));
        delete(users + "/" + leaving);

        String group = id(post(groups, "{\"name\":\"Holiday home\"}"));
        for (String member : List.of(me, otto)) {
            post(groups + "/" + group + "/members", "{\"user_id\":\"" + member + "\",\"role\":\"member\"}");
        }
        delete(groups + "/" + group + "/members/" + otto);
        assertThat(get(groups + "/" + group + "/members")).hasSize(1);
        delete(groups + "/" + id(post(groups, "{\"name\":\"Mistake\"}")));
        assertThat(get(groups)).hasSize(2);
        return group;
    }

    private void keepAnInventory() {
        String house = id(post("/api/v1/locations", "{\"name\":\"House\"}"));
        String kitchen = id(post("/api/v1/locations", "{\"name\":\"Kitchen\",\"parent_id\":\"" + house + "\"}"));
        put("/api/v1/locations/" + kitchen, "{\"description\":\"Ground floor\",\"latitude\":48.1}");
        assertThat(get("/api/v1/locations/" + kitchen).path("parent_id").textValue()).isEqualTo(house);
        assertThat(get("/api/v1/locations").findValuesAsText("name")).containsExactly("House");
        assertThat(get("/api/v1/locations/tree").at("/0/children/0/name").textValue()).isEqualTo("Kitchen");
        assertThat(get("/api/v1/locations/" + house + "/children")).hasSize(1);

        String shelf = id(post("/api/v1/containers", placed("location", kitchen, "Shelf")));
        String box = id(post("/api/v1/containers", placed("container", shelf, "Box")));
        put("/api/v1/containers/" + box, "{\"color\":\"red\"}");
        post("/api/v1/containers/" + box + "/move", target("location", house));
        post("/api/v1/containers/" + box + "/move", target("container", shelf));
        assertThat(get("/api/v1/containers/" + box).path("parent_container_id").textValue()).isEqualTo(shelf);
        assertThat(get("/api/v1/containers/" + box + "/ancestry").findValuesAsText("name")).endsWith("Kitchen", "Shelf", "Box");
        assertThat(get("/api/v1/containers")).hasSize(2);
        assertThat(get("/api/v1/containers/" + shelf + "/containers")).hasSize(1);
        assertThat(get("/api/v1/locations/" + kitchen + "/containers")).hasSize(1);

        String drill = id(post("/api/v1/items", placed("container", box, "Cordless drill")));
        post("/api/v1/items/batch", "[" + placed("container", box, "Bits") + "," + placed("location", house, "Ladder") + "]");
        put("/api/v1/items/" + drill, "{\"quantity\":2,\"aliases\":[\"screwdriver\"]}");
        post("/api/v1/items/" + drill + "/move", target("location", kitchen));
        assertThat(get("/api/v1/items/" + drill).path("location_id").textValue()).isEqualTo(kitchen);
        assertThat(get("/api/v1/items")).hasSize(3);
        assertThat(get("/api/v1/containers/" + box + "/items").findValuesAsText("name")).containsExactly("Bits");
        assertThat(get("/api/v1/locations/" + kitchen + "/items")).hasSize(1);
        for (String typed : List.of("scr", "screw", "screwdriver", "cordless+dri")) {
            assertThat(get("/api/v1/search?limit=20&q=" + typed).at("/results/0/entity_id").textValue()).as(typed).isEqualTo(drill);
        }

        photograph(drill);
        scan(box, kitchen);

        String gone = id(post("/api/v1/items", placed("location", house, "Gone")));
        delete("/api/v1/items/" + gone);
        delete("/api/v1/containers/" + id(post("/api/v1/containers", placed("location", house, "Gone"))));
        delete("/api/v1/locations/" + id(post("/api/v1/locations", "{\"name\":\"Gone\"}")));
    }

    private void photograph(String item) {
        String photo = photoOf(item);
        String second = photoOf(item);
        post("/api/v1/photos/" + second + "/primary", "");
        assertThat(post("/api/v1/photos/" + photo + "/rotate", "{\"degrees\":90}").path("rotation").intValue()).isEqualTo(90);
        assertThat(get("/api/v1/photos/" + photo).path("is_primary").booleanValue()).isFalse();
        assertThat(get("/api/v1/photos/by-entity?entity_type=item&entity_id=" + item)).hasSize(2);
        for (String size : List.of("file", "large", "thumbnail")) {
            assertThat(ask("GET", "/api/v1/photos/" + photo + "/" + size, null).header("Content-Type").orElseThrow()).startsWith("image/");
        }
        delete("/api/v1/photos/" + second);
        assertThat(post("/api/v1/admin/migrate-storage", "").path("skipped").intValue()).isEqualTo(1);
    }

    private String photoOf(String item) {
        Answer answer = new Form().text("entity_type", "item").text("entity_id", item).file(Images.jpeg(400, 300), "image/jpeg").post(client, "/api/v1/photos");
        return id(yes("POST", "/api/v1/photos", answer).json());
    }

    private void scan(String box, String kitchen) {
        String tag = id(post("/api/v1/nfc-tags", Json.MAPPER.createObjectNode().put("tag_uri", TAG).toString()));
        put("/api/v1/nfc-tags/" + tag + "/assign", "{\"entity_type\":\"container\",\"entity_id\":\"" + box + "\"}");
        String encoded = URLEncoder.encode(TAG, StandardCharsets.UTF_8).replace("+", "%20");
        assertThat(get("/api/v1/nfc-tags/resolve/" + encoded).path("entity_name").textValue()).isEqualTo("Box");
        assertThat(get("/api/v1/nfc-tags/resolve-uid?uid=" + encoded).path("status").textValue()).isEqualTo("assigned");
        assertThat(get("/api/v1/nfc-tags/" + tag).path("entity_id").textValue()).isEqualTo(box);
        put("/api/v1/nfc-tags/" + tag + "/unassign", "");
        delete("/api/v1/nfc-tags/" + tag);
        post("/api/v1/nfc-tags/register-and-assign", "{\"tag_uri\":\"04:A2:FF\",\"entity_type\":\"location\",\"entity_id\":\"" + kitchen + "\"}");
        assertThat(get("/api/v1/nfc-tags").findValuesAsText("tag_uri")).containsExactly("04:A2:FF");
    }

    private void backUpAndRestore(TestServer server) {
        String job = finished("backup", post("/api/v1/admin/backup", "{\"include_images\":true}"));
        byte[] archive = ask("GET", "/api/v1/admin/backup/" + job + "/download", null).bytes();
        delete("/api/v1/admin/backup/" + job);
        List<String> before = names(server);
        id(post("/api/v1/locations", "{\"name\":\"Entered after the backup\"}"));

        Answer started = new Form().text("options", "{\"mode\":\"replace\"}").file(archive, "application/octet-stream").post(client, "/api/v1/admin/restore");
        String restore = finished("restore", yes("POST", "/api/v1/admin/restore", started).json());

        delete("/api/v1/admin/restore/" + restore);
        assertThat(names(server)).isEqualTo(before);
        assertThat(get("/api/v1/locations").findValuesAsText("name")).containsExactly("House");
    }

    private static List<String> names(TestServer server) {
        return Sqlite.rows(server.database(), "SELECT name FROM locations UNION ALL SELECT name FROM containers UNION ALL SELECT name FROM items ORDER BY 1");
    }

    /** @return the id of the job, which has ended successfully */
    private String finished(String kind, JsonNode started) {
        String job = started.path("job_id").textValue();
        JsonNode end = Awaitility.await().until(() -> get("/api/v1/admin/" + kind + "/" + job + "/status"),
                status -> !Set.of("pending", "running").contains(status.path("status").textValue()));
        assertThat(end.path("status").textValue()).as(end.toString()).isEqualTo("complete");
        return job;
    }

    private static String id(JsonNode thing) {
        return thing.path("id").textValue();
    }

    private JsonNode get(String path) {
        Answer answer = ask("GET", path, null);
        return answer.header("Content-Type").orElse("").equals("application/json") ? answer.json() : null;
    }

    private JsonNode post(String path, String body) {
        return ask("POST", path, body).json();
    }

    private JsonNode put(String path, String body) {
        return ask("PUT", path, body).json();
    }

    private void delete(String path) {
        ask("DELETE", path, null);
    }

    private Answer ask(String method, String path, String body) {
        // Browsers state the type also of an empty body.
        Answer answer = body == null ? client.send(method, path)
                : client.send(method, path, HttpRequest.BodyPublishers.ofString(body), "application/json");
        return yes(method, path, answer);
    }

    private Answer yes(String method, String path, Answer answer) {
        assertThat(answer.status()).as("%s %s: %s", method, path, answer.status() < 300 ? "" : answer.body()).isBetween(200, 303);
        Contract.API.find(method, path).map(Operation::id).ifPresent(succeeded::add);
        return answer;
    }
}
