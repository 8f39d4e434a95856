package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStream;
import io.storeit.interchange.schema.Table;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What old servers wrote or took, in whatever spelling: all of it is read, and it is the same content. */
class ArchiveVariantsTest {

    private final RandomHousehold household = new RandomHousehold(11, 2, 30);

    @TempDir
    Path folder;

    @Test
    void allKindsOfContainersHoldTheSame() throws IOException {
        String digest = digest(Forge.zstd(forge().tar()));
        byte[] tar = forge().tar();

        assertThat(digest(Forge.gzip(tar))).isEqualTo(digest);
        assertThat(digest(Forge.compressed(tar, out -> new ZstdOutputStream(out, 1)))).isEqualTo(digest);
        assertThat(digest(Forge.compressed(tar, out -> new ZstdOutputStream(out, 19)))).isEqualTo(digest);
        assertThat(digest(Forge.compressed(tar, out -> new ZstdOutputStream(out).setLong(27)))).isEqualTo(digest);
        assertThat(digest(severalFrames(tar))).isEqualTo(digest);
        assertThat(digest(Forge.zstd(Arrays.copyOf(tar, tar.length + 10_240)))).as("padded with zeros").isEqualTo(digest);
        assertThat(digest(Forge.zstd(Arrays.copyOf(tar, tar.length - 512)))).as("one block at the end").isEqualTo(digest);
        assertThat(digest(Forge.zstd(Arrays.copyOf(tar, tar.length - 1024)))).as("no blocks at the end").isEqualTo(digest);
        assertThat(digest(Forge.zstd(forge().pax().tar()))).as("extended headers").isEqualTo(digest);
        assertThat(digest(Forge.zstd(globalHeader(forge()).tar()))).as("global extended header").isEqualTo(digest);
        assertThat(digest(Forge.zstd(forge().rename(name -> "./" + name).tar()))).isEqualTo(digest);
        assertThat(digest(Forge.zstd(withFolders("").tar()))).isEqualTo(digest);
        assertThat(digest(Forge.zstd(withFolders("./").tar()))).isEqualTo(digest);
        assertThat(digest(Forge.zstd(forge().file("backup/extensions/signature", "x").file("backup/extensions/a/b", "y").tar())))
                .as("additions of later versions").isEqualTo(digest);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void entriesInAnyOrderAreHandedOverInOurs(long seed) throws IOException {
        ReadBack expected = ReadBack.of(forge().write(folder));

        ReadBack shuffled = ReadBack.of(forge().shuffle(seed).write(folder));

        assertThat(shuffled.order).as("seed %d", seed).isEqualTo(expected.order);
        assertThat(shuffled.rows).isEqualTo(expected.rows);
        assertThat(shuffled.images.keySet()).isEqualTo(expected.images.keySet());
        assertThat(shuffled.contents.images()).isEqualTo(expected.contents.images());
    }

    @Test
    void theLastEntryFirstAndTheManifestAtTheEnd() throws IOException {
        Forge forge = forge();
        java.util.Collections.reverse(forge.parts);

        ReadBack read = ReadBack.of(forge.write(folder));

        assertThat(read.order).startsWith("manifest", "users", "groups");
        assertThat(ArchiveReader.readManifest(forge.write(folder))).isEqualTo(read.manifest);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{}                                                                     | 1 | 1 | false",
        "{\"version\":1,\"created_at\":\"2026-01-01T00:00:00Z\",\"includes_images\":true} | 1 | 1 | true",
        "{\"format_version\":1}                                                 | 1 | 1 | false",
        "{\"format_version\":2,\"schema_version\":\"2\"}                        | 2 | 1 | false",
        "{\"format_version\":2,\"schema_version\":null}                         | 2 | 1 | false",
        "{\"format_version\":2,\"schema_version\":2,\"includes_images\":false}  | 2 | 2 | false",
        "{\"format_version\":2,\"schema_version\":2,\"includes_images\":true,\"created_at\":7,\"app_version\":[],\"more\":{\"x\":[1]}} | 2 | 2 | true",
    })
    void manifestsOfAllAges(String manifest, int format, int schema, boolean images) throws IOException {
        Manifest read = ReadBack.of(Forge.empty().replace("backup/manifest.json", manifest).write(folder)).manifest;

        assertThat(read.formatVersion()).isEqualTo(format);
        assertThat(read.schemaVersion()).isEqualTo(schema);
        assertThat(read.includesImages()).isEqualTo(images);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "67E55044-10B1-426F-9247-BB680E5FE0C8",
        "67e5504410b1426f9247bb680e5fe0c8",
        "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
        "urn:uuid:67E55044-10b1-426f-9247-bb680e5fe0c8",
    })
    void idsOfAllSpellings(String spelling) throws IOException {
        ObjectNode group = household.of(Table.GROUPS).get(0).deepCopy();

        ObjectNode read = only(Table.GROUPS, group.put("id", spelling));

        assertThat(read.get("id").textValue()).isEqualTo("67e55044-10b1-426f-9247-bb680e5fe0c8");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2026-04-02T08:15:30Z             | 2026-04-02T08:15:30.000Z",
        "2026-04-02T08:15:30.5Z           | 2026-04-02T08:15:30.500Z",
        "2026-04-02T08:15:30.482913077Z   | 2026-04-02T08:15:30.482Z",
        "2026-04-02 08:15:30.482Z         | 2026-04-02T08:15:30.482Z",
        "2026-04-02T08:15:30.482+00:00    | 2026-04-02T08:15:30.482Z",
        "2026-04-02T00:15:30+02:00        | 2026-04-01T22:15:30.000Z",
        "2026-12-31T20:15:30-05:30        | 2027-01-01T01:45:30.000Z",
    })
    void timesOfAllSpellings(String spelling, String normal) throws IOException {
        ObjectNode group = household.of(Table.GROUPS).get(0).deepCopy();

        ObjectNode read = only(Table.GROUPS, group.put("created_at", spelling));

        assertThat(read.get("created_at").textValue()).isEqualTo(normal);
    }

    @Test
    void unknownKeysAreKeptAndDoNotCount() throws IOException {
        ObjectNode plain = household.of(Table.ITEMS).get(0);
        ObjectNode more = plain.deepCopy().put("_note", "x");
        more.putObject("extra").putArray("list").add(1);

        assertThat(only(Table.ITEMS, more)).isEqualTo(more);
        assertThat(digestOf(Table.ITEMS, more)).isEqualTo(digestOf(Table.ITEMS, plain));
    }

    @Test
    void nullableKeysMayBeMissing() throws IOException {
        ObjectNode location = household.of(Table.LOCATIONS).get(0).deepCopy();
        for (String key : new String[] {"parent_id", "description", "latitude", "longitude"}) {
            location.putNull(key);
        }
        ObjectNode bare = location.deepCopy();
        bare.remove(java.util.List.of("parent_id", "description", "latitude", "longitude"));

        assertThat(only(Table.LOCATIONS, bare)).isEqualTo(bare);
        assertThat(digestOf(Table.LOCATIONS, bare)).isEqualTo(digestOf(Table.LOCATIONS, location));
    }

    @Test
    void numbersAreTakenAsTheyAre() throws IOException {
        ObjectNode location = household.of(Table.LOCATIONS).get(0).deepCopy();
        assertThat(only(Table.LOCATIONS, location.put("latitude", 48)).get("latitude").doubleValue()).isEqualTo(48.0);
        ObjectNode item = household.of(Table.ITEMS).get(0).deepCopy();
        for (int quantity : new int[] {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE}) {
            assertThat(only(Table.ITEMS, item.put("quantity", quantity)).get("quantity").intValue()).isEqualTo(quantity);
        }
        ObjectNode photo = household.of(Table.PHOTOS).get(0).deepCopy();
        assertThat(only(Table.PHOTOS, photo.put("rotation", 65_535)).get("rotation").intValue()).isEqualTo(65_535);
    }

    @Test
    void variantKeysInAnArchiveOfSchema1AreStillThere() throws IOException {
        ObjectNode photo = new RandomHousehold(11, 1, 10).of(Table.PHOTOS).get(0).deepCopy();
        String thumbnail = photo.get("storage_key").textValue().replace(".jpg", "_thumb.webp");
        photo.put("thumbnail_key", thumbnail);
        Path archive = Forge.empty().replace("backup/manifest.json", "{\"format_version\":2,\"schema_version\":1}")
                .replace("backup/data/photos.json", "[" + photo + "]").write(folder);

        assertThat(ReadBack.of(archive).rows.get(Table.PHOTOS).get(0).get("thumbnail_key").textValue()).isEqualTo(thumbnail);
    }

    @Test
    void oldFlatImageNamesAndThumbnailsAreRead() throws IOException {
        Map<String, byte[]> images = ReadBack.of(Forge.empty()
                .file("backup/images/67e55044-10b1-426f-9247-bb680e5fe0c8.jpg", new byte[] {1})
                .file("backup/images/67e55044-10b1-426f-9247-bb680e5fe0c8_thumb.webp", new byte[] {2})
                .file("backup/images/" + RandomHousehold.key(new byte[0]).replace(".jpg", "_thumb.webp"), new byte[] {3})
                .write(folder)).images;

        assertThat(images).hasSize(3);
    }

    private Forge forge() {
        return Forge.of(household);
    }

    private Forge withFolders(String prefix) {
        Forge forge = forge().rename(name -> prefix + name);
        for (String name : new String[] {"backup/", "backup/data/", "backup/images/", "backup/images/ab/"}) {
            forge.parts.add(0, new Forge.Part(prefix + name, '5', "", new byte[0]));
        }
        if (!prefix.isEmpty()) {
            forge.parts.add(0, new Forge.Part("./", '5', "", new byte[0]));
        }
        return forge;
    }

    private static Forge globalHeader(Forge forge) {
        forge.parts.add(0, new Forge.Part("pax_global_header", 'g', "", new byte[0]));
        return forge;
    }

    /** Two frames with a skippable one before, between and behind them. */
    private static byte[] severalFrames(byte[] tar) throws IOException {
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
        var bytes = new ByteArrayOutputStream();
        bytes.write(skippable);
        bytes.write(Forge.zstd(Arrays.copyOf(tar, 1000)));
        bytes.write(skippable);
        bytes.write(Forge.zstd(Arrays.copyOfRange(tar, 1000, tar.length)));
        bytes.write(skippable);
        return bytes.toByteArray();
    }

    private String digest(byte[] archive) throws IOException {
        ReadBack read = ReadBack.of(Forge.write(folder, archive));
        assertThat(read.images.keySet()).isEqualTo(household.images.keySet());
        return read.contents.digest().value();
    }

    private String digestOf(Table table, ObjectNode row) throws IOException {
        return ReadBack.of(single(table, row)).contents.digest().value();
    }

    private ObjectNode only(Table table, ObjectNode row) throws IOException {
        return ReadBack.of(single(table, row)).rows.get(table).get(0);
    }

    private Path single(Table table, ObjectNode row) {
        return Forge.empty().replace("backup/data/" + table.fileName(), "[" + row + "]").write(folder);
    }
}
