package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.storeit.server.TestServer.Answer;
import io.storeit.server.user.Passwords;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginTest {
    /** A time within the lifetime of the sessions in the fixture. */
    private static final Instant FIXTURE_TIME = Instant.parse("2026-11-22T10:00:00Z");
    private static final String LIVE_SESSION = "storeit_session=wy0Qi1B9y1LDC24H1TsRupxEARslJQR8kHYSgcnBisQoboD6gvHED8FqWPjP30Ce";

    @TempDir
    Path folder;

    @Test
    void everyUserOfTheFixtureLogsInWithThePasswordFromBefore() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            for (List<String> login : Fixture.logins()) {
                JsonNode me = server.login(login.get(0), login.get(1)).get("/api/v1/auth/me").json();

                assertThat(me.path("groups").findValuesAsText("id")).contains(me.path("active_group_id").textValue());
            }
        }
    }

    @Test
    void theAnswerToALoginHasTheShapeOfTheContract() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            Answer answer = server.anonymous().post("/api/v1/auth/local/login", "{\"username\":\"admin\",\"password\":\"changeme\"}");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Set-Cookie").orElseThrow())
                    .matches("storeit_session=[A-Za-z0-9]{64}; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400");
            // Groups by name, byte by byte; the first is the active one.
            assertThat(answer.json()).isEqualTo(json("""
                    {"user":{"id":"f4aec0a7-6015-4430-872a-4098fd36f9a6","email":"admin@localhost","display_name":"Administrator","is_admin":true},
                     "groups":[{"id":"66198627-7714-4bcd-aa7d-a949906b44b0","name":"Ferienhaus Müller","role":"owner"},
                               {"id":"00000000-0000-0000-0000-000000000001","name":"default","role":"owner"}],
                     "active_group_id":"66198627-7714-4bcd-aa7d-a949906b44b0"}"""));
        }
    }

    @Test
    void unknownUserWrongPasswordAndOtherCaseGetTheSameAnswer() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            for (String body : List.of(
                    "{\"username\":\"nobody\",\"password\":\"changeme\"}",
                    "{\"username\":\"admin\",\"password\":\"changeme \"}",
                    "{\"username\":\"Admin\",\"password\":\"changeme\"}",
                    // bcrypt would not see the last byte; Argon2 does.
                    "{\"username\":\"zoe\",\"password\":\"" + "z".repeat(99) + "\"}")) {
                Answer answer = server.anonymous().post("/api/v1/auth/local/login", body);

                assertThat(answer.status()).isEqualTo(401);
                assertThat(answer.json()).isEqualTo(json("{\"error\":{\"code\":\"INVALID_CREDENTIALS\",\"message\":\"Invalid username or password\"}}"));
            }
        }
    }

    @Test
    @DisplayName("D151: a hash that is none keeps its user out without an error")
    void aHashThatIsNoneKeepsItsUserOutWithoutAnError() {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        for (String hash : List.of("", "plain", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$x$y", "$2b$12$tooshort", "$argon2id$v=19$m=99999999,t=2,p=1$X5TEvUHlBTD15Zq53LOrMQ$32ajTnwO74R8oRmHQKF1IjVizbgq4tsZziRsr++E0vg")) {
            assertThat(Passwords.matches("z", hash)).as(hash).isFalse();
        }
        Sqlite.execute(database, "UPDATE users SET password_hash = 'no hash' WHERE external_id = 'local:mira'",
                "UPDATE users SET password_hash = NULL WHERE external_id = 'local:zoe'");
        try (TestServer server = TestServer.in(folder)) {
            for (String name : List.of("mira", "zoe")) {
                Answer answer = server.anonymous().post("/api/v1/auth/local/login", "{\"username\":\"" + name + "\",\"password\":\"correct horse battery\"}");

                assertThat(answer.status()).isEqualTo(401);
                assertThat(answer.errorCode()).isEqualTo("INVALID_CREDENTIALS");
            }
        }
    }

    @Test
    void newPasswordsAreBcryptUpTo72BytesAndArgon2Beyond() {
        String longest = "ü".repeat(36);
        String tooLong = longest + "x";

        assertThat(Passwords.hash(longest)).startsWith("$2a$12$");
        assertThat(Passwords.matches(longest, Passwords.hash(longest))).isTrue();
        String hash = Passwords.hash(tooLong);
        assertThat(hash).matches("\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}");
        assertThat(Passwords.matches(tooLong, hash)).isTrue();
        assertThat(Passwords.matches(longest, hash)).isFalse();
    }

    @Test
    void bcryptHashesOfOtherProgramsVerifyWhateverTheirPrefix() {
        String hash = Passwords.hash("secret");
        for (String prefix : List.of("$2a$", "$2b$", "$2y$")) {
            assertThat(Passwords.matches("secret", prefix + hash.substring(4))).isTrue();
            assertThat(Passwords.matches("Secret", prefix + hash.substring(4))).isFalse();
        }
    }

    @Test
    void sessionsOfAStoreit02DatabaseGoOnWorking() {
        Fixture.SCHEMA_2.copyTo(folder);
        try (TestServer server = TestServer.in(folder, InstantSource.fixed(FIXTURE_TIME), Map.of())) {
            Answer me = server.withCookie(LIVE_SESSION).get("/api/v1/auth/me");

            assertThat(me.status()).isEqualTo(200);
            assertThat(me.json().path("user").path("email").textValue()).isEqualTo("admin@localhost");
        }
    }

    @Test
    void anExpiredSessionLetsNobodyInAndIsDeleted() {
        Fixture.SCHEMA_2.copyTo(folder);
        try (TestServer server = TestServer.in(folder, InstantSource.fixed(FIXTURE_TIME.plus(Duration.ofDays(1))), Map.of())) {
            Answer me = server.withCookie(LIVE_SESSION).get("/api/v1/auth/me");

            assertThat(me.status()).isEqualTo(401);
            assertThat(me.errorCode()).isEqualTo("UNAUTHENTICATED");
            assertThat(Sqlite.value(server.database(), "SELECT count(*) FROM sessions")).isEqualTo("1");
        }
    }

    @Test
    @DisplayName("D11: somebody taken out of the group is out at once")
    void somebodyTakenOutOfTheGroupIsOutAtOnce() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            TestServer.Client mira = server.login("mira", "correct horse battery");
            assertThat(mira.get("/api/v1/containers").status()).isEqualTo(200);

            Sqlite.execute(server.database(), "DELETE FROM user_groups WHERE user_id = '3a467893-16a0-4cce-917f-f3d8b2b0d1cc'");

            assertThat(mira.get("/api/v1/containers").status()).isEqualTo(401);
        }
    }

    @Test
    void somebodyWithoutAGroupJoinsTheDefaultGroupAtLogin() {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        Sqlite.execute(database, "DELETE FROM user_groups WHERE user_id = '3a467893-16a0-4cce-917f-f3d8b2b0d1cc'");
        try (TestServer server = TestServer.in(folder)) {
            JsonNode me = server.login("mira", "correct horse battery").get("/api/v1/auth/me").json();

            assertThat(me.path("groups")).isEqualTo(json("[{\"id\":\"00000000-0000-0000-0000-000000000001\",\"name\":\"default\",\"role\":\"member\"}]"));
        }
    }

    @Test
    @DisplayName("D104: logout ends the session, clears the cookie and answers JSON")
    void logoutEndsTheSessionAndClearsTheCookie() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            TestServer.Client mira = server.login("mira", "correct horse battery");

            Answer logout = mira.post("/api/v1/auth/logout", "");

            assertThat(logout.status()).isEqualTo(200);
            assertThat(logout.json()).isEqualTo(json("{\"ok\":true}"));
            assertThat(logout.header("Set-Cookie").orElseThrow()).startsWith("storeit_session=;").contains("Path=/", "Max-Age=0");
            assertThat(mira.get("/api/v1/auth/me").status()).isEqualTo(401);
            assertThat(mira.post("/api/v1/auth/logout", "").status()).isEqualTo(401);
        }
    }

    @Test
    @DisplayName("D18: after ten wrong guesses a name has to wait, whoever it is, and a right password costs nothing")
    void guessingIsSlow() {
        Fixture.SCHEMA_2.copyTo(folder);
        var now = new AtomicReference<>(FIXTURE_TIME);
        try (TestServer server = TestServer.in(folder, now::get, Map.of())) {
            for (String name : List.of("mira", "nobody")) {
                for (int i = 0; i < 10; i++) {
                    assertThat(guess(server, name, "wrong").status()).isEqualTo(401);
                }
                Answer refused = guess(server, name, "correct horse battery");
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.errorCode()).isEqualTo("TOO_MANY_REQUESTS");
                assertThat(Integer.parseInt(refused.header("Retry-After").orElseThrow())).isBetween(1, 31);
            }
            assertThat(guess(server, "admin", "changeme").status()).isEqualTo(200);

            now.set(FIXTURE_TIME.plusSeconds(31));
            assertThat(guess(server, "mira", "correct horse battery").status()).isEqualTo(200);
            // The right password has given back the whole stock, of which there was only one left.
            assertThat(guess(server, "mira", "wrong").status()).isEqualTo(401);
            assertThat(guess(server, "mira", "wrong").status()).isEqualTo(401);
        }
    }

    @Test
    @DisplayName("D21: the database holds hashes of the cookies, also of those earlier versions stored in clear")
    void aCopyOfTheDatabaseLetsNobodyIn() {
        Path database = Fixture.SCHEMA_2.copyTo(folder);
        String plain = LIVE_SESSION.split("=")[1];
        try (TestServer server = TestServer.in(folder, InstantSource.fixed(FIXTURE_TIME), Map.of())) {
            server.login("mira", "correct horse battery");
            List<String> stored = Sqlite.rows(database, "SELECT id FROM sessions");

            assertThat(stored).hasSize(3).allMatch(id -> id.matches("sha256:[0-9a-f]{64}")).doesNotContain(plain);
            assertThat(server.withCookie(LIVE_SESSION).get("/api/v1/auth/me").status()).isEqualTo(200);
            for (String id : stored) {
                assertThat(server.withCookie("storeit_session=" + id).get("/api/v1/auth/me").status()).isEqualTo(401);
                assertThat(server.withCookie("storeit_session=" + id.substring(7)).get("/api/v1/auth/me").status()).isEqualTo(401);
            }
        }
    }

    @Test
    @DisplayName("D21: expired sessions are deleted with the next login, whoever's they are")
    void expiredSessionsDoNotPileUp() {
        Fixture.SCHEMA_2.copyTo(folder);
        try (TestServer server = TestServer.in(folder, InstantSource.fixed(FIXTURE_TIME.plus(Duration.ofDays(30))), Map.of())) {
            server.login("mira", "correct horse battery");

            assertThat(Sqlite.rows(server.database(), "SELECT user_id FROM sessions")).containsExactly("3a467893-16a0-4cce-917f-f3d8b2b0d1cc");
        }
    }

    @Test
    void switchingTheGroupConcernsThisSessionOnly() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            TestServer.Client here = server.login("admin", "changeme");
            TestServer.Client there = server.login("admin", "changeme");

            Answer switched = here.put("/api/v1/auth/me/active-group", "{\"group_id\":\"00000000-0000-0000-0000-000000000001\"}");

            assertThat(switched.status()).isEqualTo(200);
            assertThat(switched.json()).isEqualTo(here.get("/api/v1/auth/me").json());
            assertThat(switched.json().path("active_group_id").textValue()).isEqualTo("00000000-0000-0000-0000-000000000001");
            assertThat(there.get("/api/v1/auth/me").json().path("active_group_id").textValue()).isEqualTo("66198627-7714-4bcd-aa7d-a949906b44b0");
            assertThat(here.get("/api/v1/containers").json()).isNotEqualTo(there.get("/api/v1/containers").json());
        }
    }

    @Test
    void nobodySwitchesToAGroupOfOthersOrToNone() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            TestServer.Client zoe = server.login("zoe", "z".repeat(100));
            String own = zoe.get("/api/v1/auth/me").json().path("active_group_id").textValue();
            String other = own.startsWith("0") ? "66198627-7714-4bcd-aa7d-a949906b44b0" : "00000000-0000-0000-0000-000000000001";
            for (String group : List.of(other, "12345678-1234-4234-8234-123456789012")) {
                Answer answer = zoe.put("/api/v1/auth/me/active-group", "{\"group_id\":\"" + group + "\"}");

                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.errorMessage()).isEqualTo("forbidden: not a member of this group");
            }
            assertThat(zoe.get("/api/v1/auth/me").json().path("active_group_id").textValue()).isEqualTo(own);
        }
    }

    @Test
    void theRoutesOfTheIdentityProviderSayThatThereIsNone() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            Answer login = server.anonymous().get("/api/v1/auth/login");
            assertThat(login.status()).isEqualTo(403);
            assertThat(login.errorMessage()).isEqualTo("forbidden: OIDC not configured");
            for (String query : List.of("", "?code=a", "?state=b", "?error=denied", "?code=a&code=b&state=c")) {
                assertThat(server.anonymous().get("/api/v1/auth/callback" + query).status()).as(query).isEqualTo(400);
            }
            assertThat(server.anonymous().get("/api/v1/auth/callback?code=a&state=b").status()).isEqualTo(403);
        }
    }

    @Test
    @DisplayName("D18: a burst of logins leaves the server answering")
    void aBurstOfLoginsLeavesTheServerAnswering() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            List<Thread> guessers = IntStream.range(0, 30)
                    .mapToObj(i -> new Thread(() -> server.anonymous().post("/api/v1/auth/local/login", credentials("guess " + i, "x"))))
                    .toList();
            guessers.forEach(Thread::start);
            long start = System.nanoTime();
            assertThat(server.anonymous().get("/health").status()).isEqualTo(200);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            guessers.forEach(LoginTest::join);
            assertThat(server.login("mira", "correct horse battery").get("/api/v1/auth/me").status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("D15: the cookie is Secure behind a proxy that speaks HTTPS")
    void theCookieIsSecureBehindAProxyThatSpeaksHttps() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            Answer answer = new TestServer.Client(server, "X-Forwarded-Proto", "https")
                    .post("/api/v1/auth/local/login", "{\"username\":\"admin\",\"password\":\"changeme\"}");

            assertThat(answer.header("Set-Cookie").orElseThrow()).endsWith("; Secure");
        }
    }

    @Test
    void loginsAndLogoutsAreNoChangesOfTheContent() {
        try (TestServer server = TestServer.ofUnchanged(Fixture.SCHEMA_2, folder)) {
            server.login("admin", "changeme").post("/api/v1/auth/logout", "");

            assertThat(server.token().get("/health").json().path("changes").longValue()).isZero();
        }
    }

    private static Answer guess(TestServer server, String username, String password) {
        return server.anonymous().post("/api/v1/auth/local/login", credentials(username, password));
    }

    private static String credentials(String username, String password) {
        return "{\"username\":\"" + username + "\",\"password\":\"" + password + "\"}";
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static JsonNode json(String text) {
        return io.storeit.interchange.base.Json.parseOrNull(text);
    }
}
