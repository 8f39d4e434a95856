package io.storeit.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** The smallest HTTP client: one connection per request and never a retry, so that what is sent and what is answered is known exactly. */
record Http(int port) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TIMEOUT_MS = 10_000;

    record Answer(int status, String head, String body) {
        JsonNode json() throws IOException {
            return JSON.readTree(body);
        }
    }

    Answer get(String path, String cookie) throws IOException {
        return send("GET", path, cookie, "");
    }

    Answer post(String path, String cookie, Map<String, ?> body) throws IOException {
        return send("POST", path, cookie, JSON.writeValueAsString(body));
    }

    /** The JSON of a good answer; anything else is an error. */
    JsonNode json(String method, String path, String cookie, Map<String, ?> body) throws IOException {
        Answer answer = send(method, path, cookie, body.isEmpty() ? "" : JSON.writeValueAsString(body));
        if (answer.status() >= 300) {
            throw new IOException(method + " " + path + ": " + answer.status() + " " + answer.body());
        }
        return answer.json();
    }

    /** Which version answers, from its database too, and whether it takes writes. */
    record Health(String version, boolean writable) {}

    /** Empty while nobody gives a good answer. */
    Optional<Health> health() {
        try {
            Answer answer = get("/health", null);
            JsonNode health = answer.status() == 200 ? answer.json() : JSON.nullNode();
            return health.path("schema_version").asInt() > 0
                    ? Optional.of(new Health(health.path("app_version").asText(), health.path("writes").asText().equals("open")))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Logs in as the inventory's administrator and gives the cookie. */
    String login() throws IOException {
        Answer answer = post("/api/v1/auth/local/login", null, Map.of("username", Inventory.USERNAME, "password", Inventory.PASSWORD));
        for (String line : answer.head().split("\r\n")) {
            if (line.toLowerCase().startsWith("set-cookie:")) {
                return line.substring("set-cookie:".length()).strip().split(";", 2)[0];
            }
        }
        throw new IOException("no login: " + answer.status() + " " + answer.body());
    }

    private Answer send(String method, String path, String cookie, String body) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            byte[] content = body.getBytes(StandardCharsets.UTF_8);
            String head = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n"
                    + (cookie == null ? "" : "Cookie: " + cookie + "\r\n")
                    + (content.length == 0 ? "" : "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n") + "\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int endOfHead = answer.indexOf("\r\n\r\n");
            if (endOfHead < 0 || !answer.startsWith("HTTP/1.1 ")) {
                throw new IOException("cut off answer");
            }
            return new Answer(Integer.parseInt(answer.substring(9, 12)), answer.substring(0, endOfHead), answer.substring(endOfHead + 4));
        }
    }
}
