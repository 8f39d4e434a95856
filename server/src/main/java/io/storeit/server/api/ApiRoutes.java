package io.storeit.server.api;

import io.storeit.server.http.Json;
import io.storeit.server.http.MediaTypes;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.http.SecurityHeaders;
import io.storeit.server.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Answers requests for the description of the API, {@code openapi.yaml} among the resources, and for the page that shows it. */
public final class ApiRoutes {
    private static final String FOLDER = "/api/";
    public static final String PAGE = "/swagger-ui/";
    private static final Set<String> PAGE_FILES =
            Set.of("index.html", "start.js", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "favicon-32x32.png");
    /** The page sets styles of elements, and has pictures in its style sheet. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** Built on the first request: few clients ask for it. */
    private byte[] description;

    public Response description(Request request) {
        return Response.bytes("application/json", json());
    }

    private synchronized byte[] json() {
        if (description == null) {
            var yaml = new Load(LoadSettings.builder().build());
            try (InputStream in = resource("openapi.yaml")) {
                description = Json.bytes(yaml.loadFromInputStream(in));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return description;
    }

    public Response redirectToPage(Request request) {
        return Response.seeOther(PAGE);
    }

    public Response page(Request request) throws IOException {
        String rest = request.path().substring(PAGE.length());
        String file = rest.isEmpty() ? "index.html" : rest;
        if (!PAGE_FILES.contains(file)) {
            throw Problem.of(Problem.Kind.NOT_FOUND, "no such path: " + request.path());
        }
        try (InputStream in = resource("swagger-ui/" + file)) {
            return Response.bytes(MediaTypes.of(file), in.readAllBytes())
                    .with(SecurityHeaders.POLICY, POLICY)
                    .with("Cache-Control", "max-age=3600");
        }
    }

    private static InputStream resource(String name) {
        return ApiRoutes.class.getResourceAsStream(FOLDER + name);
    }
}
