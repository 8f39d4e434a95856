package io.storeit.server.http;

import io.storeit.server.problem.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.PathTemplateMatcher;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the route of a request and runs it on a worker thread. It identifies the caller first and then reads path, query and
 * body, so that an anonymous caller learns nothing from the kind of error. Paths are matched exactly (no trailing slash). A fixed
 * segment has precedence over a {@code {name}}. HEAD works wherever GET does.
 *
 * <p>The thread depends on what the request may have to wait for, so that waiting requests do not delay the others. Reads run on
 * the server's general workers. Writes, which wait for the disk, have threads of their own, and so have requests whose body is
 * still arriving, which wait for the client.
 */
public final class Router implements HttpHandler {
    private static final Logger LOG = System.getLogger(Router.class.getName());

    /** @param workers the threads of a costly handler; null for all others */
    private record Route(Access access, Handler handler, Workers workers) {}

    /** A path's routes, one for each method, and the template that the path matches. */
    private record Resource(String template, Map<String, Route> methods) {}

    private final PathTemplateMatcher<Resource> paths = new PathTemplateMatcher<>();
    private final Map<String, Route> prefixes = new LinkedHashMap<>();
    private final List<String> list = new ArrayList<>();
    private final Guard guard;
    private final Workers writes;
    private final Workers uploads;

    /**
     * @param writes  the threads for requests that change something
     * @param uploads the threads for requests that have a large body
     */
    public Router(Guard guard, Workers writes, Workers uploads) {
        this.guard = guard;
        this.writes = writes;
        this.uploads = uploads;
    }

    public void get(String path, Access access, Handler handler) {
        get(path, access, handler, null);
    }

    /** Adds a costly route, like {@link #post(String, Access, Handler, Workers)}. */
    public void get(String path, Access access, Handler handler, Workers workers) {
        add(Methods.GET, path, new Route(access, handler, workers));
    }

    public void post(String path, Access access, Handler handler) {
        post(path, access, handler, null);
    }

    /** Adds a route whose work is costly enough to have threads of its own. When they cannot keep up, the answer is 503. */
    public void post(String path, Access access, Handler handler, Workers workers) {
        add(Methods.POST, path, new Route(access, handler, workers));
    }

    public void put(String path, Access access, Handler handler) {
        put(path, access, handler, null);
    }

    /** Adds a costly route, like {@link #post(String, Access, Handler, Workers)}. */
    public void put(String path, Access access, Handler handler, Workers workers) {
        add(Methods.PUT, path, new Route(access, handler, workers));
    }

    public void delete(String path, Access access, Handler handler) {
        add(Methods.DELETE, path, new Route(access, handler, null));
    }

    /**
     * Adds a route for GET on every path that has the prefix and no route of its own. The first of several matching prefixes
     * counts. It never applies below {@code /api}, where a client must learn that a path does not exist.
     */
    public void getBelow(String prefix, Access access, Handler handler) {
        prefixes.put(prefix, new Route(access, handler, null));
    }

    private void add(HttpString method, String path, Route route) {
        Resource resource = paths.get(path);
        if (resource == null) {
            resource = new Resource(path, new TreeMap<>());
            paths.add(path, resource);
        }
        resource.methods.put(method.toString(), route);
        list.add(method + " " + path);
    }

    /** Lists all routes except the prefixes, each as {@code GET /api/v1/items/{id}}. */
    public List<String> list() {
        return List.copyOf(list);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String path = exchange.getRelativePath();
        var match = path.length() > 1 && path.endsWith("/") ? null : paths.match(path);
        if (match == null) {
            belowPrefix(exchange, path);
        } else {
            Resource resource = match.getValue();
            exchange.putAttachment(RequestLog.ROUTE, resource.template);
            handle(exchange, path, resource.methods, match.getParameters());
        }
    }

    private void belowPrefix(HttpServerExchange exchange, String path) throws IOException {
        boolean api = path.equals("/api") || path.startsWith("/api/");
        for (Map.Entry<String, Route> prefix : prefixes.entrySet()) {
            if (!api && path.startsWith(prefix.getKey())) {
                exchange.putAttachment(RequestLog.ROUTE, prefix.getKey());
                handle(exchange, path, Map.of(Methods.GET_STRING, prefix.getValue()), Map.of());
                return;
            }
        }
        ErrorHandler.response(Problem.of(Problem.Kind.NOT_FOUND, "no such path: " + path)).send(exchange);
    }

    private void handle(HttpServerExchange exchange, String path, Map<String, Route> methods, Map<String, String> pathValues)
            throws IOException {
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
        var request = new Request(exchange, pathValues, guard);
        HttpHandler work = ignored -> run(route, request, exchange);
        Workers workers = workers(route, request, method);
        if (workers == null) {
            exchange.dispatch(work);
        } else if (workers.full()) {
            ErrorHandler.response(Problem.unavailable("the server is busy, try again in a moment")).send(exchange);
        } else {
            exchange.dispatch(workers.threads(), work);
        }
    }

    private Workers workers(Route route, Request request, HttpString method) {
        if (request.isLarge()) {
            return uploads;
        }
        return route.workers != null || method.equals(Methods.GET) ? route.workers : writes;
    }

    private void run(Route route, Request request, HttpServerExchange exchange) {
        Response response;
        try {
            admit(route.access, request);
            response = route.handler.handle(request);
        } catch (Throwable thrown) {
            response = ErrorHandler.response(request, thrown);
        }
        Response answer = response;
        if (answer.keepsThread()) {
            exchange.startBlocking();
            send(answer, request, exchange);
        } else {
            // This runs on the connection's own thread, which would otherwise spin until this thread is done with the connection.
            exchange.dispatch(exchange.getIoThread(), ignored -> send(answer, request, exchange));
        }
    }

    private static void send(Response response, Request request, HttpServerExchange exchange) {
        try {
            response.send(exchange);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> request + ": the client closed the connection: " + e.getMessage());
            exchange.endExchange();
        }
    }

    private static void admit(Access access, Request request) {
        switch (access) {
            case ANYONE -> {}
            case SESSION -> request.caller().requireSession();
            case ADMIN -> requireAdmin(request.caller());
            case ADMIN_OR_LOCAL -> {
                if (!request.directlyFromThisMachine()) {
                    requireAdmin(request.caller());
                }
            }
        }
    }

    private static void requireAdmin(Caller caller) {
        if (caller.equals(Caller.ANONYMOUS)) {
            throw Problem.unauthenticated();
        }
        if (!caller.admin()) {
            throw Problem.forbidden("admin access required");
        }
    }
}
