package io.storeit.server.http;

import io.storeit.server.Problem;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns what a handler threw into the one error shape: {@code {"error":{"code":…,"message":…}}}. Details of the unexpected go to
 * the log only.
 */
final class ErrorHandler {
    private static final Logger LOG = System.getLogger(ErrorHandler.class.getName());

    private ErrorHandler() {}

    static Response response(Request request, Throwable thrown) {
        if (thrown instanceof Problem problem) {
            return response(problem);
        }
        LOG.log(Level.ERROR, request + ": internal error", thrown);
        return response(Problem.of(Problem.Kind.INTERNAL_ERROR, "internal server error"));
    }

    static Response response(Problem problem) {
        // Sorted, so that the code comes before the message.
        var error = new TreeMap<>(Map.of("code", problem.kind().name(), "message", problem.getMessage()));
        Response response = Response.json(problem.kind().status(), Map.of("error", error));
        if (problem.retryAfter() > 0) {
            response.with("Retry-After", Long.toString(problem.retryAfter()));
        }
        return response;
    }
}
