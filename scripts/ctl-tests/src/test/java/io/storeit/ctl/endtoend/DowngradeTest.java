package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way down: the newer side converts, what the older cannot hold is shown first, nothing else is lost. */
class DowngradeTest extends EndToEnd {
    private static final String BCRYPT = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";

    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"OURS, REFERENCE_021", "OURS, SCHEMA_1", "NEXT, OURS", "NEXT, REFERENCE_021", "REFERENCE_021, REFERENCE_020"})
    void everythingTheOlderVersionCanHoldArrives(Release from, Release to) {
        if (from == Release.NEXT) {
            running(Release.OURS).publish(Release.NEXT);
            machine.upgrade(Release.NEXT).requireExit(0);
        } else {
            running(from);
        }
        machine.publish(to);
        var added = addItem("added by the newer version");
        var run = machine.tool("downgrade", to.version, "--yes", "--allow-unsigned").requireExit(0);

        assertThat(HouseholdComparison.query(machine.database, "SELECT name FROM items WHERE id = '" + added + "'"))
                .containsExactly("name=added by the newer version");
        assertThat(machine.servingVersion()).isEqualTo(to.version);
        HouseholdComparison.assertSame(before, machine.household().withoutItemsNamed("added by the newer version"));
        assertThat(machine.imageFiles()).containsAllEntriesOf(photos);
        assertPasswordsWork();
        assertThat(run.out()).containsSubsequence("Downgrade complete!",
                "Old binary saved at: " + machine.binary + ".pre-downgrade");
        assertThat(machine.database.resolveSibling("pre-downgrade.storeit")).exists();
    }

    /** A key that names a file the older server's folder does not have would answer 500 for ever (D31, D32). */
    @Test
    void theOlderServerGetsNoThumbnailNamesAndServesThePhotos() throws IOException {
        running(Release.OURS).publish(Release.REFERENCE_021);
        machine.downgrade(Release.REFERENCE_021).requireExit(0);
        for (var row : HouseholdComparison.query(machine.database, "SELECT id, storage_key, thumbnail_key, large_key FROM photos")) {
            var fields = row.split(" \\| ");
            for (var variant : new String[] {fields[2], fields[3]}) {
                var key = variant.substring(variant.indexOf('=') + 1);
                assertThat(key.equals("null") || Files.exists(machine.images.resolve(key))).as(row).isTrue();
            }
            assertThat(machine.get("/api/v1/photos/" + fields[0].substring(3) + "/file").orElseThrow().statusCode()).as(row).isEqualTo(200);
        }
    }

    @Test
    void theUpgradeAndTheDowngradeTogetherChangeNothing() {
        running(Release.SCHEMA_1).publish(Release.OURS, Release.NEXT, Release.SCHEMA_1);
        machine.upgrade(Release.OURS).requireExit(0);
        machine.upgrade(Release.NEXT).requireExit(0);
        machine.tool("downgrade", "0.3.0", "--yes", "--allow-unsigned").requireExit(0);
        assertServesEverything(Release.OURS);
        machine.tool("downgrade", "0.1.0", "--yes", "--allow-unsigned").requireExit(0);
        assertServesEverything(Release.SCHEMA_1);
    }

    @Test
    void whatTheOlderSchemaCannotHoldIsNamedAndAskedAboutBeforeTheStop() {
        running(Release.OURS).publish(Release.OURS, Release.NEXT);
        machine.upgrade(Release.NEXT).requireExit(0);
        machine.stopServers();
        machine.sql("UPDATE items SET serial_number = 'SN-4711' WHERE rowid IN (1, 2)");
        machine.start();
        var server = machine.servers().get(0).pid();

        var refused = machine.tool("downgrade", "0.3.0", "--yes", "--allow-unsigned").requireExit(6);
        assertThat(refused.text()).contains("Version 0.3.0 cannot hold:", "serial_number of 2 records", "Cordless drill 18V",
                "--accept-loss");
        assertThat(machine.servers().get(0).pid()).as("the server was not stopped").isEqualTo(server);

        machine.tool("downgrade", "0.3.0", "--yes", "--allow-unsigned", "--accept-loss").requireExit(0);
        assertServesEverything(Release.OURS);
        var archive = new EditedArchive(machine.database.resolveSibling("pre-downgrade.storeit"));
        assertThat(archive.rows("items").findValuesAsText("serial_number")).filteredOn("SN-4711"::equals).hasSize(2);
    }

    @Test
    void usersWhosePasswordTheOlderServerCannotCheckAreNamedBeforeTheStop() {
        with(Release.OURS).publish(Release.REFERENCE_021);
        machine.sql("UPDATE users SET password_hash = '%s' WHERE external_id = 'local:mira'".formatted(BCRYPT));
        machine.start();
        var server = machine.servers().get(0).pid();

        var refused = machine.tool("downgrade", "0.2.1", "--yes", "--allow-unsigned").requireExit(6);
        assertThat(refused.text()).contains("mira").doesNotContain("zoe");
        assertThat(machine.servers().get(0).pid()).isEqualTo(server);

        machine.tool("downgrade", "0.2.1", "--yes", "--allow-unsigned", "--accept-loss").requireExit(0);
        assertThat(machine.servingVersion()).isEqualTo("0.2.1");
        var wrongPassword = machine.post("/api/v1/auth/local/login", null, "{\"username\": \"mira\", \"password\": \"x\"}").orElseThrow();
        assertThat(wrongPassword.statusCode()).as("a login, not an internal error").isEqualTo(401);
        assertThat(machine.login("admin", "changeme")).isPresent();
    }

    @Test
    void itIsRefusedWhenNoAdministratorCouldLogInAfterwards() {
        with(Release.OURS).publish(Release.REFERENCE_021);
        machine.sql("UPDATE users SET password_hash = '%s' WHERE is_admin = 1".formatted(BCRYPT));
        machine.start();
        var changed = machine.household();
        var run = machine.tool("downgrade", "0.2.1", "--yes", "--allow-unsigned", "--accept-loss").requireExit(1);
        assertThat(run.text()).contains("administrator");
        machine.assertServes(Release.OURS, changed);
    }

    @Test
    void aNewerVersionIsAnUpgradeAndIsRefusedAsADowngrade() {
        running(Release.OURS).publish(Release.NEXT);
        assertThat(machine.downgrade(Release.NEXT).requireExit(1).text()).contains("storeit-ctl upgrade 0.4.0");
        assertServesEverything(Release.OURS);
    }

    @Test
    void withoutAVersionItIsAUsageError() {
        running(Release.OURS);
        machine.tool("downgrade").requireExit(2);
    }
}
