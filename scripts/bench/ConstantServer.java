package io.storeit.bench;

import io.undertow.Undertow;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the HTTP library can do at most on this machine: {@code /200} is answered with 200 constant bytes, without any work. Arguments:
 * the port, and whatever shall stand on the command line.
 */
final class ConstantServer {

    private ConstantServer() {
    }

    public static void main(String[] arguments) {
        Map<String, byte[]> answers = new ConcurrentHashMap<>();
        Undertow.builder()
                .addHttpListener(Integer.parseInt(arguments[0]), "127.0.0.1")
                .setIoThreads(Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors())))
                .setBufferSize(16 * 1024)
                .setHandler(exchange -> {
                    byte[] answer = answers.computeIfAbsent(exchange.getRelativePath(), ConstantServer::answer);
                    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
                    exchange.getResponseSender().send(ByteBuffer.wrap(answer));
                })
                .build()
                .start();
    }

    private static byte[] answer(String path) {
        var answer = new byte[Integer.parseInt(path.substring(1))];
        Arrays.fill(answer, (byte) 'x');
        return answer;
    }
}
