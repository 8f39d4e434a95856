package io.storeit.server.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

/**
 * Adds headers to every answer that restrict browsers, unless its route sets others: use only the stated type, show it in no
 * frame, run nothing of it, keep no copy. No header permits pages of other origins to read it.
 */
public final class SecurityHeaders implements HttpHandler {
    public static final String POLICY = "Content-Security-Policy";
    private static final HttpString POLICY_NAME = new HttpString(POLICY);

    private final HttpHandler next;

    public SecurityHeaders(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
        headers.put(Headers.X_FRAME_OPTIONS, "DENY");
        headers.put(Headers.REFERRER_POLICY, "same-origin");
        headers.put(POLICY_NAME, "default-src 'none'; frame-ancestors 'none'");
        headers.put(Headers.CACHE_CONTROL, "no-store");
        next.handleRequest(exchange);
    }
}
