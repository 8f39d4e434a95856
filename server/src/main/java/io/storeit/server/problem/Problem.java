package io.storeit.server.problem;

/**
 * What went wrong, said once and to a person: what could not be done to what, and what to try next. The only exception the server
 * throws by itself; its {@link Kind} knows the HTTP status, the code of the error body and the exit code. Everything else that is
 * thrown is an internal error: the client learns no more than that, the log has it whole.
 */
public final class Problem extends RuntimeException {

    /** The cases a client or a script can tell apart. The name is the {@code error.code} of the HTTP body. */
    public enum Kind {
        /** Malformed path, query, JSON or multipart framing. */
        INVALID_REQUEST(400, Exit.USAGE),
        /** Well-formed, but a value breaks a rule. */
        VALIDATION_ERROR(400, Exit.USAGE),
        /** Not one of location, container and item. */
        INVALID_ENTITY_TYPE(400, Exit.USAGE),
        UNAUTHENTICATED(401, Exit.FAILED),
        INVALID_CREDENTIALS(401, Exit.FAILED),
        FORBIDDEN(403, Exit.FAILED),
        NOT_FOUND(404, Exit.FAILED),
        METHOD_NOT_ALLOWED(405, Exit.FAILED),
        /** The state of the server, of a file or of the configuration does not allow it. */
        CONFLICT(409, Exit.FAILED),
        /** It cannot be deleted while other things are in it. */
        NOT_EMPTY(409, Exit.FAILED),
        /** It cannot be put into itself. */
        CIRCULAR_REFERENCE(409, Exit.FAILED),
        PAYLOAD_TOO_LARGE(413, Exit.FAILED),
        UNSUPPORTED_MEDIA_TYPE(415, Exit.FAILED),
        /** Valid JSON of the wrong shape. */
        UNPROCESSABLE(422, Exit.USAGE),
        TOO_MANY_REQUESTS(429, Exit.FAILED),
        INTERNAL_ERROR(500, Exit.INTERNAL),
        /** Part of the contract, but nothing this server has been set up for. */
        NOT_CONFIGURED(501, Exit.FAILED),
        /** For a moment only: answered with Retry-After. */
        UNAVAILABLE(503, Exit.FAILED);

        private final int status;
        private final Exit exit;

        Kind(int status, Exit exit) {
            this.status = status;
            this.exit = exit;
        }

        /** HTTP status of the answer. */
        public int status() {
            return status;
        }

        /** How the program ends when a command meets it. */
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

    /** The command or the start cannot go on; nothing was changed. */
    public static Problem refused(String message, String hint) {
        return new Problem(Kind.CONFLICT, message, hint, null);
    }

    /** As {@link #refused(String, String)}, with what led to it. */
    public static Problem refused(String message, String hint, Throwable cause) {
        return new Problem(Kind.CONFLICT, message, hint, cause);
    }

    /** A setting or an argument that cannot be meant. */
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

    /** @param seconds after which it may be tried again */
    public static Problem tooManyRequests(String message, long seconds) {
        return new Problem(Kind.TOO_MANY_REQUESTS, message, "", seconds, null);
    }

    /** The same request will succeed in a moment. */
    public static Problem unavailable(String message) {
        return of(Kind.UNAVAILABLE, message);
    }

    public Kind kind() {
        return kind;
    }

    /** What to try next; empty when the message says it all. */
    public String hint() {
        return hint;
    }

    /** Seconds after which the same request may be tried again; 0 when that would not help. */
    public long retryAfter() {
        return retryAfter;
    }
}
