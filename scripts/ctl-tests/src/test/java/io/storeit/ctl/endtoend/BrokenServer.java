package io.storeit.ctl.endtoend;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A server that lives and answers every request with one status and an empty page. */
final class BrokenServer {
    private BrokenServer() {
    }

    public static void main(String[] arguments) throws IOException {
        var status = Integer.parseInt(arguments[1]);
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
    }

    /** A line of shell that becomes this server. */
    static String launchLine(int port, int status) {
        return "exec '%s' -cp '%s' %s %d %d".formatted(Path.of(System.getProperty("java.home"), "bin", "java"),
                Release.folderOfTestClasses(),
                BrokenServer.class.getName(), port, status);
    }
}
