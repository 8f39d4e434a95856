package io.storeit.interchange.sqlite;

import io.storeit.interchange.Progress;
import java.nio.file.Path;

/** An archive, built as a fresh database. */
public final class Importer {

    private Importer() {
    }

    public static ImportReport build(Path archive, Path newDatabase, Path imageFolder, SchemaCreator creator, ImportOptions options,
            Progress progress) {
        throw new UnsupportedOperationException();
    }
}
