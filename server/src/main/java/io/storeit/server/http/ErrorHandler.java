package io.storeit.server.http;

import io.storeit.server.problem.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns what a handler threw into the one error shape: {@code {"error":{"code":…,"message":…}}}. Details of unexpected errors go
 * to the log only.
 */
public final class ErrorHandler {
    private static final Logger LOG = System.getLogger(ErrorHandler.class.getName());

    private ErrorHandler() {}

    static Response response(Request request, Throwable thrown) {
        if (thrown instanceof Problem problem) {
            return response(problem);
        }
        LOG.log(Level.ERROR, request + ": internal error", thrown);
        return response(Problem.of(Problem.Kind.INTERNAL_ERROR, "internal server error"));
    }

    /**
     * Uses the one error shape where the HTTP library would answer with a bare status, which it does while the server is
     * stopping.
     */
    public static HttpHandler around(HttpHandler handler) {
        return exchange -> {
            exchange.addDefaultResponseListener(ErrorHandler::respond);
            handler.handleRequest(exchange);
        };
    }

    private static boolean respond(HttpServerExchange exchange) {
        if (exchange.getStatusCode() != Problem.Kind.UNAVAILABLE.status()) {
            return false;
        }
        exchange.setPersistent(false);
        try {
            response(Problem.unavailable("the server is stopping")).send(exchange);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static Response response(Problem problem) {
        // The map is sorted, so that the code comes before the message.
        var error = new TreeMap<>(Map.of("code", problem.kind().name(), "message", problem.getMessage()));
        Response response = Response.json(problem.kind().status(), Map.of("error", error));
        if (problem.retryAfter() > 0) {
            response.with("Retry-After", Long.toString(problem.retryAfter()));
        }
        return response;
    }
}
