package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reader that was written in another language, from the specification, finds in every archive what this one finds. */
@Tag("once")
@Tag("process")
class PythonReaderTest {

    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final Path SCRIPT = Path.of("../scripts/storeit_archive.py");

    @TempDir
    Path folder;

    private record Result(int code, String out, String err) {
    }

    /** Where zstd is, in front of what this process has. */
    private static String path = System.getenv("PATH");

    @BeforeAll
    static void needsPythonAndZstd() throws IOException, InterruptedException {
        needs(run(Path.of("."), List.of("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 8))")).code == 0, "there is no Python 3.8 here");
        Result tools = run(Path.of("."), List.of("../scripts/tools.sh", "zstd"));
        needs(tools.code == 0, tools.err);
        path = tools.out.strip() + ":" + path;
    }

    /** Continuous integration skips nothing: nobody reads there what was skipped. */
    private static void needs(boolean there, String reason) {
        assertThat(there || System.getenv("CI") == null).as(reason).isTrue();
        assumeTrue(there, reason);
    }

    private Result python(Object... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("python3", SCRIPT.toAbsolutePath().toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return run(folder, command);
    }

    private static Result run(Path folder, List<String> command) throws IOException, InterruptedException {
        Path err = Files.createTempFile("err", null);
        try {
            var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile());
            builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
            builder.environment().put("PYTHONUTF8", "1");
            builder.environment().put("PATH", path);
            Process process;
            try {
                process = builder.start();
            } catch (IOException e) {
                return new Result(127, "", e.getMessage());
            }
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return new Result(process.exitValue(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    private static List<Path> archives(String name) throws IOException {
        try (Stream<Path> files = Files.walk(RESOURCES.resolve(name))) {
            return files.filter(file -> file.toString().endsWith(".storeit") || file.toString().endsWith(".tar.gz")).map(Path::toAbsolutePath).sorted().toList();
        }
    }

    /** The golden archives, good and bad, and those of real old servers. */
    @Test
    void findsInEveryArchiveWhatTheServerFinds() throws Exception {
        var archives = new ArrayList<>(archives("golden"));
        archives.addAll(archives("fixtures"));
        Result result = python(archives.toArray());
        Map<String, String> reports = new HashMap<>();
        for (String report : result.out.split("(?m)^(?=/)")) {
            reports.put(report.lines().findFirst().orElse(""), report.lines().skip(2).toList().toString());
        }

        int good = 0;
        for (Path archive : archives) {
            String report = reports.remove(archive + ": valid");
            String expected = expected(archive);
            if (expected == null) {
                assertThat(report).as(archive.toString()).isNull();
                assertThat(result.err).contains(archive + ": ");
            } else {
                assertThat(report).as(archive.toString() + result.err).isEqualTo(expected);
                good++;
            }
        }
        assertThat(reports).isEmpty();
        assertThat(good).isGreaterThanOrEqualTo(14);
        assertThat(archives.size() - good).isGreaterThanOrEqualTo(17);
        assertThat(result.code).isEqualTo(1);
        assertThat(result.err).doesNotContain("Traceback");
    }

    /** Counts, images and digest as the script prints them; null for what is refused. */
    private static String expected(Path archive) throws IOException {
        Path stated = archive.resolveSibling(archive.getFileName().toString().replace(".storeit", ".expected"));
        if (Files.exists(stated) && stated.toString().endsWith(".expected")) {
            List<String> lines = Files.readAllLines(stated);
            boolean read = lines.get(0).equals("read") && ArchiveReader.readManifest(archive).schemaVersion() <= newestSchemaOfTheScript();
            return read ? lines.subList(2, lines.size()).toString() : null;
        }
        ReadBack read = ReadBack.of(archive);
        var lines = new ArrayList<String>();
        for (Table table : Table.values()) {
            lines.add(table.key() + " " + read.contents.counts().get(table));
        }
        lines.add("images " + read.manifest.includesImages() + " " + read.contents.images());
        lines.add("digest " + read.contents.digest().stamp());
        return lines.toString();
    }

    /** Returns the newest schema that the script reads; it refuses what is newer until it learns that schema. */
    private static int newestSchemaOfTheScript() throws IOException {
        return Files.readAllLines(SCRIPT).stream().filter(line -> line.startsWith("NEWEST_SCHEMA = "))
                .map(line -> Integer.valueOf(line.substring(16))).findFirst().orElseThrow();
    }

    @Test
    void printsRowsAndWritesPhotos() throws Exception {
        Path archive = RESOURCES.resolve("fixtures/schema2-v0.2.1/with-images.storeit").toAbsolutePath();
        ReadBack read = ReadBack.of(archive);

        Result rows = python("--rows", "items", archive);
        assertThat(rows.code).as(rows.err).isZero();
        List<String> printed = rows.out.lines().map(PythonReaderTest::nameOfRow).toList();
        assertThat(printed).isEqualTo(read.rows.get(Table.ITEMS).stream().map(row -> row.path("id").asText() + " " + row.path("name").asText()).toList());

        assertThat(python("--images", "photos", archive).code).isZero();
        var photos = new HashMap<String, byte[]>();
        try (Stream<Path> files = Files.walk(folder.resolve("photos"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                photos.put(folder.resolve("photos").relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        assertThat(photos).containsExactlyInAnyOrderEntriesOf(read.images);
    }

    private static String nameOfRow(String line) {
        try {
            var row = (ObjectNode) Json.MAPPER.readTree(line);
            return row.path("id").asText() + " " + row.path("name").asText();
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }
}
