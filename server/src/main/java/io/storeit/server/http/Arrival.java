package io.storeit.server.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.RequestBufferingHandler;
import io.undertow.util.AttachmentKey;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * Handles a request once its body is there, or the first {@link Request#BUFFERED} bytes of it. No thread waits meanwhile, however
 * slowly a client sends; one that takes longer than the server's patience is cut off.
 */
public final class Arrival implements HttpHandler {
    private static final AttachmentKey<XnioExecutor.Key> END_OF_PATIENCE = AttachmentKey.create(XnioExecutor.Key.class);

    private final HttpHandler buffering;
    private final HttpHandler next;
    private final Duration patience;

    /** @param bufferSize bytes of one of the server's buffers */
    public Arrival(HttpHandler next, int bufferSize, Duration patience) {
        this.next = next;
        this.patience = patience;
        buffering = new RequestBufferingHandler(this::arrived, Request.BUFFERED / bufferSize);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (exchange.isRequestComplete()) {
            next.handleRequest(exchange);
            return;
        }
        // Undertow's own time-outs leave a request hanging whose body stops in the middle.
        exchange.putAttachment(END_OF_PATIENCE, exchange.getIoThread()
                .executeAfter(() -> IoUtils.safeClose(exchange.getConnection()), patience.toMillis(), TimeUnit.MILLISECONDS));
        buffering.handleRequest(exchange);
    }

    private void arrived(HttpServerExchange exchange) throws Exception {
        exchange.removeAttachment(END_OF_PATIENCE).remove();
        next.handleRequest(exchange);
    }
}
