package io.storeit.ops.base;

import java.lang.module.ModuleDescriptor;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Orders versions such as {@code 0.4.0} and {@code 0.4.0-rc10}. A pre-release comes before its release, and {@code rc2} before {@code rc10}.
 *
 * @param preRelease what follows the hyphen; empty for a release
 */
public record Version(int major, int minor, int patch, String preRelease) implements Comparable<Version> {
    private static final Pattern SHAPE = Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(?:-([0-9A-Za-z][0-9A-Za-z.-]*))?");

    /** Reads a version, with or without a leading {@code v}. */
    public static Version parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new OpsException(Exit.USAGE, "'" + text + "' is not a version", "Write a version such as 0.3.0.");
        }
        return new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)),
                Objects.requireNonNullElse(matcher.group(4), ""));
    }

    /** Returns whether {@link #parse} accepts the text. */
    public static boolean isVersion(String text) {
        return SHAPE.matcher(text).matches();
    }

    /** Returns whether servers of this version have a token, locks, a health report, and the commands that this tool uses. */
    public boolean since030() {
        return major > 0 || minor >= 3;
    }

    /** Compares the texts where Java's order sees no difference, as between {@code rc1} and {@code rc.1}: only equal versions are the same. */
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
