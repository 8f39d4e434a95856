package io.storeit.server.http;

import io.storeit.server.problem.Problem;
import java.util.Optional;

/**
 * The caller of a request.
 *
 * @param session the session of the request; empty for anonymous callers and for the holder of the server's token
 * @param admin   whether the caller may use the administrator's routes
 */
public record Caller(Optional<Session> session, boolean admin) {

    /** An anonymous caller. */
    public static final Caller ANONYMOUS = new Caller(Optional.empty(), false);

    /** A program on this machine that can read the server's token file, and so could read the database too. */
    public static final Caller TOKEN = new Caller(Optional.empty(), true);

    public static Caller of(Session session) {
        return new Caller(Optional.of(session), session.admin());
    }

    /** Returns the session's group, which owns everything that this caller sees and writes. */
    public String group() {
        return requireSession().groupId();
    }

    public Session requireSession() {
        return session.orElseThrow(Problem::unauthenticated);
    }

    /**
     * A logged-in user.
     *
     * @param id      the id in the table of sessions, which is not what the cookie contains
     * @param groupId the active group, of which the user is a member
     */
    public record Session(String id, String userId, String groupId, boolean admin) {}
}
