package io.storeit.interchange.transfer;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.sqlite.TestSchema;
import java.nio.file.Path;

/** Imports as tests want them. */
public final class Imports {

    private Imports() {
    }

    public static ImportReport build(Path archive, Path database, Path images) {
        return Importer.build(archive, database, images, TestSchema.V2, new ImportOptions(true, null, true), Progress.NONE);
    }
}
