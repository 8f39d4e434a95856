package io.storeit.interchange.base;

/** Reports a database that cannot be used: damaged, held by another process, newer than this build, or not StoreIT's. */
public final class DatabaseException extends InterchangeException {

    public DatabaseException(String message, String hint) {
        this(message, hint, null);
    }

    public DatabaseException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }
}
