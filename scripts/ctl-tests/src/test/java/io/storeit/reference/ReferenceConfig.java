package io.storeit.reference;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The settings of the reference server: environment variables only, set-but-empty counts as set (D70).
 *
 * @param databaseUrl {@code DATABASE_URL} or the platform default
 * @param imagePath {@code STOREIT_IMAGE_PATH}, or null when a setting or the default decides
 * @param bind listen address
 */
record ReferenceConfig(String databaseUrl, String imagePath, String bind, String adminName, String adminPassword,
        Path defaultImageFolder, Path temporaryFolder) {

    static ReferenceConfig of(Map<String, String> environment) {
        var data = environment.containsKey("XDG_DATA_HOME")
                ? Path.of(environment.get("XDG_DATA_HOME"))
                : Path.of(environment.getOrDefault("HOME", "/"), ".local", "share");
        return new ReferenceConfig(
                environment.getOrDefault("DATABASE_URL", "sqlite:" + data.resolve("storeit/storeit.db") + "?mode=rwc"),
                environment.get("STOREIT_IMAGE_PATH"),
                environment.getOrDefault("STOREIT_BIND", "0.0.0.0:8080"),
                environment.getOrDefault("STOREIT_ADMIN_USERNAME", "admin"),
                environment.getOrDefault("STOREIT_ADMIN_PASSWORD", "changeme"),
                data.resolve("storeit/images"),
                Path.of(environment.getOrDefault("TMPDIR", "/tmp")));
    }

    /** The file as the database driver finds it: after {@code sqlite:} and optional slashes, percent-decoded. */
    Path databaseFileOfTheDriver() {
        var rest = databaseUrl.startsWith("sqlite:") ? databaseUrl.substring("sqlite:".length()) : databaseUrl;
        rest = withoutQuery(rest);
        if (rest.startsWith("//")) {
            rest = rest.substring(2);
        }
        return Path.of(percentDecoded(rest));
    }

    /** The file as the command line finds it: only {@code sqlite:} and the query are taken off (D67, D152). */
    Path databaseFileOfTheTools() {
        return Path.of(withoutQuery(databaseUrl.startsWith("sqlite:") ? databaseUrl.substring("sqlite:".length()) : databaseUrl));
    }

    boolean createsDatabase() {
        var query = databaseUrl.indexOf('?');
        return query >= 0 && databaseUrl.substring(query + 1).contains("mode=rwc");
    }

    private static String withoutQuery(String url) {
        var query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    private static String percentDecoded(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var out = new byte[bytes.length];
        var length = 0;
        for (var i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%' && i + 2 < bytes.length) {
                out[length++] = (byte) Integer.parseInt(new String(bytes, i + 1, 2, StandardCharsets.US_ASCII), 16);
                i += 2;
            } else {
                out[length++] = bytes[i];
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }
}
