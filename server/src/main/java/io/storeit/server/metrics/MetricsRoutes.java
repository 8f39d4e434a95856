package io.storeit.server.metrics;

import io.storeit.server.http.Request;
import io.storeit.server.http.Response;

/** Answers requests for the figures. */
public final class MetricsRoutes {
    private final Metrics metrics;

    public MetricsRoutes(Metrics metrics) {
        this.metrics = metrics;
    }

    public Response text(Request request) {
        return Response.bytes(Metrics.TYPE, metrics.text());
    }
}
