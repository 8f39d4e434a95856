package io.storeit.interchange.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.FixtureArchivesTest;
import io.storeit.interchange.archive.Forge;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.archive.RandomHousehold;
import io.storeit.interchange.archive.ReadBack;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.transfer.ArchiveConverter.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveConverterTest {

    private static final String ARGON2 = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
            + "WwD3Yh1r6kQ0p7v0Jm5rXn5dE6wXq0h1bq2l0E5Yw1s";
    private static final String BCRYPT = "$2b$12$WApznUPhDubN0oeveSXHp.Rk0rMQQ8Pn8y5fTTzGPQJKRlyZ7fYa6";

    @TempDir
    Path folder;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void upThenDownReturnsEveryRowButWhatTheReportNames(long seed) throws IOException {
        int newest = SchemaTransforms.newest();
        for (int from = SchemaTransforms.OLDEST; from <= newest; from++) {
            for (int over = SchemaTransforms.OLDEST; over <= newest; over++) {
                Path original = convert(Forge.of(new RandomHousehold(seed, from, 30)).write(folder), new Options(0, null, true));
                ReadBack before = ReadBack.of(original);

                Path there = convert(original, new Options(over, null, true));
                Path back = convert(there, new Options(from, null, true));
                ReadBack after = ReadBack.of(back);

                LossReport losses = after.manifest.losses();
                assertThat(ReadBack.of(there).manifest.schemaVersion()).isEqualTo(over);
                assertThat(after.images.keySet()).isEqualTo(before.images.keySet());
                for (Table table : Table.values()) {
                    List<String> lost = losses.losses().stream().filter(loss -> loss.table().equals(table.key()))
                            .map(LossReport.Loss::field).toList();
                    assertThat(without(lost, after.rows.get(table))).as("seed %d, %d to %d and back, %s", seed, from, over, table)
                            .isEqualTo(without(lost, before.rows.get(table)));
                }
                if (losses.isEmpty()) {
                    assertThat(after.contents.digest()).isEqualTo(before.contents.digest());
                }
            }
        }
    }

    @Test
    void schema1GetsEmptyVariantKeysSoThatTheyAreMadeAgain() throws IOException {
        Path archive = convert(FixtureArchivesTest.FIXTURES.resolve("legacy-gzip/backup.tar.gz"), new Options(2, null, true));

        ReadBack read = ReadBack.of(archive);

        assertThat(read.manifest.formatVersion()).isEqualTo(Manifest.FORMAT);
        assertThat(read.manifest.schemaVersion()).isEqualTo(2);
        assertThat(read.rows.get(Table.PHOTOS)).hasSize(31)
                .allMatch(photo -> photo.get("thumbnail_key").isNull() && photo.get("large_key").isNull());
        assertThat(read.manifest.losses().isEmpty()).isTrue();
        assertThat(read.contents.digest()).isEqualTo(read.manifest.digest());
    }

    @Test
    void variantKeysAreSetAsideWhereOldServersDoNotSeeThem() throws IOException {
        Path fixture = FixtureArchivesTest.FIXTURES.resolve("schema2-v0.2.1/with-images.storeit");
        ReadBack before = ReadBack.of(fixture);

        ReadBack after = ReadBack.of(convert(fixture, new Options(0, "0.2.1", true)));

        assertThat(after.contents.digest()).isEqualTo(before.contents.digest());
        for (int i = 0; i < 31; i++) {
            ObjectNode photo = after.rows.get(Table.PHOTOS).get(i);
            assertThat(photo.get("thumbnail_key").isNull()).isTrue();
            assertThat(photo.path("_thumbnail_key").textValue())
                    .isEqualTo(before.rows.get(Table.PHOTOS).get(i).get("thumbnail_key").textValue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"schema2-v0.2.1/without-images.storeit", "schema1-v0.1.0/without-images.storeit", "legacy-gzip/backup.tar.gz"})
    void parentsComeBeforeTheirChildren(String fixture) throws IOException {
        Path archive = FixtureArchivesTest.FIXTURES.resolve(fixture);
        assertThat(childrenBeforeParents(archive, Table.LOCATIONS, "parent_id")).isPositive();

        Path converted = convert(archive, new Options(0, null, true));

        assertThat(childrenBeforeParents(converted, Table.LOCATIONS, "parent_id")).isZero();
        assertThat(childrenBeforeParents(converted, Table.CONTAINERS, "parent_container_id")).isZero();
        assertThat(ReadBack.of(converted).contents.digest()).isEqualTo(ReadBack.of(archive).contents.digest());
    }

    @Test
    void rowsWhoseParentsDoNotExistOrThatLieInsideThemselvesAreKept() throws IOException {
        var household = new RandomHousehold(3, 2, 50);
        List<ObjectNode> locations = household.of(Table.LOCATIONS);
        locations.get(0).set("parent_id", locations.get(1).get("id"));
        locations.get(1).set("parent_id", locations.get(0).get("id"));
        locations.get(2).put("parent_id", "00000000-0000-4000-8000-00000000dead");
        Path archive = Forge.of(household).write(folder);

        assertThat(ReadBack.of(convert(archive, new Options(0, null, false))).contents.digest())
                .isEqualTo(ReadBack.of(archive).contents.digest());
    }

    @Test
    void onlyServersBefore03LoseHashesTheyCannotCheck() throws IOException {
        var household = new RandomHousehold(3, 2, 5);
        household.of(Table.USERS).get(0).put("_password_hash", ARGON2);
        household.of(Table.USERS).get(1).put("_password_hash", BCRYPT).put("external_id", "local:mira");
        household.of(Table.USERS).get(2).putNull("_password_hash");
        Path archive = Forge.of(household).write(folder);

        ReadBack old = ReadBack.of(convert(archive, new Options(0, "v0.2.1", false)));
        ReadBack ours = ReadBack.of(convert(archive, new Options(0, "0.3.0", false)));

        assertThat(old.rows.get(Table.USERS)).map(user -> user.path("_password_hash").textValue()).containsExactly(ARGON2, null, null);
        assertThat(old.manifest.losses().losses()).singleElement().satisfies(loss -> {
            assertThat(loss.table()).isEqualTo("users");
            assertThat(loss.field()).isEqualTo("_password_hash");
            assertThat(loss.records()).isEqualTo(1);
            assertThat(loss.examples().get(0).name()).isEqualTo("local:mira");
            assertThat(loss.examples().get(0).value()).isEqualTo("bcrypt");
        });
        assertThat(ours.rows.get(Table.USERS)).map(user -> user.path("_password_hash").textValue()).containsExactly(ARGON2, BCRYPT, null);
        assertThat(ours.manifest.losses().isEmpty()).isTrue();
    }

    @Test
    void withoutImagesTheManifestSaysSo() throws IOException {
        Path archive = FixtureArchivesTest.FIXTURES.resolve("schema2-v0.2.1/with-images.storeit");

        ReadBack read = ReadBack.of(convert(archive, new Options(0, null, false)));

        assertThat(read.manifest.includesImages()).isFalse();
        assertThat(read.images).isEmpty();
        assertThat(read.contents.counts()).containsEntry(Table.PHOTOS, 31L);
        assertThat(read.manifest.createdAt()).isEqualTo(ArchiveReader.readManifest(archive).createdAt());
        assertThat(read.manifest.appVersion()).isEqualTo("0.2.1");
    }

    @Test
    void anArchiveOfANewerSchemaIsCopiedWithoutBeingUnderstood() throws IOException {
        int newer = SchemaTransforms.newest() + 1;
        String rows = "[{\"id\":1.50,\"unheard\":{\"of\":[1e400,-7]}},{\"id\":2}]";
        Path archive = Forge.empty()
                .replace("backup/manifest.json", "{\"format_version\":2,\"schema_version\":%d,\"includes_images\":true,\"later\":{\"x\":1}}"
                        .formatted(newer))
                .replace("backup/data/items.json", rows)
                .replace("backup/data/containers.json", "[{\"parent_container_id\":\"unknown\"}]")
                .file("backup/images/" + RandomHousehold.key(new byte[] {1}), new byte[] {1}).write(folder);

        Path copy = folder.resolve("copy.storeit");
        Manifest manifest = ArchiveConverter.convert(archive, copy, new Options(0, null, false), Progress.NONE).manifest();

        assertThat(manifest.schemaVersion()).isEqualTo(newer);
        assertThat(manifest.includesImages()).isFalse();
        assertThat(ArchiveReader.readManifestJson(copy).path("later").path("x").intValue()).isEqualTo(1);
        var read = new ReadBack();
        ArchiveReader.readAnySchema(copy, read, ArchiveLimits.DEFAULT);
        assertThat(read.rows.get(Table.ITEMS).toString()).isEqualTo(rows.replace("1e400", "1E+400").replace(",{\"id\":2}", ", {\"id\":2}"));
        assertThat(read.rows.get(Table.CONTAINERS)).hasSize(1);
        assertThat(read.images).isEmpty();
        assertThatThrownBy(() -> convert(archive, new Options(2, null, false))).isInstanceOf(ArchiveException.class)
                .hasMessageContaining("cannot convert schema version " + newer + " to 2");
    }

    @Test
    void impossibleWishesAreRefusedAndLeaveNothing() {
        Path archive = FixtureArchivesTest.FIXTURES.resolve("schema2-v0.2.1/without-images.storeit");
        for (Options options : List.of(new Options(99, null, true), new Options(-1, null, true), new Options(0, "soon", true))) {
            assertThatThrownBy(() -> convert(archive, options)).isInstanceOf(ArchiveException.class);
        }
        Path damaged = Forge.empty().replace("backup/data/photos.json", "[7]").write(folder);
        assertThatThrownBy(() -> convert(damaged, new Options(0, null, true))).isInstanceOf(ArchiveException.class);
        assertThat(folder).isDirectoryNotContaining("glob:**converted*");
    }

    private static int childrenBeforeParents(Path archive, Table table, String parentKey) throws IOException {
        Set<String> seen = new HashSet<>();
        int early = 0;
        for (ObjectNode row : ReadBack.of(archive).rows.get(table)) {
            String parent = row.path(parentKey).textValue();
            early += parent != null && !seen.contains(parent) ? 1 : 0;
            seen.add(row.get("id").textValue());
        }
        return early;
    }

    private static Set<String> without(List<String> fields, List<ObjectNode> rows) {
        Set<String> result = new HashSet<>();
        for (ObjectNode row : rows) {
            ObjectNode rest = row.deepCopy();
            rest.remove(fields);
            // Keys come in another order when they were dropped and added again.
            result.add(rest.properties().stream().map(Object::toString).sorted().toList().toString());
        }
        return result;
    }

    private Path convert(Path archive, Options options) throws IOException {
        Path out = folder.resolve("converted-" + System.nanoTime() + ".storeit");
        ArchiveConverter.convert(archive, out, options, Progress.NONE);
        return out;
    }
}
