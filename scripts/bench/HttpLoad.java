package io.storeit.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server under the load of wrk: two threads, 16 connections, a second to warm up and then some to measure; the yardstick in the same
 * way right after it. Closing it ends the yardstick.
 */
final class HttpLoad implements AutoCloseable {

    private static final int CONNECTIONS = 16;

    private final Workplace work;
    private final Http http;
    private final String cookie;
    private final int seconds;
    private final Process yardstick;
    private final int yardstickPort;

    /** What wrk says of one run. */
    private record Load(double perSecond, double slowestSeconds, int failed) {}

    private HttpLoad(Workplace work, Http http, String cookie, int seconds, Process yardstick, int yardstickPort) {
        this.work = work;
        this.http = http;
        this.cookie = cookie;
        this.seconds = seconds;
        this.yardstick = yardstick;
        this.yardstickPort = yardstickPort;
    }

    static HttpLoad against(Workplace work, Http http, int seconds) throws IOException {
        if (Workplace.program("wrk").isEmpty()) {
            throw new BenchException("wrk is missing; on Debian: apt-get install wrk");
        }
        int port = Workplace.freePort();
        // With the launch options of the server.
        Process yardstick = work.command(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-XX:+UseSerialGC", "-Xmx128m",
                "-cp", work.root().resolve("target/bench/classes") + ":" + work.server(), ConstantServer.class.getName(), String.valueOf(port),
                work.log().toString()).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(work.log().toFile())).start();
        return new HttpLoad(work, http, http.login(), seconds, yardstick, port);
    }

    String cookie() {
        return cookie;
    }

    /** The id of the first thing in a list. */
    String first(String path) throws IOException {
        return http.json("GET", path, cookie, Map.of()).get(0).get("id").asText();
    }

    Figure get(String what, String path) throws IOException, InterruptedException {
        int size = http.get(path, cookie).body().getBytes(StandardCharsets.UTF_8).length;
        List<String> options = List.of("-H", "Cookie: " + cookie);
        Load ours = measured(what, http.port(), path, options);
        Load constant = measured(what, yardstickPort, "/" + size, options);
        return Figure.rate("GET " + what, ours.perSecond()).beside("constant answer", List.of(constant.perSecond())).slowest(ours.slowestSeconds());
    }

    /** The same with a body, and how many were refused or failed. */
    List<Figure> post(String what, String path, Map<String, ?> body, double perSecond, double slowestSeconds) throws IOException, InterruptedException {
        int size = http.json("POST", path, cookie, body).toString().getBytes(StandardCharsets.UTF_8).length;
        Path script = Files.writeString(work.newFolder("wrk").resolve("post.lua"), """
                wrk.method = "POST"
                wrk.headers["Content-Type"] = "application/json"
                wrk.headers["Cookie"] = "%s"
                wrk.body = [==[%s]==]
                """.formatted(cookie, new ObjectMapper().writeValueAsString(body)));
        List<String> options = List.of("-s", script.toString());
        Load ours = measured(what, http.port(), path, options);
        Load constant = measured(what, yardstickPort, "/" + size, options);
        return List.of(
                Figure.rate(what, ours.perSecond()).beside("constant answer", List.of(constant.perSecond())).atLeastPerSecond(perSecond)
                        .slowestAtMost(ours.slowestSeconds(), slowestSeconds),
                new Figure("  failed", ours.failed()));
    }

    private Load measured(String what, int port, String path, List<String> options) throws IOException, InterruptedException {
        wrk(port, path, options, 1);
        String output = wrk(port, path, options, seconds);
        Load load = new Load(number(output, "Requests/sec:\\s+([\\d.]+)"), slowest(output),
                (int) number(output, "Non-2xx or 3xx responses: (\\d+)") + (int) number(output, "Socket errors: connect \\d+, read (\\d+)"));
        if (load.perSecond() == 0 || load.failed() > 0 && options.contains("-H")) {
            throw new BenchException(what + ":\n" + output);
        }
        return load;
    }

    private String wrk(int port, String path, List<String> options, int seconds) throws IOException, InterruptedException {
        Path output = work.newFolder("wrk").resolve("output");
        List<String> command = new ArrayList<>(List.of("wrk", "-t2", "-c" + CONNECTIONS, "-d" + seconds + "s", "--latency"));
        command.addAll(options);
        command.add("http://127.0.0.1:" + port + path);
        Run.of(work.log(), work.command(command.toArray(String[]::new)).redirectOutput(output.toFile()));
        return Files.readString(output);
    }

    /** {@code 99%  3.50ms}: a number with us, ms or s. */
    private static double slowest(String output) {
        Matcher matcher = Pattern.compile("99%\\s+([\\d.]+)(us|ms|s)").matcher(output);
        if (!matcher.find()) {
            return 0;
        }
        double number = Double.parseDouble(matcher.group(1));
        return switch (matcher.group(2)) {
            case "us" -> number / 1e6;
            case "ms" -> number / 1e3;
            default -> number;
        };
    }

    private static double number(String output, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(output);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }

    @Override
    public void close() {
        Workplace.stop(yardstick.toHandle());
    }
}
