package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestLogTest {
    private final Logger log = Logger.getLogger("io.storeit.server.http.RequestLog");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            lines.add(record.getLevel() + " " + record.getMessage());
        }

        @Override
        public void flush() {
        }

        @Override
        public void close() {
        }
    };

    @TempDir
    Path folder;

    @BeforeEach
    void listen() {
        handler.setLevel(Level.ALL);
        log.setLevel(Level.FINE);
        log.setUseParentHandlers(false);
        log.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        log.removeHandler(handler);
        log.setUseParentHandlers(true);
        log.setLevel(null);
    }

    @Test
    void aRequestIsOneLineThatNamesNeitherQueryNorBodyNorTokenAndCannotBeBroken() {
        try (TestServer server = TestServer.in(folder)) {
            TestServer.Client admin = server.login("admin", TestServer.ADMIN_PASSWORD);
            admin.get("/api/v1/search?q=secret");
            admin.post("/api/v1/locations", "{\"name\":\"secret\"}");
            server.token().get("/nowhere%0aforged%20line");
            Awaitility.await().until(() -> lines.size() == 4);
        }
        assertThat(lines).satisfiesExactlyInAnyOrder(
                line -> assertThat(line).matches("FINE POST /api/v1/auth/local/login 200, \\d+ bytes in \\d+ ms"),
                line -> assertThat(line).matches("FINE GET /api/v1/search 200, \\d+ bytes in \\d+ ms"),
                line -> assertThat(line).matches("FINE POST /api/v1/locations 201, \\d+ bytes in \\d+ ms"),
                line -> assertThat(line).matches("FINE GET /nowhere%0aforged%20line 404, \\d+ bytes in \\d+ ms"));
    }
}
