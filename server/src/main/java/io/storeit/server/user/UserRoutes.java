package io.storeit.server.user;

import io.storeit.server.Problem;
import io.storeit.server.http.Caller;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Answers the requests under {@code /api/v1/auth}: local users only, so far. */
public final class UserRoutes {
    private final UserRepository users;
    private final Sessions sessions;

    public UserRoutes(UserRepository users, Sessions sessions) {
        this.users = users;
        this.sessions = sessions;
    }

    public Response mode(Request request) {
        return Response.ok(Map.of("mode", "local"));
    }

    /** Unknown user, wrong password and user without a usable hash get the same answer in the same time. */
    public Response login(Request request) throws IOException {
        JsonBody body = request.json();
        String username = body.text("username");
        String password = body.text("password");
        Optional<UserRepository.Credentials> found = users.credentials(username);
        if (!Passwords.matches(password, found.map(UserRepository.Credentials::passwordHash).orElse(null))) {
            throw Problem.of(Problem.Kind.INVALID_CREDENTIALS, "Invalid username or password");
        }
        String userId = found.orElseThrow().userId();
        String group = users.firstGroup(userId);
        String session = sessions.start(userId, group);
        return Response.ok(users.me(userId, group).orElseThrow(Problem::unauthenticated))
                .with("Set-Cookie", sessions.cookie(session, request));
    }

    public Response logout(Request request) {
        sessions.end(request.caller().requireSession());
        return Response.ok(Map.of("ok", true)).with("Set-Cookie", sessions.clearedCookie());
    }

    public Response me(Request request) {
        Caller.Session session = request.caller().requireSession();
        return Response.ok(users.me(session.userId(), session.groupId()).orElseThrow(Problem::unauthenticated));
    }
}
