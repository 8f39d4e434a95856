package io.storeit.server.user;

import io.storeit.server.Problem;
import io.storeit.server.db.Times;
import io.storeit.server.http.Caller;
import io.storeit.server.http.Guard;
import io.storeit.server.http.Request;
import io.storeit.server.system.TokenFile;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Who is asking: the session behind the cookie, or the holder of the server's token. Sessions of a StoreIT 0.2 database go on
 * working.
 */
public final class Sessions implements Guard {
    static final String COOKIE = "storeit_session";
    private static final int ID_LENGTH = 64;
    private static final String ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final UserRepository users;
    private final TokenFile token;
    private final Duration lifetime;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    public Sessions(UserRepository users, TokenFile token, Duration lifetime, InstantSource clock) {
        this.users = users;
        this.token = token;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    @Override
    public Caller identify(Request request) {
        if (request.fromThisMachine() && request.header("Authorization").filter(token::matches).isPresent()) {
            return Caller.TOKEN;
        }
        return request.cookie(COOKIE).flatMap(this::live).map(Caller::of).orElse(Caller.ANONYMOUS);
    }

    /** Begins a session and returns its id. It ends after its lifetime, used or not. */
    String start(String userId, String group) {
        var id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_CHARACTERS.charAt(random.nextInt(ID_CHARACTERS.length())));
        }
        users.insertSession(id.toString(), userId, group, clock.instant().plus(lifetime));
        return id.toString();
    }

    void end(Caller.Session session) {
        users.deleteSession(session.id());
    }

    /** The cookie's whole value for a new session. */
    String cookie(String id, Request request) {
        return COOKIE + "=" + id + "; HttpOnly; SameSite=Lax; Path=/; Max-Age=" + lifetime.toSeconds()
                + (request.overHttps() ? "; Secure" : "");
    }

    /** The value that makes a browser forget the cookie. */
    String clearedCookie() {
        return COOKIE + "=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0";
    }

    private Optional<Caller.Session> live(String id) {
        Optional<UserRepository.StoredSession> stored = users.session(id);
        if (stored.isPresent() && Times.isBefore(stored.get().expiresAt(), clock.instant())) {
            try {
                users.deleteSession(id);
            } catch (Problem e) {
                if (e.kind() != Problem.Kind.UNAVAILABLE) {
                    throw e;
                }
                // Writes are refused just now; the row is deleted the next time somebody comes with it, and lets nobody in until then.
            }
            return Optional.empty();
        }
        // Somebody taken out of the group is out at once, not when the session ends.
        return stored.filter(UserRepository.StoredSession::member).map(UserRepository.StoredSession::session);
    }
}
