package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A household from the first login to the restored backup, with the requests that clients of StoreIT 0.2 send. */
class ClientStoryTest {
    @TempDir
    Path folder;

    @Test
    void aClientOfStoreit02DoesEverythingItDoes() {
        try (TestServer server = TestServer.in(folder)) {
            Client admin = server.login("admin", TestServer.ADMIN_PASSWORD);
            Client paula = invite(server, admin);

            var household = new Household(paula);
            String house = household.location("House");
            String garage = household.locationIn(house, "Garage");
            String shelf = household.containerAt(garage, "Shelf");
            String box = household.containerIn(shelf, "Box of tools");
            JsonNode tree = paula.get("/api/v1/locations/tree").json();
            assertThat(tree.findValuesAsText("name")).containsExactly("House", "Garage");

            String drill = household.itemIn(box, "Cordless drill");
            JsonNode batch = paula.post("/api/v1/items/batch",
                    "[" + Household.placed("container", box, "Hammer") + "," + Household.placed("location", garage, "Ladder") + "]").json();
            String ladder = batch.get(1).path("id").textValue();
            paula.put("/api/v1/items/" + drill, "{\"description\":\"18 volts\",\"category\":\"tools\"}");
            paula.post("/api/v1/items/" + ladder + "/move", Household.target("location", house));
            assertThat(paula.get("/api/v1/containers/" + box + "/items").json().findValuesAsText("name")).containsExactly("Cordless drill", "Hammer");

            String photo = photograph(paula, drill);
            searchWhileTyping(paula, "cordless", drill);
            scan(paula, box);

            String backup = finished(admin, "backup", admin.post("/api/v1/admin/backup", "{\"include_images\":true}"));
            byte[] archive = admin.get("/api/v1/admin/backup/" + backup + "/download").bytes();
            paula.delete("/api/v1/items/" + drill);
            assertThat(paula.get("/api/v1/items/" + drill).status()).isEqualTo(404);
            assertThat(paula.get("/api/v1/photos/" + photo + "/file").status()).isEqualTo(404);
            finished(admin, "restore", new Form().text("options", "{\"mode\":\"replace\"}").file(archive, "").post(admin, "/api/v1/admin/restore"));

            Client again = server.login("paula", "a new password");
            assertThat(again.get("/api/v1/items/" + drill).json().path("description").textValue()).isEqualTo("18 volts");
            assertThat(again.get("/api/v1/photos/" + photo).json().path("rotation").intValue()).isEqualTo(90);
            assertThat(again.get("/api/v1/photos/" + photo + "/thumbnail").status()).isEqualTo(200);
            searchWhileTyping(again, "cordless", drill);
            leave(server, again);
        }
    }

    /** The administrator makes a user and a group; the user switches to it. */
    private static Client invite(TestServer server, Client admin) {
        String user = admin.post("/api/v1/admin/users", "{\"username\":\"paula\",\"email\":\"\",\"display_name\":\"Paula\",\"password\":\"first\"}")
                .json().path("id").textValue();
        String group = admin.post("/api/v1/admin/groups", "{\"name\":\"Paula's house\"}").json().path("id").textValue();
        admin.post("/api/v1/admin/groups/" + group + "/members", "{\"user_id\":\"" + user + "\",\"role\":\"owner\"}");
        admin.put("/api/v1/admin/users/" + user + "/password", "{\"new_password\":\"a new password\"}");

        Client paula = server.login("paula", "a new password");
        JsonNode me = paula.put("/api/v1/auth/me/active-group", "{\"group_id\":\"" + group + "\"}").json();
        assertThat(me.path("active_group_id").textValue()).isEqualTo(group);
        assertThat(me.path("groups").findValuesAsText("role")).containsExactly("owner");
        return paula;
    }

    private static String photograph(Client client, String item) {
        Answer uploaded = new Form().text("entity_type", "item").text("entity_id", item).file(Images.jpeg(300, 200), "image/jpeg")
                .post(client, "/api/v1/photos");
        assertThat(uploaded.status()).isEqualTo(201);
        String photo = uploaded.json().path("id").textValue();
        assertThat(client.post("/api/v1/photos/" + photo + "/rotate", "{\"degrees\":90}").json().path("rotation").intValue()).isEqualTo(90);
        assertThat(client.get("/api/v1/photos/by-entity?entity_type=item&entity_id=" + item).json().findValuesAsText("id")).containsExactly(photo);
        return photo;
    }

    private static void searchWhileTyping(Client client, String word, String item) {
        for (int length = 1; length <= word.length(); length++) {
            JsonNode found = client.get("/api/v1/search?q=" + word.substring(0, length) + "&limit=20").json();
            assertThat(found.findValuesAsText("entity_id")).as(word.substring(0, length)).contains(item);
        }
    }

    /** A phone reads a new tag, assigns it, and reads it again; then the printed label. */
    private static void scan(Client client, String box) {
        String uid = "/api/v1/nfc-tags/resolve-uid?uid=04A2FF10223380";
        assertThat(client.get(uid).body()).isEqualTo("{\"status\":\"unknown\"}");
        client.post("/api/v1/nfc-tags/register-and-assign", "{\"tag_uri\":\"04A2FF10223380\",\"entity_type\":\"container\",\"entity_id\":\"" + box + "\"}");
        assertThat(client.get(uid).json().path("location_path").toString()).isEqualTo("[\"Garage\",\"Shelf\",\"Box of tools\"]");
        assertThat(client.get("/api/v1/nfc-tags/resolve-uid?uid=container-" + box).json().path("entity_name").textValue()).isEqualTo("Box of tools");
    }

    private static String finished(Client admin, String kind, Answer started) {
        assertThat(started.status()).as(started.body()).isEqualTo(200);
        String job = started.json().path("job_id").textValue();
        Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).until(
                () -> admin.get("/api/v1/admin/" + kind + "/" + job + "/status").json().path("status").asText(), "complete"::equals);
        return job;
    }

    private static void leave(TestServer server, Client paula) {
        assertThat(paula.post("/api/v1/auth/logout", "").status()).isEqualTo(200);
        assertThat(paula.get("/api/v1/auth/me").status()).isEqualTo(401);
        Client admin = server.login("admin", TestServer.ADMIN_PASSWORD);
        JsonNode users = admin.get("/api/v1/admin/users").json();
        for (JsonNode user : users) {
            boolean own = user.path("username").textValue().equals("admin");
            assertThat(admin.delete("/api/v1/admin/users/" + user.path("id").textValue()).status()).isEqualTo(own ? 400 : 200);
        }
        assertThat(admin.get("/api/v1/admin/users").json().findValuesAsText("username")).containsExactly("admin");
    }
}
