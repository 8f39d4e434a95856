package io.storeit.interchange.sqlite;

import io.storeit.interchange.Progress;
import java.nio.file.Path;

/** One read transaction of a database, written as an archive. */
public final class Exporter {

    private Exporter() {
    }

    public static ExportReport export(Path database, Path imageFolder, Path target, ExportOptions options, Progress progress) {
        throw new UnsupportedOperationException();
    }
}
