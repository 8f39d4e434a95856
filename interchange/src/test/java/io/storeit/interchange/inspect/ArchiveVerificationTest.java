package io.storeit.interchange.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.FixtureArchivesTest;
import io.storeit.interchange.archive.Forge;
import io.storeit.interchange.archive.RandomHousehold;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.inspect.ArchiveVerification.Report;
import io.storeit.interchange.inspect.VerificationReport.Problem;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.transfer.ArchiveConverter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveVerificationTest {

    private final RandomHousehold household = new RandomHousehold(21, 2, 30);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
        "schema2-v0.2.1/with-images.storeit", "schema2-v0.2.1/without-images.storeit",
        "schema1-v0.1.0/with-images.storeit", "schema1-v0.1.0/without-images.storeit", "legacy-gzip/backup.tar.gz",
    })
    void archivesOfRealServersAreGood(String archive) {
        Report report = ArchiveVerification.verify(FixtureArchivesTest.FIXTURES.resolve(archive), Progress.NONE);

        assertThat(report.problems()).isEmpty();
        assertThat(report.missingImages()).isEmpty();
        assertThat(report.ok()).isTrue();
        assertThat(report.counts()).containsEntry(Table.ITEMS, 318L);
        assertThat(report.digest()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"schema2-v0.2.1/with-images.storeit", "schema1-v0.1.0/with-images.storeit", "legacy-gzip/backup.tar.gz"})
    void aPipeIsReadAsAFileIs(String archive) throws IOException {
        Path file = FixtureArchivesTest.FIXTURES.resolve(archive);
        byte[] bytes = Files.readAllBytes(file);

        assertThat(piped(bytes)).usingRecursiveComparison().isEqualTo(ArchiveVerification.verify(file, Progress.NONE));
        assertThat(piped(Arrays.copyOf(bytes, bytes.length - 5000)).problems()).containsExactly(new Problem("is truncated", "pipe"));
    }

    @Test
    void whatAPipeCannotBeReadForIsSaid() {
        byte[] shuffled = Forge.zstd(Forge.of(household).shuffle(3).tar());

        assertThat(verify(Forge.of(household).shuffle(3)).problems()).isEmpty();
        assertThat(piped(shuffled).problems()).extracting(Problem::toString).singleElement().asString().contains("not in the order StoreIT writes");
        assertThat(piped(shuffled).hint()).contains("Save it to a file");
        assertThat(piped(new byte[0]).problems()).containsExactly(new Problem("is empty", "pipe"));
    }

    private static Report piped(byte[] bytes) {
        return ArchiveVerification.verify("pipe", new ByteArrayInputStream(bytes), Progress.NONE);
    }

    @Test
    void rowsInAnyOrderAreGood() {
        household.rows.values().forEach(Collections::reverse);

        assertThat(verify(Forge.of(household)).problems()).isEmpty();
    }

    @Test
    void damageIsAProblemWithItsPlaceAndAHint() {
        Report report = verify(Forge.empty().replace("backup/data/items.json", "[7]"));

        assertThat(report.problems()).containsExactly(new Problem("must be an object, found 7", "items.json row 1"));
        assertThat(report.ok()).isFalse();
        assertThat(report.hint()).isNotEmpty();
        assertThat(report.manifest()).isNotNull();
        assertThat(report.counts()).containsEntry(Table.CONTAINERS, 0L).doesNotContainKey(Table.ITEMS);
    }

    @Test
    void aFileThatIsNoArchiveIsAProblem() {
        Report report = ArchiveVerification.verify(folder.resolve("none"), Progress.NONE);

        assertThat(report.problems()).hasSize(1);
        assertThat(report.manifest()).isNull();
        assertThat(report.ok()).isFalse();
    }

    @Test
    void parentsContainersMembersAndGroupsThatDoNotExist() {
        String nobody = "00000000-0000-4000-8000-00000000dead";
        household.of(Table.LOCATIONS).get(3).put("parent_id", nobody);
        household.of(Table.CONTAINERS).get(1).put("parent_location_id", nobody).putNull("parent_container_id");
        household.of(Table.CONTAINERS).get(2).put("parent_container_id", nobody).putNull("parent_location_id");
        household.of(Table.ITEMS).get(4).put("container_id", nobody).putNull("location_id");
        household.of(Table.ITEMS).get(5).put("location_id", nobody).putNull("container_id");
        household.of(Table.MEMBERSHIPS).get(0).put("user_id", nobody);
        household.of(Table.MEMBERSHIPS).get(1).put("group_id", nobody);

        assertThat(verify(Forge.of(household)).problems()).extracting(Problem::toString).containsExactlyInAnyOrder(
                "locations.json row 4: parent_id names \"" + nobody + "\", which does not exist",
                "containers.json row 2: parent_location_id names \"" + nobody + "\", which does not exist",
                "containers.json row 3: parent_container_id names \"" + nobody + "\", which does not exist",
                "items.json row 5: container_id names \"" + nobody + "\", which does not exist",
                "items.json row 6: location_id names \"" + nobody + "\", which does not exist",
                "memberships.json row 1: user_id names \"" + nobody + "\", which does not exist",
                "memberships.json row 2: group_id names \"" + nobody + "\", which does not exist");
    }

    @Test
    void thingsThatLieInsideThemselves() {
        ObjectNode first = household.of(Table.LOCATIONS).get(0);
        ObjectNode second = household.of(Table.LOCATIONS).get(1);
        first.set("parent_id", second.get("id"));
        second.set("parent_id", first.get("id"));

        assertThat(verify(Forge.of(household)).problems()).extracting(Problem::toString)
                .contains("locations.json row 1: the location " + first.get("id") + " contains itself, through parent_id")
                .allMatch(problem -> problem.contains("contains itself"));
    }

    @Test
    void whatMustBeUniqueIsUnique() {
        copy(Table.USERS, "external_id");
        copy(Table.GROUPS, "name");
        copy(Table.NFC_TAGS, "tag_uri");
        copy(Table.LOCATIONS, "id");
        copy(Table.ITEMS, "id");
        ObjectNode member = household.of(Table.MEMBERSHIPS).get(1);
        household.of(Table.MEMBERSHIPS).set(2, member.deepCopy().put("role", "owner"));

        assertThat(verify(Forge.of(household)).problems()).extracting(Problem::toString).contains(
                "users.json row 3: another row has the same external_id",
                "groups.json row 3: another row has the same name",
                "memberships.json row 3: another row has the same user_id and group_id",
                "locations.json row 3: another row has the same id",
                "items.json row 3: another row has the same id",
                "nfc_tags.json row 3: another row has the same tag_uri");
    }

    @Test
    void whatOldServersAcceptedIsNoProblem() {
        String nobody = "00000000-0000-4000-8000-00000000dead";
        household.of(Table.ITEMS).get(0).put("group_id", nobody).put("name", "");
        household.of(Table.PHOTOS).get(0).put("entity_id", nobody);
        household.of(Table.NFC_TAGS).get(0).put("entity_id", nobody).put("group_id", nobody).putNull("entity_type");
        household.of(Table.USERS).get(0).put("_password_hash", "no hash at all");
        household.of(Table.SETTINGS).add(Json.MAPPER.createObjectNode().put("key", "a").put("value", "1"));
        household.of(Table.SETTINGS).add(Json.MAPPER.createObjectNode().put("key", "a").put("value", "2"));

        assertThat(verify(Forge.of(household)).problems()).isEmpty();
    }

    @Test
    void manyProblemsAreNotAllTold() {
        household.of(Table.ITEMS).forEach(item -> item.put("id", "00000000-0000-4000-8000-000000000001"));

        assertThat(verify(Forge.of(household)).problems()).hasSize(20);
    }

    @Test
    void missingImageFilesAreToldButKeepNothingFromBeingImported() {
        String key = household.images.keySet().iterator().next();
        Report silent = verify(Forge.of(household).remove("backup/images/" + key));
        Report stated = verify(Forge.of(household).remove("backup/images/" + key).replace("backup/manifest.json",
                "{\"format_version\":2,\"schema_version\":2,\"includes_images\":true,\"skipped_images\":[\"" + key + "\"]}"));
        Report withoutImages = verify(Forge.of(household).replace("backup/manifest.json", "{\"format_version\":2,\"schema_version\":2}"));

        assertThat(silent.missingImages()).containsExactly(key);
        assertThat(silent.problems()).isEmpty();
        assertThat(silent.ok()).isFalse();
        assertThat(stated.missingImages()).containsExactly(key);
        assertThat(stated.ok()).isTrue();
        assertThat(withoutImages.missingImages()).isEmpty();
        assertThat(withoutImages.ok()).isTrue();
    }

    @Test
    void progressCountsRowsAndImagesAndNeverMoreThanThereAre() {
        Path archive = folder.resolve("stated.storeit");
        ArchiveConverter.convert(Forge.of(household).write(folder), archive, new ArchiveConverter.Options(0, null, true), Progress.NONE);
        var seen = new long[2];
        var progress = new Progress() {
            @Override
            public void status(String status) {
            }

            @Override
            public void total(long steps) {
                seen[0] = steps;
            }

            @Override
            public void done(long steps) {
                seen[1] = steps;
            }
        };

        ArchiveVerification.verify(archive, progress);
        long verified = seen[1];
        ArchiveConverter.convert(archive, folder.resolve("again.storeit"), new ArchiveConverter.Options(0, null, true), progress);

        long rows = household.rows.values().stream().mapToLong(List::size).sum();
        assertThat(seen[1]).isEqualTo(verified).isEqualTo(rows + household.images.size()).isLessThanOrEqualTo(seen[0]);
    }

    @Test
    void ofANewerSchemaAllButTheRowsIsChecked() {
        int newer = SchemaTransforms.newest() + 1;
        String manifest = "{\"format_version\":2,\"schema_version\":" + newer + ",\"counts\":{\"items\":1}}";
        Report good = verify(Forge.empty().replace("backup/manifest.json", manifest)
                .replace("backup/data/items.json", "[{\"unheard\":\"of\"}]"));
        Report incomplete = verify(Forge.empty().replace("backup/manifest.json", manifest));

        assertThat(good.problems()).isEmpty();
        assertThat(good.digest()).isNull();
        assertThat(incomplete.problems()).hasSize(1);
    }

    private void copy(Table table, String key) {
        household.of(table).get(2).set(key, household.of(table).get(1).get(key));
    }

    private Report verify(Forge forge) {
        return ArchiveVerification.verify(forge.write(folder), Progress.NONE);
    }
}
