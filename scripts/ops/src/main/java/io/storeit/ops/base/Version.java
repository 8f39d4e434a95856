package io.storeit.ops.base;

import java.util.Comparator;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version, comparable; of a pre-release ({@code 0.4.0-rc1}) only that it comes before its release is known. */
public record Version(int major, int minor, int patch, String preRelease) implements Comparable<Version> {
    private static final Pattern SHAPE = Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(?:-([0-9A-Za-z.-]+))?");

    public static Version parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new OpsException(Exit.USAGE, "'" + text + "' is not a version", "Write it like 0.3.0.");
        }
        return new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)),
                Objects.requireNonNullElse(matcher.group(4), ""));
    }

    public static boolean isVersion(String text) {
        return SHAPE.matcher(text).matches();
    }

    /** Servers from 0.3.0 on have a token, locks, a health report, and keep the command line this tool uses. */
    public boolean isOurs() {
        return major > 0 || minor >= 3;
    }

    @Override
    public int compareTo(Version other) {
        return Comparator.comparingInt(Version::major).thenComparingInt(Version::minor).thenComparingInt(Version::patch)
                .thenComparing(version -> version.preRelease().isEmpty())
                .thenComparing(Version::preRelease).compare(this, other);
    }
}
