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
 * Handles a request once its body has arrived, or the first {@link Request#BUFFERED} bytes of it. No thread waits meanwhile,
 * however slowly a client sends. A client that exceeds the stall timeout is disconnected.
 */
public final class Arrival implements HttpHandler {
    private static final AttachmentKey<XnioExecutor.Key> STALLED = AttachmentKey.create(XnioExecutor.Key.class);

    private final HttpHandler buffering;
    private final HttpHandler next;
    private final Duration stallTimeout;

    /**
     * @param bufferSize   bytes of one of the server's buffers
     * @param stallTimeout how long the buffered part may take to arrive
     */
    public Arrival(HttpHandler next, int bufferSize, Duration stallTimeout) {
        this.next = next;
        this.stallTimeout = stallTimeout;
        buffering = new RequestBufferingHandler(this::arrived, Request.BUFFERED / bufferSize);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (exchange.isRequestComplete()) {
            next.handleRequest(exchange);
            return;
        }
        // Undertow's own time-outs do not end a request whose body stops in the middle.
        exchange.putAttachment(STALLED, exchange.getIoThread()
                .executeAfter(() -> IoUtils.safeClose(exchange.getConnection()), stallTimeout.toMillis(), TimeUnit.MILLISECONDS));
        buffering.handleRequest(exchange);
    }

    private void arrived(HttpServerExchange exchange) throws Exception {
        exchange.removeAttachment(STALLED).remove();
        next.handleRequest(exchange);
    }
}
