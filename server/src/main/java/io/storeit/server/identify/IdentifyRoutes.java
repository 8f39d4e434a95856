package io.storeit.server.identify;

import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;

/**
 * Answers the requests under {@code /api/v1/identify}. A later version may identify things in photos; this one runs and sends
 * nothing.
 */
public final class IdentifyRoutes {

    public Response identify(Request request) {
        throw Problem.of(Problem.Kind.NOT_CONFIGURED, "this server cannot identify things in photos: no service for it is configured");
    }
}
