package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.schema.SchemaTransform;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Archives as this and earlier versions wrote them, and broken ones, kept for ever: every later version must find the same in them.
 * Beside each {@code <case>.storeit} lies {@code <case>.expected}: manifest, rows, images and digest, or the refusal.
 *
 * <p>{@code make prepare} adds the cases that are not there yet. Archives that are there are never written again; the words of a
 * refusal may be changed by hand.
 */
class GoldenArchivesTest {

    /** The steps that every build knows; those that only a profile knows, as schema3, get no golden archives. */
    private static final Path STEPS = Path.of("src/main/services/META-INF/services", SchemaTransform.class.getName());
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    static List<String> cases() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".storeit"))
                    .map(name -> name.replace(".storeit", "")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void meansWhatItMeantWhenItWasMade(String name) throws IOException {
        assertThat(outcome(GOLDEN.resolve(name + ".storeit"))).isEqualTo(Files.readString(GOLDEN.resolve(name + ".expected")));
    }

    @Test
    void everyCaseIsThere(@TempDir Path scratch) throws IOException {
        assertThat(cases()).containsAll(forged(scratch).keySet());
    }

    @Test
    @Tag("generated")
    @EnabledIfSystemProperty(named = "prepare", matches = "true")
    void writesTheCasesThatAreMissing(@TempDir Path scratch) throws IOException {
        for (var forged : forged(scratch).entrySet()) {
            Path file = GOLDEN.resolve(forged.getKey() + ".storeit");
            if (!Files.exists(file)) {
                Files.write(file, forged.getValue());
                Files.writeString(GOLDEN.resolve(forged.getKey() + ".expected"), outcome(file));
                System.out.println("written: " + file);
            }
        }
    }

    private static String outcome(Path archive) throws IOException {
        try {
            ReadBack read = ReadBack.of(archive);
            Manifest manifest = read.manifest;
            var lines = new StringBuilder("read\n");
            lines.append("format ").append(manifest.formatVersion()).append(", schema ").append(manifest.schemaVersion())
                    .append(", written ").append(manifest.createdAt()).append(" by ").append(manifest.appVersion()).append('\n');
            for (Table table : Table.values()) {
                lines.append(table.key()).append(' ').append(read.contents.counts().get(table)).append('\n');
            }
            lines.append("images ").append(manifest.includesImages()).append(' ').append(read.contents.images()).append('\n');
            lines.append("digest ").append(read.contents.digest().stamp()).append('\n');
            return lines.toString();
        } catch (ArchiveException e) {
            return "refused\n" + e.getMessage() + "\n";
        }
    }

    /** Every case by name. What is made here may differ from the file of that name, which an earlier version made. */
    private static Map<String, byte[]> forged(Path scratch) throws IOException {
        var cases = new TreeMap<String, byte[]>();
        int newest = SchemaTransforms.OLDEST + Files.readAllLines(STEPS).size();
        for (int schema = SchemaTransforms.OLDEST; schema <= newest; schema++) {
            cases.put("v" + schema + "-minimal", written(scratch, new RandomHousehold(schema, schema, 0), false));
            cases.put("v" + schema + "-images", written(scratch, new RandomHousehold(schema, schema, 25), true));
        }
        for (int schema = 1; schema <= 2; schema++) {
            cases.put("v" + schema + "-as-old-servers-wrote-it", Forge.zstd(Forge.of(new RandomHousehold(schema, schema, 25)).tar()));
        }
        var household = new RandomHousehold(7, 2, 25);
        byte[] good = Forge.zstd(Forge.of(household).tar());
        cases.put("v1-gzip-with-three-keys", Forge.gzip(Forge.of(new RandomHousehold(7, 1, 25)).replace("backup/manifest.json",
                "{\"version\":1,\"created_at\":\"2026-01-01T00:00:00+00:00\",\"includes_images\":true}").tar()));
        cases.put("v2-any-order", Forge.zstd(Forge.of(household).shuffle(3).tar()));
        cases.put("v2-extensions", Forge.zstd(Forge.of(household).file("backup/extensions/later/thing", "x").tar()));

        byte[] flipped = good.clone();
        flipped[flipped.length / 2] ^= 4;
        String item = household.of(Table.ITEMS).get(0).toString();
        cases.put("bad-bit-flipped", flipped);
        cases.put("bad-truncated", Arrays.copyOf(good, good.length / 2));
        cases.put("bad-trailing-data", Arrays.copyOf(good, good.length + 100));
        cases.put("bad-path-escape", Forge.zstd(Forge.empty().file("backup/images/../../../etc/evil", "x").tar()));
        cases.put("bad-absolute-name", Forge.zstd(Forge.empty().file("/etc/evil", "x").tar()));
        cases.put("bad-link", Forge.zstd(Forge.empty()
                .entry("backup/images/" + RandomHousehold.key(new byte[0]), '2', "/etc/passwd", new byte[0]).tar()));
        cases.put("bad-unknown-entry", Forge.zstd(Forge.empty().file("backup/readme.txt", "x").tar()));
        cases.put("bad-doubled-entry", Forge.zstd(Forge.empty().file("backup/data/items.json", "[]").tar()));
        cases.put("bad-image-name", Forge.zstd(Forge.empty().file("backup/images/evil.sh", "x").tar()));
        cases.put("bad-image-bytes", Forge.zstd(Forge.empty().file("backup/images/" + RandomHousehold.key(new byte[] {1}), "x").tar()));
        cases.put("bad-missing-table", Forge.zstd(Forge.empty().remove("backup/data/items.json").tar()));
        cases.put("bad-missing-manifest", Forge.zstd(Forge.empty().remove("backup/manifest.json").tar()));
        cases.put("bad-unknown-format", Forge.zstd(Forge.empty().replace("backup/manifest.json", "{\"format_version\":9}").tar()));
        cases.put("bad-wrong-count", Forge.zstd(Forge.empty()
                .replace("backup/manifest.json", "{\"format_version\":2,\"schema_version\":2,\"counts\":{\"items\":1}}").tar()));
        cases.put("bad-wrong-type", Forge.zstd(Forge.empty().replace("backup/data/items.json",
                "[" + item + "," + item.replaceFirst("\"quantity\":-?[0-9]+", "\"quantity\":\"x\"") + "]").tar()));
        cases.put("bad-doubled-key", Forge.zstd(Forge.empty().replace("backup/data/items.json",
                "[" + item.replaceFirst("\\{", "{\"name\":\"twice\",") + "]").tar()));
        cases.put("bad-image-key", Forge.zstd(Forge.empty().replace("backup/data/photos.json",
                "[" + household.of(Table.PHOTOS).get(0).deepCopy().put("storage_key", "../storeit.db") + "]").tar()));
        return cases;
    }

    private static byte[] written(Path scratch, RandomHousehold household, boolean images) throws IOException {
        Path archive = scratch.resolve("archive.storeit");
        try (var writer = ArchiveWriter.open(archive, household.schemaVersion)) {
            for (Table table : Table.values()) {
                household.of(table).forEach(row -> writer.row(table, row));
            }
            writer.manifest(Manifest.of(household.schemaVersion, "0.3.0", Instant.parse("2026-11-21T12:00:00Z"), images));
            for (var image : images ? household.images.entrySet() : Map.<String, byte[]>of().entrySet()) {
                writer.image(image.getKey(), Files.write(scratch.resolve("image"), image.getValue()));
            }
            writer.finish();
        }
        return Files.readAllBytes(archive);
    }
}
