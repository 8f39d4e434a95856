package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.server.TestServer.Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests clients that use their connection in unusual ways, or do not use it. Each gets the right answer, and the others notice
 * nothing.
 */
class ConnectionsTest {
    private static final String MIRAS_CONTAINER = "deeb7179-d64e-4343-af86-bb28d5bf8544";
    /** More clients than the server has threads of any kind. */
    private static final int MANY = 40;

    @TempDir
    Path folder;

    private final List<Socket> sockets = new ArrayList<>();
    private TestServer server;
    private Client mira;

    @BeforeEach
    void start() {
        serve(Map.of());
    }

    private void serve(Map<String, String> settings) {
        Fixture.SCHEMA_2.copyTo(folder);
        server = TestServer.in(folder, InstantSource.system(), settings);
        mira = server.login("mira", "correct horse battery");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
        Socket socket = connect();
        String create = item("piped");
        send(socket, request("GET /health", ""), request("POST /api/v1/items", create), request("GET /api/v1/nothing", ""),
                request("GET /api/v1/containers/" + MIRAS_CONTAINER + "/items", ""), close("GET /api/v1/auth/mode"));

        assertThat(statuses(readAll(socket))).containsExactly(200, 201, 404, 200, 200);
        assertThat(mira.get("/api/v1/containers/" + MIRAS_CONTAINER + "/items").body()).contains("\"piped\"");
    }

    @Test
    void aClientThatSaysItIsDoneSendingStillGetsItsAnswer() throws IOException {
        Socket socket = connect();
        send(socket, request("POST /api/v1/items", item("half closed")));
        socket.shutdownOutput();

        assertThat(statuses(readAll(socket))).containsExactly(201);
    }

    @Test
    void whatIsNoHttpIs400AndAnEndlessHeadIsCutOff() throws IOException {
        Socket socket = connect();
        send(socket, "no such thing\r\n\r\n");
        assertThat(readAll(socket)).startsWith("HTTP/1.1 400 ");

        Socket endless = connect();
        send(endless, "GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + "x".repeat(100_000));
        assertThat(statuses(readAll(endless))).doesNotContain(200);
    }

    @Test
    @DisplayName("D127: uploads that stop in the middle leave everybody else alone")
    void uploadsThatStopInTheMiddleLeaveEverybodyElseAlone() throws IOException {
        for (int i = 0; i < MANY; i++) {
            send(connect(), head("POST /api/v1/items", 5_000) + "{\"name\":");
            send(connect(), head("POST /api/v1/items", 5_000_000) + "{\"name\":\"" + "x".repeat(100_000));
            send(connect(), head("POST /api/v1/auth/local/login", 5_000) + "{");
        }

        assertThat(mira.get("/api/v1/containers").status()).isEqualTo(200);
        assertThat(mira.post("/api/v1/items", item("beside them")).status()).isEqualTo(201);
        assertThat(server.login("mira", "correct horse battery").get("/api/v1/auth/me").status()).isEqualTo(200);
    }

    @Test
    void anUploadThatBreaksOffChangesNothing() throws IOException {
        String before = mira.get("/api/v1/containers/" + MIRAS_CONTAINER + "/items").body();
        for (int length : new int[] {5_000, 5_000_000}) {
            Socket socket = connect();
            send(socket, head("POST /api/v1/items", length) + item("broken") + " ".repeat(Math.min(length, 200_000) - 1_000));
            socket.close();
        }
        assertThat(mira.post("/api/v1/items", item("whole")).status()).isEqualTo(201);
        String after = mira.get("/api/v1/containers/" + MIRAS_CONTAINER + "/items").body();
        assertThat(after).doesNotContain("broken").contains("whole").hasSizeGreaterThan(before.length());
    }

    @Test
    void whoeverHasNotLoggedInMaySendNoMoreThanALogin() {
        String login = "{\"username\":\"mira\",\"password\":\"correct horse battery\",\"x\":\"%s\"}";

        assertThat(server.anonymous().post("/api/v1/auth/local/login", login.formatted("x".repeat(65_000))).status()).isEqualTo(200);
        assertThat(server.anonymous().post("/api/v1/auth/local/login", login.formatted("x".repeat(66_000))).errorCode()).isEqualTo("PAYLOAD_TOO_LARGE");
        assertThat(mira.post("/api/v1/items", item("x\",\"x\":\"" + "x".repeat(200_000))).status()).isEqualTo(201);
    }

    @Test
    void downloadsThatNobodyTakesLeaveEverybodyElseAlone() throws IOException {
        server.close();
        // More than the operating system takes off the server's hands.
        Sqlite.execute(server.database(), "UPDATE items SET description = hex(randomblob(25000))");
        server = TestServer.in(folder);
        mira = server.login("mira", "correct horse battery");
        String job = server.token().post("/api/v1/admin/backup", "{\"include_images\":true}").json().path("job_id").textValue();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() ->
                server.token().get("/api/v1/admin/backup/" + job + "/status").json().path("status").asText().equals("complete"));
        String token = server.token().value();
        for (int i = 0; i < MANY; i++) {
            send(connectWithSmallBuffer(), "GET /api/v1/admin/backup/" + job + "/download HTTP/1.1\r\nHost: x\r\nAuthorization: " + token + "\r\n\r\n");
        }
        assertThat(mira.get("/api/v1/containers").status()).isEqualTo(200);
        assertThat(mira.post("/api/v1/items", item("beside them")).status()).isEqualTo(201);
        assertThat(server.token().get("/api/v1/admin/backup/" + job + "/download").bytes()).hasSizeGreaterThan(7_000_000);
    }

    @Test
    void whoeverKeepsTheServerWaitingIsCutOff() throws IOException {
        server.close();
        serve(Map.of("STOREIT_PATIENCE_SECONDS", "1"));
        List<String> beginnings = List.of("", "GET /health HT", head("POST /api/v1/items", 5_000) + "{",
                head("POST /api/v1/items", 5_000_000) + "x".repeat(100_000), request("GET /health", ""));
        var waiting = new ArrayList<Socket>();
        for (String beginning : beginnings) {
            Socket socket = connect();
            send(socket, beginning);
            waiting.add(socket);
        }
        for (Socket socket : waiting) {
            socket.setSoTimeout(5_000);
            // Returns at the end of the stream, which only the server can cause.
            assertThat(statuses(readAll(socket))).doesNotContain(201);
        }
        assertThat(mira.get("/api/v1/containers").status()).isEqualTo(200);
    }

    @Test
    void underLoadAndWithStalledClientsItStopsWithinTwoSecondsAndLeavesOneFile() throws Exception {
        send(connect(), head("POST /api/v1/items", 5_000) + "{");
        send(connect(), head("POST /api/v1/items", 5_000_000) + "x".repeat(100_000));
        var acknowledged = java.util.Collections.synchronizedList(new ArrayList<String>());
        var refusals = java.util.Collections.synchronizedList(new ArrayList<String>());
        var writers = new ArrayList<Thread>();
        for (int i = 0; i < 4; i++) {
            String name = "until the stop " + i + " ";
            var writer = new Thread(() -> {
                try {
                    for (int n = 0;; n++) {
                        TestServer.Answer answer = mira.post("/api/v1/items", item(name + n));
                        if (answer.status() != 201) {
                            refusals.add(answer.status() + " " + answer.errorCode());
                            return;
                        }
                        acknowledged.add(name + n);
                    }
                } catch (java.io.UncheckedIOException connectionGone) {
                    // As it should be after the stop.
                }
            });
            writers.add(writer);
            writer.start();
        }
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> acknowledged.size() > 100);

        long start = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));

        for (Thread writer : writers) {
            writer.join(5_000);
        }
        assertThat(refusals).allMatch(refusal -> refusal.equals("503 UNAVAILABLE"));
        assertThat(server.beside("-wal")).doesNotExist();
        assertThat(Sqlite.value(server.database(), "PRAGMA integrity_check")).isEqualTo("ok");
        assertThat(Sqlite.rows(server.database(), "SELECT name FROM items")).containsAll(acknowledged);
    }

    private Socket connect() throws IOException {
        return connect(new Socket());
    }

    private Socket connectWithSmallBuffer() throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(4096);
        return connect(socket);
    }

    private Socket connect(Socket socket) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket.setSoTimeout(10_000);
        sockets.add(socket);
        return socket;
    }

    private static void send(Socket socket, String... texts) throws IOException {
        socket.getOutputStream().write(String.join("", texts).getBytes(StandardCharsets.UTF_8));
    }

    private static String readAll(Socket socket) throws IOException {
        var all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        try {
            in.transferTo(all);
        } catch (java.net.SocketException reset) {
            // Cut off with something unread; what came before counts.
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static List<Integer> statuses(String answers) {
        return java.util.regex.Pattern.compile("HTTP/1\\.1 (\\d{3}) ").matcher(answers).results().map(match -> Integer.valueOf(match.group(1))).toList();
    }

    private String request(String line, String body) {
        return head(line, body.length()) + body;
    }

    private String close(String line) {
        return line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    }

    private String head(String line, int length) {
        return line + " HTTP/1.1\r\nHost: x\r\nCookie: " + mira.value() + "\r\n"
                + (length == 0 ? "" : "Content-Type: application/json\r\nContent-Length: " + length + "\r\n") + "\r\n";
    }

    private static String item(String name) {
        return "{\"parent_type\":\"container\",\"parent_id\":\"" + MIRAS_CONTAINER + "\",\"name\":\"" + name + "\"}";
    }
}
