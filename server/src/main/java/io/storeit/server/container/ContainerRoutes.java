package io.storeit.server.container;

import io.storeit.server.http.Request;
import io.storeit.server.http.Response;

/** Answers the requests under {@code /api/v1/containers} that concern containers themselves. */
public final class ContainerRoutes {
    private final ContainerRepository containers;

    public ContainerRoutes(ContainerRepository containers) {
        this.containers = containers;
    }

    public Response list(Request request) {
        return Response.ok(containers.list(request.caller().group()));
    }
}
