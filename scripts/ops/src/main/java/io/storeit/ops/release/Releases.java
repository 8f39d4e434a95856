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

/** Finds releases: through the GitHub API, or in a folder with one sub-folder per tag. */
public interface Releases {
    /**
     * Finds one release.
     *
     * @param wanted {@code latest}, or a version with or without a leading {@code v}
     */
    Release resolve(String wanted);

    /** Returns all releases, or the hundred newest, with the newest version first. */
    List<Release> all();

    /** Returns the time of the server in its last answer; empty for a folder. */
    default Optional<Instant> clock() {
        return Optional.empty();
    }

    /**
     * Opens a file for reading from its first byte.
     *
     * @param size the most bytes to read, which also limits the time
     */
    Body open(String location, long size) throws IOException;

    /** Holds an open file. @param length in bytes; -1 when unknown */
    record Body(InputStream stream, long length) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /** Returns the configured source of releases. */
    static Releases of(Context context) {
        String place = context.settings().releasesUrl();
        if (place.startsWith("http://") || place.startsWith("https://")) return new GitHubReleases(place, context.patience());
        try {
            return new FolderReleases(place.startsWith("file:") ? Path.of(URI.create(place)) : Path.of(place).toAbsolutePath());
        } catch (IllegalArgumentException malformed) {
            throw new OpsException(Exit.USAGE, "Cannot use " + place + " as a source of releases: " + malformed.getMessage(),
                    "Give a web address, a folder, or file:///and/a/folder.", malformed);
        }
    }
}
