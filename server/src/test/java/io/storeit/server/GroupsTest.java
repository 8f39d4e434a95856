package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what administrators do with groups and their members. */
class GroupsTest {
    private static final String DEFAULT = "00000000-0000-0000-0000-000000000001";
    private static final String MIRA_ID = "3a467893-16a0-4cce-917f-f3d8b2b0d1cc";
    private static final String UNKNOWN = "12345678-1234-4234-8234-123456789012";

    @TempDir
    Path folder;

    private TestServer server;
    private Client admin;

    @BeforeEach
    void start() {
        server = TestServer.of(Fixture.SCHEMA_2, folder);
        admin = server.login("admin", "changeme");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void groupsAreListedByNameByteByByte() {
        admin.post("/api/v1/admin/groups", "{\"name\":\"Zoo\"}");
        admin.post("/api/v1/admin/groups", "{\"name\":\"attic\"}");

        assertThat(admin.get("/api/v1/admin/groups").json().findValuesAsText("name"))
                .containsExactly("Ferienhaus Müller", "Zoo", "attic", "default");
    }

    @Test
    void aNewGroupHasNoMembersAndItsCreatorIsNone() {
        Answer created = admin.post("/api/v1/admin/groups", "{\"name\":\"Garage\"}");

        assertThat(created.status()).isEqualTo(200);
        assertThat(created.json().path("name").textValue()).isEqualTo("Garage");
        assertThat(members(created.json().path("id").textValue())).isEmpty();
    }

    @Test
    @DisplayName("D99: a group name that is taken is 409")
    void aGroupNameThatIsTakenIs409() {
        Answer answer = admin.post("/api/v1/admin/groups", "{\"name\":\"default\"}");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.errorCode()).isEqualTo("CONFLICT");
    }

    @Test
    @DisplayName("D118: a group needs a name of bounded length")
    void aGroupNeedsAName() {
        assertThat(admin.post("/api/v1/admin/groups", "{\"name\":\"\"}").errorMessage()).isEqualTo("validation error: group name is required");
        assertThat(admin.post("/api/v1/admin/groups", "{\"name\":\" \"}").status()).isEqualTo(400);
        assertThat(admin.post("/api/v1/admin/groups", "{\"name\":\"" + "g".repeat(1000) + "\"}").status()).isEqualTo(200);
        assertThat(admin.post("/api/v1/admin/groups", "{\"name\":\"" + "g".repeat(1001) + "\"}").status()).isEqualTo(400);
    }

    @Test
    void membersAreListedByDisplayNameWithTheirRoles() {
        JsonNode members = members(DEFAULT);

        assertThat(members.findValuesAsText("display_name")).isEqualTo(Sqlite.rows(server.database(),
                "SELECT u.display_name FROM users u JOIN user_groups m ON m.user_id = u.id WHERE m.group_id = '" + DEFAULT + "' ORDER BY 1"));
        assertThat(members.findValuesAsText("role")).contains("owner");
        assertThat(members(UNKNOWN)).isEmpty();
    }

    @Test
    @DisplayName("D102: adding a member again changes the role")
    void addingAMemberAgainChangesTheRole() {
        String group = newGroup();
        assertThat(add(group, MIRA_ID, "member").body()).isEqualTo("{\"ok\":true}");
        assertThat(members(group).findValuesAsText("role")).containsExactly("member");

        assertThat(add(group, MIRA_ID, "owner").status()).isEqualTo(200);
        assertThat(members(group).findValuesAsText("role")).containsExactly("owner");
    }

    @Test
    @DisplayName("D98: an unknown user or group is 404")
    void anUnknownUserOrGroupIs404() {
        assertThat(add(DEFAULT, UNKNOWN, "member").errorMessage()).isEqualTo("entity not found: user " + UNKNOWN);
        assertThat(add(UNKNOWN, MIRA_ID, "member").errorMessage()).isEqualTo("entity not found: group " + UNKNOWN);
    }

    @Test
    @DisplayName("D128: there are two roles, and they say nothing about what one may do")
    void thereAreTwoRoles() {
        assertThat(add(DEFAULT, MIRA_ID, "Owner").errorMessage()).isEqualTo("validation error: invalid role: Owner");
        assertThat(add(DEFAULT, MIRA_ID, "owner").status()).isEqualTo(200);
        Client mira = server.login("mira", "correct horse battery");
        assertThat(mira.get("/api/v1/admin/groups").status()).isEqualTo(403);
    }

    @Test
    @DisplayName("D11: a member who is removed is out of the group at once, and stays in others")
    void aRemovedMemberIsOutAtOnce() {
        Client inside = server.login("admin", "changeme");
        inside.put("/api/v1/auth/me/active-group", "{\"group_id\":\"" + DEFAULT + "\"}");
        String adminId = inside.get("/api/v1/auth/me").json().path("user").path("id").textValue();

        assertThat(admin.delete("/api/v1/admin/groups/" + DEFAULT + "/members/" + adminId).body()).isEqualTo("{\"ok\":true}");

        assertThat(inside.get("/api/v1/containers").status()).isEqualTo(401);
        assertThat(admin.get("/api/v1/auth/me").json().path("groups").findValuesAsText("id")).doesNotContain(DEFAULT);
        assertThat(admin.delete("/api/v1/admin/groups/" + DEFAULT + "/members/" + adminId).status()).isEqualTo(200);
        add(DEFAULT, adminId, "member");
        assertThat(inside.get("/api/v1/containers").status()).isEqualTo(401);
    }

    @Test
    @DisplayName("D101: a group with members, with inventory or unknown is not deleted")
    void onlyAnEmptyGroupIsDeleted() {
        assertThat(delete(DEFAULT).errorMessage()).isEqualTo("validation error: cannot delete group with members");
        assertThat(delete(UNKNOWN).status()).isEqualTo(404);
        for (String thing : List.of(
                "INSERT INTO locations (id, group_id, name) VALUES ('l', ?, 'Attic')",
                "INSERT INTO nfc_tags (id, group_id, tag_uri) VALUES ('t', ?, 'nfc://1')")) {
            String group = newGroup();
            Sqlite.execute(server.database(), thing.replace("?", "'" + group + "'"));

            assertThat(delete(group).status()).isEqualTo(400);
            assertThat(delete(group).errorCode()).isEqualTo("VALIDATION_ERROR");
        }
        Sqlite.execute(server.database(), "DELETE FROM user_groups WHERE group_id = '" + DEFAULT + "'");
        assertThat(delete(DEFAULT).errorMessage()).isEqualTo("validation error: cannot delete the default group");
    }

    @Test
    @DisplayName("D101: a session in the group is no obstacle")
    void aSessionInTheGroupIsNoObstacle() {
        String group = newGroup();
        add(group, MIRA_ID, "member");
        Client mira = server.login("mira", "correct horse battery");
        assertThat(mira.put("/api/v1/auth/me/active-group", "{\"group_id\":\"" + group + "\"}").status()).isEqualTo(200);
        Sqlite.execute(server.database(), "DELETE FROM user_groups WHERE group_id = '" + group + "'");

        assertThat(delete(group).body()).isEqualTo("{\"ok\":true}");

        assertThat(mira.get("/api/v1/auth/me").status()).isEqualTo(401);
        assertThat(admin.get("/api/v1/admin/groups").json().findValuesAsText("id")).doesNotContain(group);
    }

    @Test
    @DisplayName("D45: a login without any group finds the default group, also when it was missing")
    void theDefaultGroupComesBack() {
        Sqlite.execute(server.database(), "DELETE FROM user_groups WHERE user_id = '" + MIRA_ID + "'",
                "PRAGMA foreign_keys = OFF", "DELETE FROM groups WHERE id = '" + DEFAULT + "'");

        JsonNode me = server.login("mira", "correct horse battery").get("/api/v1/auth/me").json();

        assertThat(me.path("groups").findValuesAsText("name")).containsExactly("default");
    }

    private String newGroup() {
        return admin.post("/api/v1/admin/groups", "{\"name\":\"group " + System.nanoTime() + "\"}").json().path("id").textValue();
    }

    private Answer add(String group, String user, String role) {
        return admin.post("/api/v1/admin/groups/" + group + "/members", "{\"user_id\":\"" + user + "\",\"role\":\"" + role + "\"}");
    }

    private Answer delete(String group) {
        return admin.delete("/api/v1/admin/groups/" + group);
    }

    private JsonNode members(String group) {
        return admin.get("/api/v1/admin/groups/" + group + "/members").json();
    }
}
