package io.storeit.ops.archives;

import java.nio.file.Path;

/**
 * What {@code convert} was asked for.
 *
 * @param schema schema version of the new archive; null keeps that of the old one
 * @param version the server that is going to read it; null when none was named
 * @param yes an existing output may be replaced
 * @param acceptLoss values that the older schema cannot hold may be left out
 */
public record ConvertRequest(
        Path archive, Path output, Integer schema, String version, boolean withoutImages, boolean acceptLoss, boolean yes, boolean dryRun) {}
