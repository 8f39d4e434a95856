package io.storeit.ops.archives;

import java.nio.file.Path;

/**
 * Holds the options of {@code convert}.
 *
 * @param schema schema version of the new archive; null keeps the present one
 * @param version the server that will read it; null when none was named
 * @param acceptLoss whether to omit values that the older schema cannot hold
 * @param yes whether to replace an existing output
 */
public record ConvertRequest(
        Path archive, Path output, Integer schema, String version, boolean withoutImages, boolean acceptLoss, boolean yes, boolean dryRun) {}
