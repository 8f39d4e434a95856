package io.storeit.interchange.base;

import java.util.Objects;

/** Reports a failure to a person: the message is one line that says what could not be done to what, the hint one line that says what to do next. */
public abstract sealed class InterchangeException extends RuntimeException permits ArchiveException, DatabaseException {

    private final String hint;

    InterchangeException(String message, String hint, Throwable cause) {
        super(Objects.requireNonNull(message), cause);
        this.hint = Objects.requireNonNull(hint);
    }

    /** Returns what to do next; may be empty, never null. */
    public String hint() {
        return hint;
    }
}
