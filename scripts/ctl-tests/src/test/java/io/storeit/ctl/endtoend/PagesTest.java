package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command that README and docs tell to type is run by something, and every command of ours that they mention is one that exists,
 * with options that exist.
 */
@Tag("once")
class PagesTest {
    /** Made from what programs print, by what runs them. */
    private static final Set<String> RECORDED = Set.of("docs/command-line.md", "docs/tour.md");
    /** Tests that take all commands from the page itself. */
    private static final Map<String, String> PLAYED = Map.of(
            "docs/archives.md", "ArchivesPageTest.java",
            "docs/backups.md", "BackupsPageTest.java",
            "docs/recovery.md", "RecoveryPageTest.java",
            "docs/upgrading.md", "UpgradingPageTest.java",
            "docs/migration-system.md", "RecipeTest.java");

    /**
     * The others, line by line, each with the file that runs it. A line that is new on a page is added here, with what runs it; where
     * nothing does yet, the test comes first. Of a line that runs in other words, these words follow after {@code =>}.
     */
    private static final Map<String, String> RUN_BY = runBy("""
            scripts/release-test.sh
              make demo => scripts/demo.sh
            .github/workflows/test.yml
              make check
            .ci/run
              make test
            scripts/release-test.sh
              scripts/mvn -B -ntp -pl interchange -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest=TimestampsTest => -Dsurefire.failIfNoSpecifiedTests=false
            scripts/test.sh
              scripts/build.sh
              scripts/build.sh next
            scripts/ctl-tests/src/test/java/io/storeit/ctl/endtoend/PagesTest.java
              curl -LO https://github.com/Bronson-Brown-deVost/StoreIT/releases/latest/download/storeit-ctl
              chmod +x storeit-ctl
            scripts/systemd-test/run.sh
              sudo ./storeit-ctl install => expect 0 /root/storeit-ctl install
              sudo storeit-ctl install => expect 0 /root/storeit-ctl install
              sudo storeit-ctl uninstall => expect 0 storeit-ctl uninstall
              sudo systemctl restart storeit => systemctl restart storeit
              apt install default-jre-headless => openjdk-17-jre-headless
            scripts/ctl-tests/src/test/java/io/storeit/ctl/endtoend/PagesTest.java
              sha256sum --check --ignore-missing SHA256SUMS
            scripts/systemd/storeit-backup.service
              storeit-ctl backup -o /var/lib/storeit/backups/ --keep-daily 7 --keep-weekly 4 --keep-monthly 6
            scripts/ctl-tests/src/test/java/io/storeit/ctl/endtoend/UpgradingPageTest.java
              sudo storeit-ctl status => "storeit-ctl status"
              sudo storeit-ctl upgrade => "storeit-ctl upgrade"
              sudo storeit-ctl rollback => "storeit-ctl rollback"
              storeit-ctl status => "storeit-ctl status"
            scripts/ctl-tests/src/test/java/io/storeit/ctl/endtoend/CommandsTest.java
              storeit-ctl status --json => machine.tool("status", "--json")
            scripts/ctl-tests/src/test/java/io/storeit/ctl/endtoend/MovingTest.java
              sudo storeit-ctl backup -o storeit.storeit => "backup", "-o"
              sudo storeit-ctl restore storeit.storeit => "restore", carried.toString()
              sudo storeit-ctl restore storeit.storeit --yes => "restore", carried.toString(), "--yes"
            scripts/image-test.sh
              cp env.example .env => cp compose/.env.example "$work/scenario/installation/.env"
              docker compose up -d
              docker compose logs
              docker compose down
              docker compose exec -u storeit storeit storeit-server version
              docker compose exec -u storeit storeit storeit-server verify
              docker compose exec -u storeit storeit storeit-server export -o /data/db/backup.storeit
              docker compose run --rm storeit import /data/db/backup.storeit
            scripts/ctl-tests/src/test/java/io/storeit/scripts/SigningTest.java
              make release-keys KEYS=~/storeit-keys => Signing.java
              openssl pkeyutl -verify -pubin -inkey release-key.pub.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig => Programs.file("openssl").toString(), "pkeyutl", "-verify", "-pubin", "-inkey"
            interchange/src/test/java/io/storeit/interchange/archive/PythonReaderTest.java
              python3 scripts/storeit_archive.py interchange/src/test/resources/golden/v2-images.storeit => python(archives.toArray())
              python3 scripts/storeit_archive.py --rows items interchange/src/test/resources/golden/v2-images.storeit => "--rows", "items"
              python3 scripts/storeit_archive.py --images target/photos interchange/src/test/resources/golden/v2-images.storeit => "--images"
            """);

    private static Map<String, String> runBy(String table) {
        var found = new HashMap<String, String>();
        var file = "";
        for (var line : table.lines().toList()) {
            if (line.startsWith("  ")) {
                var parts = line.strip().split(" => ", 2);
                found.put(parts[0], file + "\n" + parts[parts.length - 1]);
            } else {
                file = line;
            }
        }
        return found;
    }

    static Stream<String> pages() {
        return Page.all().stream().map(page -> page.name).filter(page -> !RECORDED.contains(page));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandIsRunBySomething(String name) throws IOException {
        var page = Page.of(name);
        if (PLAYED.containsKey(name)) {
            return;
        }
        var runByNothing = new ArrayList<String>();
        for (var line : page.blocks.stream().flatMap(block -> block.lines().stream()).toList()) {
            var run = RUN_BY.getOrDefault(line, "").split("\n", 2);
            if (run.length < 2) {
                runByNothing.add(line);
            } else {
                assertThat(Files.readString(Release.PROJECT.resolve(run[0]))).as(run[0] + " is said to run: " + line).contains(run[1]);
            }
        }
        assertThat(runByNothing).as("commands of " + name + " that this test does not know").isEmpty();
    }

    @Test
    void whatIsPlayedIsPlayedAndNothingIsListedThatNoPageHas() throws IOException {
        for (var played : PLAYED.entrySet()) {
            var tests = Release.PROJECT.resolve("scripts/ctl-tests/src/test/java/io/storeit");
            try (var files = Files.walk(tests)) {
                var test = files.filter(file -> file.endsWith(played.getValue())).findFirst().orElseThrow();
                assertThat(Files.readString(test)).contains("\"" + played.getKey() + "\"");
            }
        }
        var lines = new HashSet<String>();
        Page.all().forEach(page -> page.blocks.forEach(block -> lines.addAll(block.lines())));
        assertThat(RUN_BY.keySet()).isSubsetOf(lines);
    }

    /** With a curl that has the file already. */
    @Test
    void theDownloadedFileRunsAfterTheseTwoCommands(@TempDir Path folder) throws IOException {
        assumeThat(Tool.isBuilt()).as(Tool.FILE + " is newer than its sources").isTrue();
        Files.writeString(folder.resolve("curl"), "#!/bin/sh\n[ \"$1\" = -LO ] && [ \"${2##*/}\" = storeit-ctl ] && cat '" + Tool.FILE + "' > storeit-ctl\n");
        assertThat(folder.resolve("curl").toFile().setExecutable(true)).isTrue();
        for (var page : List.of("README.md", "docs/install.md")) {
            var block = Page.of(page).blocks.stream().filter(each -> each.commands().startsWith("curl ")).findFirst().orElseThrow();
            assertThat(block.lines()).containsExactly("curl -LO https://github.com/Bronson-Brown-deVost/StoreIT/releases/latest/download/storeit-ctl",
                    "chmod +x storeit-ctl", "sudo ./storeit-ctl install");
            var shell = new ProcessBuilder("sh", "-euc", block.lines().get(0) + "; " + block.lines().get(1) + "; ./storeit-ctl --version; rm -f storeit-ctl").directory(folder.toFile());
            shell.environment().put("PATH", folder + ":" + System.getenv("PATH"));
            assertThat(Machine.runToEnd(shell)).contains("0.3.0");
        }
    }

    /** In a folder that has some files of a release, and in one where such a file is damaged. */
    @Test
    void theSumsOfAReleaseAreCheckedByTheCommandOfThePage(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("storeit-ctl"), "a file");
        Release.publish(folder, "0.3.0", folder.resolve("storeit-ctl"));
        var release = folder.resolve("v0.3.0");
        var command = "sha256sum --check --ignore-missing SHA256SUMS";
        try (var files = Files.list(release)) {
            Files.delete(files.filter(file -> file.toString().endsWith("-musl")).findFirst().orElseThrow());
        }
        assertThat(Machine.runToEnd(new ProcessBuilder("sh", "-c", command).directory(release.toFile()))).contains(": OK");
        try (var files = Files.list(release)) {
            Files.writeString(files.filter(file -> file.getFileName().toString().startsWith("storeit-server")).findFirst().orElseThrow(), "another");
        }
        assertThatThrownBy(() -> Machine.runToEnd(new ProcessBuilder("sh", "-c", command).directory(release.toFile()))).hasMessageContaining("FAILED");
    }

    // ---- Commands mentioned anywhere

    private static final Pattern MENTIONED = Pattern.compile("(?m)(?:^|`)(?:sudo )?(storeit-ctl|storeit-server) ([^`\n|;&<>]*)");
    private static final Pattern CODE = Pattern.compile("(?s)^```\\w*\n.*?^```$|`[^`\n]+`", Pattern.MULTILINE);
    /** The part of docs/command-line.md about one program or one of its commands. */
    private static final Pattern COMMAND = Pattern.compile("(?ms)^## (storeit-(?:ctl|server))( [a-z-]+)?$(.*?)(?=^## |\\z)");
    private static final Pattern OPTION = Pattern.compile("`(--?[a-zA-Z][a-z-]*)[ `]");

    /** By program, or program and command: the options it takes. */
    private static Map<String, Set<String>> documentedOptions() {
        var options = new HashMap<String, Set<String>>();
        for (var command = COMMAND.matcher(Page.of("docs/command-line.md").text); command.find();) {
            var names = new HashSet<>(options.getOrDefault(command.group(1), Set.of()));
            OPTION.matcher(command.group(3)).results().forEach(option -> names.add(option.group(1)));
            options.put(command.group(1) + (command.group(2) == null ? "" : command.group(2)), names);
        }
        return options;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandAndOptionOfOursExists(String name) throws IOException {
        var options = documentedOptions();
        assertThat(options).containsKeys("storeit-ctl", "storeit-ctl upgrade", "storeit-server", "storeit-server import");
        assertThat(options.get("storeit-ctl upgrade")).contains("--json", "--check").doesNotContain("--tree");

        for (var code = CODE.matcher(Page.of(name).text); code.find();) {
            if (code.group().startsWith("```") && !code.group().startsWith("```bash")) {
                continue;
            }
            for (var mention = MENTIONED.matcher(code.group()); mention.find();) {
                assertExists(options, mention.group(1), List.of(mention.group(2).replaceFirst("\\s#.*", "").strip().split("\\s+")));
            }
        }
    }

    private static void assertExists(Map<String, Set<String>> options, String program, List<String> words) {
        var command = words.get(0).matches("[a-z][a-z-]+") ? program + " " + words.get(0) : program;
        if (command.contains(" ")) {
            assertThat(options).as(program + " " + String.join(" ", words)).containsKey(command);
        }
        for (var word : words) {
            var option = word.replaceFirst("[=,.:)'\"].*", "");
            if (option.matches("--[a-z][a-z-]+|-[a-zA-Z]")) {
                assertThat(options.get(command)).as(command + " " + option).contains(option);
            }
        }
    }
}
