package io.storeit.ops.updates;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ServerSocketFactory;

/** A web server that can lie in every way, byte by byte; a proper one would not let itself be made to. One request a connection. */
final class Mirror implements Closeable {

    /** @param headers by their names in small letters */
    record Request(String path, Map<String, String> headers) {
        String header(String name) {
            return headers.get(name);
        }
    }

    /** Writes all there is to be said, the status line too. */
    interface Answer {
        void write(Request request, OutputStream out) throws Exception;
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final ServerSocket socket;
    private final String scheme;

    private Mirror(ServerSocket socket, String scheme) {
        this.socket = socket;
        this.scheme = scheme;
        thread(this::accept);
    }

    static Mirror plain() throws IOException {
        return new Mirror(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), "http");
    }

    static Mirror secure(ServerSocketFactory sockets) throws IOException {
        return new Mirror(sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress()), "https");
    }

    String url(String path) {
        return scheme + "://localhost:" + socket.getLocalPort() + path;
    }

    void on(String path, Answer answer) {
        answers.put(path, answer);
    }

    Answer answer(String path) {
        return answers.get(path);
    }

    List<Request> requestsFor(String path) {
        return requests.stream().filter(request -> request.path().equals(path)).toList();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                thread(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var in = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = in.readLine();
            if (first == null) {
                return;
            }
            var headers = new TreeMap<String, String>();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                headers.put(line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT), line.substring(line.indexOf(':') + 1).strip());
            }
            var request = new Request(first.split(" ")[1], headers);
            requests.add(request);
            answers.getOrDefault(request.path(), status(404)).write(request, connection.getOutputStream());
        } catch (Exception gone) {
            // the client had enough, as it should
        }
    }

    private static void thread(Runnable work) {
        var thread = new Thread(work, "mirror");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    // ---- Answers

    static Answer file(byte[] body, String... headers) {
        return announced(body.length, body, headers);
    }

    /** With a length in its header that the body may not have. */
    static Answer announced(long length, byte[] body, String... headers) {
        return (request, out) -> {
            head(out, "200 OK", "Content-Length: " + length, headers);
            out.write(body);
        };
    }

    /** Without a length: chunked. */
    static Answer chunked(byte[] body) {
        return (request, out) -> {
            head(out, "200 OK", "Transfer-Encoding: chunked");
            chunk(out, body);
            chunk(out, new byte[0]);
        };
    }

    static Answer endless(byte[] piece) {
        return (request, out) -> {
            head(out, "200 OK", "Transfer-Encoding: chunked");
            while (true) {
                chunk(out, piece);
            }
        };
    }

    /** {@code bytes} at a time with {@code pauseMillis} between. */
    static Answer slow(byte[] body, int bytes, long pauseMillis) {
        return (request, out) -> {
            head(out, "200 OK", "Content-Length: " + body.length);
            for (int from = 0; from < body.length; from += bytes) {
                out.write(body, from, Math.min(bytes, body.length - from));
                out.flush();
                Thread.sleep(pauseMillis);
            }
        };
    }

    /** The connection is taken and nothing is ever said. */
    static Answer silence() {
        return (request, out) -> Thread.sleep(60_000);
    }

    static Answer endlessHeaders() {
        return (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.ISO_8859_1));
            while (true) {
                out.write("X: y\r\n".getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                Thread.sleep(50);
            }
        };
    }

    static Answer status(int status, String... headers) {
        return (request, out) -> head(out, status + " Told", "Content-Length: 0", headers);
    }

    static Answer redirect(String target) {
        return status(302, "Location: " + target);
    }

    /** The first {@code times} answers break after {@code bytes} of their body. */
    static Answer breaking(Answer answer, int times, int bytes) {
        var left = new int[] {times};
        return (request, out) -> {
            synchronized (left) {
                if (left[0]-- <= 0) {
                    answer.write(request, out);
                    return;
                }
            }
            answer.write(request, new OutputStream() {
                private boolean headIsOut;
                private int rest = bytes;

                @Override
                public void write(byte[] piece, int from, int length) throws IOException {
                    int passed = headIsOut ? Math.min(rest, length) : length;
                    out.write(piece, from, passed);
                    rest -= headIsOut ? passed : 0;
                    headIsOut = true;
                    if (passed < length) {
                        throw new IOException("broken off");
                    }
                }

                @Override
                public void write(int single) {
                    throw new UnsupportedOperationException("answers are written in pieces");
                }
            });
        };
    }

    private static void head(OutputStream out, String status, String first, String... headers) throws IOException {
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        out.write(("HTTP/1.1 " + status + "\r\n" + first + "\r\n" + lines + "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void chunk(OutputStream out, byte[] bytes) throws IOException {
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }
}
