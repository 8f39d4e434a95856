package io.storeit.server;

import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.interchange.sqlite.SearchIndex;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Runs the command {@code reindex}, which rebuilds the search index. This server never needs it, because it changes records and
 * index together. Earlier ones lost entries or doubled them.
 */
final class Reindex {
    private Reindex() {
    }

    @SuppressWarnings("try") // the lock is only held
    static void run(Environment environment) throws IOException {
        Path database = environment.config().paths().database();
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        Databases.refuseUnlessThere(state, database, "index");
        try (Locks.Held lock = Locks.tryDatabase(database).orElseThrow(() -> Databases.inUse(database))) {
            long count = SearchIndex.rebuild(database, state.schemaVersion());
            environment.out().println("Rebuilt the search index: " + count + " locations, containers and items can be found");
        }
    }
}
