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

/** The HTTP request, as a handler sees it. One worker thread uses it. */
public final class Request {
    /** The bytes of a body that are received before the request is handled, while no thread waits for them. */
    public static final int BUFFERED = 64 * 1024;
    /** Limits the bytes of an anonymous caller's body: enough for a login, too few to fill the memory. */
    private static final long STRANGERS_LIMIT = BUFFERED;
    /** Limits the bytes of a JSON body, which is read into memory as a whole. */
    private static final long JSON_LIMIT = 8L * 1024 * 1024;
    /** Limits the bytes of every other body except a restore's; the contract's number. */
    public static final long BODY_LIMIT = 50L * 1024 * 1024;
    /**
     * Limits what is read and discarded of a body that is too large, because a client that is still sending would not see the
     * answer. Beyond it the connection is closed.
     */
    private static final long DISCARDED_BEYOND_LIMIT = 200L * 1024 * 1024;
    /** The least speed of a body that takes longer than {@link #SLOW_NANOS}. */
    private static final long SLOWEST_BYTES_PER_SECOND = 1024;
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int DEFAULT_STALL_MILLIS = 60_000;
    /** Limits the bytes of a body for which no handler has set a limit. */
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

    /** Returns the caller. The first call identifies it, so that routes open to anyone cost no look-up. */
    public Caller caller() {
        if (caller == null) {
            caller = guard.identify(this);
        }
        return caller;
    }

    /** Returns the id in the path, in its usual form. */
    public String id(String name) {
        String value = pathValues.get(name);
        String id = Uuids.normalise(value);
        if (id == null) {
            throw Problem.invalidRequest("invalid path: " + name + " must be a UUID, not '" + value + "'");
        }
        return id;
    }

    /** Returns the whole path, unescaped. */
    public String path() {
        return exchange.getRelativePath();
    }

    /** Returns a part of the path as it was sent. */
    public String pathText(String name) {
        return pathValues.get(name);
    }

    /** Returns the last part of the path, decoded. It can contain slashes if they were sent as {@code %2F}. */
    public String lastPathSegment() {
        String raw = exchange.getRequestURI();
        // The decoder is for forms, in which a plus is a blank.
        return URLDecoder.decode(raw.substring(raw.lastIndexOf('/') + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Returns a parameter of the query. Two values are refused, because it is unknown which one is meant. */
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

    /** Returns a parameter of the query that is a number from 0 to 2^32 - 1. */
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

    /** Returns a required parameter of the query. */
    public String requiredQuery(String name) {
        return query(name).orElseThrow(() -> Problem.invalidRequest("invalid query: " + name + " is missing"));
    }

    /** Returns a required id in the query, in its usual form. */
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

    /** Returns whether the client states that it has the version with this entity tag (If-None-Match). */
    public boolean alreadyHas(String tag) {
        return Stream.of(header("If-None-Match").orElse("").split(","))
                .map(String::strip)
                .anyMatch(known -> known.equals("*") || known.equals(tag) || known.equals("W/" + tag));
    }

    public Optional<String> cookie(String name) {
        Cookie cookie = exchange.getRequestCookie(name);
        return Optional.ofNullable(cookie).map(Cookie::getValue);
    }

    /** Reads the whole body as a JSON object. */
    public JsonBody json() throws IOException {
        return JsonBody.parse(jsonBytes());
    }

    /** Reads the whole body as a JSON array of objects. */
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
     * Returns the body as a stream. Reading throws {@link Problem}: PAYLOAD_TOO_LARGE beyond the limit, INVALID_REQUEST when the
     * client stops in the middle. A client so slow that it only occupies the thread is disconnected.
     *
     * @param limit the most bytes
     */
    public InputStream body(long limit) {
        exchange.setMaxEntitySize(limit + DISCARDED_BEYOND_LIMIT);
        if (exchange.getRequestContentLength() > limit) {
            throw tooLarge(limit);
        }
        return new Body(limit);
    }

    /** Returns whether the body may still be arriving when the handler begins. */
    boolean isLarge() {
        long length = exchange.getRequestContentLength();
        return length > BUFFERED || length < 0 && !exchange.isRequestComplete();
    }

    private final class Body extends InputStream {
        private final StreamSourceChannel channel = exchange.getRequestChannel();
        /** The longest time in which the client may send nothing. */
        private final long stallMillis = exchange.getConnection().getUndertowOptions().get(UndertowOptions.IDLE_TIMEOUT, DEFAULT_STALL_MILLIS);
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

        /** Reads at least one byte. Returns -1 at the end. */
        private int readSome(ByteBuffer target) throws IOException {
            long before = System.nanoTime();
            int read = channel.read(target);
            while (read == 0 && target.hasRemaining()) {
                long now = System.nanoTime();
                long left = stallMillis - TimeUnit.NANOSECONDS.toMillis(now - before);
                boolean trickles = now - start > SLOW_NANOS && count < TimeUnit.NANOSECONDS.toSeconds(now - start) * SLOWEST_BYTES_PER_SECOND;
                if (left <= 0 || trickles) {
                    // An answer would first wait for the rest of the body, so none is sent.
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

    /** Returns whether the caller runs on this machine: it uses loopback, or the address on which the server listens. */
    public boolean fromThisMachine() {
        InetAddress from = exchange.getSourceAddress().getAddress();
        InetAddress to = exchange.getDestinationAddress().getAddress();
        return from != null && (from.isLoopbackAddress() || from.equals(to));
    }

    /** Returns whether the caller runs on this machine and is not a proxy that forwards another client's request. */
    public boolean directlyFromThisMachine() {
        return fromThisMachine() && Stream.of("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via").allMatch(name -> header(name).isEmpty());
    }

    /**
     * Returns the address of the client, to tell clients apart. A proxy on this machine states it: its own entry is the last one,
     * and the client wrote those before it. Only the network of an IPv6 address counts, because one client has all the rest.
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

    /** Returns whether the browser used HTTPS, as a proxy in front of the server states. */
    public boolean overHttps() {
        return exchange.getRequestScheme().equals("https")
                || header("X-Forwarded-Proto").filter("https"::equalsIgnoreCase).isPresent();
    }

    /** Returns the connection's buffers, for parsers that need them. */
    public ByteBufferPool buffers() {
        return exchange.getConnection().getByteBufferPool();
    }

    @Override
    public String toString() {
        // The URI is as it was sent, still escaped, so that a client cannot begin a line of the log.
        return exchange.getRequestMethod() + " " + exchange.getRequestURI();
    }

    /** Returns the body's type with its parameters; empty when it is not stated. */
    public String contentType() {
        return header(Headers.CONTENT_TYPE_STRING).orElse("");
    }
}
