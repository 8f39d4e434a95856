package io.storeit.server.http;

import io.storeit.interchange.base.Uuids;
import io.storeit.server.problem.Problem;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.server.handlers.Cookie;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;

/** What a handler may ask of an HTTP request. Lives on one worker thread. */
public final class Request {
    /** Bytes of a body that are received before the request is handled at all, while no thread waits for them. */
    public static final int BUFFERED = 64 * 1024;
    /**
     * Bytes of a body from somebody who has not logged in: enough for a login, too little to fill the memory with.
     */
    private static final long STRANGERS_LIMIT = BUFFERED;
    /** Bytes of a body that is JSON, which is read into memory as a whole. */
    private static final long JSON_LIMIT = 8L * 1024 * 1024;
    /** Bytes of every other body but a restore's; the contract's number. */
    public static final long BODY_LIMIT = 50L * 1024 * 1024;
    /**
     * What is read and thrown away of a body that is too large: a client that is still sending would not see the answer that says so.
     * Beyond it the connection is cut.
     */
    private static final long DISCARDED_BEYOND_LIMIT = 200L * 1024 * 1024;
    /** What a body that takes longer than {@link #SLOW_NANOS} has to reach. */
    private static final long SLOWEST_BYTES_PER_SECOND = 1024;
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int NO_PATIENCE_SET = 60_000;
    /** Bytes of a body of which no handler has said how large it may be. */
    public static final long CONNECTION_LIMIT = BODY_LIMIT + DISCARDED_BEYOND_LIMIT;

    private final HttpServerExchange exchange;
    private final Map<String, String> pathValues;
    private final Guard guard;
    private Caller caller;

    Request(HttpServerExchange exchange, Map<String, String> pathValues, Guard guard) {
        this.exchange = exchange;
        this.pathValues = pathValues;
        this.guard = guard;
    }

    /** Who is asking; found out on the first call, so that routes open to anyone cost no look-up. */
    public Caller caller() {
        if (caller == null) {
            caller = guard.identify(this);
        }
        return caller;
    }

    /** The id in the path, in its usual form. */
    public String id(String name) {
        String value = pathValues.get(name);
        String id = Uuids.normalise(value);
        if (id == null) {
            throw Problem.invalidRequest("invalid path: " + name + " must be a UUID, not '" + value + "'");
        }
        return id;
    }

    /** The whole path, unescaped. */
    public String path() {
        return exchange.getRelativePath();
    }

    /** A part of the path as it was sent. */
    public String pathText(String name) {
        return pathValues.get(name);
    }

    /** The last part of the path, decoded: any text, also with slashes in it if they were sent as {@code %2F}. */
    public String lastPathSegment() {
        String raw = exchange.getRequestURI();
        // The decoder is one for forms, in which a plus is a blank.
        return URLDecoder.decode(raw.substring(raw.lastIndexOf('/') + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** A parameter of the query; which of two values would be meant cannot be told. */
    public Optional<String> query(String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        if (values == null) {
            return Optional.empty();
        }
        if (values.size() > 1) {
            throw Problem.invalidRequest("invalid query: " + name + " is given twice");
        }
        return Optional.of(values.getFirst());
    }

    /** A parameter of the query that is a number from 0 to 2^32 - 1. */
    public OptionalLong queryNumber(String name) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Integer.toUnsignedLong(Integer.parseUnsignedInt(text.get())));
        } catch (NumberFormatException e) {
            throw Problem.invalidRequest("invalid query: " + name + " must be a number from 0 to 4294967295, not '" + text.get() + "'");
        }
    }

    /** A parameter of the query that must be there. */
    public String requiredQuery(String name) {
        return query(name).orElseThrow(() -> Problem.invalidRequest("invalid query: " + name + " is missing"));
    }

    /** An id in the query, in its usual form. */
    public String queryId(String name) {
        String value = requiredQuery(name);
        String id = Uuids.normalise(value);
        if (id == null) {
            throw Problem.invalidRequest("invalid query: " + name + " must be a UUID, not '" + value + "'");
        }
        return id;
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    /** Whether the client says that it has the version with this entity tag (If-None-Match). */
    public boolean alreadyHas(String tag) {
        return Stream.of(header("If-None-Match").orElse("").split(","))
                .map(String::strip)
                .anyMatch(known -> known.equals("*") || known.equals(tag) || known.equals("W/" + tag));
    }

    public Optional<String> cookie(String name) {
        Cookie cookie = exchange.getRequestCookie(name);
        return Optional.ofNullable(cookie).map(Cookie::getValue);
    }

    /** The whole body as a JSON object. */
    public JsonBody json() throws IOException {
        return JsonBody.parse(jsonBytes());
    }

    /** The whole body as a JSON array of objects. */
    public List<JsonBody> jsonList() throws IOException {
        return JsonBody.parseList(jsonBytes());
    }

    private byte[] jsonBytes() throws IOException {
        String type = contentType().split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!type.equals("application/json") && !(type.startsWith("application/") && type.endsWith("+json"))) {
            throw Problem.of(Problem.Kind.UNSUPPORTED_MEDIA_TYPE, "the body must be sent with Content-Type: application/json");
        }
        return body(caller().equals(Caller.ANONYMOUS) ? STRANGERS_LIMIT : JSON_LIMIT).readAllBytes();
    }

    /**
     * The body as a stream of at most so many bytes. Reading throws {@link Problem}: PAYLOAD_TOO_LARGE beyond them, INVALID_REQUEST
     * when the client stops in the middle; one that is so slow that it seems to want nothing but the thread is cut off.
     */
    public InputStream body(long limit) {
        exchange.setMaxEntitySize(limit + DISCARDED_BEYOND_LIMIT);
        if (exchange.getRequestContentLength() > limit) {
            throw tooLarge(limit);
        }
        return new Body(limit);
    }

    /** Whether the body may still be on its way when the handler begins. */
    boolean isLarge() {
        long length = exchange.getRequestContentLength();
        return length > BUFFERED || length < 0 && !exchange.isRequestComplete();
    }

    private final class Body extends InputStream {
        private final StreamSourceChannel channel = exchange.getRequestChannel();
        /** How long the client may send nothing. */
        private final long patience = exchange.getConnection().getUndertowOptions().get(UndertowOptions.IDLE_TIMEOUT, NO_PATIENCE_SET);
        private final long start = System.nanoTime();
        private final long limit;
        private long count;

        private Body(long limit) {
            this.limit = limit;
        }

        @Override
        public int read() {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            int read;
            try {
                read = readSome(ByteBuffer.wrap(buffer, offset, length));
            } catch (RequestTooBigException e) {
                throw tooLarge(limit);
            } catch (IOException e) {
                throw Problem.invalidRequest("the request body ended early");
            }
            count += Math.max(0, read);
            if (count > limit) {
                throw tooLarge(limit);
            }
            return read;
        }

        /** At least one byte, or -1 at the end. */
        private int readSome(ByteBuffer target) throws IOException {
            long before = System.nanoTime();
            int read = channel.read(target);
            while (read == 0 && target.hasRemaining()) {
                long now = System.nanoTime();
                long left = patience - TimeUnit.NANOSECONDS.toMillis(now - before);
                boolean trickles = now - start > SLOW_NANOS && count < TimeUnit.NANOSECONDS.toSeconds(now - start) * SLOWEST_BYTES_PER_SECOND;
                if (left <= 0 || trickles) {
                    // An answer would first wait for the rest of the body, so there will be none.
                    IoUtils.safeClose(exchange.getConnection());
                    throw new IOException("the client is too slow");
                }
                channel.awaitReadable(left, TimeUnit.MILLISECONDS);
                read = channel.read(target);
            }
            return read;
        }
    }

    private static Problem tooLarge(long limit) {
        return Problem.of(Problem.Kind.PAYLOAD_TOO_LARGE, "the request body is larger than " + limit + " bytes");
    }

    /** Whether the caller runs on this machine: over loopback, or over the very address the server listens on. */
    public boolean fromThisMachine() {
        InetAddress from = exchange.getSourceAddress().getAddress();
        InetAddress to = exchange.getDestinationAddress().getAddress();
        return from != null && (from.isLoopbackAddress() || from.equals(to));
    }

    /** The same, and nobody else's request is being passed on. */
    public boolean directlyFromThisMachine() {
        return fromThisMachine() && Stream.of("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via").allMatch(name -> header(name).isEmpty());
    }

    /**
     * Where the request came from, for telling clients apart. A proxy on this machine says it; the last entry is its own word,
     * those before it are the client's. Of an IPv6 address only the network counts, of which one client has all the rest.
     */
    public String address() {
        return address(exchange.getSourceAddress().getAddress(), header("X-Forwarded-For").filter(value -> fromThisMachine()));
    }

    static String address(InetAddress peer, Optional<String> forwardedFor) {
        if (forwardedFor.isPresent()) {
            String addresses = forwardedFor.get();
            return addresses.substring(addresses.lastIndexOf(',') + 1).strip();
        }
        byte[] bytes = peer.getAddress();
        return HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length));
    }

    /** Whether the browser came over HTTPS, as a proxy in front of the server says. */
    public boolean overHttps() {
        return exchange.getRequestScheme().equals("https")
                || header("X-Forwarded-Proto").filter("https"::equalsIgnoreCase).isPresent();
    }

    /** The buffers of the connection, for parsers that take them. */
    public ByteBufferPool buffers() {
        return exchange.getConnection().getByteBufferPool();
    }

    @Override
    public String toString() {
        // As it was sent, still escaped: in the log nobody shall begin a line.
        return exchange.getRequestMethod() + " " + exchange.getRequestURI();
    }

    /** The body's type with its parameters; empty when it is not stated. */
    public String contentType() {
        return header(Headers.CONTENT_TYPE_STRING).orElse("");
    }
}
