package io.storeit.ops.base;

import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.InterchangeException;
import io.storeit.interchange.base.Reasons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;

/** Reports what could not be done to what, what to do next, and the exit code. It is the only exception of this program. */
public final class OpsException extends RuntimeException {
    private final Exit exit;
    private final String hint;

    public OpsException(Exit exit, String message, String hint) {
        this(exit, message, hint, null);
    }

    public OpsException(Exit exit, String message, String hint, Throwable cause) {
        super(message, cause);
        this.exit = exit;
        this.hint = hint.isEmpty() && cause instanceof IOException known ? Reasons.cure(known) : hint;
    }

    /** Gives every failure an exit code, and a readable message where the system's own is too terse. */
    public static OpsException of(Throwable failure) {
        if (failure instanceof OpsException known) return known;
        if (failure instanceof InterchangeException known) {
            return new OpsException(known instanceof ArchiveException ? Exit.ARCHIVE : Exit.FAILED, known.getMessage(), known.hint(), known);
        }
        if (failure instanceof UncheckedIOException || failure instanceof CompletionException) return of(failure.getCause());
        if (failure instanceof IOException io) return new OpsException(Exit.FAILED, Reasons.withFile(io), "", io);
        return new OpsException(Exit.INTERNAL, "Unexpected error: " + failure, "This is a bug in storeit-ctl. Report it with the lines below.", failure);
    }

    public Exit exit() {
        return exit;
    }

    public String hint() {
        return hint;
    }
}
