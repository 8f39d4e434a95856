package io.storeit.reference;

/** Ends a command with {@code Error: <message>} on standard error and exit code 1, or a job with that message. */
final class ReferenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReferenceException(String message) {
        super(message);
    }

    ReferenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
