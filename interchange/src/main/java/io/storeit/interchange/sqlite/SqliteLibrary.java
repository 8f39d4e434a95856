package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.ProcFs;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads SQLite's native code on Linux. The driver does that by itself too, but it starts a program to learn the name of the system, and
 * compares the library it has unpacked with the original byte by byte. In a Java that has only just started that takes a tenth of a second,
 * a third of the whole start of a server.
 */
public final class SqliteLibrary {

    private static final String FOLDER = "org.sqlite.lib.path";
    private static final String NAME = "org.sqlite.lib.name";

    private static boolean tried;

    private SqliteLibrary() {
    }

    /**
     * Unpacks the library, loads it and removes it again; the first time only. Every program that may be the first to open a database calls it. Where that
     * fails, the driver tries its own ways, and its message counts.
     */
    public static synchronized void load() {
        if (tried || System.getProperty(FOLDER) != null) {
            return; // A folder in that property means: somebody has a library of their own.
        }
        tried = true;
        String temporary = System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir"));
        try (InputStream packed = packed()) {
            if (packed == null) {
                return;
            }
            Path library = Files.createTempFile(Path.of(temporary), "storeit-sqlite-", ".so");
            try {
                try (var unpacked = Files.newOutputStream(library)) {
                    packed.transferTo(unpacked);
                }
                System.setProperty(FOLDER, library.getParent().toString());
                System.setProperty(NAME, library.getFileName().toString());
                SQLiteJDBCLoader.initialize();
            } finally {
                System.clearProperty(FOLDER);
                System.clearProperty(NAME);
                Files.delete(library);
            }
        } catch (Exception e) {
            // Nothing is loaded then, so the driver will try when the first database is opened, and say what is wrong.
        }
    }

    /** Returns the library for this machine, or null where the driver must choose one. */
    private static InputStream packed() throws Exception {
        String processor = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "aarch64";
            default -> null;
        };
        if (processor == null || !System.getProperty("os.name").equals("Linux")) {
            return null;
        }
        boolean musl = Files.readString(ProcFs.self().file("maps")).contains("/ld-musl-");
        return SQLiteJDBCLoader.class.getResourceAsStream("native/" + (musl ? "Linux-Musl/" : "Linux/") + processor + "/libsqlitejdbc.so");
    }
}
