package io.storeit.interchange.transfer;

import java.util.Objects;

/**
 * Holds the options of an export.
 *
 * @param images             whether the image files go into the archive
 * @param toSchema           the schema version of the archive, or 0 for the database's own (or the newest that {@code forVersion} reads)
 * @param forVersion         the server version that will read the archive, for example {@code 0.2.1}; null for any
 * @param appVersion         the version of the program that exports, for the manifest
 * @param allowMissingImages whether image files that are missing or damaged are left out and named in the manifest instead of failing
 *                           the export
 */
public record ExportOptions(boolean images, int toSchema, String forVersion, String appVersion, boolean allowMissingImages) {
    public ExportOptions {
        Objects.requireNonNull(appVersion);
    }
}
