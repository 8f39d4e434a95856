package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.storeit.scripts.Programs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A failure in each step. Each ends with the old version serving all its data, and says why in one line. */
class FailureTest extends EndToEnd {
    /** Real address against the rehearsal's, which is another: tells the two starts of a new server apart. */
    private String onRealStart(String action) {
        return "case ${1-serve} in serve) [ \"$STOREIT_BIND\" = 127.0.0.1:%d ] && { %s; };; esac".formatted(machine.port, action);
    }

    /** Ended before the stop: the very same server process never stopped serving. */
    private CommandRun assertRefusedBeforeTheStop(Release release, int exit, String... arguments) {
        var server = machine.servers().get(0).pid();
        var run = machine.tool(arguments).requireExit(exit);
        assertThat(machine.servers().stream().map(ProcessHandle::pid)).as("servers running").containsExactly(server);
        assertServesEverything(release);
        assertNothingLeftOver();
        assertOneReasonAndAHint(run);
        return run;
    }

    /** Ended after the stop: a server of the old version runs again. */
    private CommandRun assertUndone(Release release, String... arguments) {
        var server = machine.servers().get(0).pid();
        var run = machine.tool(arguments).requireExit(3);
        assertThat(machine.servers().stream().map(ProcessHandle::pid)).as("servers running").hasSize(1).doesNotContain(server);
        assertServesEverything(release);
        assertNothingLeftOver();
        assertThat(run.text()).contains("Rolling back...", "version " + release.version + " is serving");
        assertOneReasonAndAHint(run);
        return run;
    }

    private void assertNothingLeftOver() {
        assertThat(Machine.names(machine.binary.getParent())).containsExactly("storeit-server");
        assertThat(machine.dataFiles()).noneMatch(name -> name.contains(".rehearsal") || name.contains(".part")
                || name.contains(".importing") || name.contains(".pre-import"));
    }

    private static void assertOneReasonAndAHint(CommandRun run) {
        assertThat(run.err()).contains("Error: ").doesNotContain("Exception", "\tat ");
    }

    /** Waits as long as a busy machine may need to start a server: for what fails by itself. */
    private String[] upgrade(Release release) {
        return upgrade(release, 60);
    }

    /** For what only the end of the tool's patience can end. */
    private String[] impatientUpgrade(Release release) {
        return upgrade(release, 8);
    }

    private static String[] upgrade(Release release, int patience) {
        return new String[] {"upgrade", release.version, "--yes", "--allow-unsigned", "--patience", String.valueOf(patience)};
    }

    // ---- what the rehearsal finds in the settings

    @Test
    void aServerWhoseUsersLogInWithOpenIdConnect() {
        with(Release.REFERENCE_021).publish(Release.OURS);
        machine.setServerVariable("STOREIT_AUTH_ISSUER", "https://id.example.org");
        machine.start();
        var run = assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS));
        assertThat(run.err()).contains("STOREIT_AUTH_ISSUER", "OpenID Connect");
    }

    // ---- 2 download

    @Test
    void aReleaseThatDoesNotExist() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        assertThat(assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, "upgrade", "0.9.9", "--yes", "--allow-unsigned").text())
                .contains("0.9.9");
    }

    @Test
    void aFolderOfReleasesThatIsNotThere() throws IOException {
        running(Release.REFERENCE_021);
        Files.delete(machine.releases);
        assertThat(assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS)).text())
                .contains(machine.releases.toString());
    }

    @Test
    void aFileWhoseSumIsWrong() throws IOException {
        running(Release.REFERENCE_021).publish(Release.OURS);
        for (var name : Machine.names(machine.release(Release.OURS))) {
            if (name.startsWith("storeit-server-linux")) {
                var file = machine.release(Release.OURS).resolve(name);
                var bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 1;
                Files.write(file, bytes);
            }
        }
        assertThat(assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS)).text()).contains("SHA256SUMS");
    }

    @Test
    void aFileThatIsNoProgram() throws IOException {
        running(Release.REFERENCE_021);
        var garbage = Files.write(machine.folder.resolve("garbage"), new byte[] {0x7f, 'E', 'L', 'F', 9, 9, 9, 9, 0, 0, 0, 0});
        machine.publish("0.3.0", garbage);
        assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS));
    }

    @Test
    void aFileThatIsAnotherVersionThanItsTagSays() {
        running(Release.REFERENCE_020);
        machine.publish("0.3.0", Release.REFERENCE_021.asset());
        assertThat(assertRefusedBeforeTheStop(Release.REFERENCE_020, 1, upgrade(Release.OURS)).text()).contains("0.2.1");
    }

    // ---- rehearsal

    @ParameterizedTest
    @EnumSource(value = Release.class, names = {"REFERENCE_021", "SCHEMA_1"})
    void aNewVersionWhoseImportFails(Release from) {
        running(from).publishSabotaged(Release.OURS, "case $1 in import) echo 'Error: cannot import this' >&2; exit 1;; esac");
        assertThat(assertRefusedBeforeTheStop(from, 1, upgrade(Release.OURS)).text()).contains("cannot import this");
    }

    @Test
    void aNewVersionWhoseImportLosesRecords() {
        running(Release.REFERENCE_021).publishSabotaged(Release.OURS, """
                [ "$1" = import ] && { sed 1,3d "$0" > "$0.$$"; chmod 755 "$0.$$"; "$0.$$" "$@"; e=$?; rm "$0.$$"; file=${DATABASE_URL#sqlite:}; file=${file#//}
                sqlite3 "${file%%\\?*}" 'DELETE FROM nfc_tags'; exit $e; }
                true""".replace("sqlite3", Programs.file("sqlite3").toString()));
        assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS));
    }

    @Test
    void aNewVersionThatDiesWhenItIsStarted() {
        running(Release.REFERENCE_021).publishSabotaged(Release.OURS,
                "case ${1-serve} in serve) echo 'Error: no moon tonight'; exit 1;; esac");
        assertThat(assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS)).text()).contains("no moon tonight");
    }

    @Test
    void aNewVersionThatNeverAnswers() {
        running(Release.REFERENCE_021).publishSabotaged(Release.OURS, "case ${1-serve} in serve) exec sleep 600;; esac");
        assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, impatientUpgrade(Release.OURS));
    }

    // ---- 5 start, 6 health check

    @ParameterizedTest
    @EnumSource(value = Release.class, names = {"REFERENCE_021", "SCHEMA_1", "OURS"})
    void aNewVersionThatDiesOnlyAtTheRealStart(Release from) {
        running(from);
        var to = from == Release.OURS ? Release.NEXT : Release.OURS;
        machine.publishSabotaged(to, onRealStart("echo 'Error: not here'; exit 1"));
        assertThat(assertUndone(from, upgrade(to)).text()).contains("not here");
    }

    @ParameterizedTest
    @EnumSource(value = Release.class, names = {"REFERENCE_021", "OURS"})
    void aNewVersionThatLivesAtTheRealStartButAnswersNothing(Release from) {
        running(from);
        var to = from == Release.OURS ? Release.NEXT : Release.OURS;
        machine.publishSabotaged(to, onRealStart("exec sleep 600"));
        assertUndone(from, impatientUpgrade(to));
    }

    @Test
    void aNewVersionThatLivesAtTheRealStartButAnswersErrorsOnly() {
        running(Release.REFERENCE_021);
        machine.publishSabotaged(Release.OURS, onRealStart(BrokenServer.launchLine(machine.port, 500)));
        assertUndone(Release.REFERENCE_021, impatientUpgrade(Release.OURS));
    }

    @Test
    void aNewVersionThatServesOtherDataAtTheRealStart() {
        running(Release.REFERENCE_021);
        machine.publishSabotaged(Release.OURS,
                onRealStart("export DATABASE_URL=sqlite:%s?mode=rwc".formatted(machine.folder.resolve("home/empty.db"))));
        assertUndone(Release.REFERENCE_021, impatientUpgrade(Release.OURS));
    }

    @Test
    void aDowngradeWhoseOldServerDiesOnlyAtTheRealStart() {
        running(Release.OURS);
        machine.publishSabotaged(Release.REFERENCE_021, onRealStart("echo 'Error: not here'; exit 1"));
        assertUndone(Release.OURS, "downgrade", "0.2.1", "--yes", "--allow-unsigned", "--patience", "60");
    }

    /** The old server comes back as soon as the port is free again, without anyone doing anything about it. */
    @Test
    void aPortThatSomebodyElseTakesForAWhileAfterTheStop() throws Exception {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var tool = machine.startTool(impatientUpgrade(Release.OURS));
        try (var thief = takePort(tool)) {
            Waiting.pause(1000);
        }
        var run = tool.await();
        assertServesEverything(run.exit() == 0 ? Release.OURS : Release.REFERENCE_021);
    }

    @Test
    void aPortThatSomebodyElseTakesAfterTheStopAndKeepsUntilAPersonCares() throws Exception {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var tool = machine.startTool("upgrade", "0.3.0", "--yes", "--allow-unsigned", "--patience", "8");
        try (var thief = takePort(tool)) {
            var run = tool.await().requireExit(4);
            assertThat(run.text()).contains(String.valueOf(machine.port), "storeit-ctl resume");
        }
        machine.tool("resume").requireExit(0);
        assertServesEverything(Release.REFERENCE_021);
    }

    /** Binds the port in the moment the old server leaves it. */
    private ServerSocket takePort(RunningCommand tool) throws IOException {
        tool.awaitLine("Stopping server...");
        for (var end = System.nanoTime() + Waiting.LIMIT.toNanos();;) {
            try {
                return new ServerSocket(machine.port, 1, InetAddress.getLoopbackAddress());
            } catch (IOException stillTaken) {
                if (System.nanoTime() > end) {
                    throw stillTaken;
                }
            }
        }
    }

    // ---- before anything

    @Test
    void anotherProgramOnTheServersAddress() throws IOException {
        with(Release.REFERENCE_021).publish(Release.OURS);
        var foreign = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), machine.port), 0);
        foreign.createContext("/", exchange -> {
            var page = "<h1>It works!</h1>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        foreign.start();
        try {
            for (var command : List.of(upgrade(Release.OURS), new String[] {"backup", "-o", "x.storeit"},
                    new String[] {"rollback", "--yes"})) {
                var run = machine.tool(command).requireExit(1);
                assertThat(run.text()).contains(machine.url());
                assertOneReasonAndAHint(run);
            }
            assertThat(ProcessHandle.current().isAlive()).isTrue();
            HouseholdComparison.assertSame(before, machine.database);
            assertNothingLeftOver();
        } finally {
            foreign.stop(0);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Release.class, names = {"REFERENCE_021", "OURS"})
    void aDatabaseThatAnotherProcessHasInUse(Release from) throws Exception {
        running(from).publish(Release.OURS, Release.NEXT);
        var holder = new ProcessBuilder(Programs.file("sqlite3").toString(), machine.database.toString()).redirectErrorStream(true).start();
        try {
            // A lock would keep an old server itself from writing the session of a login; the open file alone must be noticed.
            var sql = (from == Release.OURS ? "BEGIN; " : "") + "SELECT count(*) FROM items;\n";
            holder.getOutputStream().write(sql.getBytes(StandardCharsets.UTF_8));
            holder.getOutputStream().flush();
            assertThat((char) holder.getInputStream().read()).isEqualTo('3');
            var to = from == Release.OURS ? Release.NEXT : Release.OURS;
            var run = machine.tool(upgrade(to));
            assertThat(run.exit()).as(run.toString()).isIn(1, 3);
            assertThat(run.text()).contains(String.valueOf(holder.pid()));
            assertServesEverything(from);
            assertNothingLeftOver();
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void aSecondServerOnTheSameDatabase() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.startAnother(machine.binary, Map.of("STOREIT_BIND", "127.0.0.1:" + Machine.freePort()));
        Waiting.until("the second server", () -> machine.servers().size() == 2);
        Waiting.pause(500);
        var run = machine.tool(impatientUpgrade(Release.OURS));
        assertThat(run.exit()).as(run.toString()).isIn(1, 3);
        assertThat(machine.servingVersion()).isEqualTo("0.2.1");
        HouseholdComparison.assertSame(before, machine.database);
        assertThat(machine.servers()).as("servers, of which the second was not storeit-ctl's to end").hasSize(2);
    }

    @Test
    void anotherStoreitCtlAtWork() {
        running(Release.REFERENCE_021);
        machine.publishSabotaged(Release.OURS, "[ \"$1\" = import ] && sleep 3");
        var first = machine.startTool("upgrade", "0.3.0", "--yes", "--allow-unsigned");
        first.awaitLine("Rehearsing");
        var second = machine.tool(upgrade(Release.OURS)).requireExit(7);
        assertThat(second.text()).contains("storeit-ctl upgrade (process ", "is running on this installation");
        first.await().requireExit(0);
        assertThat(machine.servingVersion()).isEqualTo("0.3.0");
        HouseholdComparison.assertSame(before, machine.database);
    }

    @Test
    void aWrongPassword() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        Machine.write(machine.folder.resolve("home/password"), "wrong\n");
        assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS));
    }

    @Test
    void noPasswordAtAll() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.forgetPassword();
        assertThat(assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS)).text()).contains("--password-file");
    }

    @Test
    void aCookieOfSomebodyWhoIsNoAdministrator() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.forgetPassword();
        machine.setToolVariable("STOREIT_CTL_AUTH_COOKIE", machine.login("mira", "correct horse battery").orElseThrow());
        assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS));
    }

    // ---- 1 back up

    @Test
    void aBackupTheServerCannotMake() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.sql("UPDATE items SET created_at = '2026-01-01T00:00:00-01:00' WHERE rowid = 1");
        before = machine.household();
        assertThat(assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, upgrade(Release.OURS)).text()).contains("trailing input");
    }

    @Test
    void aBackupFolderNobodyMayWriteInto() throws IOException {
        running(Release.REFERENCE_021).publish(Release.OURS);
        var file = Machine.write(machine.folder.resolve("home/a-file"), "");
        assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, "upgrade", "0.3.0", "--yes", "--allow-unsigned", "--data-dir",
                file.toString());
        assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, "upgrade", "0.3.0", "--yes", "--allow-unsigned", "--data-dir",
                machine.folder.resolve("nowhere").toString());
    }

    // ---- no space, no permission: found before the stop

    @Test
    void aFullDiskUnderTheBackup() throws IOException {
        running(Release.REFERENCE_021).publish(Release.OURS);
        withSmallFileSystem("200k", small -> assertRefusedBeforeTheStop(Release.REFERENCE_021, 1, "upgrade", "0.3.0", "--yes",
                "--allow-unsigned", "--data-dir", small.toString()));
    }

    @Test
    void aFullDiskUnderTheDatabase() throws IOException {
        withSmallFileSystem("1200k", small -> {
            var moved = Files.createDirectories(small.resolve("data"));
            with(Release.REFERENCE_021).publish(Release.OURS);
            Machine.copyFile(machine.database, moved.resolve("storeit.db"));
            Files.delete(machine.database);
            Files.delete(machine.database.getParent());
            Files.createSymbolicLink(machine.database.getParent(), moved);
            machine.start();
            var run = machine.tool("upgrade", "0.3.0", "--yes", "--allow-unsigned", "--data-dir", machine.folder.resolve("home")
                    .toString());
            assertThat(run.exit()).as(run.toString()).isEqualTo(1);
            assertThat(run.text()).contains("space");
            assertServesEverything(Release.REFERENCE_021);
            machine.close();
        });
    }

    private interface Action {
        void run(Path folder) throws IOException;
    }

    /** A real file system of that size; only root can mount one. */
    private void withSmallFileSystem(String size, Action action) throws IOException {
        var mountPoint = Files.createTempDirectory("storeit-small");
        try {
            assumeTrue(isRoot() && run(List.of("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", mountPoint.toString())),
                    "needs to mount a small file system");
            try {
                action.run(mountPoint);
            } finally {
                run(List.of("umount", "-l", mountPoint.toString()));
            }
        } finally {
            Files.deleteIfExists(mountPoint);
        }
    }

    @Test
    void aUserWhoMayNotWriteTheInstallation() throws IOException {
        assumeTrue(isRoot() && run(List.of("setpriv", "--version")), "needs root and setpriv to become somebody else");
        running(Release.REFERENCE_021).publish(Release.OURS);
        machine.makeReadableForEveryone();
        // The tool's own classes may lie in root's home; the built file can be copied to where everyone reads.
        var tool = machine.folder.resolve("storeit-ctl");
        Machine.copyFile(Release.PROJECT.resolve("target/storeit-ctl"), tool);
        var server = machine.servers().get(0).pid();
        var run = machine.startProgram(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", tool.toString()),
                upgrade(Release.OURS)).await().requireExit(1);
        assertThat(run.text()).contains("Run as root or as the server's user");
        assertOneReasonAndAHint(run);
        assertThat(machine.servers().get(0).pid()).isEqualTo(server);
        assertServesEverything(Release.REFERENCE_021);
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static boolean run(List<String> command) {
        try {
            return new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    // ---- interruption

    @Test
    void aPersonWhoPressesControlCDuringTheRehearsal() {
        running(Release.REFERENCE_021);
        machine.publishSabotaged(Release.OURS, "[ \"$1\" = import ] && sleep 3");
        var server = machine.servers().get(0).pid();
        var tool = machine.startTool(upgrade(Release.OURS));
        tool.awaitLine("Rehearsing");
        tool.interrupt();
        assertThat(tool.await().exit()).isIn(130, 143);
        assertThat(machine.servers().stream().map(ProcessHandle::pid)).containsExactly(server);
        assertServesEverything(Release.REFERENCE_021);
        assertNothingLeftOver();
    }

    @Test
    void aPersonWhoPressesControlCAfterTheStop() {
        running(Release.REFERENCE_021);
        machine.publishSabotaged(Release.OURS, onRealStart("exec sleep 600"));
        var tool = machine.startTool(upgrade(Release.OURS));
        tool.awaitLine("Starting server...");
        tool.interrupt();
        assertThat(tool.await().exit()).isIn(130, 143);
        assertServesEverything(Release.REFERENCE_021);
        assertNothingLeftOver();
    }

    @Test
    void aPersonWhoPressesControlCWhileItIsPutBack() {
        running(Release.REFERENCE_021);
        machine.publishSabotaged(Release.OURS, onRealStart("exit 1"));
        var tool = machine.startTool(upgrade(Release.OURS));
        tool.awaitLine("Rolling back...");
        tool.interrupt();
        assertThat(tool.await().exit()).isIn(3, 130, 143);
        assertServesEverything(Release.REFERENCE_021);
        assertNothingLeftOver();
    }
}
