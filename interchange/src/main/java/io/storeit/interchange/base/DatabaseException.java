package io.storeit.interchange.base;

import java.util.Objects;

/**
 * A database that cannot be used: damaged, held by another process, newer than this build, or not StoreIT's.
 *
 * <p>The message is one line that says what could not be done to what; the hint is one line that says what to do next.
 */
public final class DatabaseException extends RuntimeException {

    private final String hint;

    public DatabaseException(String message, String hint) {
        this(message, hint, null);
    }

    public DatabaseException(String message, String hint, Throwable cause) {
        super(Objects.requireNonNull(message), cause);
        this.hint = Objects.requireNonNull(hint);
    }

    /** What to do next; may be empty, never null. */
    public String hint() {
        return hint;
    }
}
