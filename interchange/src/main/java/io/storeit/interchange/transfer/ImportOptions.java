package io.storeit.interchange.transfer;

/**
 * Holds the options of an import.
 *
 * @param images            whether image files are taken from the archive; rows of photos are imported in any case
 * @param imageStoragePath  the value of the setting {@code image_storage_path} in the new database, or null for none. It belongs to the
 *                          machine; the archive's value is never used
 * @param keepDefaultGroup  whether the default group is created again when the archive has none; servers rely on it at login
 */
public record ImportOptions(boolean images, String imageStoragePath, boolean keepDefaultGroup) {
}
