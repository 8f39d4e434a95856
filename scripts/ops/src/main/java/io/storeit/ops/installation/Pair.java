package io.storeit.ops.installation;

import java.nio.file.Path;
import java.util.List;

/** Holds a database and the binary that serves it. */
public record Pair(Path database, Path binary) {
    Pair renamed(Path from, Path to) {
        return new Pair(database.equals(from) ? to : database, binary.equals(from) ? to : binary);
    }

    List<Path> files() {
        return List.of(database, binary);
    }
}
