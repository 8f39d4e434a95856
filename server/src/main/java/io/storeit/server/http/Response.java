package io.storeit.server.http;

import io.undertow.io.IoCallback;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xnio.IoUtils;

/**
 * The answer to a request: built by the handler, sent by the router. A client that is slow to take it keeps no thread waiting.
 */
public final class Response {
    /**
     * JSON of more bytes than this does keep its thread until the client has taken it, or slow clients could have as many of them in
     * memory as they like.
     */
    private static final int MOST_BYTES_WAITING = 1024 * 1024;

    /** Begins to put the body on the wire. */
    private interface Body {
        void send(HttpServerExchange exchange) throws IOException;
    }

    private final int status;
    private final List<Map.Entry<String, String>> headers = new ArrayList<>();
    private final boolean keepsThread;
    private final Body body;

    private Response(int status, Body body) {
        this(status, false, body);
    }

    private Response(int status, boolean keepsThread, Body body) {
        this.status = status;
        this.keepsThread = keepsThread;
        this.body = body;
    }

    public static Response ok(Object value) {
        return json(200, value);
    }

    public static Response created(Object value) {
        return json(201, value);
    }

    /** Done: 200 with {@code {"ok":true}}. */
    public static Response done() {
        return ok(Map.of("ok", true));
    }

    /** Done, and there is nothing to show: 204. */
    public static Response noContent() {
        return new Response(204, HttpServerExchange::endExchange);
    }

    public static Response json(int status, Object value) {
        byte[] bytes = Json.bytes(value);
        return new Response(status, bytes.length > MOST_BYTES_WAITING, exchange -> exchange.getResponseSender().send(ByteBuffer.wrap(bytes)))
                .with("Content-Type", "application/json");
    }

    /** What the client already has is still right: 304. */
    public static Response notModified() {
        return new Response(304, HttpServerExchange::endExchange);
    }

    public static Response bytes(String type, byte[] bytes) {
        return new Response(200, exchange -> exchange.getResponseSender().send(ByteBuffer.wrap(bytes))).with("Content-Type", type);
    }

    /** Look there: 303. */
    public static Response seeOther(String location) {
        return new Response(303, HttpServerExchange::endExchange).with("Location", location);
    }

    /** A file as a download. */
    public static Response download(Path file, String name) throws IOException {
        return file(file, "application/octet-stream").with("Content-Disposition", "attachment; filename=\"" + name + "\"");
    }

    /** The bytes of a file. It is opened now, so that it may be removed while it is being sent. */
    public static Response file(Path file, String type) throws IOException {
        FileChannel bytes = FileChannel.open(file);
        return new Response(200, exchange -> {
                    exchange.addExchangeCompleteListener((done, next) -> {
                        IoUtils.safeClose(bytes);
                        next.proceed();
                    });
                    if (exchange.getRequestMethod().equals(Methods.HEAD)) {
                        exchange.endExchange();
                    } else {
                        exchange.getResponseSender().transferFrom(bytes, IoCallback.END_EXCHANGE);
                    }
                })
                .with("Content-Type", type)
                .with("Content-Length", Long.toString(bytes.size()));
    }

    public Response with(String header, String value) {
        headers.add(Map.entry(header, value));
        return this;
    }

    public int status() {
        return status;
    }

    /** Whether the thread that handled the request has to send it as well. */
    boolean keepsThread() {
        return keepsThread;
    }

    void send(HttpServerExchange exchange) throws IOException {
        exchange.setStatusCode(status);
        for (Map.Entry<String, String> header : headers) {
            exchange.getResponseHeaders().put(new HttpString(header.getKey()), header.getValue());
        }
        body.send(exchange);
    }
}
