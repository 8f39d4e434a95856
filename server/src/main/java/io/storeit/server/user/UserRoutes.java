package io.storeit.server.user;

import io.storeit.server.entity.Names;
import io.storeit.server.http.Caller;
import io.storeit.server.http.JsonBody;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.util.Optional;

/** Answers the administrators' requests under {@code /api/v1/admin/users}. */
public final class UserRoutes {
    private final UserRepository users;

    public UserRoutes(UserRepository users) {
        this.users = users;
    }

    public Response list(Request request) {
        return Response.ok(users.list());
    }

    /** Creates a user, who belongs to no group. The first login adds it to the default group. */
    public Response create(Request request) throws IOException {
        JsonBody body = request.json();
        String username = body.text("username");
        String email = body.text("email");
        String displayName = body.text("display_name");
        String password = body.text("password");
        boolean admin = body.optionalFlag("is_admin").orElse(false);
        if (username.isEmpty()) {
            throw Problem.validation("username is required");
        }
        Names.check("username", username);
        Names.checkLength("email", email, Names.LONGEST);
        Names.checkLength("display_name", displayName, Names.LONGEST);
        if (password.isEmpty()) {
            throw Problem.validation("password is required");
        }
        return Response.ok(users.create(username, email, displayName, Passwords.hash(password), admin));
    }

    public Response update(Request request) throws IOException {
        String id = request.id("id");
        JsonBody body = request.json();
        Optional<String> email = body.optionalText("email");
        Optional<String> displayName = body.optionalText("display_name");
        Optional<Boolean> admin = body.optionalFlag("is_admin");
        email.ifPresent(text -> Names.checkLength("email", text, Names.LONGEST));
        displayName.ifPresent(text -> Names.checkLength("display_name", text, Names.LONGEST));
        return Response.ok(users.update(id, email, displayName, admin, sessionId(request)));
    }

    public Response delete(Request request) {
        String id = request.id("id");
        if (request.caller().session().filter(session -> session.userId().equals(id)).isPresent()) {
            throw Problem.validation("cannot delete your own account");
        }
        users.delete(id);
        return Response.done();
    }

    public Response resetPassword(Request request) throws IOException {
        String id = request.id("id");
        String password = request.json().text("new_password");
        if (password.isEmpty()) {
            throw Problem.validation("new_password is required");
        }
        users.requireUser(id);
        users.setPassword(id, Passwords.hash(password), sessionId(request));
        return Response.done();
    }

    /** Returns the caller's session, which is kept when administrators change their own password or role. */
    private static String sessionId(Request request) {
        return request.caller().session().map(Caller.Session::id).orElse("");
    }
}
