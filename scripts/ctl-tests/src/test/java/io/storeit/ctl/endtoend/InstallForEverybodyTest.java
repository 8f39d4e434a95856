package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The first time for the whole machine, as root: with a user of its own, in the folders of the system. What only systemd can show,
 * scripts/systemd-test shows.
 */
@Tag("process")
@Tag("once")
@Execution(ExecutionMode.SAME_THREAD) // the users made in there are one and the same number, and userdel looks for processes of it
class InstallForEverybodyTest {
    private static final Pattern PASSWORD = Pattern.compile("Password: +(\\S+)");
    private static final String SERVER = "/usr/local/bin/storeit-server";

    @TempDir
    Path folder;

    private Machine machine;
    private PrivateFolders folders;

    @BeforeEach
    void nothingInstalled() {
        assumeThat(PrivateFolders.possible(folder.resolve("trial"))).as("mount namespaces").isTrue();
        machine = Machine.bare(folder);
        machine.publish(Release.OURS);
        folders = PrivateFolders.make(machine.folder.resolve("private"));
    }

    @AfterEach
    void endEverything() {
        if (machine != null) {
            machine.close();
        }
        if (folders != null) {
            folders.close();
        }
    }

    private CommandRun tool(String... arguments) {
        var program = new ArrayList<>(folders.prefix());
        program.addAll(Tool.command());
        return machine.startProgram(program, arguments).await();
    }

    private CommandRun install(String... more) {
        var arguments = new ArrayList<>(List.of("install", "--no-service", "--bind", "127.0.0.1:" + machine.port, "--allow-unsigned", "--patience", "60"));
        arguments.addAll(List.of(more));
        return tool(arguments.toArray(String[]::new));
    }

    private String inside(String... command) {
        var whole = new ArrayList<>(folders.prefix());
        whole.addAll(List.of(command));
        return Machine.runToEnd(new ProcessBuilder(whole)).strip();
    }

    private void assertMode(String file, String mode, int owner) throws IOException {
        var attributes = Files.readAttributes(folders.inside(file), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        assertThat(PosixFilePermissions.toString(attributes.permissions())).as(file).isEqualTo(mode);
        assertThat(Files.getAttribute(folders.inside(file), "unix:uid")).as("owner of " + file).isEqualTo(owner);
    }

    @Test
    void aUserOfItsOwnServesTheDataAndUninstallTakesItAllAway() throws IOException {
        assertThat(install("--dry-run").requireExit(0).out()).contains("Create the user storeit", "Nothing was changed.");
        assertNothingWasDone();
        var run = install().requireExit(0);
        assertThat(run.text()).contains("Created the user storeit", "Binary installed at " + SERVER, "Data directory: /var/lib/storeit");
        int user = Integer.parseInt(inside("id", "-u", "storeit"));
        assertThat(user).isBetween(1, 999);
        assertThat(inside("getent", "passwd", "storeit")).endsWith("/usr/sbin/nologin");
        assertMode(SERVER, "rwxr-xr-x", 0);
        assertMode("/var/lib/storeit", "rwxr-x---", user);
        assertMode("/var/lib/storeit/storeit.db", "rw-------", user);
        assertMode("/var/lib/storeit/images", "rwxr-x---", user);

        var manual = folders.inside("/usr/local/share/man/man1/storeit-ctl-upgrade.1");
        var completion = folders.inside("/etc/fish/completions/storeit-ctl.fish");
        if (Tool.isBuilt()) {
            assertThat(manual).exists();
            assertThat(completion).exists();
        }
        var line = run.out().lines().filter(text -> text.contains("DATABASE_URL=")).findFirst().orElseThrow().strip();
        assertThat(line).startsWith("setpriv --reuid=storeit ").contains("STOREIT_SERVER_JAVA=/");
        // Temporary files of a test's machine lie where that user may not look.
        machine.startInShell("-u STOREIT_SERVER_JAVA_OPTS " + String.join(" ", folders.prefix()) + " " + line);
        machine.awaitServing();
        var server = machine.servers();
        assertThat(server).hasSize(1);
        assertThat(Files.getAttribute(Path.of("/proc/" + server.get(0).pid()), "unix:uid")).isEqualTo(user);
        var password = PASSWORD.matcher(run.out());
        assertThat(password.find()).isTrue();
        assertThat(machine.login("admin", password.group(1))).isPresent();

        assertMode("/var/lib/storeit/.first-password", "rw-------", 0);
        assertThat(install().requireExit(0).out()).contains("Password:   " + password.group(1)).doesNotContain("Created the user storeit");
        machine.stopServers();

        assertThat(tool("uninstall", "--delete-data", "--dry-run").requireExit(0).out()).contains("Remove " + SERVER, "Remove /var/lib/storeit", "Remove the user storeit",
                "It would ask: Everything in /var/lib/storeit will be deleted");
        assertThat(folders.inside(SERVER)).exists();
        tool("uninstall").requireExit(0);
        assertThat(folders.inside(SERVER)).doesNotExist();
        assertThat(folders.inside("/var/lib/storeit/storeit.db")).exists();
        tool("uninstall", "--delete-data", "--yes").requireExit(0);
        assertThat(folders.inside("/var/lib/storeit")).doesNotExist();
        if (Tool.isBuilt()) {
            assertThat(manual).doesNotExist();
            assertThat(completion).doesNotExist();
        }
        assertThat(inside("sh", "-c", "id storeit 2>&1 || true")).contains("no such user");
    }

    @Test
    void dataOfAUserThatIsNoMoreAreGivenToTheNewOne() throws IOException {
        install().requireExit(0);
        inside("sh", "-c", "rm /usr/local/bin/storeit-server && userdel storeit && chown -R 61234:61234 /var/lib/storeit");
        assertThat(install().requireExit(0).err()).contains("Changing the owner of /var/lib/storeit and its content to storeit");
        int user = Integer.parseInt(inside("id", "-u", "storeit"));
        assertMode("/var/lib/storeit/storeit.db", "rw-------", user);
    }

    @Test
    void aJavaThatOnlyRootCanReadIsNotTakenForTheServer() throws IOException {
        var home = Path.of(System.getProperty("java.home"));
        inside("sh", "-c", "mkdir /root/jre && mount --bind " + home + " /root/jre");
        assertThat(install("--java", "/root/jre/bin/java").requireExit(1).err()).contains("no Java 17 or newer that the server's user can run",
                "/root/jre/bin/java", "default-jre-headless");
        assertNothingWasDone();
        machine.setToolVariable("STOREIT_CTL_JAVA", "/root/jre/bin/java");
        machine.setToolVariable("JAVA_HOME", "/root/jre");
        assertThat(install().requireExit(0).out()).doesNotContain("=/root/");
    }

    @Test
    void whatStandsInTheWayIsToldBeforeAnythingIsDone() throws IOException {
        assertThat(tool("install", "--allow-unsigned", "--bind", "127.0.0.1:" + machine.port).requireExit(1).err())
                .contains("does not use systemd", "--no-service");
        inside("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", "/usr/local");
        assertThat(install().requireExit(1).err()).contains("Not enough space on the file system of " + SERVER);
        inside("umount", "/usr/local");
        var other = new ArrayList<>(folders.prefix());
        other.addAll(List.of("setpriv", "--reuid=61234", "--regid=61234", "--clear-groups", "env", "-i", "PATH=" + System.getenv("PATH"), "HOME=/nonexistent"));
        other.addAll(Tool.command());
        machine.folder.toFile().setExecutable(true, false);
        var run = machine.startProgram(other, "install").await();
        assertThat(run.requireExit(1).err()).contains("Only root can install for the whole machine", "sudo", "--user");
        assertNothingWasDone();
    }

    private void assertNothingWasDone() {
        assertThat(List.of(SERVER, "/var/lib/storeit", "/etc/storeit").stream().map(folders::inside).filter(Files::exists)).isEmpty();
        assertThat(inside("sh", "-c", "id storeit 2>&1 || true")).contains("no such user");
    }
}
