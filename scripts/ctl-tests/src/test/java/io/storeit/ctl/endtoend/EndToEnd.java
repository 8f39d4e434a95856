package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ctl.endtoend.HouseholdComparison.Household;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine of its own for each test, with nothing of it left running afterwards. On the second Java only those with the tag
 * {@code every-java}: a slice through everything that programs of ours do.
 */
@Tag("process")
@Tag("once")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
abstract class EndToEnd {
    @TempDir
    Path folder;

    Machine machine;
    /** The rows and photos when the test began. */
    Household before;
    Map<String, String> photos;

    /** A machine with this release serving the fixture household of its schema. */
    Machine running(Release release) {
        with(release).start();
        return machine;
    }

    /** Nothing but the tool, for what needs no installation. */
    Machine bare() {
        machine = Machine.bare(folder);
        return machine;
    }

    Machine with(Release release) {
        machine = Machine.with(release, folder);
        before = machine.household();
        photos = machine.imageFiles();
        return machine;
    }

    /** Serving, with every row and every photo there was when the test began. */
    void assertServesEverything(Release release) {
        machine.assertServes(release, before);
        assertThat(machine.servingSchema()).isEqualTo(release.schema);
        assertThat(machine.imageFiles()).containsAllEntriesOf(photos);
        assertThat(machine.login(Machine.ADMINISTRATOR, Machine.PASSWORD)).as("login of the administrator").isPresent();
    }

    /** All but the administrator's have the hash the server of the fixture made. */
    void assertPasswordsWork() {
        for (var user : Map.of("admin", "changeme", "mira", "correct horse battery", "joão", "pässwörd ✓", "zoe", "z".repeat(100))
                .entrySet()) {
            assertThat(machine.login(user.getKey(), user.getValue())).as("login of " + user.getKey()).isPresent();
        }
    }

    /** Adds an item as the administrator would, and returns its id. */
    String addItem(String name) {
        var cookie = machine.login(Machine.ADMINISTRATOR, Machine.PASSWORD).orElseThrow();
        var container = Machine.json(machine.get("/api/v1/containers", cookie).orElseThrow().body()).path(0).path("id").asText();
        var answer = machine.post("/api/v1/items", cookie, Machine.object(Map.of("parent_type", "container", "parent_id", container,
                "name", name)).toString()).orElseThrow();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return Machine.json(answer.body()).path("id").asText();
    }

    @AfterEach
    void endEverything() {
        if (machine != null) {
            machine.close();
        }
    }
}
