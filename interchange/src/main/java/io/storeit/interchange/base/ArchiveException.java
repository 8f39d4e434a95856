package io.storeit.interchange.base;

/** Reports an archive that cannot be used: damaged, hostile, of an unknown format or of a newer schema. */
public final class ArchiveException extends InterchangeException {

    public ArchiveException(String message, String hint) {
        this(message, hint, null);
    }

    public ArchiveException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }
}
