package io.storeit.server.identify;

import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.problem.Problem;

/** Answers the requests under {@code /api/v1/identify}. Naming things in photos is for a later version; nothing is ever run or sent. */
public final class IdentifyRoutes {

    public Response identify(Request request) {
        throw Problem.of(Problem.Kind.NOT_CONFIGURED, "this server cannot identify things in photos: no service for it is set up");
    }
}
