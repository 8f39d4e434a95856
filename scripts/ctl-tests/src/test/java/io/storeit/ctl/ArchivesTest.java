package io.storeit.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.ArchiveWriter;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** show, diff, convert and verify, on archives alone. */
class ArchivesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FIXTURES = Path.of("../../interchange/src/test/resources/fixtures").toAbsolutePath().normalize();
    private static final Path FIXTURE = FIXTURES.resolve("schema2-v0.2.1/with-images.storeit");
    private static final String BCRYPT = "$2b$12$WApznUPhDubN0oeveSXHp.Rk0rMQQ8Pn8y5fTTzGPQJKRlyZ7fYa6";
    private static final String TIME = "2026-01-01T00:00:00.000Z";

    @TempDir
    Path folder;

    private record Run(int exit, String out, String err) {}

    private static Run run(Object... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exit = StoreitCtl.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
                .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        return new Run(exit, out.toString(), err.toString());
    }

    private static JsonNode json(int exit, Object... arguments) throws IOException {
        Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--json";
        Run run = run(all);
        assertThat(run.exit()).as(run.toString()).isEqualTo(exit);
        JsonNode json = JSON.readTree(run.out());
        assertThat(json.path("command").asText()).isEqualTo(arguments[0]);
        assertThat(json.path("exit_code").asInt()).isEqualTo(exit);
        return json;
    }

    /** One user with a bcrypt hash, a house, and boxes with things in them. */
    private Path household(String name, int things) {
        Path archive = folder.resolve(name);
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.row(Table.USERS, row(1).put("external_id", "local:mira").put("email", "").put("display_name", "Mira").put("is_admin", true)
                    .put("_password_hash", BCRYPT));
            writer.row(Table.GROUPS, row(2).put("name", "Home"));
            writer.row(Table.LOCATIONS, row(3).put("group_id", id(2)).putNull("parent_id").put("name", "House"));
            for (int i = 0; i < things; i++) {
                ObjectNode item = row(100 + i).put("group_id", id(2)).putNull("container_id").put("location_id", id(3)).put("name", "Thing %d".formatted(i))
                        .put("quantity", 1);
                item.putArray("aliases");
                item.putArray("keywords");
                writer.row(Table.ITEMS, item);
            }
            writer.manifest(Manifest.of(2, "0.3.0", Instant.parse("2026-04-02T08:15:30Z"), false));
            writer.finish();
        }
        return archive;
    }

    private static ObjectNode row(int number) {
        return JsonNodeFactory.instance.objectNode().put("id", id(number)).put("created_at", TIME).put("updated_at", TIME);
    }

    private static String id(int number) {
        return "00000000-0000-4000-8000-%012d".formatted(number);
    }

    @Test
    void showTellsWhatAnArchiveSaysOfItself() throws IOException {
        Path archive = household("home.storeit", 3);
        assertThat(run("show", archive).out()).contains("Archive: " + archive, "Written: 2026-04-02 08:15:30 UTC by StoreIT 0.3.0", "Schema version: 2",
                "Image files: none", "Content: 1 user, 1 group, no memberships, no settings, 1 location, no containers, 3 items, no photos, no NFC tags", "Digest: 1:");
        JsonNode json = json(0, "show", archive);
        assertThat(json.path("format_version").asInt()).as("of the JSON, not of the archive").isEqualTo(1);
        assertThat(json.path("archive").asText()).isEqualTo(archive.toString());
        assertThat(json.path("bytes").asLong()).isEqualTo(Files.size(archive));
        assertThat(json.path("created_at").asText()).isEqualTo("2026-04-02T08:15:30Z");
        assertThat(json.path("counts").path("items").asInt()).isEqualTo(3);
        assertThat(json(0, "show", FIXTURE).path("counts").path("items").asInt()).as("of one that does not say it itself").isEqualTo(318);
    }

    @Test
    void nothingOfAStrangersArchiveReachesTheTerminalAsItIs() {
        Path archive = folder.resolve("hostile.storeit");
        String escape = "\u001b]0;title\u0007";
        try (var writer = ArchiveWriter.open(archive, 2)) {
            writer.row(Table.GROUPS, row(2).put("name", escape));
            writer.row(Table.LOCATIONS, row(3).put("group_id", id(2)).putNull("parent_id").put("name", "House" + escape).put("description", escape));
            writer.row(Table.LOCATIONS, row(4).put("group_id", id(9)).putNull("parent_id").put("name", "other"));
            var losses = new LossReport(List.of(new LossReport.Loss(escape, escape, 1, List.of(new LossReport.Example(escape, escape, escape)))));
            writer.manifest(Manifest.of(2, "0.3.0", Instant.EPOCH, false).withLosses(losses));
            writer.finish();
        }
        for (var question : List.of(List.of("show"), List.of("show", "--tree"), List.of("show", "--find=house"), List.of("verify"),
                List.of("diff", household("home.storeit", 0).toString()))) {
            var arguments = new ArrayList<Object>(question);
            arguments.add(archive);
            Run run = run(arguments.toArray());
            assertThat(run.exit()).as(run.toString()).isZero();
            assertThat(run.out() + run.err()).isNotEmpty().doesNotContain("\u001b", "\u0007");
        }
    }

    @Test
    void anArchiveOfALaterVersionIsTakenAtItsWord() throws IOException {
        Path later = folder.resolve("later.storeit");
        try (var writer = ArchiveWriter.open(later, 99)) {
            writer.manifest(Manifest.of(99, "9.9.0", Instant.EPOCH, false));
            writer.finish();
        }
        assertThat(json(0, "show", later).path("schema_version").asInt()).isEqualTo(99);
        for (String question : List.of("--tree", "--find=drill")) {
            JsonNode refused = json(5, "show", later, question);
            assertThat(refused.path("error").path("message").asText()).contains("schema version 99");
            assertThat(refused.path("error").path("hint").asText()).contains("9.9.0");
        }
        json(5, "diff", later, FIXTURE);
        json(5, "convert", later, "-o", folder.resolve("out.storeit"), "--to-schema", 2);
    }

    @Test
    void showListsEveryPlaceAndWhatLiesInIt() throws IOException {
        Run run = run("show", FIXTURE, "--tree");
        assertThat(run.out()).containsSubsequence("Group Ferienhaus Müller:\n", "Hütte/\n", "  Küchenkiste/\n", "    Teller 10 (10)\n", "Group default:\n");
        assertThat(run.out().lines()).hasSize(8 + 29 + 318 + 2);
        assertThat(run("show", FIXTURE, "--tree", "--depth", 0).out().lines()).containsExactly("Group Ferienhaus Müller:", "Hütte/ (14 inside)", "Group default:",
                "Boat/ (93 inside)", "Zuhause/ (245 inside)");
        JsonNode json = json(0, "show", FIXTURE, "--tree");
        assertThat(json.path("things")).hasSize(8 + 29 + 318);
        assertThat(json.path("unreachable").asInt()).isZero();
        assertThat(json.path("things").get(1)).hasToString("{\"type\":\"container\",\"id\":\"" + json.path("things").get(1).path("id").asText()
                + "\",\"name\":\"Küchenkiste\",\"group\":\"Ferienhaus Müller\",\"path\":[\"Hütte\"],\"photos\":0,\"depth\":1,\"quantity\":1,\"inside\":0}");
    }

    @Test
    void showFindsWhereSomethingWas() throws IOException {
        assertThat(run("show", FIXTURE, "--find", "cordless").out()).isEqualTo("""
                Cordless drill 18V
                  in Zuhause / Garage / Zebra box / Inner tray / a tiny tin, of group default
                  With two batteries
                  item 8c20ea88-aff8-4d9c-a3da-772ed0f19a3b, 1 photo
                """);
        JsonNode json = json(0, "show", FIXTURE, "--find", "drill", "--limit", 3);
        assertThat(json.path("hits")).hasSize(3);
        assertThat(json.path("total").asInt()).isGreaterThan(3);
        assertThat(run("show", FIXTURE, "--find", "drill", "--limit", 3).out()).endsWith("more: --limit " + json.path("total").asInt() + " shows them.\n");
        assertThat(run("show", FIXTURE, "--find", "xyzzy").out()).isEqualTo("Found nothing for \"xyzzy\".\n");
        assertThat(json(0, "show", FIXTURE, "--find", "xyzzy").path("hits").isArray()).isTrue();
        assertThat(run("show", FIXTURE, "--find", "backup").exit()).as("a text that is the name of a command").isZero();
    }

    @Test
    void diffTellsWhatBecameDifferent() throws IOException {
        Path older = household("older.storeit", 5);
        Path newer = household("newer.storeit", 30);
        assertThat(run("diff", older, newer).out()).startsWith("Before: " + older + ", 2026-04-02 08:15:30 UTC by StoreIT 0.3.0, schema version 2\nAfter: " + newer)
                .containsSubsequence("25 items added:\n", "  + Thing 5, in House\n", "  + Thing 24, in House\n", "Only the first 20 of each kind are listed; --limit 25 lists all.")
                .doesNotContain("Thing 25");
        assertThat(run("diff", newer, older, "--limit", 100).out()).contains("25 items removed:\n", "  - Thing 29, in House\n").doesNotContain("Only");
        assertThat(run("diff", newer, older, "--limit", 0).out()).endsWith("25 items removed.\n");
        assertThat(run("diff", older, older).out()).endsWith("No difference.\n");

        JsonNode json = json(0, "diff", older, newer, "--limit", 1);
        assertThat(json.path("equal").asBoolean(true)).isFalse();
        assertThat(json.path("counts").path("items")).hasToString("{\"added\":25,\"changed\":0,\"removed\":0}");
        assertThat(json.path("changes")).singleElement().satisfies(change -> {
            assertThat(change.path("kind").asText()).isEqualTo("added");
            assertThat(change.path("table").asText()).isEqualTo("items");
            assertThat(change.path("path").get(0).asText()).isEqualTo("House");
        });
        assertThat(json(0, "diff", older, older).path("equal").asBoolean()).isTrue();
    }

    @Test
    void convertGoesBothWaysAndLosesNothing() throws IOException {
        Path down = folder.resolve("down.storeit");
        Path up = folder.resolve("up.storeit");
        assertThat(run("convert", FIXTURE, "-o", down, "--to-schema", 1).out()).startsWith("Converted: " + down).endsWith("schema version 2 to 1\n");
        JsonNode json = json(0, "convert", down, "-o", up, "--to-schema", 2);
        assertThat(json.path("from_schema").asInt()).isEqualTo(1);
        assertThat(json.path("to_schema").asInt()).isEqualTo(2);
        assertThat(json.path("losses").isArray()).isTrue();
        assertThat(json.path("bytes").asLong()).isEqualTo(Files.size(up));
        for (Path converted : List.of(down, up)) {
            assertThat(run("diff", FIXTURE, converted).out()).endsWith("No difference.\n");
            assertThat(run("verify", converted).exit()).isZero();
        }
    }

    @Test
    void lossesAreToldBeforeAnythingIsWritten() throws IOException {
        Path archive = household("home.storeit", 1);
        Path out = folder.resolve("old.storeit");
        Object[] convert = {"convert", archive, "-o", out, "--for-version", "0.2.1"};

        JsonNode refused = json(6, convert);
        assertThat(refused.path("error").path("message").asText()).contains("Version 0.2.1 cannot hold:", "the password of 1 user: mira", "stay in " + archive);
        assertThat(refused.path("error").path("hint").asText()).contains("--accept-loss");
        assertThat(folder.toFile().list()).containsExactly("home.storeit");

        Object[] dry = Arrays.copyOf(convert, convert.length + 1);
        dry[convert.length] = "--dry-run";
        JsonNode plan = json(0, dry);
        assertThat(plan.path("dry_run").asBoolean()).isTrue();
        assertThat(plan.path("questions").get(0).asText()).contains("mira", "--accept-loss");
        assertThat(folder.toFile().list()).containsExactly("home.storeit");

        Object[] accepted = Arrays.copyOf(convert, convert.length + 1);
        accepted[convert.length] = "--accept-loss";
        JsonNode done = json(0, accepted);
        assertThat(done.path("losses").get(0).path("field").asText()).isEqualTo("_password_hash");
        assertThat(ArchiveReader.readManifest(out).losses().losses()).hasSize(1);
    }

    @Test
    void noFileIsReplacedUnasked() throws IOException {
        Path archive = household("home.storeit", 1);
        Path out = Files.writeString(folder.resolve("precious.storeit"), "precious");
        assertThat(json(6, "convert", archive, "-o", out).path("error").path("hint").asText()).contains("--yes");
        assertThat(out).hasContent("precious");
        assertThat(json(2, "convert", archive, "-o", archive, "--yes").path("error").path("message").asText()).contains("into itself");
        json(0, "convert", archive, "-o", out, "--yes");
        assertThat(run("diff", archive, out).out()).endsWith("No difference.\n");
    }

    @Test
    void verifyTellsWhatWasCheckedAndGroupsWhatIsWrong() throws IOException {
        assertThat(run("verify", household("home.storeit", 2)).out()).contains("valid, can be imported\n", "  written: 2026-04-02 08:15:30 UTC by StoreIT 0.3.0\n",
                "  schema version: 2\n", "  contents: 1 user, ", "    5 rows, each value against schema version 2\n", "    counts and digest: as the manifest states them\n",
                "    no photos: the archive was written without them\n");
        JsonNode json = json(0, "verify", FIXTURE);
        assertThat(json.path("checked")).extracting(JsonNode::asText).contains("30 image files against the SHA-256 in their names",
                "no counts and no digest: StoreIT before 0.3.0 did not write them");
        assertThat(json.path("created_at").asText()).startsWith("2026-11-21T22:31:48");

        byte[] bytes = Files.readAllBytes(FIXTURE);
        Path cut = Files.write(folder.resolve("cut.storeit"), Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(run("verify", cut)).satisfies(run -> {
            assertThat(run.exit()).isEqualTo(5);
            assertThat(run.out()).contains("INVALID", "problems: 1", "the rest was not checked");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"show", "diff", "convert -o out.storeit", "verify"})
    void whatIsNoArchiveIsRefusedAndLeavesNothing(String command) throws IOException {
        Path text = Files.writeString(folder.resolve("text.storeit"), "no archive");
        String[] words = command.replace("out.storeit", folder.resolve("out.storeit").toString()).split(" ");
        for (var each : List.of(List.of(1, folder.resolve("nowhere.storeit")), List.of(5, text))) {
            var arguments = new ArrayList<Object>(List.of(words));
            arguments.add(each.get(1));
            if (command.equals("diff")) arguments.add(FIXTURE);
            Run run = run(arguments.toArray());
            assertThat(run.exit()).as(run.toString()).isEqualTo(each.get(0));
            assertThat(run.out() + run.err()).contains(((Path) each.get(1)).getFileName().toString()).doesNotContain("Exception");
        }
        assertThat(folder.toFile().list()).containsExactly("text.storeit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"show A --tree --find x", "show A --depth 1", "show A --tree --depth -1", "show A --find x --limit -1", "diff A A --limit -1",
        "convert A", "convert A -o B --to-schema 0", "show", "diff", "diff A A A"})
    void wrongUsageEndsWith2(String command) {
        Run run = run((Object[]) command.replace("A", FIXTURE.toString()).replace("B", folder.resolve("b").toString()).split(" "));
        assertThat(run.exit()).as(run.toString()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("Error: ");
    }
}
