package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The recipe "Adding a new schema version" in the documentation: its files, and where it leads when it is followed to the letter. */
@Tag("process")
@Tag("once")
class RecipeTest {
    private static final Path PAGE = Shell.ROOT.resolve("docs/migration-system.md");
    /** The profile with the synthetic next version has the files of the recipe under other folders. */
    private static final Map<String, String> OF_THE_PROFILE = Map.of(
            "server/src/main/resources/db/migration/", "server/src/schema3/resources/db/migration/",
            "interchange/src/main/java/io/storeit/interchange/schema/", "interchange/src/schema3/java/io/storeit/interchange/schema/");
    private static final Pattern FILE = Pattern.compile("In `([^`]+/)`, (write|append to) the file `([^`]+)`(?:(?!```).)*?:\n\n```\\w+\n(.*?)```", Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    private record Written(String folder, boolean appended, String name, String content) {
    }

    private static String recipe() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("## Adding a new schema version");
        return page.substring(start, page.indexOf("\n## ", start));
    }

    private static List<Written> files() throws IOException {
        var files = new ArrayList<Written>();
        for (Matcher file = FILE.matcher(recipe()); file.find();) {
            files.add(new Written(file.group(1), file.group(2).startsWith("append"), file.group(3), file.group(4)));
        }
        assertThat(files).hasSize(3);
        return files;
    }

    private static List<String> commands() throws IOException {
        return COMMAND.matcher(recipe()).results().map(command -> command.group(1).strip()).toList();
    }

    @Test
    void theProfileOfTheNextVersionHasTheFilesOfTheRecipe() throws IOException {
        for (Written file : files()) {
            if (!file.appended) {
                assertThat(Shell.ROOT.resolve(OF_THE_PROFILE.get(file.folder)).resolve(file.name)).hasContent(file.content);
            } else {
                assertThat(Shell.ROOT.resolve("interchange/src/schema3/resources/META-INF/services").resolve(file.name))
                        .hasContent(Files.readString(Shell.ROOT.resolve(file.folder).resolve(file.name)) + file.content);
            }
        }
    }

    /** Builds everything and runs the tests of archives, conversion, import and export, and some of the server's. */
    @Test
    @EnabledIfSystemProperty(named = "release.test", matches = "true")
    void followedToTheLetterItGivesAServerOfTheNewVersion() throws Exception {
        Path checkout = folder.resolve("checkout");
        Checkout.copyTo(checkout);
        // What is built here must not get into the repository that other checkouts use, and needs what is there.
        Files.writeString(checkout.resolve(".mvn/maven.config"),
                "-Dmaven.repo.local=" + folder.resolve("repository") + "\n-Dmaven.repo.local.tail=" + System.getProperty("local.repository") + "\n");
        ok(checkout, "git", "init", "-q");

        for (Written file : files()) {
            Path path = checkout.resolve(file.folder).resolve(file.name);
            Files.writeString(path, file.content, file.appended ? StandardOpenOption.APPEND : StandardOpenOption.CREATE_NEW);
        }
        assertThat(commands()).hasSize(2);
        String checksum = ok(checkout, "sh", "-c", commands().get(0)).split(" ")[0];
        assertThat(files().get(0).content).contains(checksum);
        ok(checkout, "sh", "-c", commands().get(1));
        assertThat(checkout.resolve("docs/schema/schema-3.sql")).content().contains("serial_number");
        assertThat(Shell.files(checkout.resolve("interchange/src/test/resources/golden"))).contains("v3-images.storeit", "v3-minimal.storeit");
        assertThat(Shell.files(Shell.ROOT.resolve("docs/schema"))).doesNotContain("schema-3.sql");

        ok(checkout, "scripts/mvn", "-B", "-ntp", "-pl", "interchange,server", "test", "-Dsurefire.failIfNoSpecifiedTests=false",
                "-Dtest=io.storeit.interchange.**.*Test,SchemaPagesTest,ItemsTest,LocationsTest");
        serves(checkout);
    }

    /** Upwards from the oldest, downwards with the loss reported. */
    private void serves(Path checkout) throws Exception {
        String server = checkout.resolve("target/storeit-server").toString();
        Path fixtures = checkout.resolve("interchange/src/test/resources/fixtures");
        Path database = folder.resolve("storeit.db");
        Result imported = run(checkout, database, server, "import", fixtures.resolve("schema1-v0.1.0/with-images.storeit").toString());
        assertThat(imported.code()).as(imported.out() + imported.err()).isZero();
        assertThat(run(checkout, database, server, "version").out()).contains("\"expected_schema_version\": 3", "\"schema_version\": 3");
        assertThat(run(checkout, database, server, "verify").code()).isZero();

        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database); var statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE items SET serial_number = 'SN-4711' WHERE id = (SELECT min(id) FROM items)")).isEqualTo(1);
        }
        Result exported = run(checkout, database, server, "export", "-o", folder.resolve("old.storeit").toString(), "--to-schema", "1");
        assertThat(exported.code()).as(exported.out() + exported.err()).isZero();
        assertThat(exported.out() + exported.err()).contains("serial_number");
    }

    private Result run(Path checkout, Path database, String... command) throws Exception {
        var environment = new HashMap<>(System.getenv());
        environment.put("DATABASE_URL", "sqlite:" + database + "?mode=rwc");
        environment.put("STOREIT_IMAGE_PATH", folder.resolve("images").toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        return Shell.run(checkout, environment, List.of(command));
    }

    private String ok(Path checkout, String... command) throws Exception {
        Result result = run(checkout, folder.resolve("unused.db"), command);
        assertThat(result.code()).as(Stream.of(result.out(), result.err()).map(text -> text.substring(Math.max(0, text.length() - 5000))).toList().toString()).isZero();
        return result.out();
    }
}
