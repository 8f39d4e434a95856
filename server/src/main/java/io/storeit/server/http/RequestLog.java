package io.storeit.server.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/**
 * Records every request once it has been answered: a line in the log, at the level {@code debug}, and the figures. The line has
 * the path as it was sent, still escaped, so that clients cannot write lines of their own. It never has the query, a header or a
 * body.
 */
public final class RequestLog implements HttpHandler {
    /** The path of the route as {@link Router} knows it, such as {@code /api/v1/items/{id}}; not set when there is no route. */
    static final AttachmentKey<String> ROUTE = AttachmentKey.create(String.class);

    private static final Logger LOG = System.getLogger(RequestLog.class.getName());
    private static final int LONGEST_PATH = 200;

    /** Counts the requests. */
    @FunctionalInterface
    public interface Figures {
        /** @param route the path of the route; {@code none} when there was no route */
        void answered(String method, String route, int status, long nanos);
    }

    private final HttpHandler next;
    private final Figures figures;

    public RequestLog(HttpHandler next, Figures figures) {
        this.next = next;
        this.figures = figures;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        long start = System.nanoTime();
        exchange.addExchangeCompleteListener((answered, nextListener) -> {
            try {
                tell(answered, System.nanoTime() - start);
            } finally {
                nextListener.proceed();
            }
        });
        next.handleRequest(exchange);
    }

    private void tell(HttpServerExchange exchange, long nanos) {
        String route = exchange.getAttachment(ROUTE);
        figures.answered(exchange.getRequestMethod().toString(), route == null ? "none" : route, exchange.getStatusCode(), nanos);
        if (LOG.isLoggable(Level.DEBUG)) {
            String path = exchange.isHostIncludedInRequestURI() ? exchange.getRequestPath() : exchange.getRequestURI();
            String shown = path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) + "…" : path;
            LOG.log(Level.DEBUG, exchange.getRequestMethod() + " " + shown + " " + exchange.getStatusCode() + ", "
                    + exchange.getResponseBytesSent() + " bytes in " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms");
        }
    }
}
