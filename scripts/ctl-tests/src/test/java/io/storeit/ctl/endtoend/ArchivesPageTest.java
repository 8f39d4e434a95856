package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/archives.md from top to bottom, and comparisons with what an installation holds. */
class ArchivesPageTest extends EndToEnd {
    private static final Page PAGE = Page.of("docs/archives.md");
    private static final Path FIXTURE = Release.REFERENCE_021.fixture().resolve("with-images.storeit");

    @Test
    void everyCommandShowsWhatThePageSays() throws IOException {
        with(Release.OURS).sql("UPDATE items SET name = 'Cordless drill', quantity = 2, container_id = NULL,"
                + " location_id = (SELECT id FROM locations WHERE name = 'Boat') WHERE name = 'Cordless drill 18V'");
        machine.start();
        addItem("Soldering iron");
        Machine.copyFile(FIXTURE, machine.folder.resolve("home/last-year.storeit"));

        for (var block : PAGE.blocks) {
            var run = machine.shell(block.commands()).requireExit(0);
            block.assertShown(run.out().replaceFirst("(?s)^Backup saved: .*?\n(?=Before)", ""));
        }

        assertThat(Machine.names(machine.folder.resolve("tmp"))).as("left in the temporary folder").noneMatch(name -> name.startsWith("storeit-"));
    }

    @Test
    void aStoppedInstallationIsComparedToo() {
        with(Release.OURS);
        var run = machine.tool("diff", FIXTURE.toString(), "--json", "--data-dir", machine.database.getParent().toString()).requireExit(0);
        assertThat(Machine.json(run.out()).path("changes")).as(run.toString()).hasSize(1);
        assertThat(run.out()).as("all that Machine itself has changed").contains("_password_hash");
        assertThat(machine.household()).isEqualTo(before);
    }

    @Test
    void anOlderServerIsAskedWithItsLogin() {
        running(Release.REFERENCE_021);
        assertThat(machine.tool("diff", FIXTURE.toString()).requireExit(0).out()).contains("After: " + machine.url(), "StoreIT 0.2.1").endsWith("1 user changed:\n  ~ local:admin: password changed\n");
        machine.forgetPassword();
        assertThat(machine.tool("diff", FIXTURE.toString()).requireExit(1).err()).contains("requires an administrator's login");
    }
}
