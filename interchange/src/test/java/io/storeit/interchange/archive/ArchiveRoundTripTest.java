package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStream;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveRoundTripTest {

    private static final Instant NOW = Instant.parse("2026-04-02T08:15:30.482913077Z");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsWrittenIsReadAgain(long seed) throws IOException {
        for (int schema = SchemaTransforms.OLDEST; schema <= SchemaTransforms.newest(); schema++) {
            var household = new RandomHousehold(seed, schema, 60);
            Path archive = folder.resolve("v" + schema + ".storeit");
            Manifest written = write(household, archive);

            ReadBack read = ReadBack.of(archive);

            for (Table table : Table.values()) {
                // As text: a number is the same whether the parser chose int or long for it.
                assertThat(read.rows.get(table)).as("%s, seed %d, schema %d", table, seed, schema)
                        .map(ObjectNode::toString).isEqualTo(household.of(table).stream().map(ObjectNode::toString).toList());
            }
            assertThat(read.images.keySet()).isEqualTo(household.images.keySet());
            read.images.forEach((key, bytes) -> assertThat(bytes).isEqualTo(household.images.get(key)));
            assertThat(read.manifest).isEqualTo(written);
            assertThat(read.manifest.createdAt()).isEqualTo(NOW);
            assertThat(read.contents.counts()).isEqualTo(written.counts());
            assertThat(read.contents.digest()).isEqualTo(written.digest());
            assertThat(read.contents.images()).isEqualTo(household.images.size());
        }
    }

    @Test
    void anOldServersSpellingOfTheSameRowsHasTheSameDigest() throws IOException {
        var household = new RandomHousehold(42, 2, 60);
        Path ours = folder.resolve("ours.storeit");
        Manifest written = write(household, ours);

        ReadBack theirs = ReadBack.of(Forge.of(household).write(folder));

        assertThat(theirs.contents.digest()).isEqualTo(written.digest());
    }

    @Test
    void equalContentGivesEqualBytes() throws IOException {
        write(new RandomHousehold(42, 2, 60), folder.resolve("a.storeit"));
        write(new RandomHousehold(42, 2, 60), folder.resolve("b.storeit"));

        assertThat(folder.resolve("a.storeit")).hasSameBinaryContentAs(folder.resolve("b.storeit"));
    }

    @Test
    void headersArePlainAndTheManifestComesFirst() throws IOException {
        var household = new RandomHousehold(42, 2, 60);
        Path archive = folder.resolve("a.storeit");
        write(household, archive);

        var names = new ArrayList<String>();
        long bytes = 0;
        try (var tar = new TarArchiveInputStream(new ZstdInputStream(Files.newInputStream(archive)))) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                names.add(entry.getName());
                bytes += 512 + (entry.getSize() + 511) / 512 * 512;
                assertThat(entry.getMode()).isEqualTo(0644);
                assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(Instant.parse(
                        entry.getName().startsWith("backup/images/") ? "1980-01-01T00:00:00Z" : "2026-04-02T08:15:30Z"));
                assertThat(entry.getExtraPaxHeaders()).isEmpty();
            }
            // Headers of one block each leave no room for extended ones: all there is beside these is the mark at the end.
            assertThat(tar.getBytesRead()).isEqualTo(bytes + 1024);
        }
        var expected = new ArrayList<>(List.of("backup/manifest.json"));
        for (Table table : Table.values()) {
            expected.add("backup/data/" + table.fileName());
        }
        household.images.keySet().forEach(key -> expected.add("backup/images/" + key));
        assertThat(names).isEqualTo(expected);
    }

    @Test
    void imagesAreTheSameBytesInEveryArchiveWhateverElseChanged() throws IOException {
        byte[] earlier = imagesBehind(NOW, "Drill");
        byte[] later = imagesBehind(NOW.plusSeconds(86_400), "Hammer drill");

        int same = 0;
        while (earlier[earlier.length - 1 - same] == later[later.length - 1 - same]) {
            same++;
        }
        assertThat(same).as("bytes of 30 incompressible images of 10,000 bytes, alike from the last one on").isGreaterThan(300_000);
        assertThat(earlier).isNotEqualTo(later);
    }

    private byte[] imagesBehind(Instant time, String name) throws IOException {
        Path archive = folder.resolve(name + ".storeit");
        var random = new Random(7);
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.row(Table.SETTINGS, Json.MAPPER.createObjectNode().put("key", "name").put("value", name));
            writer.manifest(Manifest.of(2, "0.3.0", time, true));
            for (int i = 0; i < 30; i++) {
                var bytes = new byte[10_000];
                random.nextBytes(bytes);
                String hash = HexFormat.of().formatHex(sha256(bytes));
                writer.image(hash.substring(0, 2) + "/" + hash + ".jpg", bytes.length, new ByteArrayInputStream(bytes));
            }
            writer.finish();
        }
        return Files.readAllBytes(archive);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anArchiveWithoutRowsHasNineEmptyLists() throws IOException {
        Path archive = folder.resolve("a.storeit");
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.manifest(Manifest.of(2, "0.3.0", NOW, false));
            writer.finish();
        }

        ReadBack read = ReadBack.of(archive);

        assertThat(read.contents.counts()).hasSize(9).allSatisfy((table, count) -> assertThat(count).isZero());
        assertThat(read.order).startsWith("manifest", "users").hasSize(10);
    }

    @Test
    void onlyTheOwnerMayReadIt() throws IOException {
        Path archive = folder.resolve("a.storeit");
        write(new RandomHousehold(1, 2, 10), archive);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive))).isEqualTo("rw-------");
    }

    @Test
    void replacesAnOlderFileOfItsNameOnlyWhenComplete() throws IOException {
        Path archive = Files.writeString(folder.resolve("a.storeit"), "older");
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.row(Table.GROUPS, new RandomHousehold(1, 2, 1).of(Table.GROUPS).get(0));
            assertThat(archive).hasContent("older");
            writer.manifest(Manifest.of(2, "0.3.0", NOW, false));
            assertThat(archive).hasContent("older");
            writer.finish();
        }

        assertThat(ReadBack.of(archive).contents.counts()).containsEntry(Table.GROUPS, 1L);
        assertThat(folder).isDirectoryContaining(file -> file.equals(archive));
        assertThat(Files.list(folder)).hasSize(1);
    }

    @Test
    void leavesNothingBehindWhenGivenUpAtAnyStage() throws IOException {
        var household = new RandomHousehold(1, 2, 10);
        for (int stage = 0; stage < 4; stage++) {
            try (var writer = ArchiveWriter.open(folder.resolve("a.storeit"), 2)) {
                if (stage > 0) {
                    household.of(Table.USERS).forEach(row -> writer.row(Table.USERS, row));
                }
                if (stage > 1) {
                    writer.manifest(Manifest.of(2, "0.3.0", NOW, true));
                }
                if (stage > 2) {
                    Path image = Files.write(folder.resolve("image"), new byte[] {1});
                    writer.image(RandomHousehold.key(new byte[] {1}), image);
                    Files.delete(image);
                }
            }
            assertThat(folder).as("stage %d", stage).isEmptyDirectory();
        }
    }

    @Test
    void refusesAnImageWhoseBytesDoNotFitItsName() throws IOException {
        Path image = Files.write(folder.resolve("image"), new byte[] {1});
        String right = RandomHousehold.key(new byte[] {1});
        String wrong = RandomHousehold.key(new byte[] {2});
        Path archive = folder.resolve("a.storeit");
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.manifest(Manifest.of(2, "0.3.0", NOW, true));
            writer.image(right, image);
            assertThatThrownBy(() -> writer.image(wrong, image)).isInstanceOf(ArchiveWriter.ImageException.class)
                    .hasMessageContaining("damaged")
                    .satisfies(e -> assertThat(((ArchiveWriter.ImageException) e).key()).isEqualTo(wrong));
        }
        assertThat(archive).doesNotExist();
    }

    @Test
    void namesAMissingImageAndAMissingFolder() throws IOException {
        try (var writer = ArchiveWriter.open(folder.resolve("a.storeit"), 2)) {
            writer.manifest(Manifest.of(2, "0.3.0", NOW, true));
            assertThatThrownBy(() -> writer.image(RandomHousehold.key(new byte[0]), folder.resolve("nowhere")))
                    .isInstanceOf(ArchiveWriter.ImageException.class).hasMessageContaining("missing");
        }
        assertThatThrownBy(() -> ArchiveWriter.open(folder.resolve("no/such/a.storeit"), 2))
                .isInstanceOf(ArchiveException.class).hasMessageContaining("the folder").hasMessageContaining("does not exist");
    }

    @Test
    void refusesARowThatNoReaderWouldTake() throws IOException {
        ObjectNode group = new RandomHousehold(1, 2, 1).of(Table.GROUPS).get(0);
        int limit = ArchiveLimits.DEFAULT.maxRowChars();
        int others = group.put("name", "").toString().length();
        Path archive = folder.resolve("a.storeit");
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.row(Table.GROUPS, group.put("name", "x".repeat(limit - others)));
            ObjectNode larger = group.deepCopy().put("name", "x".repeat(limit - others + 3));
            assertThatThrownBy(() -> writer.row(Table.GROUPS, larger)).isInstanceOf(ArchiveException.class)
                    .hasMessageContaining("more than").hasMessageContaining(group.get("id").textValue());
        }
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.row(Table.GROUPS, group);
            writer.manifest(Manifest.of(2, "0.3.0", NOW, false));
            writer.finish();
        }
        assertThat(ReadBack.of(archive).rows.get(Table.GROUPS)).containsExactly(group);
    }

    private Manifest write(RandomHousehold household, Path archive) throws IOException {
        try (var writer = ArchiveWriter.open(archive, household.schemaVersion)) {
            for (Table table : Table.values()) {
                household.of(table).forEach(row -> writer.row(table, row));
            }
            Manifest manifest = writer.manifest(Manifest.of(household.schemaVersion, "0.3.0", NOW, true)
                    .withSource(new Manifest.Source("8e7d3f5c-0000-4000-8000-000000000000", 17)));
            for (var image : household.images.entrySet()) {
                Path file = Files.write(folder.resolve("image"), image.getValue());
                writer.image(image.getKey(), file);
                Files.delete(file);
            }
            writer.finish();
            return manifest;
        }
    }
}
