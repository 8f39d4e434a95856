package io.storeit.interchange.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.Forge;
import io.storeit.interchange.archive.RandomHousehold;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.inspect.ArchiveDifference.Change;
import io.storeit.interchange.inspect.ArchiveDifference.Field;
import io.storeit.interchange.inspect.ArchiveDifference.Kind;
import io.storeit.interchange.inspect.RecordDifference.Difference;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.transfer.ArchiveConverter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveDifferenceTest {

    private static final int ALL = Integer.MAX_VALUE;

    private final RandomHousehold before = new RandomHousehold(31, 2, 60);
    /** The same content again, to be changed. */
    private final RandomHousehold after = new RandomHousehold(31, 2, 60);

    @TempDir
    Path folder;

    @Test
    void theSameContentHasNoDifferenceWhateverItsOrder() {
        assertThat(changes()).isEmpty();
        Path shuffled = Forge.of(after).shuffle(8).write(folder);
        assertThat(changes(Forge.of(before).write(folder), shuffled)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void theSameContentInAnotherSchemaHasNoDifference(long seed) {
        for (int from = SchemaTransforms.OLDEST; from <= SchemaTransforms.newest(); from++) {
            Path original = Forge.of(new RandomHousehold(seed, from, 30)).write(folder);
            for (int to = from; to <= SchemaTransforms.newest(); to++) {
                Path converted = folder.resolve("converted.storeit");
                ArchiveConverter.convert(original, converted, new ArchiveConverter.Options(to, null, false), Progress.NONE);
                assertThat(changes(original, converted)).as("%d to %d", from, to).isEmpty();
                assertThat(changes(converted, original)).as("%d to %d", to, from).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void findsExactlyWhatWasDone(long seed) {
        var random = new Random(seed);
        var expected = new HashSet<String>();
        for (Table table : List.of(Table.USERS, Table.LOCATIONS, Table.CONTAINERS, Table.ITEMS, Table.PHOTOS, Table.NFC_TAGS)) {
            var rows = after.of(table);
            for (ObjectNode row : List.copyOf(rows)) {
                String id = row.get("id").textValue();
                switch (random.nextInt(4)) {
                    case 0 -> {
                        rows.remove(row);
                        expected.add(table + " REMOVED " + id);
                    }
                    case 1 -> {
                        row.put("created_at", "2031-01-01T00:00:00.000Z");
                        expected.add(table + " CHANGED " + id);
                    }
                    case 2 -> {
                        String added = new UUID(random.nextLong(), random.nextLong()).toString();
                        rows.add(row.deepCopy().put("id", added));
                        expected.add(table + " ADDED " + added);
                    }
                    default -> row.put("unknown", "nobody looks at it");
                }
            }
        }
        // References to what was removed do not matter here; only verification and import look at them.
        List<Change> changes = changes();

        Set<String> found = new HashSet<>();
        changes.forEach(change -> assertThat(found.add(change.table() + " " + change.kind() + " " + change.id())).isTrue());
        assertThat(found).as("seed %d", seed).isEqualTo(expected);
        assertThat(changes).filteredOn(change -> change.kind() == Kind.CHANGED)
                .allSatisfy(change -> assertThat(change.fields()).extracting(Field::name).containsExactly("created_at"));
    }

    @Test
    void tellsTheValuesBeforeAndAfter() {
        ObjectNode item = after.of(Table.ITEMS).get(3);
        item.put("name", "Drill").put("quantity", 7).putNull("description");
        before.of(Table.ITEMS).get(3).put("description", "old").put("quantity", 1);

        Change change = changes().get(0);

        assertThat(change.table()).isEqualTo(Table.ITEMS);
        assertThat(change.name()).isEqualTo("Drill");
        assertThat(change.from()).as("it was not moved").isNull();
        assertThat(change.fields()).contains(
                new Field("description", JsonNodeFactory.instance.textNode("old"), null),
                new Field("quantity", JsonNodeFactory.instance.numberNode(1), JsonNodeFactory.instance.numberNode(7)));
    }

    @Test
    void tellsWhereAMovedThingWasAndIs() {
        for (RandomHousehold household : List.of(before, after)) {
            for (int i = 0; i < 2; i++) {
                household.of(Table.LOCATIONS).get(i).putNull("parent_id").put("name", List.of("House", "Cellar").get(i));
            }
            household.of(Table.CONTAINERS).get(0).putNull("parent_container_id").put("name", "Box")
                    .set("parent_location_id", household.of(Table.LOCATIONS).get(0).get("id"));
        }
        before.of(Table.ITEMS).get(0).putNull("location_id").set("container_id", before.of(Table.CONTAINERS).get(0).get("id"));
        after.of(Table.ITEMS).get(0).putNull("container_id").set("location_id", after.of(Table.LOCATIONS).get(1).get("id"));

        assertThat(changes()).singleElement().satisfies(change -> {
            assertThat(change.from()).containsExactly("House", "Box");
            assertThat(change.path()).containsExactly("Cellar");
            assertThat(change.fields()).extracting(Field::name).containsExactlyInAnyOrder("container_id", "location_id");
        });
    }

    @Test
    void photosAreNamedForWhatTheyShowAndMembershipsForWhoIsWhere() {
        ObjectNode item = before.of(Table.ITEMS).get(0).put("name", "Drill");
        after.of(Table.ITEMS).get(0).put("name", "Drill");
        for (RandomHousehold household : List.of(before, after)) {
            household.of(Table.PHOTOS).get(0).put("entity_type", "item").set("entity_id", item.get("id"));
            household.of(Table.PHOTOS).get(1).put("entity_type", "item").set("entity_id", item.get("id"));
        }
        before.of(Table.PHOTOS).remove(0);
        after.of(Table.PHOTOS).remove(1);
        after.of(Table.MEMBERSHIPS).remove(2);

        List<Change> changes = changes();

        assertThat(changes).filteredOn(change -> change.table() == Table.PHOTOS).extracting(Change::name).containsExactly("Drill", "Drill");
        assertThat(changes).filteredOn(change -> change.table() == Table.MEMBERSHIPS).extracting(Change::name)
                .containsExactly("local:user2 in group 2");
    }

    @Test
    void passwordHashesAreNotTold() {
        before.of(Table.USERS).get(0).put("_password_hash", "$2b$12$WApznUPhDubN0oeveSXHp.Rk0rMQQ8Pn8y5fTTzGPQJKRlyZ7fYa6");
        after.of(Table.USERS).get(0).put("_password_hash", "secret");
        after.of(Table.USERS).remove(2);
        assertThat(changes()).hasSize(2).allSatisfy(change -> assertThat(change.toString()).doesNotContain("$2b$", "secret"));
        assertThat(changes().get(0).text()).endsWith(": password changed");
        assertThat(changes().get(0).fields()).containsExactly(
                new Field("_password_hash", JsonNodeFactory.instance.textNode("bcrypt"), JsonNodeFactory.instance.textNode("unknown")));
    }

    @Test
    void whatTheDigestLeavesOutIsNoDifference() {
        after.of(Table.SETTINGS).removeIf(row -> true);
        before.of(Table.SETTINGS).removeIf(row -> true);
        after.of(Table.SETTINGS).add(JsonNodeFactory.instance.objectNode().put("key", "image_storage_path").put("value", "/elsewhere"));
        ObjectNode seeded = after.of(Table.GROUPS).get(0).deepCopy();
        after.of(Table.GROUPS).add(seeded.put("id", ContentDigest.DEFAULT_GROUP_ID).put("name", ContentDigest.DEFAULT_GROUP_NAME));
        after.of(Table.PHOTOS).get(0).putNull("thumbnail_key").putNull("large_key");
        assertThat(changes()).isEmpty();
    }

    @Test
    void countsEverythingAndTellsAsManyAsWanted() {
        after.of(Table.ITEMS).subList(0, 40).clear();
        Path one = Forge.of(before).write(folder);
        Path other = Forge.of(after).write(folder);
        try (var difference = ArchiveDifference.between(one, other, 3, Progress.NONE)) {
            var few = new ArrayList<Change>();
            difference.forEach(few::add);
            assertThat(few).hasSize(3);
            assertThat(difference.counts()).containsEntry(Table.ITEMS, new Difference(0, 40, 0)).containsEntry(Table.USERS, new Difference(0, 0, 0));
            assertThat(difference.isEmpty()).isFalse();
        }
    }

    @Test
    void anIdThatIsThereTwiceIsMetTwice() {
        before.of(Table.ITEMS).add(before.of(Table.ITEMS).get(0));
        assertThat(changes()).singleElement().matches(change -> change.kind() == Kind.REMOVED);
    }

    @Test
    void aDamagedOrNewerArchiveIsRefused() {
        Path good = Forge.of(before).write(folder);
        Path damaged = Forge.of(after).replace("backup/data/items.json", "[7]").write(folder);
        Path newer = Forge.empty().replace("backup/manifest.json",
                "{\"format_version\":2,\"schema_version\":" + (SchemaTransforms.newest() + 1) + "}").write(folder);
        for (Path bad : List.of(damaged, newer, folder.resolve("none.storeit"))) {
            assertThatThrownBy(() -> changes(good, bad)).isInstanceOf(ArchiveException.class);
            assertThatThrownBy(() -> changes(bad, good)).isInstanceOf(ArchiveException.class);
        }
    }

    private List<Change> changes() {
        return changes(Forge.of(before).write(folder), Forge.of(after).write(folder));
    }

    private static List<Change> changes(Path older, Path newer) {
        try (var difference = ArchiveDifference.between(older, newer, ALL, Progress.NONE)) {
            var changes = new ArrayList<Change>();
            difference.forEach(changes::add);
            assertThat(difference.isEmpty()).isEqualTo(changes.isEmpty());
            return changes;
        }
    }
}
