package io.storeit.server;

import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.DatabaseInspection.State;
import io.storeit.server.problem.Problem;
import java.nio.file.Path;

/** Refuses databases that a command cannot use, before a byte is changed. */
final class Databases {
    private Databases() {
    }

    /** Accepts what {@code serve} can use: a database of this build's schema, or none yet. */
    static void refuseUnlessServable(State state, Path file) {
        switch (state.kind()) {
            case ABSENT, EMPTY -> {}
            case STOREIT -> {
                if (state.schemaVersion() != SchemaTransforms.newest()) {
                    throw Problem.refused(mismatch(state), "Nothing was changed.");
                }
            }
            case NEWER -> throw newer(state);
            case OLDER_DEVELOPMENT, DAMAGED, INCONSISTENT, FOREIGN, UNREADABLE -> throw unusable(state, file);
        }
    }

    /**
     * Accepts a database of this or an older schema.
     *
     * @param purpose what it is needed for, as in "there is no database to export"
     */
    static void refuseUnlessThere(State state, Path file, String purpose) {
        switch (state.kind()) {
            case STOREIT -> {}
            case NEWER -> throw newer(state);
            case ABSENT, EMPTY -> throw Problem.refused("there is no database to " + purpose + ": " + state.reason(), "Check DATABASE_URL.");
            case OLDER_DEVELOPMENT, DAMAGED, INCONSISTENT, FOREIGN, UNREADABLE -> throw unusable(state, file);
        }
    }

    static Problem newer(State state) {
        // A release may add a migration without a new schema version; the number would then explain nothing.
        String reason = state.schemaVersion() > SchemaTransforms.newest() ? mismatch(state) : state.reason();
        return Problem.refused(reason, "Nothing was changed. Start the newer version, or run storeit-ctl downgrade.");
    }

    /** Returns the text that the user's guide promises. */
    private static String mismatch(State state) {
        return "Schema version mismatch: database has version " + state.schemaVersion() + ", but this binary expects version "
                + SchemaTransforms.newest() + ". Use storeit-ctl to upgrade/downgrade.";
    }

    static Problem unusable(State state, Path file) {
        String hint = switch (state.kind()) {
            case UNREADABLE -> "Nothing was changed. Check the permissions of " + file + " and whether another program uses it.";
            case OLDER_DEVELOPMENT -> "Nothing was changed. Start StoreIT 0.1 or 0.2 with it once, or import a backup.";
            case FOREIGN -> "Nothing was changed. Check DATABASE_URL.";
            case ABSENT, EMPTY, STOREIT, NEWER, DAMAGED, INCONSISTENT ->
                    "Nothing was changed. Put back a copy such as " + DatabaseFiles.preImport(file) + ", or import a backup.";
        };
        return Problem.refused(state.reason(), hint);
    }

    static Problem inUse(Path file) {
        return Problem.refused("the database " + file + " is in use by another process", "Stop the server that uses it, then try again.");
    }
}
