package io.storeit.interchange.archive;

/**
 * How much an archive may ask for. Nothing that is read is kept in memory, so these bound time and disk; they are far beyond what
 * households have.
 *
 * @param maxEntries      files and folders in the archive
 * @param maxDataBytes    uncompressed bytes of one data file
 * @param maxImageBytes   bytes of one image
 * @param maxTotalBytes   uncompressed bytes of the whole archive
 * @param maxRowChars     characters of one row, which is held in memory
 * @param maxRows         rows of one data file
 * @param maxRatio        uncompressed to compressed bytes, looked at beyond {@code ratioFreeBytes}
 * @param ratioFreeBytes  uncompressed bytes up to which any ratio is fine: a nearly empty archive compresses very well
 */
public record ArchiveLimits(
        long maxEntries,
        long maxDataBytes,
        long maxImageBytes,
        long maxTotalBytes,
        long maxRowChars,
        long maxRows,
        long maxRatio,
        long ratioFreeBytes) {

    /** The limits of every command; stated in {@code docs/archive-format.md}. */
    public static final ArchiveLimits DEFAULT = new ArchiveLimits(
            4_000_000,
            64L << 30,
            1L << 30,
            4L << 40,
            32 << 20,
            100_000_000,
            250,
            256L << 20);
}
