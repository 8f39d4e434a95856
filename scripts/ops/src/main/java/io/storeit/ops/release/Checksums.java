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
 * The list of checksums that a release carries, as sha256sum writes it. Comments before it name the version and the schema:
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

    /** Reads the list and refuses one that was made for another version: an old signed list must not count under a new tag. */
    Checksums(byte[] content, String version) {
        List<String> lines = new String(content, StandardCharsets.UTF_8).lines().map(String::strip).toList();
        String first = lines.isEmpty() ? "" : lines.get(0);
        boolean named = first.equals("# StoreIT " + version);
        // The lists of servers before 0.3.0 have no such line.
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
                throw Release.refused(FILE + " of release " + version + " names " + Quoted.bare(entry.group(2)) + " twice");
            }
        }
    }

    /** Returns the sum of a file; null when the list does not name it. */
    String of(String name) {
        return sums.get(name);
    }

    /** Reads the schema from a list that was not checked; to be shown only. */
    static Optional<Integer> schema(byte[] content) {
        return new String(content, StandardCharsets.UTF_8).lines().limit(5).map(SCHEMA::matcher).filter(Matcher::matches)
                .map(found -> Integer.valueOf(found.group(1))).findFirst();
    }
}
