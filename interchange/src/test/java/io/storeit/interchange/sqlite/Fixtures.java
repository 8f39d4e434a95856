package io.storeit.interchange.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The households that reference servers wrote. Tests copy them before they open anything for writing. */
public enum Fixtures {
    SCHEMA_1("schema1-v0.1.0"),
    SCHEMA_2("schema2-v0.2.1");

    private final Path folder;

    Fixtures(String folder) {
        this.folder = Path.of("src/test/resources/fixtures", folder);
    }

    public Path database() {
        return folder.resolve("storeit.db");
    }

    public Path images() {
        return folder.resolve("images");
    }

    public Path archive(boolean withImages) {
        return folder.resolve(withImages ? "with-images.storeit" : "without-images.storeit");
    }

    /** A copy of the database that may be changed. */
    public Path copyTo(Path folder) throws IOException {
        Path copy = folder.resolve("storeit.db");
        Files.copy(database(), copy);
        copy.toFile().setWritable(true);
        return copy;
    }
}
