package io.storeit.ops.server;

import com.sun.net.httpserver.HttpServer;
import io.storeit.interchange.base.StoreitVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Answers {@code status} like a server, in this process, while Java records the start-up cache of this tool. */
public final class WarmUpServer implements AutoCloseable {
    private final HttpServer server;

    public WarmUpServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer("/api/v1/auth/mode", "{\"mode\":\"local\"}");
        answer("/api/v1/admin/schema-version",
                "{\"app_version\":\"" + StoreitVersion.APPLICATION + "\",\"schema_version\":2,\"expected_version\":2}");
        answer("/health", "{\"status\":\"ok\",\"writes\":\"open\",\"counts\":{\"items\":1}}");
        server.start();
    }

    public String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private void answer(String path, String json) {
        server.createContext(path, exchange -> {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
