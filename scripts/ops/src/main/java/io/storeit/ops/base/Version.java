package io.storeit.ops.base;

import java.lang.module.ModuleDescriptor;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version such as {@code 0.4.0} or {@code 0.4.0-rc10}. A pre-release comes before its release, and {@code rc2} before {@code rc10}.
 *
 * @param preRelease what follows the hyphen; empty for a release
 */
public record Version(int major, int minor, int patch, String preRelease) implements Comparable<Version> {
    private static final Pattern SHAPE = Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(?:-([0-9A-Za-z][0-9A-Za-z.-]*))?");

    /** Reads a version, with or without a leading {@code v}. */
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

    /** Tells whether a server of this version has a token, locks and a health report, and keeps the command line that this tool uses. */
    public boolean since030() {
        return major > 0 || minor >= 3;
    }

    /** The text decides where Java's order sees no difference, as between {@code rc1} and {@code rc.1}: only equal versions are the same. */
    @Override
    public int compareTo(Version other) {
        int order = ModuleDescriptor.Version.parse(toString()).compareTo(ModuleDescriptor.Version.parse(other.toString()));
        return order != 0 ? order : preRelease.compareTo(other.preRelease);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch + (preRelease.isEmpty() ? "" : "-" + preRelease);
    }
}
