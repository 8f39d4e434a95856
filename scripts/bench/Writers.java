package io.storeit.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that add items without a break, each item once and under a name of its own, and remember which the server acknowledged. */
final class Writers {

    private static final int WRITERS = 3;
    private static final int LONGEST_WAIT_SECONDS = 20;
    private static final String PREFIX = "written during an upgrade ";

    private final Http http;
    private final String container;
    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicInteger lastNumber = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    Writers(Http http) throws IOException {
        this.http = http;
        container = http.get("/api/v1/containers", http.login()).json().get(0).get("id").asText();
        for (int i = 0; i < WRITERS; i++) {
            var thread = new Thread(this::write, "writer " + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** What became of the acknowledged writes: how many there were, how many are not in the database, how many twice. */
    record Outcome(int acknowledged, int lost, int doubled) {}

    private void write() {
        String cookie = "";
        while (!over) {
            String name = PREFIX + lastNumber.incrementAndGet();
            try {
                int status = http.post("/api/v1/items", cookie, Map.of("parent_type", "container", "parent_id", container, "name", name)).status();
                if (status == 200 || status == 201) {
                    acknowledged.add(name);
                } else if (status == 401) {
                    cookie = http.login();
                }
                Thread.sleep(status < 300 ? 1 : 20);
            } catch (IOException e) {
                pause(); // the server is away
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until so many more writes were acknowledged. */
    void awaitMore(int writes) throws InterruptedException {
        int enough = acknowledged.size() + writes;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS);
        while (acknowledged.size() < enough) {
            if (System.nanoTime() > deadline) {
                throw new BenchException("fewer than " + writes + " writes were acknowledged within " + LONGEST_WAIT_SECONDS + " s");
            }
            Thread.sleep(10);
        }
    }

    void stop() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Looks for every acknowledged item with plain SQL in the database of a server that was stopped. */
    Outcome outcome(Path database) throws SQLException {
        Map<String, Integer> found = new HashMap<>();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var query = connection.prepareStatement("SELECT name, count(*) FROM items WHERE name LIKE ? GROUP BY name")) {
            query.setString(1, PREFIX + "%");
            var rows = query.executeQuery();
            while (rows.next()) {
                found.put(rows.getString(1), rows.getInt(2));
            }
        }
        int lost = (int) acknowledged.stream().filter(name -> !found.containsKey(name)).count();
        int doubled = (int) found.values().stream().filter(times -> times > 1).count();
        return new Outcome(acknowledged.size(), lost, doubled);
    }
}
