package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * People adding items while the server is being exchanged. Each writes one item after the other, notes those the server acknowledged,
 * logs in again when its session is void, and takes any other answer or a cut connection for "perhaps": such an item is not asked for
 * again, and may be there once or not at all.
 */
final class Writers implements AutoCloseable {
    static final String PREFIX = "written-by-";
    private static final Map<String, String> PEOPLE = Map.of("admin", "changeme", "mira", "correct horse battery", "joão", "pässwörd ✓");

    /** An item the server said it has. */
    record Acknowledged(Instant time, String id, String name) {
    }

    private final Machine machine;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stopped;
    private int attempts;

    private Writers(Machine machine) {
        this.machine = machine;
    }

    /** Three writers, each of whom has had an item acknowledged when this returns. */
    static Writers start(Machine machine) {
        var writers = new Writers(machine);
        for (var person : PEOPLE.entrySet()) {
            var thread = new Thread(() -> writers.write(person.getKey(), person.getValue()), "writer " + person.getKey());
            thread.setUncaughtExceptionHandler((ended, cause) -> writers.failure.set(cause));
            thread.start();
            writers.threads.add(thread);
        }
        for (var person : PEOPLE.keySet()) {
            Waiting.until("an item of " + person, () -> writers.snapshot().stream()
                    .anyMatch(item -> item.name().startsWith(PREFIX + person)));
        }
        return writers;
    }

    private void write(String person, String password) {
        String cookie = null;
        String container = null;
        for (var number = 0; !stopped; number++) {
            if (cookie == null) {
                cookie = machine.login(person, password).orElse(null);
                container = cookie == null ? null : container(cookie);
                if (container == null) {
                    cookie = null;
                    Waiting.pause(20);
                    continue;
                }
            }
            var name = "%s%s-%06d".formatted(PREFIX, person, number);
            var body = Machine.object(Map.of("parent_type", "container", "parent_id", container, "name", name)).toString();
            synchronized (acknowledged) {
                attempts++;
            }
            var answer = machine.post("/api/v1/items", cookie, body);
            var status = answer.map(response -> response.statusCode()).orElse(0);
            if (status == 201) {
                var id = Machine.json(answer.get().body()).path("id").asText();
                synchronized (acknowledged) {
                    acknowledged.add(new Acknowledged(Instant.now(), id, name));
                }
            } else if (status == 401) {
                cookie = null;
            }
            Waiting.pause(status == 201 ? 40 : 20);
        }
    }

    /** The first container of the person's group; null when the server does not say. */
    private String container(String cookie) {
        return machine.get("/api/v1/containers", cookie).filter(answer -> answer.statusCode() == 200)
                .map(answer -> Machine.json(answer.body()).path(0).path("id").asText()).filter(id -> !id.isEmpty()).orElse(null);
    }

    List<Acknowledged> snapshot() {
        synchronized (acknowledged) {
            return List.copyOf(acknowledged);
        }
    }

    /** Waits until a writer has been acknowledged once more, by whichever version serves now. */
    void awaitAnother() {
        var before = snapshot().size();
        Waiting.until("another acknowledged item", () -> snapshot().size() > before);
    }

    long acknowledgedBetween(Instant from, Instant to) {
        return snapshot().stream().filter(item -> !item.time().isBefore(from) && item.time().isBefore(to)).count();
    }

    /** Ends the writers; the last request of each is answered. */
    List<Acknowledged> stop() {
        stopped = true;
        for (var thread : threads) {
            try {
                thread.join(Waiting.LIMIT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        assertThat(failure.get()).as("a writer's own failure").isNull();
        return snapshot();
    }

    /** Of what was acknowledged nothing is missing, of all that was tried nothing is there twice, by SQL, in table and index. */
    void assertNothingLostOrDoubled() {
        var written = stop();
        var items = new HashMap<String, String>();
        for (var row : HouseholdComparison.query(machine.database, "SELECT id, name FROM items WHERE name LIKE '%s%%'".formatted(PREFIX))) {
            var parts = row.split(" \\| ");
            items.put(parts[0].substring("id=".length()), parts[1].substring("name=".length()));
        }
        for (var item : written) {
            assertThat(items).as("items, of %d acknowledged", written.size()).containsEntry(item.id(), item.name());
        }
        assertThat(items.values()).doesNotHaveDuplicates();
        assertThat(items.size()).isBetween(written.size(), attempts);
        assertThat(HouseholdComparison.query(machine.database,
                "SELECT searchable_text FROM search_index WHERE searchable_text LIKE '%s%%'".formatted(PREFIX)))
                .hasSameSizeAs(items.values()).doesNotHaveDuplicates();
    }

    @Override
    public void close() {
        stop();
    }
}
