package io.storeit.interchange.base;

import java.util.Objects;

/**
 * An archive that cannot be used: damaged, hostile, of an unknown format or of a newer schema.
 *
 * <p>The message is one line that says what could not be done to what; the hint is one line that says what to do next.
 */
public final class ArchiveException extends RuntimeException {

    private final String hint;

    public ArchiveException(String message, String hint) {
        this(message, hint, null);
    }

    public ArchiveException(String message, String hint, Throwable cause) {
        super(Objects.requireNonNull(message), cause);
        this.hint = Objects.requireNonNull(hint);
    }

    /** What to do next; may be empty, never null. */
    public String hint() {
        return hint;
    }
}
