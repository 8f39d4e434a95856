package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.storeit.ctl.CommandTable.Run;
import io.storeit.ctl.CommandTable;
import io.storeit.interchange.schema.Table;
import io.storeit.ops.base.Exit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every command, asked for help, for JSON, for a dry run, with bad arguments, without a terminal, without settings, without a network:
 * standard output holds results only, the exit code is the documented one, and JSON is one object with the keys in docs/json.md.
 */
class CommandTableTest extends EndToEnd {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String ARCHIVE = Release.OURS.fixture().resolve("with-images.storeit").toString();
    private static final String OLD_ARCHIVE = Release.SCHEMA_1.fixture().resolve("with-images.storeit").toString();

    private static final String FREE = "an address that nothing listens at";

    private final int freePort = Machine.freePort();

    /**
     * What a command needs to be understood; a new one has to be entered here. With it the exit code, first at a server (with its files, its
     * administrator's password and releases that nobody signed), then without anything.
     */
    private record Case(int withServer, int withNothing, List<String> arguments) {
        Case(int withServer, int withNothing, String... arguments) {
            this(withServer, withNothing, List.of(arguments));
        }
    }

    private static final Map<String, Case> CASES = Map.ofEntries(
            Map.entry("status", new Case(0, 1)), Map.entry("doctor", new Case(1, 4)), Map.entry("releases", new Case(0, 1)), Map.entry("config", new Case(0, 0)),
            Map.entry("backup", new Case(0, 1, "-o", "new.storeit")), Map.entry("upgrade", new Case(6, 1)), Map.entry("downgrade", new Case(6, 1, "0.2.1")),
            Map.entry("rollback", new Case(1, 1)), Map.entry("resume", new Case(0, 1)), Map.entry("cleanup", new Case(0, 1)), Map.entry("verify", new Case(0, 0, ARCHIVE)),
            Map.entry("show", new Case(0, 0, ARCHIVE)), Map.entry("diff", new Case(0, 1, ARCHIVE)),
            Map.entry("convert", new Case(0, 0, ARCHIVE, "-o", "converted.storeit", "--to-schema", "1", "--yes")), Map.entry("restore", new Case(6, 1, ARCHIVE)),
            Map.entry("install", new Case(6, 1, "--user", "--no-service", "--bind", FREE)), Map.entry("uninstall", new Case(0, 0, "--user")),
            Map.entry("self-update", new Case(1, 1, "--file", Tool.FILE.toString())));

    /** Only a result may stand on standard output, so these have one although the exit code says that something is wrong. */
    private static final Set<String> WITH_BAD_NEWS = Set.of("status", "doctor");

    /** Runs all of them in one process, whose environment is that of the machine's tool and which has no terminal. */
    private List<Run> run(List<List<String>> commands, String... javaOptions) throws IOException {
        Path rows = machine.folder.resolve("commands.json");
        Path results = machine.folder.resolve("runs.json");
        JSON.writeValue(rows.toFile(), commands);
        var java = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), CommandTable.class.getName()));
        java.addAll(1, List.of(javaOptions));
        var whole = machine.startProgram(java, rows.toString(), results.toString()).await().requireExit(0);
        assertThat(whole.text()).as("what went past the streams of Java").isEmpty();
        List<Run> runs = CommandTable.read(results);
        runs.forEach(CommandTableTest::assertInOrder);
        return runs;
    }

    private List<String> row(String command, String... more) {
        var row = new ArrayList<>(List.of(command));
        CASES.get(command).arguments.forEach(word -> row.add(word.equals(FREE) ? "127.0.0.1:" + freePort : word));
        row.addAll(List.of(more));
        return row;
    }

    /** What is true of every run. */
    private static void assertInOrder(Run run) {
        assertThat(run.out() + run.err()).as(run.toString()).doesNotContain("\u001b", "\r", "Exception", "\tat ");
        assertThat(CommandTable.exitCodes().values()).contains(run.exit());
        if (!run.arguments().contains("--json")) {
            boolean failed = run.err().contains("Error: ") || run.exit() == Exit.CONSENT.code;
            assertThat(failed && !run.out().isEmpty()).as("a result and an error\n" + run).isFalse();
            assertThat(run.exit() != 0).as(run.toString()).isEqualTo(failed || WITH_BAD_NEWS.contains(run.arguments().get(0)) && run.exit() != 0);
            return;
        }
        JsonNode object;
        try {
            object = JSON.readTree(run.out());
        } catch (IOException notOne) {
            throw new AssertionError("not one JSON object: " + run, notOne);
        }
        assertThat(object.isObject()).as(run.toString()).isTrue();
        assertThat(object.path("command").asText()).isEqualTo(run.arguments().get(0));
        assertThat(object.path("format_version").asInt()).isEqualTo(1);
        assertThat(object.path("exit_code").asInt()).as(run.toString()).isEqualTo(run.exit());
        assertThat(CommandTable.exitCodes()).containsEntry(object.path("exit").asText(), run.exit());
        assertThat(object.has("error")).as(run.toString()).isEqualTo(run.err().contains("Error: ") || run.exit() == Exit.CONSENT.code);
        new Documented().assertHas(object, run);
    }

    private static void assertExit(Run run, int expected) {
        assertThat(run.exit()).as(run.toString()).isEqualTo(expected);
    }

    @Test
    void everyCommandIsInTheTable() {
        assertThat(CASES.keySet()).containsExactlyInAnyOrderElementsOf(CommandTable.commands());
    }

    @Test
    void withAServerAndNoTerminal() throws IOException {
        running(Release.OURS).publish(Release.NEXT, Release.REFERENCE_021);
        var rows = new ArrayList<List<String>>();
        for (String command : CommandTable.commands()) {
            if (CommandTable.takes(command, "--dry-run")) {
                rows.add(row(command, "--dry-run"));
                rows.add(row(command, "--dry-run", "--json"));
            }
        }
        assertThat(rows).hasSizeGreaterThan(20);
        String before = files();
        for (Run run : run(rows)) {
            int expected = CASES.get(run.arguments().get(0)).withServer;
            // What would ask says so, and that nothing else is in the way.
            assertExit(run, expected == 6 ? 0 : expected);
            if (run.exit() == 0 && !run.asJson()) {
                assertThat(run.out()).as(run.toString()).matches("(?s).*(Nothing was changed|Nothing was interrupted)\\.\n");
            }
        }
        assertThat(files()).as("after dry runs").isEqualTo(before);

        rows.clear();
        for (String command : CommandTable.commands()) {
            rows.add(row(command, "--json"));
        }
        rows.add(List.of("upgrade", "--check", "--json"));
        rows.add(List.of("show", ARCHIVE, "--tree", "--json"));
        rows.add(List.of("show", ARCHIVE, "--find", "drill", "--json"));
        rows.add(row("convert", "--accept-loss", "--json"));
        rows.add(List.of("show", "converted.storeit", "--json"));
        rows.add(List.of("show", "new.storeit", "--json"));
        rows.add(List.of("diff", OLD_ARCHIVE, ARCHIVE, "--json"));
        rows.add(List.of("verify", "converted.storeit", "--json"));
        List<Run> runs = run(rows);
        for (String command : CommandTable.commands()) {
            Run run = runs.stream().filter(one -> one.arguments().equals(row(command, "--json"))).findFirst().orElseThrow();
            assertExit(run, CASES.get(command).withServer);
            if (run.exit() == 6) {
                assertThat(JSON.readTree(run.out()).path("error").path("hint").asText()).as(run.toString()).contains("--");
            }
        }
        runs.subList(CASES.size(), runs.size()).forEach(run -> assertExit(run, 0));
        var documented = new Documented();
        runs.forEach(run -> documented.see(run));
        documented.assertAllSeen();
    }

    /** All that lies on the machine, but for what the programs remember of what they have seen. */
    private String files() throws IOException {
        try (Stream<Path> files = Files.walk(machine.folder)) {
            return files.filter(Files::isRegularFile).filter(file -> !file.startsWith(machine.folder.resolve("home/state")) && !file.startsWith(machine.folder.resolve("tmp")))
                    .map(file -> machine.folder.relativize(file).toString()).filter(name -> !name.matches("commands.json|runs.json|server.log|.*[.]lock"))
                    .map(name -> name + " " + Machine.sha256(machine.folder.resolve(name)) + "\n").sorted().collect(Collectors.joining());
        }
    }

    @Test
    void withoutSettingsNetworkAndTerminal() throws IOException {
        machine = Machine.bare(folder);
        machine.setToolVariable("STOREIT_CTL_CONFIG", "");
        machine.setToolVariable("STOREIT_CTL_SERVER_URL", machine.url());
        machine.setToolVariable("STOREIT_CTL_RELEASES_URL", "http://127.0.0.1:1/releases");
        var rows = new ArrayList<List<String>>();
        for (String command : CommandTable.commands()) {
            rows.add(List.of(command, "--help"));
            rows.add(row(command, "--no-such-option"));
            rows.add(row(command, "--no-such-option", "--json"));
            rows.add(row(command));
            rows.add(row(command, "--json"));
        }
        for (Run run : run(rows)) {
            var words = run.arguments();
            if (words.contains("--help")) {
                assertExit(run, 0);
                assertThat(run.out()).startsWith("Usage: storeit-ctl " + words.get(0)).contains("--json", "Exit codes:");
                assertThat(run.err()).isEmpty();
            } else if (words.contains("--no-such-option")) {
                assertExit(run, 2);
                assertThat(run.err()).isEqualTo("Error: Unknown option: '--no-such-option'\nSee 'storeit-ctl " + words.get(0) + " --help'.\n");
            } else {
                assertExit(run, CASES.get(words.get(0)).withNothing);
            }
        }
        assertThat(Machine.names(machine.folder.resolve("home"))).as("left behind").containsExactlyInAnyOrder("converted.storeit", "ctl.conf", "password");
    }

    /** As far as that can be seen on Linux: the tool is told that it runs on a Mac. */
    @Test
    void onAMacTheCommandsThatNeedLinuxSaySoAndDoNothing() throws IOException {
        with(Release.OURS);
        var rows = Stream.of("install", "uninstall", "upgrade", "downgrade", "rollback", "resume", "cleanup").map(command -> row(command)).toList();
        String before = files();
        for (Run run : run(rows, "-Dstoreit.system=Mac OS X")) {
            assertExit(run, 1);
            assertThat(run.err()).isEqualTo("Error: '" + run.arguments().get(0) + "' works on Linux only\n"
                    + "On this system use backup, restore, verify, show, diff and convert.\n");
        }
        assertThat(files()).isEqualTo(before);
        assertExit(run(List.of(row("show")), "-Dstoreit.system=Mac OS X").get(0), 0);
    }

    @Test
    void thePageHasTheKeysOfEveryResult() throws IOException {
        var page = new Documented();
        CommandTable.keysOfRecords().forEach((section, keys) -> assertThat(page.sections.get(section)).as(section).satisfies(documented -> {
            assertThat(documented.keySet()).containsExactlyInAnyOrderElementsOf(keys.keySet());
            keys.forEach((key, type) -> assertThat(documented.get(key).type).as(section + " " + key)
                    .isIn(type.equals("string") ? List.of("string", "time", "path") : List.of(type)));
        }));
    }

    /** docs/json.md, and what of it was seen. */
    private static final class Documented {
        private static final Pattern SECTION = Pattern.compile("## (.*)");
        private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| (\\w+) \\|(.*)\\|");

        private record Key(String type, String text) {}

        private final Map<String, Map<String, Key>> sections = new TreeMap<>();
        private final Map<String, Set<String>> seen = new TreeMap<>();

        Documented() {
            List<String> names = List.of();
            try {
                for (String line : Files.readAllLines(Release.PROJECT.resolve("docs/json.md"))) {
                    var section = SECTION.matcher(line);
                    var row = ROW.matcher(line);
                    if (section.matches()) {
                        names = Arrays.stream(section.group(1).split(", ")).map(name -> name.replace("`", "")).toList();
                        names.forEach(name -> sections.put(name, new TreeMap<>()));
                    } else if (row.matches()) {
                        names.forEach(name -> sections.get(name).put(row.group(1), new Key(row.group(2), row.group(3).strip())));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The most special section whose words are all in the command line. */
        private String sectionOf(Run run, JsonNode object) {
            if (object.has("dry_run")) {
                return "A dry run";
            }
            return sections.keySet().stream().filter(name -> run.arguments().containsAll(List.of(name.split(" ")))).max(Comparator.comparingInt(String::length)).orElseThrow();
        }

        void assertHas(JsonNode object, Run run) {
            var everywhere = sections.get("Every object");
            var own = object.has("error") ? Map.<String, Key>of() : sections.get(sectionOf(run, object));
            values("", object, own).forEach((key, values) -> {
                Key documented = everywhere.getOrDefault(key, own.get(key));
                assertThat(documented).as(key + " is not in docs/json.md: " + run).isNotNull();
                values.forEach(value -> assertThat(isOf(documented.type, value)).as(key + " is no " + documented.type + ": " + value).isTrue());
            });
        }

        private static boolean isOf(String type, JsonNode value) {
            return value.isNull() || switch (type) {
                case "any" -> true;
                case "integer" -> value.isIntegralNumber();
                case "boolean" -> value.isBoolean();
                case "object" -> value.isObject();
                case "path" -> value.isTextual() && value.asText().startsWith("/");
                case "time" -> value.isTextual() && Instant.parse(value.asText()) != null && value.asText().endsWith("Z");
                case "string" -> value.isTextual();
                default -> throw new AssertionError("docs/json.md has the type " + type);
            };
        }

        /** The values of an object by their keys, such as {@code findings[].what}; those below a key that is documented as a whole are one. */
        private static Map<String, List<JsonNode>> values(String key, JsonNode node, Map<String, Key> documented) {
            var found = new TreeMap<String, List<JsonNode>>();
            boolean whole = documented.containsKey(key) && Set.of("any", "object").contains(documented.get(key).type);
            if (node.isObject() && !whole) {
                node.fields().forEachRemaining(field -> {
                    boolean table = key.matches("(.*[.])?(counts|tables)") && Arrays.stream(Table.values()).anyMatch(one -> one.key().equals(field.getKey()));
                    String name = table ? "<table>" : field.getKey();
                    values(key.isEmpty() ? name : key + "." + name, field.getValue(), documented).forEach((inner, more) -> found.computeIfAbsent(inner, unused -> new ArrayList<>()).addAll(more));
                });
            } else if (node.isArray() && !whole) {
                node.forEach(one -> values(key + "[]", one, documented).forEach((inner, more) -> found.computeIfAbsent(inner, unused -> new ArrayList<>()).addAll(more)));
            } else {
                found.computeIfAbsent(key, unused -> new ArrayList<>()).add(node);
            }
            return found;
        }

        void see(Run run) {
            try {
                JsonNode object = JSON.readTree(run.out());
                if (!object.has("error")) {
                    String section = sectionOf(run, object);
                    seen.computeIfAbsent(section, unused -> new TreeSet<>()).addAll(values("", object, sections.get(section)).keySet());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Of the results that make their JSON themselves: a key that is not always there says so, beginning with "if". */
        void assertAllSeen() {
            sections.forEach((section, keys) -> {
                if (!CommandTable.keysOfRecords().containsKey(section) && !section.equals("Every object")) {
                    keys.forEach((key, documented) -> assertThat(seen.get(section).contains(key) || documented.text.startsWith("if "))
                            .as("%s of %s was not seen", key, section).isTrue());
                }
            });
        }
    }
}
