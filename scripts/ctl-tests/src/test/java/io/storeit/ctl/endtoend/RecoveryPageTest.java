package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.inspect.ArchiveVerification;
import io.storeit.scripts.Programs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/recovery.md from top to bottom, on a machine that has nothing of ours any more. */
class RecoveryPageTest extends EndToEnd {
    private static final Page PAGE = Page.of("docs/recovery.md");
    /** What the page says it needs; the shell has {@code cd} and {@code [}. */
    private static final List<String> PROGRAMS = List.of("tar", "zstd", "sqlite3", "cat", "cp", "ln", "ls", "mkdir", "mv", "sed");

    private Path programs;
    private Path work;

    /** A path with those programs and no other. */
    private void onlyThePrograms() throws IOException {
        var tools = Programs.folder("zstd", "sqlite3");
        programs = Files.createDirectory(machine.folder.resolve("programs"));
        for (var program : PROGRAMS) {
            var file = Machine.runToEnd(new ProcessBuilder("sh", "-c", "PATH=\"$1:$PATH\"; command -v \"$2\"", "sh", tools.toString(), program)).strip();
            Machine.copyFile(Path.of(file), programs.resolve(program));
        }
    }

    private void type(Page.Block block) {
        var run = typed(block.commands()).requireExit(0);
        assertThat(run.err()).as(block.commands()).isEmpty();
        block.assertShown(run.out());
    }

    private CommandRun typed(String page) {
        var commands = page.replace("/var/lib/storeit/images", machine.images.toString())
                .replace("/var/lib/storeit", machine.database.getParent().toString()).replace("/usr/local/bin", machine.binary.getParent().toString());
        var builder = new ProcessBuilder("/bin/sh", "-euc", commands).directory(work.toFile());
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", programs.toString(), "LC_ALL", "C.UTF-8"));
        return RunningCommand.start(builder, List.of(commands)).await();
    }

    @Test
    void everyCommandDoesWhatThePageSays() throws IOException {
        with(Release.OURS);
        onlyThePrograms();
        work = Files.createDirectory(machine.folder.resolve("recovery"));
        var archive = Release.OURS.fixture().resolve("with-images.storeit");
        Machine.copyFile(archive, Files.createDirectories(machine.database.resolveSibling("backups")).resolve("storeit-backup-20261122-031000.storeit"));
        // What was there before something went wrong: a database, and the one that made way for it.
        machine.server("import", archive.toString(), "--mode", "replace").requireExit(0);
        Machine.copyFile(machine.binary, machine.beside(machine.binary, ".pre-upgrade"));

        PAGE.under("Recovery by hand").forEach(this::type);
        PAGE.under("Read a backup").forEach(this::type);
        PAGE.under("Take a backup apart").forEach(this::type);
        assertThat(Files.readAllLines(work.resolve("items.csv"))).hasSizeGreaterThan(318).first().isEqualTo("name,quantity,path,description");
        PAGE.under("Rescue a database").forEach(this::type);

        assertThat(itemsOfADamagedDatabase()).isBetween(287, 317);

        PAGE.under("Make an archive by hand").forEach(this::type);
        var byHand = ArchiveVerification.verify(work.resolve("by-hand.storeit"), Progress.NONE);
        assertThat(byHand.problems()).isEmpty();
        assertThat(byHand.digest()).isEqualTo(ArchiveVerification.verify(archive, Progress.NONE).digest());

        var asked = machine.tool("restore", work.resolve("by-hand.storeit").toString(), "--data-dir", machine.database.getParent().toString(), "--binary", machine.binary.toString());
        assertThat(asked.requireExit(6).err()).contains("by-hand.storeit, written at an unknown time");

        PAGE.under("Put a kept database back").forEach(this::type);
        assertThat(machine.dataFiles()).doesNotContain("storeit.db.pre-import");
        HouseholdComparison.assertSame(before, machine.database);

        PAGE.under("Get a new administrator").forEach(this::type);
        machine.setServerVariable("STOREIT_ADMIN_USERNAME", "rescue");
        machine.setServerVariable("STOREIT_ADMIN_PASSWORD", "a new beginning");
        machine.start();
        var cookie = machine.login("rescue", "a new beginning").orElseThrow();
        assertThat(machine.get("/api/v1/admin/users", cookie).orElseThrow().statusCode()).isEqualTo(200);
        assertThat(PAGE.blocks.stream().map(Page.Block::heading).distinct()).as("parts of the page").hasSize(7);
    }

    /** As the page states it: one page of the items is overwritten, of a copy of the copy. */
    private int itemsOfADamagedDatabase() throws IOException {
        var page = typed("sqlite3 copy.db \"SELECT pageno FROM dbstat WHERE name = 'items' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 5\"").out().strip();
        try (var file = FileChannel.open(work.resolve("copy.db"), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap("damage. ".repeat(512).getBytes(StandardCharsets.US_ASCII)), (Long.parseLong(page) - 1) * 4096);
        }
        assertThat(typed("sqlite3 copy.db 'PRAGMA integrity_check'").out()).isNotEqualTo("ok\n");
        var dump = PAGE.under("Rescue a database").stream().filter(block -> block.commands().contains(".dump")).findFirst().orElseThrow();
        return Integer.parseInt(typed(dump.commands().replace("rescued.db", "pieces.db")).out().strip());
    }
}
