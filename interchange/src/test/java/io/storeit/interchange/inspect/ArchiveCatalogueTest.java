package io.storeit.interchange.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.FixtureArchivesTest;
import io.storeit.interchange.archive.Forge;
import io.storeit.interchange.archive.RandomHousehold;
import io.storeit.interchange.archive.ReadBack;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.inspect.ArchiveCatalogue.Hit;
import io.storeit.interchange.inspect.ArchiveCatalogue.Line;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveCatalogueTest {

    private static final Path FIXTURE = FixtureArchivesTest.FIXTURES.resolve("schema2-v0.2.1/with-images.storeit");
    private static final Set<String> BROKEN = Set.of("bad-bit-flipped", "bad-doubled-key", "bad-image-key", "bad-missing-manifest",
            "bad-missing-table", "bad-truncated", "bad-unknown-format", "bad-wrong-count", "bad-wrong-type");
    private static final int ALL = Integer.MAX_VALUE;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"schema2-v0.2.1/with-images.storeit", "schema1-v0.1.0/without-images.storeit", "legacy-gzip/backup.tar.gz"})
    void everythingIsListedOnceWithTheWayToIt(String fixture) throws Exception {
        Path archive = FixtureArchivesTest.FIXTURES.resolve(fixture);
        Map<String, List<String>> expected = paths(ReadBack.of(archive));
        var found = new HashMap<String, List<String>>();

        List<Line> lines = walk(archive, ALL);

        lines.forEach(line -> assertThat(found.put(line.table() + line.id(), line.path())).as(line.toString()).isNull());
        assertThat(found).isEqualTo(expected).hasSizeGreaterThan(318);
        assertThat(lines).allMatch(line -> line.depth() == line.path().size() && line.inside() == 0);
        assertThat(lines.stream().mapToLong(Line::photos).sum()).as("one of 31 belongs to nothing").isEqualTo(30);
    }

    @Test
    void eachThingFollowsThePlaceItLiesIn() {
        var open = new ArrayList<String>();
        for (Line line : walk(FIXTURE, ALL)) {
            assertThat(line.path()).as(line.toString()).isEqualTo(open.subList(0, line.depth()));
            open.subList(line.depth(), open.size()).clear();
            open.add(line.name());
        }
    }

    @Test
    void aPlaceThatIsNotGoneIntoTellsHowManyThingsAreInIt() {
        long all = walk(FIXTURE, ALL).size();
        for (int deepest = 0; deepest < 4; deepest++) {
            List<Line> lines = walk(FIXTURE, deepest);
            int depth = deepest;
            assertThat(lines).isNotEmpty().allMatch(line -> line.depth() <= depth);
            assertThat(lines.size() + lines.stream().mapToLong(Line::inside).sum()).isEqualTo(all);
        }
    }

    @Test
    void nothingIsLostThatLiesInAPlaceThatDoesNotExistAndTheRestIsCounted() {
        var household = new RandomHousehold(5, 2, 40);
        List<ObjectNode> locations = household.of(Table.LOCATIONS);
        locations.forEach(location -> location.putNull("parent_id"));
        locations.get(1).put("parent_id", "00000000-0000-4000-8000-00000000dead").put("name", "orphan");
        ObjectNode turning = add(household, Table.LOCATIONS, "turning");
        turning.set("parent_id", turning.get("id"));

        try (var catalogue = ArchiveCatalogue.open(Forge.of(household).write(folder), false, Progress.NONE)) {
            var lines = new ArrayList<Line>();
            assertThat(catalogue.walk(ALL, lines::add)).isEqualTo(1);
            assertThat(lines).filteredOn(line -> line.name().equals("orphan")).singleElement().matches(line -> line.depth() == 0);
            assertThat(lines).noneMatch(line -> line.name().equals("turning"))
                    .hasSize(locations.size() + household.of(Table.CONTAINERS).size() + household.of(Table.ITEMS).size() - 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "drill,            names",
        "DRILL,            names",
        "drills,           names with another ending",
        "power dri,        an unfinished last word and one of the description",
        "electroni,        the beginning of a word that the index shortens",
        "trepan,           aliases",
        "masonry,          keywords",
        "'\"hammer drill\"', a phrase",
        "toolz,            categories",
        "ecrou,            words with accents",
    })
    void searchesAsAServerDoes(String text, String what) {
        var household = new RandomHousehold(6, 2, 20);
        ObjectNode drill = add(household, Table.ITEMS, "Cordless hammer drill, écrou");
        drill.put("description", "Power tool with electronics").put("category", "toolz").put("quantity", 3);
        drill.putArray("aliases").add("trepan");
        drill.putArray("keywords").add("masonry");
        household.of(Table.CONTAINERS).get(0).put("name", "Box of tools");
        drill.set("container_id", household.of(Table.CONTAINERS).get(0).get("id"));
        drill.putNull("location_id");
        Path archive = Forge.of(household).write(folder);

        try (var catalogue = ArchiveCatalogue.open(archive, true, Progress.NONE)) {
            assertThat(catalogue.find(text, 100).hits()).as(what).extracting(Hit::id).contains(drill.get("id").textValue());
            Hit hit = catalogue.find(text, 100).hits().stream().filter(each -> each.id().equals(drill.get("id").textValue())).findFirst().orElseThrow();
            assertThat(hit.path()).endsWith("Box of tools");
            assertThat(hit.row().get("quantity").intValue()).isEqualTo(3);
        }
    }

    @Test
    void ofManyHitsTheBestAreToldAndTheirNumber() {
        try (var catalogue = ArchiveCatalogue.open(FIXTURE, true, Progress.NONE)) {
            var all = catalogue.find("drill*", ALL);
            var few = catalogue.find("drill*", 2);
            assertThat(all.total()).isEqualTo(all.hits().size()).isGreaterThan(2);
            assertThat(few.total()).isEqualTo(all.total());
            assertThat(few.hits()).isEqualTo(all.hits().subList(0, 2));
            assertThat(catalogue.find("  *** ", ALL).total()).isZero();
            assertThat(catalogue.find("xyzzyplugh", ALL).hits()).isEmpty();
        }
    }

    @Test
    void anArchiveOfANewerSchemaIsRefused() {
        Path newer = Forge.empty().replace("backup/manifest.json",
                "{\"format_version\":2,\"schema_version\":" + (SchemaTransforms.newest() + 1) + "}").write(folder);
        assertThatThrownBy(() -> ArchiveCatalogue.open(newer, false, Progress.NONE)).isInstanceOf(ArchiveException.class)
                .hasMessageContaining("schema version");
    }

    /** What is broken only behind the rows, where pictures are, is not looked at. */
    @ParameterizedTest
    @MethodSource("io.storeit.interchange.archive.GoldenArchivesTest#cases")
    void goldenArchivesAreListedWholeAndBrokenOnesRefused(String name) {
        Path archive = Path.of("src/test/resources/golden", name + ".storeit");
        ThrowingCallable open = () -> ArchiveCatalogue.open(archive, true, Progress.NONE).close();
        if (BROKEN.contains(name)) {
            assertThatThrownBy(open).isInstanceOf(ArchiveException.class);
            return;
        }
        try (var catalogue = ArchiveCatalogue.open(archive, true, Progress.NONE)) {
            var lines = new ArrayList<Line>();
            assertThat(catalogue.walk(ALL, lines::add)).isZero();
            Map<Table, Long> counts = catalogue.counts();
            assertThat(lines).hasSize((int) (counts.get(Table.LOCATIONS) + counts.get(Table.CONTAINERS) + counts.get(Table.ITEMS)));
        }
    }

    @Test
    void imagesAreNotRead() {
        var household = new RandomHousehold(7, 2, 30);
        String key = household.images.keySet().iterator().next();
        Path damaged = Forge.of(household).replace("backup/images/" + key, new byte[] {1}).write(folder);
        try (var catalogue = ArchiveCatalogue.open(damaged, false, Progress.NONE)) {
            assertThat(catalogue.counts()).containsEntry(Table.ITEMS, 30L);
        }
    }

    private static List<Line> walk(Path archive, int deepest) {
        var lines = new ArrayList<Line>();
        try (var catalogue = ArchiveCatalogue.open(archive, false, Progress.NONE)) {
            assertThat(catalogue.walk(deepest, lines::add)).isZero();
        }
        return lines;
    }

    /** A copy of the last record of a table under a new name and id. */
    private static ObjectNode add(RandomHousehold household, Table table, String name) {
        List<ObjectNode> rows = household.of(table);
        ObjectNode copy = rows.get(rows.size() - 1).deepCopy();
        copy.put("id", "11111111-1111-4111-8111-11111111111" + table.ordinal()).put("name", name);
        rows.add(copy);
        return copy;
    }

    /** By table and id, worked out in memory. */
    private static Map<String, List<String>> paths(ReadBack read) {
        var things = new HashMap<String, ObjectNode>();
        for (Table table : List.of(Table.LOCATIONS, Table.CONTAINERS, Table.ITEMS)) {
            read.rows.get(table).forEach(row -> things.put(row.get("id").textValue(), row.put("table", table.name())));
        }
        var paths = new HashMap<String, List<String>>();
        things.forEach((id, row) -> {
            var path = new LinkedList<String>();
            for (String up = above(row); up != null; up = above(things.get(up))) {
                path.addFirst(things.get(up).get("name").textValue());
            }
            paths.put(row.get("table").textValue() + id, path);
        });
        return paths;
    }

    private static String above(ObjectNode row) {
        for (String key : List.of("parent_id", "parent_location_id", "parent_container_id", "container_id", "location_id")) {
            if (row.hasNonNull(key)) {
                return row.get(key).textValue();
            }
        }
        return null;
    }
}
