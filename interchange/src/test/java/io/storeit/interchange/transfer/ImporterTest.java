package io.storeit.interchange.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChildJvm;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.Fixtures;
import io.storeit.interchange.sqlite.FolderState;
import io.storeit.interchange.sqlite.Rows;
import io.storeit.interchange.sqlite.TestSchema;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an import refuses, naming file and row and leaving nothing; what it accepts and mentions. */
class ImporterTest {

    private static final String NOWHERE = "99999999-9999-4999-8999-999999999999";

    @TempDir
    Path folder;
    private Path database;
    private Path images;
    private EditedArchive archive;

    private interface Edit {
        void apply(EditedArchive archive);
    }

    @BeforeEach
    void readFixture() throws Exception {
        database = folder.resolve("storeit.db.importing");
        images = folder.resolve("images");
        archive = EditedArchive.ofFixture();
    }

    static Stream<Arguments> contradictions() {
        return Stream.of(
                refusal("items.json row 7: container_id names \"" + NOWHERE + "\", which does not exist", archive -> {
                    archive.rows(Table.ITEMS).get(6).put("container_id", NOWHERE).putNull("location_id");
                }),
                refusal("locations.json row 3: parent_id names \"" + NOWHERE + "\", which does not exist", archive -> {
                    archive.rows(Table.LOCATIONS).get(2).put("parent_id", NOWHERE);
                }),
                refusal("memberships.json row 2: group_id names \"" + NOWHERE + "\", which does not exist", archive -> {
                    archive.rows(Table.MEMBERSHIPS).get(1).put("group_id", NOWHERE);
                }),
                refusal("locations.json row 1: the location .* contains itself, through parent_id", archive -> {
                    ObjectNode first = archive.rows(Table.LOCATIONS).get(0);
                    ObjectNode second = archive.rows(Table.LOCATIONS).get(1);
                    first.put("parent_id", second.get("id").textValue());
                    second.put("parent_id", first.get("id").textValue());
                }),
                refusal("containers.json row 1: the container .* contains itself, through parent_container_id", archive -> {
                    ObjectNode first = archive.rows(Table.CONTAINERS).get(0);
                    first.put("parent_container_id", first.get("id").textValue()).putNull("parent_location_id");
                }),
                refusal("users.json row 4: another row has the same external_id", archive -> {
                    archive.rows(Table.USERS).get(3).put("external_id", archive.rows(Table.USERS).get(0).get("external_id").textValue());
                }),
                refusal("groups.json row 2: another row has the same name", archive -> {
                    archive.rows(Table.GROUPS).get(1).put("name", archive.rows(Table.GROUPS).get(0).get("name").textValue());
                }),
                refusal("nfc_tags.json row 2: another row has the same tag_uri", archive -> {
                    archive.rows(Table.NFC_TAGS).get(1).put("tag_uri", archive.rows(Table.NFC_TAGS).get(0).get("tag_uri").textValue());
                }),
                refusal("items.json row 300: another row has the same id", archive -> {
                    archive.rows(Table.ITEMS).get(299).put("id", archive.rows(Table.ITEMS).get(5).get("id").textValue());
                }),
                refusal("memberships.json row 6: another row has the same user_id and group_id", archive -> {
                    archive.rows(Table.MEMBERSHIPS).add(archive.rows(Table.MEMBERSHIPS).get(0));
                }),
                refusal("items.json row 2: has both container_id and location_id", archive -> {
                    archive.rows(Table.ITEMS).get(1).put("container_id", NOWHERE).put("location_id", NOWHERE);
                }));
    }

    private static Arguments refusal(String message, Edit edit) {
        return Arguments.of(message, edit);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictions")
    @DisplayName("D30: an archive that contradicts itself is refused before anything is touched")
    void refusesArchivesThatContradictThemselves(String message, Edit edit) throws Exception {
        edit.apply(archive);
        Path file = archive.write(folder.resolve("bad.storeit"));
        FolderState before = FolderState.of(folder);

        ArchiveException refusal = catchThrowableOfType(ArchiveException.class, () -> Imports.build(file, database, images));

        assertThat(refusal).message().matches(message).doesNotContain("\n");
        assertThat(refusal.hint()).isNotEmpty();
        assertThat(FolderState.of(folder)).isEqualTo(before);
    }

    @Test
    void refusesWhenImagesOfTheArchiveAreDamagedAndLeavesNone() throws Exception {
        Path truncated = folder.resolve("truncated.storeit");
        byte[] whole = Files.readAllBytes(Fixtures.SCHEMA_2.archive(true));
        Files.write(truncated, Arrays.copyOf(whole, whole.length - 20_000));
        Files.createDirectory(images);
        FolderState before = FolderState.of(folder);
        assertThatThrownBy(() -> Imports.build(truncated, database, images)).isInstanceOf(ArchiveException.class);
        assertThat(FolderState.of(folder)).isEqualTo(before);
    }

    @Test
    void neverBuildsOverAnExistingFile() throws Exception {
        Files.writeString(database, "somebody's");
        assertThatThrownBy(() -> Imports.build(Fixtures.SCHEMA_2.archive(false), database, images)).isInstanceOf(DatabaseException.class)
                .hasMessageContaining("the file already exists");
        assertThat(database).hasContent("somebody's");
    }

    @Test
    void sideFilesWithoutADatabaseAreRemovedAndNotTakenForTheNewOnes() throws Exception {
        Files.writeString(DatabaseFiles.rollbackJournal(database), "of a killed import");
        Files.writeString(DatabaseFiles.wal(database), "of a killed import");
        Imports.build(Fixtures.SCHEMA_2.archive(false), database, images);
        assertThat(DatabaseFiles.sideFiles(database)).isEmpty();
    }

    @Test
    @DisplayName("D26: children may come before their parents")
    void childrenMayComeBeforeTheirParents() throws Exception {
        Collections.reverse(archive.rows(Table.LOCATIONS));
        Collections.reverse(archive.rows(Table.CONTAINERS));
        Imports.build(archive.write(folder.resolve("reversed.storeit")), database, images);
        assertThat(Rows.of(database, Table.CONTAINERS)).isEqualTo(Rows.of(Fixtures.SCHEMA_2.database(), Table.CONTAINERS));
    }

    @Test
    @DisplayName("D45: the default group is made anew when the archive has none")
    void makesTheDefaultGroupAnewWhenTheArchiveHasNone() throws Exception {
        archive.rows(Table.GROUPS).removeIf(group -> group.get("id").textValue().equals(ContentDigest.DEFAULT_GROUP_ID));
        archive.rows(Table.MEMBERSHIPS).removeIf(row -> row.get("group_id").textValue().equals(ContentDigest.DEFAULT_GROUP_ID));
        archive.rows(Table.GROUPS).get(0).put("name", "default");
        Path file = archive.write(folder.resolve("a.storeit"));

        ImportReport report = Imports.build(file, database, images);
        assertThat(Rows.query(database, "SELECT name FROM groups ORDER BY name")).containsExactly("default", "default 2");
        assertThat(report.counts()).containsEntry(Table.GROUPS, 2L);

        Path without = folder.resolve("without.db");
        Importer.build(file, without, images, TestSchema.V2, new ImportOptions(true, null, false), Progress.NONE);
        assertThat(Rows.query(without, "SELECT name FROM groups")).containsExactly("default");
    }

    @Test
    @DisplayName("D36: the image folder is the machine's and never the archive's")
    void theImageFolderSettingIsTheMachinesAndNeverTheArchives() throws Exception {
        setting("image_storage_path", "/on/the/old/machine");
        setting("theme", "dark");
        setting("theme", "light");
        Path file = archive.write(folder.resolve("a.storeit"));

        Imports.build(file, database, images);
        assertThat(Rows.query(database, "SELECT key || '=' || value FROM settings")).containsExactly("theme=light");

        Path kept = folder.resolve("kept.db");
        Importer.build(file, kept, images, TestSchema.V2, new ImportOptions(true, "/here", true), Progress.NONE);
        assertThat(Rows.query(kept, "SELECT key || '=' || value FROM settings ORDER BY key"))
                .containsExactly("image_storage_path=/here", "theme=light");
    }

    @Test
    @DisplayName("D151: users whose password cannot be checked are named")
    void namesUsersWhosePasswordCannotBeChecked() throws Exception {
        List<String> hashes = List.of("$2b$12$" + "a".repeat(53), "", "$pbkdf2-sha256$i=1$c2FsdA$aGFzaA", "plain");
        for (int i = 0; i < hashes.size(); i++) {
            archive.rows(Table.USERS).get(i).put("_password_hash", hashes.get(i));
        }
        ImportReport report = Imports.build(archive.write(folder.resolve("a.storeit")), database, images);
        assertThat(report.warnings()).filteredOn(warning -> warning.startsWith("users.json")).hasSize(3)
                .allSatisfy(warning -> assertThat(warning).contains("local:").doesNotContain("c2FsdA"));
        assertThat(Rows.query(database, "SELECT password_hash FROM users")).containsExactlyInAnyOrderElementsOf(hashes);
    }

    @Test
    void namesPhotosWhoseFileIsNowhere() throws Exception {
        ImportReport report = Imports.build(Fixtures.SCHEMA_2.archive(false), database, images);
        assertThat(report.warnings()).hasSize(30)
                .allSatisfy(warning -> assertThat(warning).contains("is neither in the archive nor in " + images));
    }

    @Test
    void rowsThatMerelyLookOddAreKept() throws Exception {
        archive.rows(Table.ITEMS).get(0).put("name", "").put("group_id", NOWHERE).put("quantity", Integer.MIN_VALUE);
        archive.rows(Table.ITEMS).get(1).put("name", "nul \0 \u202e\ud83d\ude00").putArray("aliases").add("\u0007").add("");
        archive.rows(Table.ITEMS).get(2).putObject("ai_raw").put("z", new BigDecimal("1.10")).put("a", Long.MIN_VALUE).putNull("n");
        archive.rows(Table.PHOTOS).get(0).put("entity_id", NOWHERE).put("rotation", 400);
        ImportReport report = Imports.build(archive.write(folder.resolve("a.storeit")), database, images);
        assertThat(report.counts()).containsEntry(Table.ITEMS, 318L);
        assertThat(Rows.query(database, "SELECT ai_raw FROM items WHERE ai_raw IS NOT NULL"))
                .containsExactly("{\"a\":-9223372036854775808,\"n\":null,\"z\":1.10}");
        assertThat(Rows.query(database, "SELECT aliases FROM items WHERE name LIKE 'nul%'")).containsExactly("[\"\\u0007\",\"\"]");
    }

    @Test
    @Tag("process")
    void aFullDiskLeavesNothingBehind() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/prlimit")), "limits are set with prlimit");
        FolderState before = FolderState.of(folder);
        try (ChildJvm child = ChildJvm.start(ImportInChild.class,
                Fixtures.SCHEMA_2.archive(true).toAbsolutePath().toString(), database.toString(), images.toString(), "full")) {
            assertThat(child.end()).contains("DatabaseException: cannot");
        }
        assertThat(FolderState.of(folder)).isEqualTo(before);
    }

    @Test
    @Tag("process")
    void aKilledImportLeavesOnlyItsOwnFiles() throws Exception {
        Path live = Fixtures.SCHEMA_1.copyTo(folder);
        try (ChildJvm child = ChildJvm.start(ImportInChild.class,
                Fixtures.SCHEMA_2.archive(true).toAbsolutePath().toString(), database.toString(), images.toString(), "halt")) {
            assertThat(child.line()).isEqualTo("half way");
        }
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.startsWith("storeit.db.importing") || name.equals("storeit.db") || name.equals("images"));
        }
        try (var files = Files.list(images)) {
            assertThat(files.map(file -> file.getFileName().toString())).allMatch(name -> name.startsWith(".staging-"));
        }
        DatabaseFiles.deleteWithSideFiles(database);
        Imports.build(Fixtures.SCHEMA_2.archive(true), database, images).images().link();
        assertThat(Rows.query(database, "SELECT count(*) FROM items")).containsExactly("318");
    }

    private void setting(String key, String value) {
        archive.rows(Table.SETTINGS).add(Json.MAPPER.createObjectNode().put("key", key).put("value", value));
    }
}
