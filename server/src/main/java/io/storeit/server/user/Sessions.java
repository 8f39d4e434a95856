package io.storeit.server.user;

import io.storeit.server.db.Times;
import io.storeit.server.http.Caller;
import io.storeit.server.http.Guard;
import io.storeit.server.http.Request;
import io.storeit.server.problem.Problem;
import io.storeit.server.system.TokenFile;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Identifies callers: by the session of the cookie, or as the holder of the server's token. Sessions of a StoreIT 0.2 database
 * continue to work.
 */
public final class Sessions implements Guard {
    static final String COOKIE = "storeit_session";
    private static final int COOKIE_LENGTH = 64;
    private static final String COOKIE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final SessionRepository stored;
    private final TokenFile token;
    private final Duration lifetime;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    public Sessions(SessionRepository stored, TokenFile token, Duration lifetime, InstantSource clock) {
        this.stored = stored;
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

    /** Begins a session and returns the text for its cookie. The session ends after its lifetime, used or not. */
    String start(String userId, String group) {
        var text = new StringBuilder(COOKIE_LENGTH);
        for (int i = 0; i < COOKIE_LENGTH; i++) {
            text.append(COOKIE_CHARACTERS.charAt(random.nextInt(COOKIE_CHARACTERS.length())));
        }
        stored.insert(text.toString(), userId, group, clock.instant().plus(lifetime));
        return text.toString();
    }

    void end(Caller.Session session) {
        stored.delete(session.id());
    }

    /** Switches the group. Returns false when the user is not a member of the group. */
    boolean switchGroup(Caller.Session session, String group) {
        return stored.switchGroup(session, group);
    }

    /** Returns the complete cookie value for a new session. */
    String cookie(String text, Request request) {
        return COOKIE + "=" + text + "; HttpOnly; SameSite=Lax; Path=/; Max-Age=" + lifetime.toSeconds()
                + (request.overHttps() ? "; Secure" : "");
    }

    /** Returns the value that makes a browser delete the cookie. */
    String clearedCookie() {
        return COOKIE + "=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0";
    }

    private Optional<Caller.Session> live(String cookie) {
        Optional<SessionRepository.Stored> found = stored.find(cookie);
        if (found.isPresent() && Times.isBefore(found.get().expiresAt(), clock.instant())) {
            try {
                stored.delete(found.get().session().id());
            } catch (Problem e) {
                if (e.kind() != Problem.Kind.UNAVAILABLE) {
                    throw e;
                }
                // Writes are refused at the moment. The next login deletes the row, and until then it permits no access.
            }
            return Optional.empty();
        }
        // A user removed from the group loses access at once, not when the session ends.
        return found.filter(SessionRepository.Stored::member).map(SessionRepository.Stored::session);
    }
}
