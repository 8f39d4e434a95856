package io.storeit.server.http;

/** Who may call a route. */
public enum Access {
    ANYONE,
    /** Somebody with a live session. */
    SESSION,
    /** A session of an administrator, or the holder of the server's own token on this machine. */
    ADMIN,
    /** The same, or anybody on this machine who does not come through a proxy. */
    ADMIN_OR_LOCAL
}
