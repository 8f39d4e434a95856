package io.storeit.server.web;

import io.storeit.server.http.MediaTypes;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.http.SecurityHeaders;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Serves a built single-page application from a folder. A path without a file gets {@code index.html}, because the application
 * knows what to show there. Files under {@code assets/} have the hash of their content in their names and may be cached without
 * end.
 */
public final class WebRoot {
    private static final String INDEX = "index.html";
    private static final String ASSETS = "/assets/";
    private static final String FOR_EVER = "public, max-age=31536000, immutable";
    /** Restricts neither scripts nor styles, because the application may have them in its page. */
    private static final String POLICY = "object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

    private final Path folder;

    /** @throws Problem when there is no application in the folder */
    public WebRoot(Path folder) {
        try {
            this.folder = folder.toRealPath();
        } catch (IOException e) {
            throw missing(folder);
        }
        if (!Files.isRegularFile(this.folder.resolve(INDEX))) {
            throw missing(folder);
        }
    }

    private static Problem missing(Path folder) {
        return Problem.refused("STOREIT_WEB_ROOT names " + folder + ", which has no " + INDEX,
                "Set STOREIT_WEB_ROOT to the folder of a built web interface, or unset it.");
    }

    public Response file(Request request) throws IOException {
        String path = request.path();
        Optional<Path> found = find(path);
        if (path.startsWith(ASSETS)) {
            // The page instead of a script of an older build would be an error that is harder to understand.
            Path asset = found.orElseThrow(() -> Problem.of(Problem.Kind.NOT_FOUND, "no such path: " + path));
            return send(asset).with("Cache-Control", FOR_EVER);
        }
        Path file = found.orElse(folder.resolve(INDEX));
        String tag = "\"" + Files.size(file) + "-" + Files.getLastModifiedTime(file).toMillis() + "\"";
        Response answer = request.alreadyHas(tag) ? Response.notModified() : send(file);
        return answer.with("Cache-Control", "no-cache").with("ETag", tag);
    }

    private static Response send(Path file) throws IOException {
        return Response.file(file, MediaTypes.of(file.getFileName().toString())).with(SecurityHeaders.POLICY, POLICY);
    }

    /** Finds the file of a path, if it is a file in the folder, also by its real name, and is not hidden. */
    private Optional<Path> find(String path) throws IOException {
        if (path.contains("/.")) {
            return Optional.empty();
        }
        Path file;
        try {
            file = folder.resolve(path.substring(1)).normalize();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        if (!file.startsWith(folder) || !Files.isRegularFile(file) || !file.toRealPath().startsWith(folder)) {
            return Optional.empty();
        }
        return Optional.of(file);
    }
}
