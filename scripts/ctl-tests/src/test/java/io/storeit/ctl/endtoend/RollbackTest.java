package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way back: the recorded pair, and nothing written since is thrown away silently. */
class RollbackTest extends EndToEnd {
    @ParameterizedTest(name = "of an upgrade from {0} to {1}")
    @CsvSource({"SCHEMA_1, OURS", "REFERENCE_021, OURS", "OURS, NEXT"})
    void putsBackTheReplacedPair(Release from, Release to) {
        running(from).publish(to);
        machine.upgrade(to).requireExit(0);
        var run = machine.tool("rollback").requireExit(0);

        assertServesEverything(from);
        assertThat(run.err()).contains("Binary restored from " + machine.binary + ".pre-upgrade")
                .containsSubsequence("[1/3] Stopping server...", "Database restored from " + machine.database + ".pre-import", "[2/3] Starting server...",
                        "[3/3] Checking health...");
        assertThat(run.out()).startsWith("Rollback complete — server is healthy\n");
    }

    @Test
    void aSessionFromBeforeTheUpgradeIsValidAgain() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var cookie = machine.login("mira", "correct horse battery").orElseThrow();
        machine.upgrade(Release.OURS).requireExit(0);
        machine.tool("rollback", "--yes").requireExit(0);
        assertThat(machine.get("/api/v1/auth/me", cookie).orElseThrow().statusCode()).isEqualTo(200);
    }

    @Test
    @Tag("every-java")
    void whatWasWrittenSinceIsNamedAskedAboutAndKept() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        var id = addItem("bought after the upgrade");

        assertThat(machine.tool("rollback").requireExit(6).text()).contains("--yes");
        assertThat(machine.servingVersion()).isEqualTo("0.3.0");
        var run = machine.tool("rollback", "--yes").requireExit(0);

        assertServesEverything(Release.REFERENCE_021);
        assertThat(run.err()).contains("1 item");
        var kept = machine.dataFiles().stream().filter(name -> name.contains(".db.") && !name.endsWith(".lock")
                && !name.endsWith("-journal"))
                .map(machine.database::resolveSibling)
                .filter(file -> HouseholdComparison.query(file, "SELECT id FROM items").contains("id=" + id)).toList();
        assertThat(kept).as("a database with the new item, among " + machine.dataFiles()).hasSize(1);
        assertThat(run.out()).contains(kept.get(0).toString());
    }

    @Test
    void withoutAnUpgradeThereIsNothingToRollBack() {
        running(Release.OURS);
        assertThat(machine.tool("rollback").requireExit(1).text()).contains("No rollback binary found");
        assertServesEverything(Release.OURS);
    }

    @Test
    void ofADowngradePutsBackTheNewerVersionWithWhatItAloneCanHold() {
        running(Release.OURS).publish(Release.NEXT, Release.OURS);
        machine.upgrade(Release.NEXT).requireExit(0);
        machine.stopServers();
        machine.sql("UPDATE items SET serial_number = 'SN-1' WHERE rowid = 1");
        machine.start();
        machine.downgrade(Release.OURS).requireExit(0);
        machine.tool("rollback", "--yes").requireExit(0);
        assertServesEverything(Release.NEXT);
        assertThat(HouseholdComparison.query(machine.database, "SELECT serial_number FROM items WHERE serial_number IS NOT NULL"))
                .containsExactly("serial_number=SN-1");
    }

    @Test
    void twiceUndoesTwoUpgradesOneAfterTheOther() {
        running(Release.REFERENCE_021).publish(Release.OURS, Release.NEXT);
        machine.upgrade(Release.OURS).requireExit(0);
        machine.upgrade(Release.NEXT).requireExit(0);
        machine.tool("rollback", "--yes").requireExit(0);
        assertServesEverything(Release.OURS);
        machine.tool("rollback", "--yes").requireExit(0);
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void withAKeptFileGoneItSaysSoAndTouchesNothing() throws IOException {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        Files.delete(machine.beside(machine.database, ".pre-import"));
        assertThat(machine.tool("rollback", "--yes").requireExit(1).text()).contains("storeit.db.pre-import", "pre-upgrade.storeit");
        assertServesEverything(Release.OURS);
    }

    @Test
    void withAPreviousBinaryThatDoesNotStartItStaysWhereItWas() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.upgrade(Release.OURS).requireExit(0);
        Machine.write(machine.beside(machine.binary, ".pre-upgrade"), "#!/bin/sh\nexit 1\n");
        machine.tool("rollback", "--yes", "--patience", "60").requireExit(3);
        assertServesEverything(Release.OURS);
    }
}
