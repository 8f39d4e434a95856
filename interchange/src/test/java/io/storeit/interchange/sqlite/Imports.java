package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.Progress;
import java.nio.file.Path;

/** Imports as tests want them. */
final class Imports {

    private Imports() {
    }

    static ImportReport build(Path archive, Path database, Path images) {
        return Importer.build(archive, database, images, TestSchema.V2, new ImportOptions(true, null, true), Progress.NONE);
    }
}
