package io.storeit.server.http;

/** The callers that a route accepts. */
public enum Access {
    ANYONE,
    /** Any user with a live session. */
    SESSION,
    /** An administrator with a session, or a program on this machine that has the server's own token. */
    ADMIN,
    /** The callers of {@link #ADMIN}, and any program on this machine that does not use a proxy. */
    ADMIN_OR_LOCAL
}
