package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Reads {@code DATABASE_URL} for server and tools alike, so that both use the same file.
 *
 * <p>Accepted is what the driver of servers before 0.3.0 accepts: {@code sqlite:path} and {@code sqlite://path}, each absolute or
 * relative to the server's working folder, percent-encoded or not, with an optional query such as {@code ?mode=rwc}. The query decides
 * nothing here: a program that may create a file knows it anyway.
 */
public final class DatabaseUrl {

    private static final String SCHEME = "sqlite:";

    private DatabaseUrl() {
    }

    /**
     * Returns the database file of a URL.
     *
     * @param url           a value of {@code DATABASE_URL}
     * @param workingFolder what a relative path in it is relative to
     * @return an absolute path
     * @throws DatabaseException when the URL names no file: another scheme, a database in memory, no path
     */
    public static Path file(String url, Path workingFolder) {
        if (!url.startsWith(SCHEME)) {
            throw new DatabaseException("DATABASE_URL is not an SQLite URL: " + withoutPassword(url), "Write sqlite:/path/to/storeit.db?mode=rwc");
        }
        String rest = url.substring(SCHEME.length());
        if (rest.startsWith("//")) {
            rest = rest.substring(2);
        }
        int query = rest.indexOf('?');
        boolean inMemory = query >= 0 && rest.substring(query).contains("mode=memory");
        String path = percentDecoded(query < 0 ? rest : rest.substring(0, query));
        if (path.isEmpty() || path.equals(":memory:") || inMemory) {
            throw new DatabaseException("DATABASE_URL does not name a file: " + url, "Write sqlite:/path/to/storeit.db?mode=rwc");
        }
        try {
            return workingFolder.resolve(path).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new DatabaseException("DATABASE_URL does not name a valid file: " + url, "Write sqlite:/path/to/storeit.db?mode=rwc", e);
        }
    }

    /**
     * Returns the URL of a file, in a form that servers before 0.3.0 understand too: they take the path literally, so only what would end
     * it or change its meaning is encoded, and they create a missing file only when the URL asks for it.
     *
     * @param file an absolute path
     */
    public static String of(Path file) {
        return SCHEME + file.toString().replace("%", "%25").replace("?", "%3F").replace("#", "%23") + "?mode=rwc";
    }

    /** Hides passwords, because URLs of other databases contain them and messages end up in logs. */
    private static String withoutPassword(String url) {
        return url.replaceFirst("//[^/@]*@", "//…@");
    }

    /** Decodes bytes, not characters; a percent sign without two hex digits after it is kept. */
    private static String percentDecoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(bytes[i + 2], 16) : -1;
            if (low >= 0) {
                decoded.write(high << 4 | low);
                i += 2;
            } else {
                decoded.write(bytes[i]);
            }
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }
}
