package io.storeit.ops.release;

import io.storeit.interchange.base.Quoted;
import io.storeit.ops.base.Version;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds the checksums of a release, in the format of sha256sum. Comments before them name the version and the schema:
 *
 * <pre>
 * # StoreIT 0.3.0
 * # Schema 2
 * 6f...  storeit-ctl
 * </pre>
 */
final class Checksums {
    static final String FILE = "SHA256SUMS";

    private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64})\\s+\\*?(.*)");
    private static final Pattern SCHEMA = Pattern.compile("# Schema (\\d{1,6})");

    private final Map<String, String> sums = new HashMap<>();

    /** Reads the list and refuses one of another version, because an old signed list must not be accepted for a new tag. */
    Checksums(byte[] content, String version) {
        List<String> lines = new String(content, StandardCharsets.UTF_8).lines().map(String::strip).toList();
        String first = lines.isEmpty() ? "" : lines.get(0);
        boolean named = first.equals("# StoreIT " + version);
        // Releases before 0.3.0 have no such line.
        boolean older = !Version.parse(version).since030() && !first.startsWith("#");
        if (!named && !older) {
            throw Release.refused(FILE + " of release " + version + " is for another version: " + (first.isEmpty() ? "it is empty" : Quoted.bare(first)));
        }
        for (String line : lines) {
            Matcher entry = LINE.matcher(line);
            if (!entry.matches()) continue;
            String sum = entry.group(1).toLowerCase(Locale.ROOT);
            String earlier = sums.put(entry.group(2), sum);
            if (earlier != null && !earlier.equals(sum)) {
                throw Release.refused(FILE + " of release " + version + " lists " + Quoted.bare(entry.group(2)) + " twice");
            }
        }
    }

    /** Returns the SHA-256 of a file; null when the list does not have it. */
    String of(String name) {
        return sums.get(name);
    }

    /** Reads the schema version from a list that was not checked, for display only. */
    static Optional<Integer> schema(byte[] content) {
        return new String(content, StandardCharsets.UTF_8).lines().limit(5).map(SCHEMA::matcher).filter(Matcher::matches)
                .map(found -> Integer.valueOf(found.group(1))).findFirst();
    }
}
