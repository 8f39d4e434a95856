package io.storeit.server.user;

import io.storeit.server.http.Caller;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Answers the requests under {@code /api/v1/auth}. This version supports local users only. */
public final class AuthRoutes {
    private final UserRepository users;
    private final Sessions sessions;
    private final LoginThrottle throttle;

    public AuthRoutes(UserRepository users, Sessions sessions, InstantSource clock) {
        this.users = users;
        this.sessions = sessions;
        throttle = new LoginThrottle(clock);
    }

    public Response mode(Request request) {
        return Response.ok(Map.of("mode", "local"));
    }

    /** Logs a user in. An unknown user, a wrong password and a user without a usable hash get the same answer in the same time. */
    public Response login(Request request) throws IOException {
        JsonBody body = request.json();
        String username = body.text("username");
        String password = body.text("password");
        String address = request.address();
        throttle.begin(username, address);
        Optional<UserRepository.Credentials> found = users.credentials(username);
        if (!Passwords.matches(password, found.map(UserRepository.Credentials::passwordHash).orElse(null))) {
            throw Problem.of(Problem.Kind.INVALID_CREDENTIALS, "Invalid username or password");
        }
        throttle.succeeded(username, address);
        String userId = found.orElseThrow().userId();
        String group = users.firstGroup(userId);
        String session = sessions.start(userId, group);
        return me(userId, group).with("Set-Cookie", sessions.cookie(session, request));
    }

    /** Refuses the login with an identity provider, which would begin here. */
    public Response providerLogin(Request request) {
        throw noProvider();
    }

    /** Refuses the return from an identity provider, which would end here. */
    public Response providerCallback(Request request) {
        request.requiredQuery("code");
        request.requiredQuery("state");
        throw noProvider();
    }

    private static Problem noProvider() {
        return Problem.forbidden("OIDC not configured");
    }

    public Response logout(Request request) {
        sessions.end(request.caller().requireSession());
        return Response.done().with("Set-Cookie", sessions.clearedCookie());
    }

    public Response me(Request request) {
        Caller.Session session = request.caller().requireSession();
        return me(session.userId(), session.groupId());
    }

    public Response switchGroup(Request request) throws IOException {
        Caller.Session session = request.caller().requireSession();
        String group = request.json().id("group_id");
        if (!sessions.switchGroup(session, group)) {
            throw Problem.forbidden("not a member of this group");
        }
        return me(session.userId(), group);
    }

    private Response me(String userId, String group) {
        return Response.ok(users.me(userId, group).orElseThrow(Problem::unauthenticated));
    }
}
