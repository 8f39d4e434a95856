package io.storeit.server.http;

import io.storeit.server.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.PathTemplateMatcher;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the route of a request and runs it on a worker thread: who is asking comes first, then path, query and body, so that a
 * stranger learns nothing from the kind of error. Paths are matched exactly (no trailing slash); a fixed segment wins over a
 * {@code {name}}; HEAD works wherever GET does.
 */
public final class Router implements HttpHandler {
    private static final Logger LOG = System.getLogger(Router.class.getName());

    /** @param workers where the handler runs; null for the server's general workers */
    private record Route(Access access, Handler handler, Workers workers) {}

    private final PathTemplateMatcher<Map<String, Route>> paths = new PathTemplateMatcher<>();
    private final Guard guard;

    public Router(Guard guard) {
        this.guard = guard;
    }

    public void get(String path, Access access, Handler handler) {
        get(path, access, handler, null);
    }

    /** As the costly {@link #post(String, Access, Handler, Workers)}. */
    public void get(String path, Access access, Handler handler, Workers workers) {
        add(Methods.GET, path, new Route(access, handler, workers));
    }

    public void post(String path, Access access, Handler handler) {
        post(path, access, handler, null);
    }

    /** A route whose work is costly enough to have threads of its own; when they cannot keep up, the answer is 503. */
    public void post(String path, Access access, Handler handler, Workers workers) {
        add(Methods.POST, path, new Route(access, handler, workers));
    }

    public void put(String path, Access access, Handler handler) {
        put(path, access, handler, null);
    }

    /** As the costly {@link #post(String, Access, Handler, Workers)}. */
    public void put(String path, Access access, Handler handler, Workers workers) {
        add(Methods.PUT, path, new Route(access, handler, workers));
    }

    public void delete(String path, Access access, Handler handler) {
        add(Methods.DELETE, path, new Route(access, handler, null));
    }

    private void add(HttpString method, String path, Route route) {
        Map<String, Route> methods = paths.get(path);
        if (methods == null) {
            methods = new TreeMap<>();
            paths.add(path, methods);
        }
        methods.put(method.toString(), route);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String path = exchange.getRelativePath();
        var match = path.length() > 1 && path.endsWith("/") ? null : paths.match(path);
        if (match == null) {
            ErrorHandler.response(Problem.of(Problem.Kind.NOT_FOUND, "no such path: " + path)).send(exchange);
            return;
        }
        Map<String, Route> methods = match.getValue();
        HttpString method = exchange.getRequestMethod().equals(Methods.HEAD) ? Methods.GET : exchange.getRequestMethod();
        Route route = methods.get(method.toString());
        if (route == null) {
            String allowed = methods.keySet().stream()
                    .flatMap(name -> name.equals(Methods.GET_STRING) ? Stream.of(name, Methods.HEAD_STRING) : Stream.of(name))
                    .collect(Collectors.joining(", "));
            String message = exchange.getRequestMethod() + " is not possible on " + path + ", only " + allowed;
            ErrorHandler.response(Problem.of(Problem.Kind.METHOD_NOT_ALLOWED, message)).with("Allow", allowed).send(exchange);
            return;
        }
        var request = new Request(exchange, match.getParameters(), guard);
        HttpHandler work = ignored -> run(route, request, exchange);
        if (route.workers == null) {
            exchange.dispatch(work);
        } else if (route.workers.full()) {
            ErrorHandler.response(Problem.unavailable("the server is busy, try again in a moment")).send(exchange);
        } else {
            exchange.dispatch(route.workers.threads(), work);
        }
    }

    private void run(Route route, Request request, HttpServerExchange exchange) {
        exchange.startBlocking();
        Response response;
        try {
            admit(route.access, request);
            response = route.handler.handle(request);
        } catch (Throwable thrown) {
            response = ErrorHandler.response(request, thrown);
        }
        Response answer = response;
        LOG.log(Level.DEBUG, () -> request + " " + answer.status());
        try {
            answer.send(exchange);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> request + ": the client went away: " + e.getMessage());
            exchange.endExchange();
        }
    }

    private static void admit(Access access, Request request) {
        switch (access) {
            case ANYONE -> {}
            case SESSION -> request.caller().requireSession();
            case ADMIN -> {
                if (request.caller().equals(Caller.ANONYMOUS)) {
                    throw Problem.unauthenticated();
                }
                if (!request.caller().admin()) {
                    throw Problem.forbidden("admin access required");
                }
            }
        }
    }
}
