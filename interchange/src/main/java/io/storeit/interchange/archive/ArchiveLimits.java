package io.storeit.interchange.archive;

/**
 * Limits what an archive may ask for. Only one row at a time is kept in memory, so most of these bound time and disk; they are far beyond
 * what households have.
 *
 * @param maxEntries       files and folders in the archive
 * @param maxManifestBytes uncompressed bytes of the manifest
 * @param maxDataBytes     uncompressed bytes of one data file
 * @param maxImageBytes    bytes of one image
 * @param maxTotalBytes    uncompressed bytes of the whole archive
 * @param maxRows          rows of one data file
 * @param maxRowChars      characters of one row, which is held in memory (old servers took at most 2 MB over HTTP)
 * @param maxRatio         uncompressed to compressed bytes, looked at beyond {@code ratioFreeBytes}
 * @param ratioFreeBytes   uncompressed bytes up to which any ratio is fine: much of the same compresses very well
 */
public record ArchiveLimits(
        long maxEntries,
        int maxManifestBytes,
        long maxDataBytes,
        long maxImageBytes,
        long maxTotalBytes,
        long maxRows,
        int maxRowChars,
        long maxRatio,
        long ratioFreeBytes) {

    /** Holds the limits of every command, as stated in {@code docs/archive-format.md}. */
    public static final ArchiveLimits DEFAULT = new ArchiveLimits(
            4_000_000,
            16 << 20,
            64L << 30,
            1L << 30,
            4L << 40,
            100_000_000,
            4 << 20,
            250,
            256L << 20);
}
