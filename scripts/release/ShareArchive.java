package io.storeit.release;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;

/**
 * Writes the manual pages and the completions in the jar of storeit-ctl as an archive, to be unpacked in {@code /usr/local/share}.
 *
 * <pre>
 * java -cp LIBRARY scripts/release/ShareArchive.java JAR TARGET
 * </pre>
 *
 * <p>LIBRARY has commons-compress. The same content gives the same bytes: entries are sorted, of root, and all of the same time.
 */
public final class ShareArchive {
    private static final String FOLDER = "share/";
    private static final int READABLE_BY_ALL = 0100644;

    private ShareArchive() {
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("Usage: java -cp LIBRARY ShareArchive.java JAR TARGET");
            System.exit(2);
        }
        try (ZipFile jar = ZipFile.builder().setPath(Path.of(arguments[0])).get();
                OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
                var archive = new TarArchiveOutputStream(new GzipCompressorOutputStream(file))) {
            var entries = new ArrayList<ZipArchiveEntry>();
            jar.getEntries().asIterator().forEachRemaining(entries::add);
            entries.removeIf(entry -> !entry.getName().startsWith(FOLDER) || entry.isDirectory());
            if (entries.isEmpty()) throw new IOException(arguments[0] + " has no files in " + FOLDER);
            entries.sort(Comparator.comparing(ZipArchiveEntry::getName));
            for (ZipArchiveEntry entry : entries) {
                var copy = new TarArchiveEntry(entry.getName().substring(FOLDER.length()));
                copy.setSize(entry.getSize());
                copy.setMode(READABLE_BY_ALL);
                copy.setModTime(0);
                archive.putArchiveEntry(copy);
                try (InputStream content = jar.getInputStream(entry)) {
                    content.transferTo(archive);
                }
                archive.closeArchiveEntry();
            }
        }
    }
}
