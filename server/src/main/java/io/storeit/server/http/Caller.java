package io.storeit.server.http;

import io.storeit.server.problem.Problem;
import java.util.Optional;

/**
 * Who is asking.
 *
 * @param session the session of the request; empty for anonymous callers and for the holder of the server's token
 * @param admin   may use the administrator's routes
 */
public record Caller(Optional<Session> session, boolean admin) {

    /** Nobody in particular. */
    public static final Caller ANONYMOUS = new Caller(Optional.empty(), false);

    /** Somebody on this machine who can read the server's token file, and so could read the database as well. */
    public static final Caller TOKEN = new Caller(Optional.empty(), true);

    public static Caller of(Session session) {
        return new Caller(Optional.of(session), session.admin());
    }

    /** The session's group, to which everything this caller sees and writes belongs. */
    public String group() {
        return requireSession().groupId();
    }

    public Session requireSession() {
        return session.orElseThrow(Problem::unauthenticated);
    }

    /**
     * A logged-in user.
     *
     * @param id      as the table of sessions holds it, which is not what the cookie holds
     * @param groupId the active group, of which the user is a member
     */
    public record Session(String id, String userId, String groupId, boolean admin) {}
}
