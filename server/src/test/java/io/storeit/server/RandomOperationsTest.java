package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.server.TestServer.Answer;
import io.storeit.server.TestServer.Client;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight clients of two households send random requests, also about each other's records, while one backup follows the other. No
 * client meets an internal error, and in the end the data is consistent.
 */
@Tag("process")
class RandomOperationsTest {
    private static final int CLIENTS = 8;
    private static final int OPERATIONS = 10_000;
    /** The expected statuses: success, or that the record is removed, in use, full or unsuitable. */
    private static final Set<Integer> EXPECTED = Set.of(200, 201, 204, 400, 404, 409);
    private static final List<byte[]> PICTURES = IntStream.range(1, 7).mapToObj(size -> Images.png(size, 2)).toList();
    private static final List<String> KINDS = List.of("location", "container", "item", "photo", "nfc-tag");

    private final long seed = System.nanoTime();
    /** The ids of all records that any client has made, by kind, including deleted ones. */
    private final Map<String, List<String>> made = KINDS.stream()
            .collect(Collectors.toMap(kind -> kind, kind -> new CopyOnWriteArrayList<>(List.of(Household.UNKNOWN_ID))));
    private final AtomicInteger left = new AtomicInteger(OPERATIONS);
    private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();

    @TempDir
    Path folder;

    @Test
    void tenThousandRandomOperationsOfEightClientsLeaveEverythingConsistent() throws Exception {
        Fixture.SCHEMA_2.copyTo(folder);
        Set<String> filesBefore = imageFiles();
        List<String> lostBefore = containersOutsideOfEverything();
        List<String> hangingBefore = hangingOnNothing();
        made.get("location").add(Household.MIRAS_LOCATION);
        made.get("container").add(Household.MIRAS_CONTAINER);
        int backups;
        try (TestServer server = TestServer.in(folder)) {
            backups = run(server);
        }

        System.err.println("random operations: seed " + seed + ", answers " + statuses + ", backups " + backups);
        assertThat(backups).isPositive();
        assertThat(statuses.keySet()).as("seed " + seed).contains(200, 201, 204, 404, 409);
        assertThat(value("PRAGMA integrity_check")).isEqualTo("ok");
        assertThat(rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(containersOutsideOfEverything()).as("in a cycle").isEqualTo(lostBefore);
        assertThat(hangingOnNothing()).isEqualTo(hangingBefore);
        assertImagesFit(filesBefore);
        assertIndexFits();
    }

    /** @return the number of backups that were made meanwhile */
    private int run(TestServer server) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS + 1);
        try {
            var over = new AtomicBoolean();
            Future<Integer> backups = threads.submit(() -> backUpUntil(server, over));
            List<Callable<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Client client = i % 4 == 3 ? Household.zoe(server) : Household.mira(server);
                var random = new Random(seed + i);
                clients.add(() -> {
                    while (left.getAndDecrement() > 0) {
                        operate(client, random);
                    }
                    return null;
                });
            }
            for (Future<Void> client : threads.invokeAll(clients, 2, TimeUnit.MINUTES)) {
                client.get();
            }
            over.set(true);
            return backups.get(30, TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
    }

    private static int backUpUntil(TestServer server, AtomicBoolean over) {
        Client admin = server.token();
        int backups = 0;
        do {
            String job = admin.post("/api/v1/admin/backup", "{\"include_images\":false}").json().path("job_id").textValue();
            Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(500)).until(() -> {
                String status = admin.get("/api/v1/admin/backup/" + job + "/status").json().path("status").asText();
                assertThat(status).isNotEqualTo("failed");
                return status.equals("complete");
            });
            assertThat(admin.send("DELETE", "/api/v1/admin/backup/" + job).status()).isLessThan(300);
            backups++;
        } while (!over.get());
        return backups;
    }

    private void operate(Client client, Random random) {
        String name = "n" + random.nextInt(50) + " thing";
        String kind = KINDS.get(random.nextInt(3));
        String place = KINDS.get(random.nextInt(2));
        String in = "\"%s_type\":\"" + place + "\",\"%s_id\":\"" + any(place, random) + "\"";
        String parent = in.replace("%s", "parent");
        switch (random.nextInt(20)) {
            case 0, 1 -> make(client, "location", "{\"name\":\"" + name + "\",\"parent_id\":\"" + any("location", random) + "\"}");
            case 2, 3, 4 -> make(client, "container", "{\"name\":\"" + name + "\"," + parent + "}");
            case 5, 6 -> make(client, "item", "{\"name\":\"" + name + "\",\"keywords\":[\"k" + random.nextInt(9) + "\"]," + parent + "}");
            case 7 -> tell(client.post("/api/v1/items/batch", "[{\"name\":\"" + name + "\"," + parent + "},{\"name\":\"b\"," + parent + "}]"));
            case 8, 9 -> tell(client.send("PUT", path(kind, random), json("{\"name\":\"" + name + " renamed\",\"description\":null}"), "application/json"));
            case 10, 11, 12 -> tell(client.post(path("container", random) + "/move", "{" + in.replace("%s", "target") + "}"));
            case 13 -> tell(client.post(path("item", random) + "/move", "{" + in.replace("%s", "target") + "}"));
            case 14 -> tell(client.send("DELETE", path(kind, random)));
            case 15 -> keep("photo", new Form().text("entity_type", kind).text("entity_id", any(kind, random))
                    .file(PICTURES.get(random.nextInt(PICTURES.size())), "image/png").post(client, "/api/v1/photos"));
            case 16 -> tell(random.nextBoolean() ? client.send("DELETE", path("photo", random)) : client.get(path("photo", random) + "/thumbnail"));
            case 17 -> make(client, "nfc-tag", "{\"tag_uri\":\"nfc://" + random.nextInt(200) + "\"}");
            case 18 -> tell(client.send("PUT", path("nfc-tag", random) + "/assign",
                    json("{\"entity_type\":\"" + place + "\",\"entity_id\":\"" + any(place, random) + "\"}"), "application/json"));
            default -> {
                tell(client.get("/api/v1/search?q=" + name.substring(0, 2)));
                tell(client.get(path("container", random) + "/ancestry"));
                tell(client.get("/api/v1/locations/tree"));
            }
        }
    }

    private void make(Client client, String kind, String body) {
        keep(kind, client.post("/api/v1/" + kind + "s", body));
    }

    private void keep(String kind, Answer answer) {
        tell(answer);
        if (answer.status() == 201) {
            made.get(kind).add(answer.json().path("id").textValue());
        }
    }

    private void tell(Answer answer) {
        assertThat(EXPECTED).as(() -> "seed " + seed + ": " + answer.status() + " " + answer.body()).contains(answer.status());
        statuses.computeIfAbsent(answer.status(), status -> new AtomicInteger()).incrementAndGet();
    }

    private String path(String kind, Random random) {
        return "/api/v1/" + kind + "s/" + any(kind, random);
    }

    /** Chooses a record, preferably a recent one, which is more often still there and inside others. */
    private String any(String kind, Random random) {
        List<String> ids = made.get(kind);
        int newest = ids.size();
        return ids.get(newest - 1 - random.nextInt(Math.min(newest, 60)));
    }

    private static java.net.http.HttpRequest.BodyPublisher json(String body) {
        return java.net.http.HttpRequest.BodyPublishers.ofString(body);
    }

    /** Lists containers that no path connects with a location: in a cycle, or in nothing. */
    private List<String> containersOutsideOfEverything() {
        return rows("""
                WITH RECURSIVE inside(id) AS (
                    SELECT id FROM containers WHERE parent_location_id IS NOT NULL
                    UNION SELECT c.id FROM containers c JOIN inside ON c.parent_container_id = inside.id)
                SELECT id FROM containers WHERE id NOT IN inside ORDER BY id""");
    }

    /** Lists photos and tags of records that do not exist. */
    private List<String> hangingOnNothing() {
        return rows("""
                SELECT id FROM (SELECT id, entity_id FROM photos UNION SELECT id, entity_id FROM nfc_tags WHERE entity_id IS NOT NULL)
                WHERE entity_id NOT IN (SELECT id FROM locations UNION SELECT id FROM containers UNION SELECT id FROM items) ORDER BY id""");
    }

    private void assertImagesFit(Set<String> filesBefore) {
        Set<String> named = new HashSet<>(rows("""
                SELECT storage_key FROM photos UNION SELECT thumbnail_key FROM photos WHERE thumbnail_key IS NOT NULL
                UNION SELECT large_key FROM photos WHERE large_key IS NOT NULL"""));
        Set<String> deferred = new HashSet<>(rows("SELECT substr(key, length('removed_image:') + 1) FROM _meta WHERE key LIKE 'removed_image:%'"));
        Set<String> files = imageFiles();

        Set<String> stems = Stream.concat(named.stream(), deferred.stream()).map(RandomOperationsTest::stem).collect(Collectors.toSet());
        Set<String> orphans = new TreeSet<>(files);
        orphans.removeAll(filesBefore);
        orphans.removeIf(file -> stems.contains(stem(file)));
        assertThat(orphans).as("image files nobody knows").isEmpty();
        Set<String> missing = new TreeSet<>(named);
        missing.removeAll(files);
        assertThat(missing).as("photos without their file").isEmpty();
    }

    /** Returns the part of a key that the names of its variants share. */
    private static String stem(String key) {
        return key.replaceFirst("(_thumb)?\\.\\w+$", "");
    }

    private Set<String> imageFiles() {
        Path images = folder.resolve("images");
        try (Stream<Path> files = Files.walk(images)) {
            return files.filter(Files::isRegularFile).map(file -> images.relativize(file).toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertIndexFits() {
        String index = "SELECT entity_type, entity_id, group_id, searchable_text FROM search_index ORDER BY entity_type, entity_id, searchable_text";
        List<String> written = rows(index);
        assertThat(Program.run(folder, "reindex").exit()).isZero();
        assertThat(written).isEqualTo(rows(index));
    }

    private List<String> rows(String query) {
        return Sqlite.rows(folder.resolve("storeit.db"), query);
    }

    private String value(String query) {
        return Sqlite.value(folder.resolve("storeit.db"), query);
    }
}
