package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way up: everything arrives, the old pair is kept, the screen says what happens. */
class UpgradeTest extends EndToEnd {
    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"SCHEMA_1, OURS", "REFERENCE_021, OURS", "OURS, NEXT", "SCHEMA_1, NEXT"})
    void everyRecordPhotoAndPasswordArrives(Release from, Release to) {
        running(from).publish(to);
        var run = machine.upgrade(to).requireExit(0);

        assertServesEverything(to);
        assertPasswordsWork();
        assertThat(run.err()).containsSubsequence(
                "Current version: " + from.version, "[1/6] Creating backup before migration...",
                "Backup saved to " + machine.database.resolveSibling("pre-upgrade.storeit"),
                "[2/6] Downloading upgrade target: " + to.version + "...", "[3/6] Stopping server...", "[4/6] Importing data with new binary...",
                "[5/6] Starting server...", "[6/6] Checking health...");
        assertThat(run.out()).startsWith("Upgrade complete!\n").containsSubsequence("-> %s (schema %d): 318 items, 31 photos".formatted(to.version, to.schema),
                "The server was away for ", "Old binary saved at: " + machine.binary + ".pre-upgrade",
                        "Run 'storeit-ctl cleanup' after verifying everything works.");
    }

    @Test
    void theReplacedPairAndTheSafetyBackupAreKept() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);

        HouseholdComparison.assertSame(before, machine.beside(machine.database, ".pre-import"));
        assertThat(Machine.sha256(machine.beside(machine.binary, ".pre-upgrade"))).isEqualTo(Machine.sha256(Release.REFERENCE_021.asset()));
        assertThat(new EditedArchive(machine.database.resolveSibling("pre-upgrade.storeit")).rows("items")).hasSize(318);
        assertThat(machine.beside(machine.binary, ".new")).doesNotExist();
    }

    @Test
    void nothingOfTheWorkIsLeftBesideTheDatabase() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        machine.stopServers();

        assertThat(machine.dataFiles()).containsExactlyInAnyOrder("storeit.db", "storeit.db.pre-import", "pre-upgrade.storeit",
                "storeit-server.log",
                "storeit.db.migration-journal", "storeit.db.operation.lock", "storeit.db.database.lock");
        assertThat(Machine.names(machine.binary.getParent())).containsExactlyInAnyOrder("storeit-server", "storeit-server.pre-upgrade");
    }

    /** Servers before 0.3.0 put whatever is on their disk into a backup, without looking. */
    @Test
    void aPhotoThatWasDamagedLongAgoIsNamedAndKeepsNobodyFromUpgrading() throws IOException {
        with(Release.REFERENCE_021).publish(Release.OURS);
        var damaged = machine.imageFiles().keySet().iterator().next();
        var bytes = Files.readAllBytes(machine.images.resolve(damaged));
        Files.write(machine.images.resolve(damaged), Arrays.copyOf(bytes, bytes.length / 2));
        photos = machine.imageFiles();
        machine.start();

        var run = machine.upgrade(Release.OURS).requireExit(0);
        assertThat(run.err()).contains("images/" + damaged);
        assertServesEverything(Release.OURS);
    }

    @Test
    @Tag("every-java")
    void aSecondUpgradeGoesOnFromTheFirstAndKeepsBothOldPairs() {
        running(Release.REFERENCE_021).publish(Release.OURS, Release.NEXT);
        machine.upgrade(Release.OURS).requireExit(0);
        machine.upgrade(Release.NEXT).requireExit(0);

        assertServesEverything(Release.NEXT);
        assertThat(machine.dataFiles().stream().filter(name -> name.startsWith("storeit.db.pre-import"))).hasSize(2);
        assertThat(Machine.names(machine.binary.getParent()).stream().filter(name -> name.startsWith("storeit-server.pre-upgrade")))
                .hasSize(2);
        assertThat(machine.dataFiles().stream().filter(name -> name.startsWith("pre-upgrade.storeit"))).hasSize(2);
    }

    @Test
    void theVersionInPlaceIsLeftAlone() {
        running(Release.OURS).publish(Release.OURS);
        var server = machine.servers().get(0).pid();
        assertThat(machine.upgrade(Release.OURS).requireExit(0).out()).contains("Version 0.3.0 is already installed");
        assertThat(machine.servers().get(0).pid()).isEqualTo(server);
    }

    @Test
    void anOlderVersionIsADowngradeAndIsRefusedAsAnUpgrade() {
        running(Release.OURS).publish(Release.REFERENCE_021);
        assertThat(machine.upgrade(Release.REFERENCE_021).requireExit(1).text()).contains("storeit-ctl downgrade 0.2.1");
        assertServesEverything(Release.OURS);
    }

    /** As a systemd unit has it (D72): the database is relative to a folder storeit-ctl was not called from. */
    @Test
    void theDatabaseIsTheOneTheServerUsesNotOneOfTheShellsOwnEnvironment() {
        with(Release.REFERENCE_021).publish(Release.OURS);
        machine.runServersIn(machine.database.getParent());
        machine.setServerVariable("DATABASE_URL", "sqlite:storeit.db?mode=rwc");
        machine.setServerVariable("STOREIT_IMAGE_PATH", "../images");
        machine.start();
        machine.upgrade(Release.OURS).requireExit(0);
        assertServesEverything(Release.OURS);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"sqlite:@", "sqlite://@?mode=rwc", "sqlite:@?mode=rw"})
    void everySpellingOfTheDatabaseUrlIsUnderstood(String url) {
        with(Release.REFERENCE_021).publish(Release.OURS);
        machine.setServerVariable("DATABASE_URL", url.replace("@", machine.database.toString()));
        machine.start();
        machine.upgrade(Release.OURS).requireExit(0);
        assertServesEverything(Release.OURS);
    }

    @Test
    void theNewServerHasTheOldOnesEnvironmentFolderAndUmask() throws IOException {
        with(Release.REFERENCE_021).publish(Release.OURS);
        machine.setServerVariable("STOREIT_AI_MODEL", "a model\nwith two lines");
        machine.start();
        var old = machine.servers().get(0).pid();
        var environment = Files.readString(java.nio.file.Path.of("/proc/" + old + "/environ"));
        var workingFolder = Files.readSymbolicLink(java.nio.file.Path.of("/proc/" + old + "/cwd"));
        var umask = umask(old);
        machine.upgrade(Release.OURS).requireExit(0);

        var server = machine.servers().get(0).pid();
        assertThat(server).isNotEqualTo(old);
        assertThat(Files.readString(java.nio.file.Path.of("/proc/" + server + "/environ")).split("\0"))
                .contains("STOREIT_AI_MODEL=a model\nwith two lines")
                .containsAll(List.of(environment.split("\0")));
        assertThat(Files.readSymbolicLink(java.nio.file.Path.of("/proc/" + server + "/cwd"))).isEqualTo(workingFolder);
        assertThat(umask(server)).isEqualTo(umask);
    }

    private static String umask(long pid) throws IOException {
        return Files.readAllLines(java.nio.file.Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("Umask:")).findFirst().orElseThrow();
    }

    @Test
    void aSessionOfTheOldServerIsVoidAfterwards() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var cookie = machine.login("mira", "correct horse battery").orElseThrow();
        machine.upgrade(Release.OURS).requireExit(0);
        assertThat(machine.get("/api/v1/auth/me", cookie).orElseThrow().statusCode()).isEqualTo(401);
    }

    @Test
    void aCookieIsEnoughToAskAnOldServerForItsBackup() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.forgetPassword();
        machine.setToolVariable("STOREIT_CTL_AUTH_COOKIE", machine.login("admin", "changeme").orElseThrow());
        machine.upgrade(Release.OURS).requireExit(0);
        assertServesEverything(Release.OURS);
    }

    @Test
    void aRowThatMerelyLooksOddDoesNotStopIt() {
        with(Release.REFERENCE_021).publish(Release.OURS);
        machine.sql("UPDATE users SET password_hash = '' WHERE external_id = 'local:zoe'",
                "UPDATE items SET aliases = 'no list' WHERE quantity < 0",
                "DELETE FROM groups WHERE name = 'default' AND id NOT IN (SELECT group_id FROM user_groups)");
        machine.start();
        machine.upgrade(Release.OURS).requireExit(0);
        assertThat(machine.servingVersion()).isEqualTo("0.3.0");
        assertThat(machine.household().table("items")).hasSize(318);
    }
}
