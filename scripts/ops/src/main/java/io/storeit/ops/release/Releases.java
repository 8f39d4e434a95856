package io.storeit.ops.release;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.settings.Context;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A place of releases: the GitHub API, or a folder with one sub-folder per tag. */
public interface Releases {
    /**
     * Finds one release.
     *
     * @param wanted {@code latest}, or a version with or without a leading {@code v}
     */
    Release resolve(String wanted);

    /** Returns all releases, or the hundred newest; the newest version first. */
    List<Release> all();

    /** Returns the time that the last answer came with, where the place has a clock. */
    default Optional<Instant> clock() {
        return Optional.empty();
    }

    /**
     * Opens a file for reading from its first byte.
     *
     * @param size how many bytes it may have, which bounds the time that reading it may take
     */
    Body open(String location, long size) throws IOException;

    /** @param length of the stream, in bytes; -1 when it is not known */
    record Body(InputStream stream, long length) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /** Returns the place that is configured. */
    static Releases of(Context context) {
        String place = context.settings().releasesUrl();
        if (place.startsWith("http://") || place.startsWith("https://")) return new GitHubReleases(place, context.patience());
        try {
            return new FolderReleases(place.startsWith("file:") ? Path.of(URI.create(place)) : Path.of(place).toAbsolutePath());
        } catch (IllegalArgumentException malformed) {
            throw new OpsException(Exit.USAGE, "Cannot use " + place + " as a place of releases: " + malformed.getMessage(),
                    "Give a web address, a folder, or file:///and/a/folder.", malformed);
        }
    }
}
