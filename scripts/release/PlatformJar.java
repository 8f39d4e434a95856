package io.storeit.release;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Writes the jars of single platforms: a jar with native code for all of them, without the code of the others. On Linux both C libraries
 * stay, so that one file serves either.
 *
 * <pre>
 * java -cp JAR scripts/release/PlatformJar.java JAR PLATFORM TARGET [PLATFORM TARGET...]
 * </pre>
 *
 * <p>PLATFORM is a {@link Platform} in lower case, as in {@code linux-x86_64}. JAR itself has the library that reads and writes jars. The
 * same content gives the same bytes wherever and whenever it is built: entries are sorted, all of the same time, and have only a name.
 * A TARGET appears complete or not at all.
 */
public final class PlatformJar {

    /** What releases are made for, and where the libraries keep the native code for it; a trailing slash makes a folder of a name. */
    private enum Platform {
        LINUX_X86_64("linux/amd64/", "org/sqlite/native/Linux/x86_64/", "org/sqlite/native/Linux-Musl/x86_64/", "native/Linux/x86_64/"),
        LINUX_AARCH64("linux/aarch64/", "org/sqlite/native/Linux/aarch64/", "org/sqlite/native/Linux-Musl/aarch64/", "native/Linux/aarch64/"),
        DARWIN_X86_64("darwin/x86_64/", "org/sqlite/native/Mac/x86_64/", "native/Mac/x86_64/"),
        DARWIN_AARCH64("darwin/aarch64/", "org/sqlite/native/Mac/aarch64/", "native/Mac/aarch64/"),
        WINDOWS_X86_64("win/amd64/", "org/sqlite/native/Windows/x86_64/", "native/Windows/x86_64/"),
        /** Every system that runs the launch stub. */
        UNIX(LINUX_X86_64, LINUX_AARCH64, DARWIN_X86_64, DARWIN_AARCH64);

        private final List<String> folders;

        Platform(String... folders) {
            this.folders = List.of(folders);
        }

        Platform(Platform... platforms) {
            var all = new ArrayList<String>();
            for (Platform platform : platforms) {
                all.addAll(platform.folders);
            }
            this.folders = List.copyOf(all);
        }

        static Platform named(String name) {
            for (Platform platform : values()) {
                if (platform.name().equals(name.replace('-', '_').toUpperCase(Locale.ROOT))) {
                    return platform;
                }
            }
            throw new IllegalArgumentException("There is no platform " + name + ": " + List.of(values()));
        }

        /** Whether an entry belongs into this platform's jar: everything but native code of others, and no folder that holds only such. */
        boolean has(String entry) {
            return NATIVE.stream().noneMatch(entry::startsWith)
                    || folders.stream().anyMatch(folder -> entry.startsWith(folder) || folder.startsWith(entry) && entry.endsWith("/"));
        }
    }

    /** Where there is nothing but native code and its folders. */
    private static final List<String> NATIVE = List.of("linux/", "darwin/", "win/", "org/sqlite/native/", "native/");
    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    /** The first that a zip file can hold. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private PlatformJar() {
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 3 || arguments.length % 2 == 0) {
            System.err.println("Usage: java -cp JAR PlatformJar.java JAR PLATFORM TARGET [PLATFORM TARGET...]");
            System.exit(2);
        }
        for (int i = 1; i < arguments.length; i += 2) {
            write(Path.of(arguments[0]), Platform.named(arguments[i]), Path.of(arguments[i + 1]));
        }
    }

    private static void write(Path jar, Platform platform, Path target) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try (ZipFile source = ZipFile.builder().setPath(jar).get()) {
            try (var out = new ZipArchiveOutputStream(part)) {
                for (ZipArchiveEntry entry : sorted(source)) {
                    if (platform.has(entry.getName())) {
                        copy(source, entry, out);
                    }
                }
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** The manifest comes first: whoever reads a jar as a stream expects it there. */
    private static List<ZipArchiveEntry> sorted(ZipFile source) {
        var entries = new ArrayList<ZipArchiveEntry>();
        source.getEntries().asIterator().forEachRemaining(entries::add);
        entries.sort(Comparator.comparing((ZipArchiveEntry entry) -> !entry.getName().equals(MANIFEST)).thenComparing(ZipArchiveEntry::getName));
        return entries;
    }

    /** Compressed bytes stay as they are. */
    private static void copy(ZipFile source, ZipArchiveEntry entry, ZipArchiveOutputStream out) throws IOException {
        var copy = new ZipArchiveEntry(entry.getName());
        copy.setMethod(entry.getMethod());
        copy.setSize(entry.getSize());
        copy.setCompressedSize(entry.getCompressedSize());
        copy.setCrc(entry.getCrc());
        copy.setTimeLocal(TIME);
        try (InputStream compressed = source.getRawInputStream(entry)) {
            out.addRawArchiveEntry(copy, compressed);
        }
    }
}
