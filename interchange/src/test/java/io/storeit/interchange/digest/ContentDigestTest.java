package io.storeit.interchange.digest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.archive.RandomHousehold;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDigestTest {

    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);

    /**
     * Archives and databases carry these values: as long as this is version 1 of the definition, they never change.
     */
    @ParameterizedTest
    @CsvSource({
        "schema1-v0.1.0/with-images.storeit, 3c0ba8fab3ed0cdf78a389df2c1d122e6215ab3b9677074ad55eb069b9cf09f4",
        "schema2-v0.2.1/with-images.storeit, 5be7a84d650e2b5095059b1667f8bd8dd457831b69f762531ebcc35bb6eb4efc",
        "legacy-gzip/backup.tar.gz,          3c0ba8fab3ed0cdf78a389df2c1d122e6215ab3b9677074ad55eb069b9cf09f4",
    })
    void theDigestsOfRealArchivesNeverChange(String archive, String digest) throws IOException {
        assertThat(read(archive).digest().stamp()).isEqualTo("1:" + digest);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void agreesWithASecondImplementationOfTheDefinition(long seed) throws Exception {
        for (int schema = SchemaTransforms.OLDEST; schema <= SchemaTransforms.newest(); schema++) {
            var household = new RandomHousehold(seed, schema, 50);

            assertThat(digest(household)).as("seed %d, schema %d", seed, schema).isEqualTo(plainDigest(household));
        }
    }

    @Test
    void doesNotDependOnTheOrderOfRowsOrKeys() {
        var household = new RandomHousehold(9, 2, 50);
        ContentDigest.Value expected = digest(household);
        household.rows.values().forEach(rows -> Collections.shuffle(rows, new Random(1)));
        household.rows.values().forEach(rows -> rows.replaceAll(row -> {
            ObjectNode reversed = Json.MAPPER.createObjectNode();
            row.properties().stream().sorted(Map.Entry.<String, JsonNode>comparingByKey().reversed())
                    .forEach(entry -> reversed.set(entry.getKey(), entry.getValue()));
            return reversed;
        }));

        assertThat(digest(household)).isEqualTo(expected);
    }

    @Test
    void changesWithAnyValueOfAnyDigestedColumn() {
        for (Table table : Table.values()) {
            for (Column column : SchemaTransforms.columns(table, 2)) {
                var household = new RandomHousehold(1, 2, 30);
                ContentDigest.Value before = digest(household);
                ObjectNode row = household.of(table).get(table == Table.SETTINGS ? 1 : 0);
                JsonNode other = new RandomHousehold(77, 2, 30).of(table).stream().map(each -> each.path(column.key()))
                        .filter(value -> !value.isNull() && !value.equals(row.get(column.key()))).findFirst().orElse(null);
                if (other == null) {
                    other = Json.MAPPER.getNodeFactory().textNode("other");
                }
                row.set(column.key(), other);

                assertThat(digest(household).equals(before)).as("%s.%s", table, column.key()).isEqualTo(!column.digested());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[1, 1.0, 10e-1, 100]       | [1.00, 1, 1, 1e2]",
        "[0, -0, 0.0, -0.0e7]       | [0, 0, 0, 0]",
        "{\"a\": 1, \"b\": [null]}  | {\"b\": [null], \"a\": 1}",
        "[1e400, 123456789012345678901234567890] | [10e399, 123456789012345678901234567890.0]",
    })
    void freeJsonIsComparedByValue(String one, String other) throws IOException {
        assertThat(digestOfItem("ai_raw", Json.MAPPER.readTree(one))).isEqualTo(digestOfItem("ai_raw", Json.MAPPER.readTree(other)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[1]       | [\"1\"]", "[]      | {}", "[null]    | []", "[[1], 2] | [[1, 2]]", "true      | false", "[\"ab\"] | [\"a\", \"b\"]",
        "0.1       | 0.1000000000000000055511151231257827",
        "9007199254740993 | 9007199254740992", "12345678901234567890123 | 1.2345678901234568e22",
    })
    void freeJsonOfOtherValueDiffers(String one, String other) throws IOException {
        assertThat(digestOfItem("ai_raw", Json.MAPPER.readTree(one))).isNotEqualTo(digestOfItem("ai_raw", Json.MAPPER.readTree(other)));
    }

    @Test
    void equalValuesInOtherSpellingsAreEqual() {
        ObjectNode row = new RandomHousehold(2, 2, 5).of(Table.LOCATIONS).get(0);

        assertThat(digest(Table.LOCATIONS, row.deepCopy().put("latitude", -0.0))).isEqualTo(digest(Table.LOCATIONS, row.deepCopy().put("latitude", 0.0)));
        assertThat(digest(Table.LOCATIONS, row.deepCopy().put("latitude", 48))).isEqualTo(digest(Table.LOCATIONS, row.deepCopy().put("latitude", 48.0)));
        assertThat(digest(Table.LOCATIONS, row.deepCopy().put("created_at", "2026-04-02T10:15:30+02:00")))
                .isEqualTo(digest(Table.LOCATIONS, row.deepCopy().put("created_at", "2026-04-02T08:15:30.000Z")));
        ObjectNode absent = row.deepCopy();
        absent.remove("description");
        assertThat(digest(Table.LOCATIONS, absent)).isEqualTo(digest(Table.LOCATIONS, row.deepCopy().putNull("description")));
    }

    @Test
    void anUnreadableListCountsAsEmpty() throws IOException {
        String empty = digestOfItem("aliases", Json.MAPPER.readTree("[]"));

        assertThat(digestOfItem("aliases", Json.MAPPER.readTree("\"[\""))).isEqualTo(empty);
        assertThat(digestOfItem("aliases", Json.MAPPER.readTree("[\"a\", 1]"))).isEqualTo(empty);
        assertThat(digestOfItem("aliases", Json.MAPPER.readTree("[\"a\"]"))).isNotEqualTo(empty);
    }

    @Test
    void theImageFolderOfAMachineIsNoContent() {
        ObjectNode folder = Json.MAPPER.createObjectNode().put("key", "image_storage_path").put("value", "/srv/images");
        ObjectNode other = Json.MAPPER.createObjectNode().put("key", "theme").put("value", "/srv/images");

        assertThat(digest(Table.SETTINGS, folder)).isEqualTo(new ContentDigest(2).value().value());
        assertThat(digest(Table.SETTINGS, other)).isNotEqualTo(new ContentDigest(2).value().value());
    }

    @Test
    void theSeededGroupCountsOnlyWhenSomethingRefersToIt() {
        ObjectNode seeded = Json.MAPPER.createObjectNode().put("id", ContentDigest.DEFAULT_GROUP_ID).put("name", "default")
                .put("created_at", "2026-04-02T08:15:30.000Z").put("updated_at", "2026-04-02T08:15:30.000Z");
        ObjectNode renamed = seeded.deepCopy().put("name", "Home");
        String nothing = new ContentDigest(2).value().value();

        assertThat(digest(Table.GROUPS, seeded)).isEqualTo(nothing);
        assertThat(digest(Table.GROUPS, renamed)).isNotEqualTo(nothing);
        for (Table table : List.of(Table.MEMBERSHIPS, Table.LOCATIONS, Table.CONTAINERS, Table.ITEMS, Table.NFC_TAGS)) {
            ObjectNode user = new RandomHousehold(2, 2, 5).of(table).get(0).deepCopy().put("group_id", ContentDigest.DEFAULT_GROUP_ID);
            var with = new ContentDigest(2);
            var without = new ContentDigest(2);
            with.add(Table.GROUPS, seeded);
            with.add(table, user);
            without.add(table, user);
            assertThat(with.value()).as(table.key()).isNotEqualTo(without.value());
        }
    }

    @Test
    void aSumThatOverflowsCarriesThroughAllItsParts() throws Exception {
        // Some hundred rows overflow 2^256 and every 64-bit part of it many times over.
        var household = new RandomHousehold(3, 2, 400);

        assertThat(digest(household)).isEqualTo(plainDigest(household));
    }

    @Test
    void aLongTextDoesNotCutARow() throws Exception {
        var household = new RandomHousehold(3, 2, 3);
        household.of(Table.ITEMS).get(0).put("name", "ü€😀".repeat(200_000));

        assertThat(digest(household)).isEqualTo(plainDigest(household));
    }

    @Test
    void survivesTheManifest() {
        ContentDigest.Value value = digest(new RandomHousehold(1, 2, 5));

        assertThat(ContentDigest.Value.parse(value.toJson())).isEqualTo(value);
        assertThat(value.stamp()).matches("1:[0-9a-f]{64}");
    }

    private static ArchiveReader.Contents read(String archive) throws IOException {
        return ArchiveReader.read(Path.of("src/test/resources/fixtures", archive), new ArchiveHandler() {
            @Override
            public void manifest(Manifest manifest) {
            }

            @Override
            public void row(Table table, long number, ObjectNode row) {
            }

            @Override
            public void tableEnd(Table table, long rows) {
            }

            @Override
            public void image(String key, long size, InputStream bytes) {
            }
        }, ArchiveLimits.DEFAULT);
    }

    private static ContentDigest.Value digest(RandomHousehold household) {
        var digest = new ContentDigest(household.schemaVersion);
        household.rows.forEach((table, rows) -> rows.forEach(row -> digest.add(table, row)));
        return digest.value();
    }

    private static String digest(Table table, ObjectNode row) {
        var digest = new ContentDigest(2);
        digest.add(table, row);
        return digest.value().value();
    }

    private static String digestOfItem(String key, JsonNode value) {
        ObjectNode item = new RandomHousehold(2, 2, 5).of(Table.ITEMS).get(0).deepCopy();
        item.set(key, value);
        return digest(Table.ITEMS, item);
    }

    // -- the definition once more, without any regard to speed

    private static ContentDigest.Value plainDigest(RandomHousehold household) throws Exception {
        var sums = new TreeMap<Table, String>();
        var lines = new StringBuilder();
        for (Table table : Table.values()) {
            BigInteger sum = BigInteger.ZERO;
            int rows = 0;
            for (ObjectNode row : household.of(table)) {
                if (row.path("key").asText().equals("image_storage_path")) {
                    continue;
                }
                rows++;
                sum = sum.add(new BigInteger(1, sha256(canonical(table, household.schemaVersion, row)))).mod(MODULUS);
            }
            String hex = String.format("%064x", sum);
            sums.put(table, hex);
            lines.append(table.key()).append(' ').append(rows).append(' ').append(hex).append('\n');
        }
        String value = HexFormat.of().formatHex(sha256(lines.toString().getBytes(StandardCharsets.US_ASCII)));
        return new ContentDigest.Value(1, household.schemaVersion, value, sums);
    }

    private static byte[] canonical(Table table, int schema, ObjectNode row) throws IOException {
        var columns = new TreeMap<String, Column>();
        SchemaTransforms.columns(table, schema).stream().filter(Column::digested).forEach(column -> columns.put(column.key(), column));
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        for (Column column : columns.values()) {
            JsonNode value = row.path(column.key());
            if (value.isNull() || value.isMissingNode()) {
                continue;
            }
            string(out, column.key());
            switch (column.kind()) {
                case UUID, TEXT, ROLE, ENTITY_TYPE, TAG_ENTITY_TYPE -> {
                    out.write('s');
                    string(out, value.textValue());
                }
                case BOOLEAN -> out.write(value.booleanValue() ? 't' : 'f');
                case INTEGER -> {
                    out.write('i');
                    out.writeLong(value.longValue());
                }
                case REAL -> {
                    out.write('r');
                    out.writeDouble(value.doubleValue());
                }
                case TIME -> {
                    out.write('z');
                    out.writeLong(Instant.parse(value.textValue()).toEpochMilli());
                }
                case STRINGS -> {
                    out.write('l');
                    out.writeInt(value.size());
                    for (JsonNode element : value) {
                        string(out, element.textValue());
                    }
                }
                case JSON -> {
                    out.write('j');
                    json(out, value);
                }
            }
        }
        return bytes.toByteArray();
    }

    private static void json(DataOutputStream out, JsonNode value) throws IOException {
        if (value.isNull()) {
            out.write('n');
        } else if (value.isBoolean()) {
            out.write(value.booleanValue() ? 't' : 'f');
        } else if (value.isTextual()) {
            out.write('s');
            string(out, value.textValue());
        } else if (value.isNumber()) {
            out.write('d');
            BigDecimal stripped = value.decimalValue().stripTrailingZeros();
            string(out, stripped.signum() == 0 ? "0e0" : stripped.unscaledValue() + "e" + -stripped.scale());
        } else if (value.isArray()) {
            out.write('a');
            out.writeInt(value.size());
            for (JsonNode element : value) {
                json(out, element);
            }
        } else {
            out.write('o');
            out.writeInt(value.size());
            for (var member : new TreeMap<>(Json.MAPPER.convertValue(value, Map.class)).keySet()) {
                string(out, member.toString());
                json(out, value.get(member.toString()));
            }
        }
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }
}
