package io.storeit.ops.process;

import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.StallTimeout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Finds the TCP port of an address and checks whether it is in use. */
public final class Ports {
    private Ports() {}

    /** Returns the port of an address, with the default of its scheme. */
    public static int of(String url) {
        URI address = URI.create(url);
        return address.getPort() > 0 ? address.getPort() : "https".equals(address.getScheme()) ? 443 : 80;
    }

    /** Returns the address at which a server with this environment answers on this machine. */
    public static String urlOfServer(Map<String, String> environment) {
        String bind = Objects.requireNonNullElse(environment.get("STOREIT_BIND"), "");
        int colon = bind.lastIndexOf(':');
        String host = colon <= 0 ? "" : bind.substring(0, colon);
        return "http://" + (host.isEmpty() || host.equals("0.0.0.0") || host.equals("[::]") ? "localhost" : host)
                + ":" + (colon < 0 ? "8080" : bind.substring(colon + 1));
    }

    /** Returns whether an address belongs to this machine. */
    public static boolean isLocal(String url) {
        try {
            InetAddress address = InetAddress.getByName(URI.create(url).getHost());
            return address.isLoopbackAddress() || address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException unknownHost) {
            return false;
        }
    }

    /** Returns an unused port. */
    public static int free() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Waits until a port is free. The error names the process that uses it, which the server itself could not. */
    public static void awaitFree(String url, Duration limit) {
        int port = of(url);
        var timeout = new StallTimeout(limit, "Port " + port + " did not become free");
        while (taken(port)) {
            timeout.pause("", ServerProcess.listeningOn(port)
                    .map(process -> "process " + process.pid() + " is using it: " + Words.shortened(String.join(" ", process.arguments())))
                    .orElse("a process of another user is using it"));
        }
    }

    private static boolean taken(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
