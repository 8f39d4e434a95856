package io.storeit.interchange.archive;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipEncoding;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;

/** Writes the tar headers of StoreIT: one plain block each, regular file, mode 0644, whole seconds, no owner. */
final class TarHeader {

    static final int BLOCK = 512;

    private static final ZipEncoding UTF_8 = ZipEncodingHelper.getZipEncoding("UTF-8");

    private TarHeader() {
    }

    static byte[] of(String name, long size, Instant modified) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setMode(0644);
        entry.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(modified.getEpochSecond())));
        byte[] block = new byte[BLOCK];
        entry.writeEntryHeader(block, UTF_8, true); // true: sizes from 8 GiB on the way GNU tar writes them
        return block;
    }

    /** Returns the zeros that fill the last block of a file of this size. */
    static byte[] padding(long size) {
        return new byte[(int) (-size & BLOCK - 1)];
    }
}
