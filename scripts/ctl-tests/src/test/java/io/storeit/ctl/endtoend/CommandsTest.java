package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ctl.endtoend.HouseholdComparison.Household;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** status, backup and verify, against old servers and ours. Those that only look share one machine for each release, one after the other. */
@Execution(ExecutionMode.SAME_THREAD)
class CommandsTest extends EndToEnd {
    @TempDir
    static Path folders;

    private static final Map<Release, Machine> MACHINES = new EnumMap<>(Release.class);
    private static final Map<Release, Household> HOUSEHOLDS = new EnumMap<>(Release.class);

    /** The machine with this release that nothing may change but files in its home. */
    private static Machine at(Release release) {
        return MACHINES.computeIfAbsent(release, wanted -> {
            var machine = Machine.running(wanted == Release.NEXT ? Release.OURS : wanted, folders.resolve(wanted.name()));
            if (wanted == Release.NEXT) {
                machine.publish(Release.NEXT).upgrade(Release.NEXT).requireExit(0);
            }
            HOUSEHOLDS.put(wanted, machine.household());
            return machine;
        });
    }

    @AfterAll
    static void nothingWasChanged() {
        try {
            MACHINES.forEach((release, machine) -> machine.assertServes(release, HOUSEHOLDS.get(release)));
        } finally {
            MACHINES.values().forEach(Machine::close);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Release.class, names = {"SCHEMA_1", "REFERENCE_021", "OURS", "NEXT"})
    void statusShowsWhatRunsInTheLinesOfTheOldTool(Release release) {
        var machine = at(release);
        assertThat(machine.tool("status").requireExit(0).out())
                .containsSubsequence("Server: running at " + machine.url(), "App version: " + release.version,
                "Schema version: " + release.schema, "Expected schema version: " + release.schema);
    }

    @Test
    void statusAsJsonIsOneObjectAndNothingElse() {
        var machine = at(Release.OURS);
        var run = machine.tool("status", "--json").requireExit(0);
        var status = Machine.json(run.out());
        assertThat(run.err()).isEmpty();
        assertThat(status.path("running").asBoolean()).isTrue();
        assertThat(status.path("app_version").asText()).isEqualTo("0.3.0");
        assertThat(status.path("schema_version").asInt()).isEqualTo(2);
    }

    @Test
    void statusWithoutAServerEndsWith1() {
        with(Release.OURS);
        assertThat(machine.tool("status").requireExit(1).out()).startsWith("Server: NOT RUNNING");
        assertThat(Machine.json(machine.tool("status", "--json").requireExit(1).out()).path("running").asBoolean(true)).isFalse();
    }

    @Test
    void statusNeedsNoPassword() {
        running(Release.REFERENCE_021).forgetPassword();
        machine.tool("status").requireExit(0);
    }

    @Test
    void statusTellsTheLastOperation() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        assertThat(machine.tool("status").requireExit(0).out()).contains("Content: 318 items, ", "Last operation: upgrade 0.2.1 -> 0.3.0, committed ",
                "Kept for rollback: version 0.2.1, schema 2, replaced today ", "Last backup: " + machine.folder.resolve("data/pre-upgrade.storeit"),
                ", verified by a trial restore", "Next: 'storeit-ctl rollback' goes back to 0.2.1");
        var rollback = Machine.json(machine.tool("status", "--json").requireExit(0).out()).path("rollback");
        assertThat(rollback.path("version").asText()).isEqualTo("0.2.1");
        assertThat(rollback.path("schema_version").asInt()).isEqualTo(2);
        assertThat(rollback.path("bytes").asLong()).isGreaterThan(100_000);
        assertThat(rollback.path("missing")).isEmpty();
        assertThat(machine.tool("doctor").out()).contains("storeit.db.pre-import (", "is kept for 'storeit-ctl rollback'")
                .containsPattern("ok +operation +none was interrupted; the last was upgrade 0\\.2\\.1 -> 0\\.3\\.0");
    }

    @ParameterizedTest
    @EnumSource(value = Release.class, names = {"SCHEMA_1", "REFERENCE_021", "OURS"})
    void backupSavesEverythingAndShowsTheLinesOfTheOldTool(Release release) {
        var machine = at(release);
        var file = machine.folder.resolve("home/saved.storeit");
        var run = machine.tool("backup", "-o", file.toString()).requireExit(0);
        assertThat(run.err()).containsSubsequence("Starting backup...", "Backup complete (40/40)");
        assertThat(run.out()).startsWith("Backup saved: " + file + " (").hasLineCount(1);
        var archive = new EditedArchive(file);
        assertThat(archive.rows("items")).hasSize(318);
        assertThat(archive.rows("photos")).hasSize(31);
        assertThat(machine.tool("verify", file.toString()).requireExit(0).out()).contains("318");
    }

    @Test
    void aBackupHoldsPasswordsSoOnlyItsOwnerMayReadIt() throws IOException {
        var machine = at(Release.OURS);
        machine.tool("backup", "-o", "private.storeit").requireExit(0);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(machine.folder.resolve("home/private.storeit"))))
                .isEqualTo("rw-------");
    }

    @Test
    void withoutANameABackupGoesIntoTheWorkingFolder() {
        var machine = at(Release.OURS);
        machine.tool("backup").requireExit(0);
        assertThat(Machine.names(machine.folder.resolve("home"))).anyMatch(name -> name.matches("storeit-backup-[0-9]{10}\\.storeit"));
        assertThat(machine.tool("status").requireExit(0).out()).containsPattern("Last backup: " + machine.folder.resolve("home") + "/storeit-backup-[0-9]{10}\\.storeit, today \\d\\d:\\d\\d, [0-9.]+ MB, not verified\n");
    }

    @Test
    void inAFolderBackupsAreNamedByTheirTimeAndOlderOnesGo() throws IOException {
        var machine = at(Release.OURS);
        var backups = Files.createDirectory(machine.folder.resolve("home/backups"));
        for (var name : new String[] {"storeit-backup-20260101-031000.storeit", "storeit-backup-20260102-031000.storeit", "pre-upgrade.storeit"}) {
            Files.createFile(backups.resolve(name));
        }
        var run = machine.tool("backup", "-o", "backups/", "--keep-daily", "2").requireExit(0);
        assertThat(run.out()).contains("Deleted: " + backups.resolve("storeit-backup-20260101-031000.storeit"));
        var names = Machine.names(backups);
        assertThat(names).hasSize(3).contains("pre-upgrade.storeit", "storeit-backup-20260102-031000.storeit");
        assertThat(names.get(2)).matches("storeit-backup-20[0-9]{6}-[0-9]{6}\\.storeit");
    }

    @Test
    void aBackupThatCannotBeMadeDeletesNoOlderOne() throws IOException {
        with(Release.OURS);
        Files.delete(machine.images.resolve(photos.keySet().iterator().next()));
        var backups = Files.createDirectory(machine.folder.resolve("home/backups"));
        Files.createFile(backups.resolve("storeit-backup-20260101-031000.storeit"));
        Files.createFile(backups.resolve("storeit-backup-20260102-031000.storeit"));
        machine.start();
        machine.tool("backup", "-o", "backups/", "--keep-daily", "1").requireExit(1);
        assertThat(Machine.names(backups)).hasSize(2);
        machine.tool("backup", "-o", "backups/", "--keep-daily", "1", "--allow-missing-images").requireExit(0);
        assertThat(Machine.names(backups)).as("they may hold the photo that is missing").hasSize(3);
    }

    @Test
    void retentionNeedsAFolder() {
        bare();
        assertThat(machine.tool("backup", "-o", "one.storeit", "--keep-daily", "7").requireExit(2).err()).contains("-o DIRECTORY/");
        assertThat(machine.tool("backup", "-o", "nowhere/", "--keep-daily", "7").requireExit(1).err()).contains("does not exist");
    }

    @Test
    void aBackupIntoAFolderThatIsNotThereIsRefusedInOneLine() {
        var machine = at(Release.OURS);
        var run = machine.tool("backup", "-o", "/nowhere/at-all/x.storeit").requireExit(1);
        assertThat(run.err()).contains("/nowhere/at-all").doesNotContain("Exception");
    }

    @Test
    void aFailedBackupLeavesNoFile() {
        running(Release.REFERENCE_021).sql("UPDATE items SET created_at = '2026-01-01T00:00:00-01:00' WHERE rowid = 1");
        machine.tool("backup", "-o", "broken.storeit").requireExit(1);
        assertThat(Machine.names(machine.folder.resolve("home"))).noneMatch(name -> name.contains("broken"));
    }

    @Test
    void aMissingPhotoFailsTheBackupUnlessToldOtherwise() throws IOException {
        with(Release.OURS);
        var lost = HouseholdComparison.query(machine.database, "SELECT storage_key FROM photos LIMIT 1").get(0)
                .substring("storage_key=".length());
        Files.delete(machine.images.resolve(lost));
        machine.start();
        assertThat(machine.tool("backup", "-o", "lacking.storeit").requireExit(1).text()).contains(lost, "--allow-missing-images");
        var run = machine.tool("backup", "-o", "lacking.storeit", "--allow-missing-images").requireExit(0);
        assertThat(run.text()).contains(lost);
        assertThat(new EditedArchive(machine.folder.resolve("home/lacking.storeit")).manifest().path("skipped_images").get(0)
                .asText()).isEqualTo(lost);
    }

    @Test
    void aLostPhotoDoesNotKeepAnybodyFromUpgrading() throws IOException {
        with(Release.REFERENCE_021).publish(Release.OURS);
        var lost = HouseholdComparison.query(machine.database, "SELECT storage_key FROM photos LIMIT 1").get(0)
                .substring("storage_key=".length());
        Files.delete(machine.images.resolve(lost));
        photos = machine.imageFiles();
        machine.start();
        assertThat(machine.upgrade(Release.OURS).requireExit(0).text()).contains(lost);
        assertServesEverything(Release.OURS);
    }

    @ParameterizedTest
    @EnumSource(value = Release.class, names = {"SCHEMA_1", "REFERENCE_021"})
    void verifyReadsArchivesOfOldServers(Release release) {
        bare();
        for (var name : new String[] {"with-images.storeit", "without-images.storeit"}) {
            assertThat(machine.tool("verify", release.fixture().resolve(name).toString()).requireExit(0).out()).contains("can be imported");
        }
        machine.tool("verify", Release.PROJECT.resolve("interchange/src/test/resources/fixtures/legacy-gzip/backup.tar.gz")
                .toString()).requireExit(0);
    }

    @Test
    void verifyAsJsonIsOneObject() {
        bare();
        var report = Machine.json(machine.tool("verify", Release.REFERENCE_021.fixture().resolve("with-images.storeit")
                .toString(), "--json").requireExit(0).out());
        assertThat(report.path("ok").asBoolean()).isTrue();
        assertThat(report.path("counts").path("items").asInt()).isEqualTo(318);
    }

    @Test
    void verifyEndsWith5WhenAnArchiveCannotBeUsed() throws IOException {
        bare();
        var archive = new EditedArchive(Release.REFERENCE_021.fixture().resolve("with-images.storeit"));
        var dangling = archive.edit("items", rows -> ((com.fasterxml.jackson.databind.node.ObjectNode) rows.get(4))
                .put("container_id", "11111111-1111-4111-8111-111111111111").putNull("location_id"))
                        .writeTo(machine.folder.resolve("dangling.storeit"));
        assertThat(machine.tool("verify", dangling.toString()).requireExit(5).text())
                .contains("item", "11111111-1111-4111-8111-111111111111");

        var bytes = Files.readAllBytes(Release.REFERENCE_021.fixture().resolve("with-images.storeit"));
        var cut = Files.write(machine.folder.resolve("cut.storeit"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        machine.tool("verify", cut.toString()).requireExit(5);
        var wrongPhoto = new EditedArchive(Release.REFERENCE_021.fixture().resolve("with-images.storeit"))
                .replaceImages(new byte[] {1}).writeTo(machine.folder.resolve("photo.storeit"));
        machine.tool("verify", wrongPhoto.toString()).requireExit(5);
    }

    @Test
    void verifyOfAFileThatIsNotThereEndsWith1() {
        bare();
        assertThat(machine.tool("verify", "nowhere.storeit").requireExit(1).text()).contains("nowhere.storeit");
    }
}
