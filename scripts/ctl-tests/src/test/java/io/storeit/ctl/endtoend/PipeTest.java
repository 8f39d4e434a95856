package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Archives through standard output and input, what goes wrong with pipes, and backups that are restored on trial. */
class PipeTest extends EndToEnd {
    private static final Path GOOD = Release.REFERENCE_021.fixture().resolve("with-images.storeit");

    /** A line as it is typed into bash, where {@code storeit-ctl} is the tool and TMPDIR a folder that nobody else uses. */
    private CommandRun shell(String line) {
        machine.setToolVariable("TMPDIR", scratch().toString());
        var tool = "storeit-ctl() { '%s' \"$@\"; }; ".formatted(String.join("' '", Tool.command()));
        return machine.startProgram(List.of("bash", "-c", tool + line)).await();
    }

    private Path scratch() {
        try {
            return Files.createDirectories(machine.folder.resolve("scratch"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path home(String name) {
        return machine.folder.resolve("home").resolve(name);
    }

    private void assertNothingLeft() {
        assertThat(Machine.names(scratch())).isEmpty();
        assertThat(machine.dataFiles()).noneMatch(name -> name.matches(".*\\.(receiving|verifying|restoring).*"));
    }

    @Test
    void standardOutputHoldsTheArchiveAndNothingElse() throws IOException {
        running(Release.OURS);
        var run = shell("storeit-ctl backup -o - > saved.storeit").requireExit(0);
        assertThat(run.err()).contains("Starting backup...", "Backup saved: standard output (");
        assertThat(machine.tool("verify", "saved.storeit").requireExit(0).out()).contains("318");
        var known = Machine.json(Files.readString(home("state/storeit-ctl/backups.json")));
        assertThat(known.path("path").asText()).isEqualTo("-");
        assertThat(known.path("sha256").asText()).isEqualTo(Machine.sha256(home("saved.storeit")));
        assertThat(known.path("bytes").asLong()).isEqualTo(Files.size(home("saved.storeit")));
        assertThat(known.path("verified").asBoolean(true)).isFalse();
        assertNothingLeft();

        machine.stopServers();
        assertThat(shell("storeit-ctl backup --quiet -o - | storeit-ctl verify -").requireExit(0).err()).isEmpty();
        assertNothingLeft();
    }

    @Test
    void whatKeepsABackupFromBeingMadeOrWrittenIsSaidAndNoPartOfItIsLeft() throws IOException {
        running(Release.OURS);
        var broken = shell("storeit-ctl backup -o - | head -c 1000 > /dev/null; exit ${PIPESTATUS[0]}").requireExit(1);
        assertThat(broken.err()).contains("the reading program ended", "do not use it").doesNotContain("Exception");
        assertThat(shell("storeit-ctl backup -o - > /dev/full").requireExit(1).err()).contains("the disk is full", "do not use it");
        var ended = shell("""
                mkfifo pipe; exec 3<>pipe; (exec '%s' backup -o - > pipe) & tool=$!
                until ls "$TMPDIR"/*/backup.storeit; do kill -0 $tool || exit 1; sleep 0.05; done 2> /dev/null
                kill $tool; wait $tool""".formatted(String.join("' '", Tool.command())));
        assertThat(ended.exit()).as(ended.toString()).isEqualTo(143);

        Files.delete(machine.images.resolve(photos.keySet().iterator().next()));
        assertThat(shell("storeit-ctl backup -o - > saved.storeit").requireExit(1).err()).contains("--allow-missing-images");
        assertThat(home("saved.storeit")).as("not one byte").isEmptyFile();
        assertNothingLeft();
        assertThat(Files.exists(home("state/storeit-ctl/backups.json"))).as("none of these counts as a backup").isFalse();
    }

    @Test
    void whatCannotBeMeantIsRefusedBeforeAnythingIsDone() throws IOException {
        with(Release.OURS);
        Files.copy(GOOD, home("good"));
        assertThat(shell("storeit-ctl backup -o - --json").requireExit(2).out()).contains("\"usage\"", "--json");
        assertThat(shell("storeit-ctl backup -o /dev/stdout | cat; exit ${PIPESTATUS[0]}").requireExit(1).err()).contains("-o -");
        assertThat(shell("storeit-ctl restore - --password-file - --yes < good").requireExit(2).err()).contains("both the archive and the password");
        assertThat(shell("storeit-ctl restore - < good").requireExit(6).err()).contains("--yes");
    }

    @Test
    void aTerminalIsNoPlaceForAnArchive() {
        bare();
        var tool = "'" + String.join("' '", Tool.command()) + "'";
        var run = machine.startProgram(List.of(Programs.file("script").toString(), "-qec", "for arguments in 'backup -o -' 'verify -' 'restore - --yes'; do " + tool
                + " $arguments; echo exit $?; done", "/dev/null")).await();
        assertThat(run.out().split("is a terminal;", -1)).hasSize(4);
        assertThat(run.out().split("exit 2", -1)).hasSize(4);
    }

    @Test
    void verifyReadsWhatComesThroughAPipe() throws IOException {
        bare();
        var bytes = Files.readAllBytes(GOOD);
        Files.write(home("good"), bytes);
        Files.write(home("cut"), Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(shell("storeit-ctl verify - < good").requireExit(0).out()).contains("archive from standard input: valid", "318");
        assertThat(shell("storeit-ctl verify <(cat good)").requireExit(0).out()).contains("318");
        assertThat(shell("cat cut | storeit-ctl verify -").requireExit(5).out()).contains("is truncated");
        assertThat(shell("storeit-ctl verify - < /dev/null").requireExit(5).out()).contains("is empty");
    }

    /** BackupsPageTest restores through the running server what restic kept. */
    @Test
    void restoreTakesWhatComesThroughAPipeIfItIsWhole() throws IOException {
        running(Release.OURS);
        var bytes = Files.readAllBytes(GOOD);
        Files.write(home("good"), bytes);
        Files.write(home("cut"), Arrays.copyOf(bytes, bytes.length - 2000));
        addItem("Written after the backup");
        assertThat(shell("cat cut | storeit-ctl restore - --yes").requireExit(5).err()).contains("is truncated");
        machine.stopServers();
        assertThat(shell("cat cut | storeit-ctl restore - --yes").requireExit(5).err()).contains("is truncated");
        assertThat(shell("cat cut | storeit-ctl restore - --dry-run").requireExit(5).err()).contains("is truncated");
        assertNothingLeft();
        assertThat(holdsLaterItem()).isTrue();
        var run = shell("cat good | storeit-ctl restore - --yes").requireExit(0);
        assertThat(run.out()).contains("Restored: standard input", "The replaced database is kept: ");
        assertNothingLeft();
        assertThat(holdsLaterItem()).isFalse();
    }

    private boolean holdsLaterItem() {
        return machine.household().toString().contains("Written after the backup");
    }

    /** Of an old server too, and while it is stopped. */
    @Test
    void aBackupIsRestoredOnTrialAndThatChangesNothing() throws IOException {
        running(Release.REFERENCE_021);
        machine.tool("status").requireExit(0);
        machine.stopServers();
        var run = machine.tool("backup", "--verify", "-o", "saved.storeit").requireExit(0);
        assertThat(run.out()).contains("Backup saved: ", "Verified: restored into a scratch database, it was the same: 318 items, 31 photos");
        assertThat(Machine.json(Files.readString(home("state/storeit-ctl/backups.json"))).path("verified").asBoolean()).isTrue();
        HouseholdComparison.assertSame(before, machine.database);
        assertNothingLeft();
    }

    /** And what is planned is not done. */
    @Test
    void aBackupThatDoesNotComeBackWholeIsNotVerified() throws IOException {
        with(Release.OURS);
        var backups = Files.createDirectory(home("backups"));
        var older = Files.createFile(backups.resolve("storeit-backup-20260101-031000.storeit"));
        // An import that loses what it should not: the check that follows must notice.
        Files.move(machine.sabotaged(Release.OURS, """
                [ "$1" != import ] || { file=${DATABASE_URL#sqlite:}; tail -n +%d "$0" > "$0.real"; chmod 755 "$0.real"; "$0.real" "$@"; e=$?
                '%s' "${file%%%%\\?*}" 'DELETE FROM nfc_tags'; exit $e; }""".formatted(4, Programs.file("sqlite3"))), machine.binary, StandardCopyOption.REPLACE_EXISTING);
        machine.start();
        var plan = machine.tool("backup", "--verify", "-o", "backups/", "--keep-daily", "1", "--dry-run").requireExit(0);
        assertThat(plan.out()).contains("Delete " + older, "scratch database", "Nothing was changed.");
        assertThat(Machine.names(backups)).hasSize(1);
        var run = machine.tool("backup", "--verify", "-o", "backups/", "--keep-daily", "1").requireExit(1);
        assertThat(run.err()).contains("The rehearsed database");
        assertThat(Machine.names(backups)).as("the older one stays").hasSize(2);
        assertThat(Files.exists(home("state/storeit-ctl/backups.json"))).isFalse();
        assertNothingLeft();
    }
}
