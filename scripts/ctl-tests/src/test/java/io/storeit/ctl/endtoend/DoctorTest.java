package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** doctor, config, and where secrets come from. */
class DoctorTest extends EndToEnd {
    private CommandRun doctor(int exit, String... more) {
        var arguments = new ArrayList<>(List.of("doctor", "--data-dir", machine.database.getParent().toString(), "--binary", machine.binary.toString()));
        arguments.addAll(List.of(more));
        return machine.tool(arguments.toArray(String[]::new)).requireExit(exit);
    }

    private static JsonNode finding(JsonNode report, String area, String words) {
        return StreamSupport.stream(report.path("findings").spliterator(), false)
                .filter(finding -> finding.path("area").asText().equals(area) && finding.path("what").asText().contains(words)).findFirst()
                .orElseThrow(() -> new AssertionError("no finding about " + area + " with '" + words + "' in " + report.toPrettyString()));
    }

    private static void assertFinding(JsonNode report, String area, String words, String severity, String fix) {
        var finding = finding(report, area, words);
        assertThat(finding.path("severity").asText()).as(finding.toString()).isEqualTo(severity);
        assertThat(finding.path("fix").asText("")).as(finding.toString()).contains(fix);
    }

    @Test
    void ofAServerThatRunsWellNothingHasToBeDoneButABackup() throws IOException {
        with(Release.OURS);
        Files.setPosixFilePermissions(machine.database, PosixFilePermissions.fromString("rw-------"));
        machine.forgetPassword();
        machine.start();
        machine.publish(Release.NEXT);
        var report = Machine.json(machine.tool("doctor", "--json").requireExit(1).out());
        assertThat(report.path("worst").asText()).isEqualTo("warning");
        assertFinding(report, "server", "version 0.3.0 answers", "ok", "");
        assertFinding(report, "versions", "server 0.3.0, schema 2", "ok", "");
        assertFinding(report, "java", "the server starts with Java", "ok", "");
        assertFinding(report, "releases", "0.4.0 is available", "note", "storeit-ctl upgrade");
        assertFinding(report, "backups", "no backup was found", "warning", "storeit-ctl backup");

        Machine.write(Files.createDirectories(machine.folder.resolve("home/state/storeit-ctl")).resolve("backups.json"),
                "{\"path\": \"-\", \"time\": \"" + Instant.now() + "\", \"bytes\": 123456789, \"sha256\": \"ab\", \"verified\": true, \"server_url\": \"" + machine.url() + "\"}");
        assertThat(machine.tool("doctor").requireExit(0).out()).contains("No problems found.");
        machine.tool("upgrade", "--check").requireExit(0);
        assertThat(machine.tool("status").requireExit(0).out()).contains("Last backup: to standard output, ", "123.5 MB, verified by a trial restore",
                "Newer release: 0.4.0 (install it with 'storeit-ctl upgrade')");
    }

    @Test
    void everyFaultIsNamedWithTheCommandThatMendsIt() throws IOException {
        with(Release.OURS);
        var data = machine.database.getParent();
        Files.setPosixFilePermissions(machine.database, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(machine.binary, PosixFilePermissions.fromString("rwxrwxrwx"));
        Machine.write(machine.beside(machine.database, ".importing"), "half");
        Machine.write(machine.beside(machine.database, ".pre-upgrade"), "old");
        Machine.write(machine.binary.resolveSibling("storeit-server.new"), "new");
        Files.createDirectories(data.resolve(".storeit-download"));
        var configuration = machine.folder.resolve("home/ctl.conf");
        Files.writeString(configuration, Files.readString(configuration) + "server_ulr = http://nowhere\nauth_cookie = storeit_session=secret\n");
        Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("rw-r--r--"));
        var removed = photos.keySet().iterator().next();
        machine.sql("INSERT INTO _meta (key, value) VALUES ('removed_image:" + removed + "', '2026-01-01T00:00:00Z')");
        machine.setToolVariable("STOREIT_SERVER_JAVA", "");
        machine.setToolVariable("XDG_STATE_HOME", machine.folder.resolve("home/empty").toString());
        var before = machine.dataFiles();

        var report = Machine.json(doctor(4, "--json").out());

        assertThat(report.path("exit_code").asInt()).isEqualTo(4);
        assertFinding(report, "server", "no server is listening at " + machine.url(), "serious", "");
        assertFinding(report, "permissions", "other users can read " + machine.database, "warning", "chmod 600 " + machine.database);
        assertFinding(report, "permissions", "can change " + machine.binary, "warning", "chmod go-w " + machine.binary);
        assertFinding(report, "leftovers", "storeit.db.importing", "warning", "rm -r " + machine.beside(machine.database, ".importing"));
        assertFinding(report, "leftovers", "storeit-server.new", "warning", "rm -r ");
        assertFinding(report, "leftovers", "storeit.db.pre-upgrade", "note", "rm ");
        assertFinding(report, "leftovers", ".storeit-download", "note", "storeit-ctl cleanup");
        assertFinding(report, "settings", "server_ulr", "warning", "storeit-ctl config");
        assertFinding(report, "settings", "other users can read " + configuration, "warning", "chmod 600 " + configuration);
        assertFinding(report, "photos", "1 image file of deleted photos", "note", "storeit-ctl cleanup");
        assertFinding(report, "releases", "There is no release", "note", "");
        assertThat(report.toString()).doesNotContain("storeit_session=secret");
        assertThat(machine.dataFiles()).isEqualTo(before);
        assertThat(doctor(4).out()).contains("serious  server       no server is listening at ", "              to fix: chmod 600 " + configuration, " problems found.");
    }

    @Test
    void whoeverHasTheDatabaseOpenAndDoesNotServeItIsNamed() throws IOException {
        with(Release.OURS);
        var holder = new ProcessBuilder("sh", "-c", "exec sleep 60 < '" + machine.database + "'").start();
        try {
            Waiting.until("the file to be open", () -> Files.exists(Path.of("/proc/" + holder.pid() + "/fd/0"))
                    && Path.of("/proc/" + holder.pid() + "/fd/0").toFile().getAbsoluteFile().exists() && isOpen(holder.pid()));
            var report = Machine.json(doctor(4, "--json").out());
            assertFinding(report, "locks", "process " + holder.pid() + " has the database open: sleep 60", "warning", "kill " + holder.pid());
            Files.delete(machine.binary);
            report = Machine.json(doctor(4, "--json").out());
            assertFinding(report, "versions", machine.binary + " is missing", "serious", "storeit-ctl install");
            assertThat(report.toString()).doesNotContain("null");
        } finally {
            holder.destroyForcibly();
        }
    }

    private boolean isOpen(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/0")).equals(machine.database);
        } catch (IOException notYet) {
            return false;
        }
    }

    @Test
    void eachSettingIsShownWithWhereItCameFrom() throws IOException {
        machine = Machine.bare(folder);
        machine.setToolVariable("STOREIT_CTL_USERNAME", "otto");
        machine.setToolVariable("STOREIT_CTL_CONFIG", "");
        machine.setToolVariable("XDG_CONFIG_HOME", machine.folder.resolve("home/xdg").toString());
        var usual = Files.createDirectories(machine.folder.resolve("home/.config/storeit")).resolve("ctl.conf");
        Machine.write(usual, "# of the older tool\nSERVER_URL = http://localhost:9001\nauth_cookie = storeit_session=secret\nusername = mira\n");
        var run = machine.tool("config", "--data-dir", "/srv/storeit").requireExit(0);
        assertThat(run.out()).contains("server_url     http://localhost:9001  [file " + usual + "]", "username       otto  [variable STOREIT_CTL_USERNAME]",
                "data_dir       /srv/storeit  [option --data-dir]", "auth_cookie    (set, not shown)  [file " + usual + "]", "patience       20  [default]")
                .doesNotContain("secret");

        var own = Files.createDirectories(machine.folder.resolve("home/xdg/storeit")).resolve("ctl.conf");
        Machine.write(own, "server_url = http://localhost:9002\nnonsense = 1\n");
        var report = Machine.json(machine.tool("config", "--json").requireExit(0).out());
        var url = StreamSupport.stream(report.path("settings").spliterator(), false).filter(setting -> setting.path("key").asText().equals("server_url")).findFirst().orElseThrow();
        assertThat(url.path("value").asText()).isEqualTo("http://localhost:9002");
        assertThat(url.path("source").asText()).isEqualTo("file " + own);
        assertThat(report.path("files").path(0).path("unknown_keys").path(0).asText()).isEqualTo("nonsense");

        Machine.write(own, "server_url = localhost\n");
        assertThat(machine.tool("config").requireExit(2).err()).contains("'localhost' is not a server address (server_url, file " + own + ")");
    }

    @Test
    void aPasswordIsAskedForInTheTerminalAndNotShown() throws Exception {
        running(Release.REFERENCE_021).forgetPassword();
        try (var terminal = machine.terminal(Map.of(), 80, 24, "storeit-ctl backup -o " + machine.folder.resolve("home/asked.storeit"))) {
            terminal.await("the first question", text -> text.contains("Administrator at " + machine.url() + ":"));
            terminal.type(Machine.ADMINISTRATOR, "Enter");
            terminal.await("the second question", text -> text.contains("Password of admin:"));
            terminal.type(Machine.PASSWORD, "Enter");
            assertThat(terminal.await("its end", text -> text.contains("exit "))).contains("exit 0").doesNotContain(Machine.PASSWORD);
        }
        assertThat(machine.folder.resolve("home/asked.storeit")).exists();
    }

    @Test
    void aPasswordComesFromStandardInputOrAFileAndAWrongOneIsRefusedInWords() {
        running(Release.REFERENCE_021).forgetPassword();
        var wrong = Machine.write(machine.folder.resolve("home/wrong"), "not this\n");
        var refused = machine.tool("backup", "--username", "admin", "--password-file", wrong.toString(), "-o", "none.storeit").requireExit(1);
        assertThat(refused.err()).contains("The server at " + machine.url() + " rejected the password of admin", "the first line of the file named by --password-file")
                .doesNotContain(" 401", "not this");
        assertThat(machine.tool("backup", "--username", "admin", "--password-file", "-", "-o", "none.storeit").requireExit(1).err())
                .as("nothing on standard input").contains("rejected the password");
        assertThat(machine.tool("backup", "-o", "none.storeit").requireExit(1).err()).contains("requires an administrator's login", "--password-file FILE");
    }
}
