package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The first time for one person, on a machine with nothing but Java: everything lies below that person's home. */
@Tag("process")
@Tag("once")
class InstallTest {
    private static final Pattern PASSWORD = Pattern.compile("Password: +(\\S+)");

    @TempDir
    Path folder;

    private Machine machine;
    private Path home;
    private Path server;
    private Path data;

    @BeforeEach
    void nothingInstalled() {
        machine = Machine.bare(folder);
        machine.publish(Release.OURS);
        home = machine.folder.resolve("home");
        server = home.resolve(".local/bin/storeit-server");
        data = home.resolve(".local/share/storeit");
    }

    @AfterEach
    void endEverything() {
        machine.close();
    }

    private String bind() {
        return "127.0.0.1:" + machine.port;
    }

    private RunningCommand startInstall(String... more) {
        var arguments = new ArrayList<>(List.of("install", "--user", "--no-service", "--bind", bind(), "--allow-unsigned", "--patience", "60"));
        arguments.addAll(List.of(more));
        return machine.startTool(arguments.toArray(String[]::new));
    }

    private CommandRun install(String... more) {
        return startInstall(more).await();
    }

    private static String password(CommandRun run) {
        var found = PASSWORD.matcher(run.out());
        assertThat(found.find()).as(run.toString()).isTrue();
        return found.group(1);
    }

    /** The line the install showed, run as a person would: by a shell. */
    private void startAsShown(CommandRun run) {
        var line = run.out().lines().filter(text -> text.strip().startsWith("DATABASE_URL=")).findFirst().orElseThrow(() -> new AssertionError(run.toString()));
        machine.startInShell(line.strip());
        machine.awaitServing();
    }

    @Test
    void oneCommandEndsWithALineThatStartsAServerAndAPasswordThatLogsIn() throws IOException {
        var run = install().requireExit(0);
        assertThat(run.err()).contains("Installing StoreIT 0.3.0...");
        assertThat(run.out()).contains("Binary installed at " + server, "Data directory: " + data, "Start the server with:",
                "It will listen at " + machine.url());
        assertThat(machine.servers()).as("servers left running").isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server))).isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data))).isEqualTo("rwxr-x---");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("storeit.db")))).isEqualTo("rw-------");
        assertThat(Machine.names(data)).contains(".first-password").doesNotContain(".first-start.log");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(".first-password")))).isEqualTo("rw-------");
        assertThat(Files.readString(data.resolve(".first-password"))).isEqualTo(password(run) + "\n");
        assertThat(run.out()).contains("The password is also in " + data.resolve(".first-password") + ".", "'storeit-ctl cleanup' removes the file");
        startAsShown(run);
        assertThat(machine.servingVersion()).isEqualTo("0.3.0");
        assertThat(machine.login("admin", password(run))).isPresent();
        assertThat(machine.login("admin", "changeme")).isEmpty();
    }

    @Test
    void aDryRunSaysWhatWouldBeDoneAndDoesNothing() {
        var run = install("--dry-run").requireExit(0);
        assertThat(run.out()).contains("Create the data directory " + data, "Download storeit-server-linux-", "install it at " + server, "Create the database", "Nothing was changed.");
        assertNothingWasDone();
        // Without --allow-unsigned it would have to ask.
        var asked = machine.tool("install", "--user", "--no-service", "--bind", bind(), "--dry-run", "--json").requireExit(0);
        assertThat(Machine.json(asked.out()).path("dry_run").asBoolean()).isTrue();
        assertThat(Machine.json(asked.out()).path("questions").get(0).asText()).contains("has no signature", "--allow-unsigned");
        assertThat(machine.tool("install", "0.9.9", "--user", "--no-service", "--bind", bind(), "--dry-run").requireExit(1).err()).contains("There is no release 0.9.9");
        assertNothingWasDone();
    }

    @Test
    void asJsonTheResultHasThePasswordToo() {
        var installed = Machine.json(install("--json").requireExit(0).out());
        assertThat(installed.path("binary").asText()).isEqualTo(server.toString());
        machine.startInShell(installed.path("start_command").asText());
        machine.awaitServing();
        assertThat(machine.login(installed.path("username").asText(), installed.path("password").asText())).isPresent();
        assertThat(installed.path("password_file").asText()).isEqualTo(data.resolve(".first-password").toString());
        machine.stopServers();
        var dry = Machine.json(machine.tool("uninstall", "--user", "--dry-run", "--json").requireExit(0).out());
        assertThat(dry.path("steps").get(0).asText()).isEqualTo("Remove " + server);
        assertThat(server).exists();
        var gone = Machine.json(machine.tool("uninstall", "--user", "--json").requireExit(0).out());
        assertThat(gone.path("removed").get(0).asText()).isEqualTo(server.toString());
        assertThat(gone.path("kept").get(0).asText()).isEqualTo(data.toString());
    }

    /** Also where the tool itself was there before, of another version or built from source. */
    @Test
    void theManualAndTheCompletionsComeAndGoWithIt() throws IOException {
        Files.createDirectories(server.getParent());
        Machine.copyFile(Tool.FILE, server.resolveSibling("storeit-ctl"));
        install().requireExit(0);
        var share = home.resolve(".local/share");
        var files = List.of("man/man1/storeit-ctl.1", "man/man1/storeit-ctl-upgrade.1", "bash-completion/completions/storeit-ctl", "zsh/site-functions/_storeit-ctl",
                "fish/vendor_completions.d/storeit-ctl.fish").stream().map(share::resolve).toList();
        for (var file : files) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).as(file.toString()).isEqualTo("rw-r--r--");
        }
        var somebodysOwn = Files.writeString(share.resolve("man/man1/storeit-ctlx.1"), "");
        machine.tool("uninstall", "--user").requireExit(0);
        assertThat(files).noneMatch(Files::exists);
        assertThat(Machine.names(share.resolve("man/man1"))).containsExactly(somebodysOwn.getFileName().toString());
    }

    @Test
    void theSecondTimeThereIsNothingToDoAndThePasswordIsTheSameUntilCleanupRemovesIt() {
        var first = install().requireExit(0);
        var second = install().requireExit(0);
        assertThat(second.text()).contains("Checking StoreIT 0.3.0...");
        assertThat(password(second)).isEqualTo(password(first));
        startAsShown(second);
        assertThat(machine.login("admin", password(first))).isPresent();
        // Also while it serves.
        assertThat(password(install().requireExit(0))).isEqualTo(password(first));

        var file = data.resolve(".first-password");
        var doctor = Machine.json(machine.tool("doctor", "--json").out());
        assertThat(doctor.path("findings").findValuesAsText("what")).contains(file + " holds the first administrator's password");
        assertThat(doctor.path("findings").findValuesAsText("severity")).doesNotContain("serious");
        assertThat(machine.tool("cleanup", "--dry-run").requireExit(0).out()).contains("Remove " + file);
        assertThat(file).exists();
        assertThat(machine.tool("cleanup").requireExit(0).out()).contains("No rollback files to clean up", "First administrator's password removed: " + file);
        assertThat(file).doesNotExist();
        assertThat(install().requireExit(0).out()).contains("was kept").doesNotContain("Password");
        assertThat(machine.login("admin", password(first))).isPresent();
        assertThat(machine.servers()).hasSize(1);
    }

    /** What is there when the install is killed. */
    private enum Moment {
        DOWNLOAD(".local/bin/storeit-server.new"),
        BINARY(".local/bin/storeit-server"),
        PASSWORD(".local/share/storeit/.first-password"),
        FIRST_START(".local/share/storeit/storeit.db.token");

        private final String file;

        Moment(String file) {
            this.file = file;
        }
    }

    @ParameterizedTest(name = "killed when there is {0}")
    @EnumSource(Moment.class)
    void whatWasKilledIsFinishedByTheNextInstall(Moment moment) {
        var killed = startInstall();
        Waiting.until(moment.file, Duration.ofMillis(1), () -> Files.exists(home.resolve(moment.file)) || !killed.isAlive());
        killed.kill();
        var run = install().requireExit(0);
        startAsShown(run);
        assertThat(machine.servers()).hasSize(1);
        assertThat(machine.login("admin", password(run))).isPresent();
        assertThat(Machine.names(server.getParent())).contains("storeit-server").doesNotContain("storeit-server.new");
    }

    @Test
    void whatFailsIsTakenAwayAgain() {
        machine.publishSabotaged(Release.OURS, "case ${1-} in serve) echo 'Error: the moon is in the way' >&2; exit 1;; esac");
        var run = install().requireExit(1);
        assertThat(run.err()).contains("Could not install StoreIT 0.3.0", "the moon is in the way", "What this run created was removed.");
        assertThat(Files.exists(server)).isFalse();
        assertThat(Files.exists(data.resolve("storeit.db"))).isFalse();
        machine.publish(Release.OURS);
        startAsShown(install().requireExit(0));
    }

    @Test
    void ctrlCTakesAwayWhatWasMade() {
        machine.publishSabotaged(Release.OURS, "case ${1-} in serve) exec sleep 600;; esac");
        var run = startInstall();
        Waiting.until("the first start", () -> Files.exists(data.resolve(".first-password")) && !machine.servers().isEmpty());
        run.interrupt();
        assertThat(run.await().exit()).isIn(130, 143);
        assertThat(Files.exists(server)).isFalse();
        assertThat(machine.servers()).isEmpty();
    }

    @Test
    void aPortThatIsTakenIsToldWithItsHolderBeforeAnythingIsDone() throws IOException {
        try (var taken = new java.net.ServerSocket(machine.port, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            var run = install().requireExit(1);
            assertThat(run.err()).contains("could not listen on " + bind(), "process " + ProcessHandle.current().pid(), "--bind");
        }
        assertNothingWasDone();
    }

    @Test
    void aBinaryOfAnotherVersionIsLeftToUpgrade() throws IOException {
        Files.createDirectories(server.getParent());
        Machine.copyFile(Release.REFERENCE_021.asset(), server);
        assertThat(install("0.3.0").requireExit(1).err()).contains("Binary already exists at " + server + ", version 0.2.1. Use 'upgrade' instead.");
        assertThat(Files.mismatch(server, Release.REFERENCE_021.asset())).isEqualTo(-1);
        assertThat(Files.exists(data)).isFalse();
    }

    @Test
    void whatIsNoAddressIsRefused() {
        var run = machine.tool("install", "--user", "--no-service", "--allow-unsigned", "--bind", "8080").requireExit(2);
        assertThat(run.err()).contains("'8080' is not an address and a port");
        assertNothingWasDone();
    }

    @Test
    void aReleaseThatIsNotThereIsNotInstalled() {
        assertThat(install("0.9.9").requireExit(1).err()).contains("There is no release 0.9.9");
        assertNothingWasDone();
    }

    @Test
    void dataOfAnotherSchemaAreNotServedByAVersionThatDoesNotKnowThem() throws IOException {
        Files.createDirectories(data);
        Machine.copyFile(Release.SCHEMA_1.fixture().resolve("storeit.db"), data.resolve("storeit.db"));
        assertThat(install().requireExit(1).err()).contains("does not fit version 0.3.0", "schema 1, expected 2", "was kept");
        assertThat(Machine.sha256(data.resolve("storeit.db"))).isEqualTo(Machine.sha256(Release.SCHEMA_1.fixture().resolve("storeit.db")));
        assertThat(Files.exists(server)).isFalse();
    }

    @Test
    void dataThatAreThereAlreadyAreServed() throws IOException {
        Files.createDirectories(data);
        Machine.copyFile(Release.OURS.fixture().resolve("storeit.db"), data.resolve("storeit.db"));
        data.resolve("storeit.db").toFile().setWritable(true);
        var run = install().requireExit(0);
        assertThat(run.out()).contains("was kept").doesNotContain("Password");
        startAsShown(run);
        assertThat(machine.login(Machine.ADMINISTRATOR, Machine.PASSWORD)).isPresent();
    }

    @Test
    void anOldVersionIsInstalledInTheSameWay() {
        machine.publish(Release.REFERENCE_021);
        var run = install("0.2.1").requireExit(0);
        startAsShown(run);
        assertThat(machine.servingVersion()).isEqualTo("0.2.1");
        assertThat(machine.login("admin", password(run))).isPresent();
    }

    @Test
    void aHomeWithBlanksAndQuotesIsNoObstacle() throws IOException {
        var odd = Files.createDirectories(machine.folder.resolve("Mira's home"));
        machine.setToolVariable("HOME", odd.toString());
        var run = install().requireExit(0);
        startAsShown(run);
        assertThat(machine.login("admin", password(run))).isPresent();
        assertThat(odd.resolve(".local/share/storeit/storeit.db")).exists();
    }

    @Test
    void uninstallKeepsTheDataAndTheNextInstallServesThem() {
        var first = install().requireExit(0);
        startAsShown(first);
        var refused = machine.tool("uninstall", "--user").requireExit(1);
        assertThat(refused.err()).contains("The server is running: process", "Stop it first");
        machine.stopServers();
        var run = machine.tool("uninstall", "--user").requireExit(0);
        assertThat(run.out()).contains("Removed:", server.toString(), "Kept", data.toString());
        assertThat(Files.exists(server)).isFalse();
        assertThat(data.resolve("storeit.db")).exists();
        assertThat(machine.tool("uninstall", "--user").requireExit(0).out()).contains("Nothing is installed for this user.");
        startAsShown(install().requireExit(0));
        assertThat(machine.login("admin", password(first))).isPresent();
        machine.stopServers();
        assertThat(machine.tool("uninstall", "--user", "--delete-data").requireExit(6).err()).contains("database, photos and backups", "--yes");
        assertThat(data.resolve("storeit.db")).exists();
        machine.tool("uninstall", "--user", "--delete-data", "--yes").requireExit(0);
        assertThat(Files.exists(data)).isFalse();
    }

    private void assertNothingWasDone() {
        assertThat(Files.exists(home.resolve(".local"))).as("something below ~/.local").isFalse();
    }
}
