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
 * The answer to a request. The handler builds it, and the router sends it. A client that is slow to take it occupies no thread.
 */
public final class Response {
    /**
     * Limits the bytes of JSON that wait without a thread. A larger answer occupies its thread until the client has taken it,
     * because slow clients could otherwise keep any number of them in memory.
     */
    private static final int MOST_BYTES_WAITING = 1024 * 1024;

    /** Begins to send the body. */
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

    /** Answers that it is done: 200 with {@code {"ok":true}}. */
    public static Response done() {
        return ok(Map.of("ok", true));
    }

    /** Answers that it is done, without a body: 204. */
    public static Response noContent() {
        return new Response(204, HttpServerExchange::endExchange);
    }

    public static Response json(int status, Object value) {
        byte[] bytes = Json.bytes(value);
        return new Response(status, bytes.length > MOST_BYTES_WAITING, exchange -> exchange.getResponseSender().send(ByteBuffer.wrap(bytes)))
                .with("Content-Type", "application/json");
    }

    /** Answers that the client's copy is still current: 304. */
    public static Response notModified() {
        return new Response(304, HttpServerExchange::endExchange);
    }

    public static Response bytes(String type, byte[] bytes) {
        return new Response(200, exchange -> exchange.getResponseSender().send(ByteBuffer.wrap(bytes))).with("Content-Type", type);
    }

    /** Redirects: 303. */
    public static Response seeOther(String location) {
        return new Response(303, HttpServerExchange::endExchange).with("Location", location);
    }

    /** Sends a file as a download. */
    public static Response download(Path file, String name) throws IOException {
        return file(file, "application/octet-stream").with("Content-Disposition", "attachment; filename=\"" + name + "\"");
    }

    /** Sends the bytes of a file. It is opened now, so that it may be deleted while it is being sent. */
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

    /** Returns whether the thread that handled the request must also send the answer. */
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
