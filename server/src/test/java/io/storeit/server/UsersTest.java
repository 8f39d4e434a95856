package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.interchange.base.Json;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what administrators do with users. */
class UsersTest {
    private static final String ADMIN_ID = "f4aec0a7-6015-4430-872a-4098fd36f9a6";
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
    void usersAreListedByDisplayNameByteByByte() {
        JsonNode users = admin.get("/api/v1/admin/users").json();

        assertThat(users.findValuesAsText("username")).containsExactlyInAnyOrder("admin", "mira", "joão", "zoe");
        assertThat(users.findValuesAsText("display_name"))
                .isEqualTo(Sqlite.rows(server.database(), "SELECT display_name FROM users ORDER BY display_name"));
        assertThat(users.get(0).properties().stream().map(java.util.Map.Entry::getKey))
                .containsExactlyInAnyOrder("id", "username", "email", "display_name", "is_admin", "created_at");
    }

    @Test
    void whoIsNotLocalIsListedWithTheWholeExternalId() {
        Sqlite.execute(server.database(), "UPDATE users SET external_id = 'subject|42' WHERE id = '" + MIRA_ID + "'");

        assertThat(user(MIRA_ID).path("username").textValue()).isEqualTo("subject|42");
    }

    @Test
    void aNewUserLogsInAndIsInTheDefaultGroupThen() {
        Answer created = admin.post("/api/v1/admin/users", newUser("otto", "a secret"));

        assertThat(created.status()).isEqualTo(200);
        assertThat(created.json().path("is_admin").booleanValue()).isFalse();
        assertThat(created.json()).isEqualTo(user(created.json().path("id").textValue()));
        JsonNode me = server.login("otto", "a secret").get("/api/v1/auth/me").json();
        assertThat(me.path("groups").findValuesAsText("name")).containsExactly("default");
    }

    @Test
    @DisplayName("D99: a username that is taken is 409, and case tells names apart")
    void aUsernameThatIsTakenIs409() {
        Answer taken = admin.post("/api/v1/admin/users", newUser("mira", "x"));
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.errorCode()).isEqualTo("CONFLICT");

        assertThat(admin.post("/api/v1/admin/users", newUser("Mira", "x")).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"''|x|username is required", "' '|x|username must not be blank", "otto|''|password is required"})
    void aUserNeedsANameAndAPassword(String username, String password, String message) {
        Answer answer = admin.post("/api/v1/admin/users", newUser(username, password));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorMessage()).isEqualTo("validation error: " + message);
    }

    @Test
    @DisplayName("D118: texts about users have a longest length")
    void textsHaveALongestLength() {
        assertThat(admin.post("/api/v1/admin/users", newUser("n".repeat(1000), "x")).status()).isEqualTo(200);
        assertThat(admin.post("/api/v1/admin/users", newUser("n".repeat(1001), "x")).status()).isEqualTo(400);
        for (String field : List.of("email", "display_name")) {
            assertThat(update(MIRA_ID, "{\"" + field + "\":\"" + "é".repeat(1000) + "\"}").status()).isEqualTo(200);
            assertThat(update(MIRA_ID, "{\"" + field + "\":\"" + "é".repeat(1001) + "\"}").status()).isEqualTo(400);
        }
    }

    @Test
    void anUpdateKeepsWhatIsAbsentOrNull() {
        JsonNode before = user(MIRA_ID);

        Answer answer = update(MIRA_ID, "{\"email\":\"new@example.org\",\"display_name\":null}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("email").textValue()).isEqualTo("new@example.org");
        assertThat(answer.json().path("display_name")).isEqualTo(before.path("display_name"));
        assertThat(answer.json().path("is_admin").booleanValue()).isFalse();
        assertThat(update(UNKNOWN, "{}").status()).isEqualTo(404);
    }

    @Test
    @DisplayName("D19: a new password ends the user's sessions")
    void aNewPasswordEndsTheUsersSessions() {
        Client mira = server.login("mira", "correct horse battery");

        assertThat(admin.put("/api/v1/admin/users/" + MIRA_ID + "/password", "{\"new_password\":\"another\"}").body()).isEqualTo("{\"ok\":true}");

        assertThat(mira.get("/api/v1/auth/me").status()).isEqualTo(401);
        assertThat(server.login("mira", "another").get("/api/v1/auth/me").status()).isEqualTo(200);
        assertThat(server.anonymous().post("/api/v1/auth/local/login", "{\"username\":\"mira\",\"password\":\"correct horse battery\"}").status())
                .isEqualTo(401);
    }

    @Test
    @DisplayName("D19: of whoever sets the own password only the other sessions end")
    void onesOwnNewPasswordKeepsThisSession() {
        Client elsewhere = server.login("admin", "changeme");

        assertThat(admin.put("/api/v1/admin/users/" + ADMIN_ID + "/password", "{\"new_password\":\"another\"}").status()).isEqualTo(200);

        assertThat(admin.get("/api/v1/auth/me").status()).isEqualTo(200);
        assertThat(elsewhere.get("/api/v1/auth/me").status()).isEqualTo(401);
    }

    @Test
    @DisplayName("D19: who is no administrator any more has to log in again")
    void aDemotionEndsTheUsersSessions() {
        Client joao = server.login("joão", "pässwörd ✓");
        String id = joao.get("/api/v1/auth/me").json().path("user").path("id").textValue();
        assertThat(update(id, "{\"email\":\"j@example.org\"}").status()).isEqualTo(200);
        assertThat(joao.get("/api/v1/admin/users").status()).isEqualTo(200);

        assertThat(update(id, "{\"is_admin\":false}").status()).isEqualTo(200);

        assertThat(joao.get("/api/v1/auth/me").status()).isEqualTo(401);
        assertThat(server.login("joão", "pässwörd ✓").get("/api/v1/admin/users").status()).isEqualTo(403);
    }

    @Test
    void aPasswordMustNotBeEmptyWhichIsLookedAtFirst() {
        assertThat(admin.put("/api/v1/admin/users/" + UNKNOWN + "/password", "{\"new_password\":\"\"}").status()).isEqualTo(400);
        assertThat(admin.put("/api/v1/admin/users/" + UNKNOWN + "/password", "{\"new_password\":\"x\"}").status()).isEqualTo(404);
    }

    @Test
    @DisplayName("D20: the last administrator stays one, also when another could not log in")
    void theLastAdministratorStaysOne() {
        String joao = user("joão", "username").path("id").textValue();
        Sqlite.execute(server.database(), "UPDATE users SET password_hash = NULL WHERE id = '" + joao + "'");

        Answer answer = update(ADMIN_ID, "{\"is_admin\":false,\"email\":\"changed@example.org\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorCode()).isEqualTo("VALIDATION_ERROR");
        assertThat(user(ADMIN_ID).path("email").textValue()).isEqualTo("admin@localhost");
        assertThat(server.token().delete("/api/v1/admin/users/" + ADMIN_ID).errorMessage())
                .isEqualTo("validation error: cannot delete the last admin user");
    }

    @Test
    @DisplayName("D20: a start without an administrator whose name is taken does not fail")
    void aStartWithoutAnAdministratorWhoseNameIsTaken() {
        Sqlite.execute(server.database(), "UPDATE users SET is_admin = 0");
        server.close();

        server = TestServer.in(folder);

        assertThat(server.login("admin", "changeme").get("/api/v1/admin/users").status()).isEqualTo(403);
    }

    @Test
    void twoAdministratorsWhoDemoteEachOtherLeaveOne() {
        Client joao = server.login("joão", "pässwörd ✓");
        String joaoId = user("joão", "username").path("id").textValue();
        List<Thread> threads = Stream.of(
                        new Thread(() -> admin.delete("/api/v1/admin/users/" + joaoId)),
                        new Thread(() -> joao.delete("/api/v1/admin/users/" + ADMIN_ID)))
                .toList();
        threads.forEach(Thread::start);
        threads.forEach(UsersTest::join);

        assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM users WHERE is_admin = 1")).isEqualTo("1");
    }

    @Test
    void aDeletedUserIsGoneWithSessionsAndMembershipsButNotWithWhatIsInTheGroups() {
        Client mira = server.login("mira", "correct horse battery");
        String items = Sqlite.value(server.database(), "SELECT count(*) FROM items");

        assertThat(admin.delete("/api/v1/admin/users/" + MIRA_ID).body()).isEqualTo("{\"ok\":true}");

        assertThat(mira.get("/api/v1/auth/me").status()).isEqualTo(401);
        assertThat(Sqlite.rows(server.database(), "SELECT 1 FROM user_groups WHERE user_id = '" + MIRA_ID + "'")).isEmpty();
        assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM items")).isEqualTo(items);
        assertThat(admin.delete("/api/v1/admin/users/" + MIRA_ID).status()).isEqualTo(404);
        assertThat(admin.delete("/api/v1/admin/users/" + ADMIN_ID).errorMessage()).isEqualTo("validation error: cannot delete your own account");
    }

    @Test
    @DisplayName("D125: an update is all or nothing, and counts as one change")
    void anUpdateIsOneChange() {
        long before = changes();

        update(MIRA_ID, "{\"email\":\"a\",\"display_name\":\"b\",\"is_admin\":true}");

        assertThat(changes()).isEqualTo(before + 1);
    }

    @Test
    void nobodyElseManagesUsersOrGroups() {
        Client mira = server.login("mira", "correct horse battery");
        for (String path : List.of("/api/v1/admin/users", "/api/v1/admin/groups", "/api/v1/admin/settings",
                "/api/v1/admin/groups/00000000-0000-0000-0000-000000000001/members")) {
            assertThat(mira.get(path).status()).as(path).isEqualTo(403);
            assertThat(server.anonymous().get(path).status()).as(path).isEqualTo(401);
        }
        assertThat(mira.put("/api/v1/admin/users/" + MIRA_ID, "{\"is_admin\":true}").status()).isEqualTo(403);
        assertThat(mira.put("/api/v1/admin/users/" + ADMIN_ID + "/password", "{\"new_password\":\"x\"}").status()).isEqualTo(403);
        assertThat(mira.delete("/api/v1/admin/users/" + ADMIN_ID).status()).isEqualTo(403);
    }

    private long changes() {
        return server.token().get("/health").json().path("changes").longValue();
    }

    private Answer update(String id, String body) {
        return admin.put("/api/v1/admin/users/" + id, body);
    }

    private JsonNode user(String id) {
        return user(id, "id");
    }

    private JsonNode user(String value, String field) {
        JsonNode users = server.token().get("/api/v1/admin/users").json();
        return IntStream.range(0, users.size())
                .mapToObj(users::get)
                .filter(user -> user.path(field).textValue().equals(value))
                .findFirst().orElseThrow();
    }

    private static String newUser(String username, String password) {
        return Json.MAPPER.createObjectNode()
                .put("username", username).put("email", "").put("display_name", "").put("password", password).toString();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
