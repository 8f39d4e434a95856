package io.storeit.server.problem;

/**
 * A failure that the message describes to a person: what could not be done to what, with a hint what to try next. It is the only
 * exception that the server throws on purpose. Its {@link Kind} has the HTTP status, the code of the error body and the exit
 * code. Everything else that is thrown is an internal error: the client learns only that, and the log has the details.
 */
public final class Problem extends RuntimeException {

    /** The cases that a client or a script can distinguish. The name is the {@code error.code} of the HTTP body. */
    public enum Kind {
        /** The path, query, JSON or multipart framing is malformed. */
        INVALID_REQUEST(400, Exit.USAGE),
        /** The request is well-formed, but a value breaks a rule. */
        VALIDATION_ERROR(400, Exit.USAGE),
        /** The type is not location, container or item. */
        INVALID_ENTITY_TYPE(400, Exit.USAGE),
        UNAUTHENTICATED(401, Exit.FAILED),
        INVALID_CREDENTIALS(401, Exit.FAILED),
        FORBIDDEN(403, Exit.FAILED),
        NOT_FOUND(404, Exit.FAILED),
        METHOD_NOT_ALLOWED(405, Exit.FAILED),
        /** The state of the server, of a file or of the configuration does not allow it. */
        CONFLICT(409, Exit.FAILED),
        /** The record cannot be deleted while others are in it. */
        NOT_EMPTY(409, Exit.FAILED),
        /** The container cannot be put into itself. */
        CIRCULAR_REFERENCE(409, Exit.FAILED),
        PAYLOAD_TOO_LARGE(413, Exit.FAILED),
        UNSUPPORTED_MEDIA_TYPE(415, Exit.FAILED),
        /** The JSON is valid but has the wrong shape. */
        UNPROCESSABLE(422, Exit.USAGE),
        TOO_MANY_REQUESTS(429, Exit.FAILED),
        INTERNAL_ERROR(500, Exit.INTERNAL),
        /** The feature is part of the contract, but this server is not configured for it. */
        NOT_CONFIGURED(501, Exit.FAILED),
        /** The failure is temporary; the answer has Retry-After. */
        UNAVAILABLE(503, Exit.FAILED);

        private final int status;
        private final Exit exit;

        Kind(int status, Exit exit) {
            this.status = status;
            this.exit = exit;
        }

        /** Returns the HTTP status of the answer. */
        public int status() {
            return status;
        }

        /** Returns how the program ends when a command meets it. */
        public Exit exit() {
            return exit;
        }
    }

    private final Kind kind;
    private final String hint;
    private final long retryAfter;

    private Problem(Kind kind, String message, String hint, Throwable cause) {
        this(kind, message, hint, kind == Kind.UNAVAILABLE ? 1 : 0, cause);
    }

    private Problem(Kind kind, String message, String hint, long retryAfter, Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
        this.kind = kind;
        this.hint = hint;
    }

    public static Problem of(Kind kind, String message) {
        return new Problem(kind, message, "", null);
    }

    /** Reports that the command or the start cannot continue. Nothing was changed. */
    public static Problem refused(String message, String hint) {
        return new Problem(Kind.CONFLICT, message, hint, null);
    }

    /** Reports what {@link #refused(String, String)} does, with its cause. */
    public static Problem refused(String message, String hint, Throwable cause) {
        return new Problem(Kind.CONFLICT, message, hint, cause);
    }

    /** Reports an invalid setting or argument. */
    public static Problem usage(String message, String hint) {
        return new Problem(Kind.VALIDATION_ERROR, message, hint, null);
    }

    public static Problem notFound(String type, String id) {
        return of(Kind.NOT_FOUND, "entity not found: " + type + " " + id);
    }

    public static Problem validation(String message) {
        return of(Kind.VALIDATION_ERROR, "validation error: " + message);
    }

    public static Problem invalidRequest(String message) {
        return of(Kind.INVALID_REQUEST, message);
    }

    public static Problem unprocessable(String message) {
        return of(Kind.UNPROCESSABLE, message);
    }

    public static Problem unauthenticated() {
        return of(Kind.UNAUTHENTICATED, "authentication required");
    }

    public static Problem forbidden(String message) {
        return of(Kind.FORBIDDEN, "forbidden: " + message);
    }

    /** @param seconds the time after which the client may try again */
    public static Problem tooManyRequests(String message, long seconds) {
        return new Problem(Kind.TOO_MANY_REQUESTS, message, "", seconds, null);
    }

    /** Reports that the same request will succeed in a moment. */
    public static Problem unavailable(String message) {
        return of(Kind.UNAVAILABLE, message);
    }

    public Kind kind() {
        return kind;
    }

    /** Returns what to try next; empty when the message is sufficient. */
    public String hint() {
        return hint;
    }

    /** Returns the seconds after which the same request may be tried again; 0 when that would not help. */
    public long retryAfter() {
        return retryAfter;
    }
}
