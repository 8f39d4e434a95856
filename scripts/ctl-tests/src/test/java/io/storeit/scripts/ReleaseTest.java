package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.StoreitVersion;
import io.storeit.scripts.Shell.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A release, made twice by {@code scripts/release.sh} in two copies of the checkout; the second one under other circumstances and not signed.
 * {@code make release-test} runs it.
 */
@Tag("process")
@EnabledIfSystemProperty(named = "release.test", matches = "true")
@Execution(ExecutionMode.SAME_THREAD)
class ReleaseTest {
    private static final String VERSION = StoreitVersion.APPLICATION;
    private static final String SIGNING = Shell.ROOT.resolve("scripts/release/Signing.java").toString();

    @TempDir
    static Path folder;

    private static Path first;
    private static Path second;
    private static Result made;
    private static Result madeAgain;

    @BeforeAll
    static void makeTwoReleases() throws Exception {
        assertThat(java(SIGNING, "make", folder.resolve("keys").toString()).code()).isZero();
        String keys = folder.resolve("keys/release-key.pub.pem").toString();
        String key = folder.resolve("keys/release-key.pem").toString();
        made = release(folder.resolve("one"), Map.of("STOREIT_RELEASE_KEYS", keys, "STOREIT_SIGNING_KEY", key, "TZ", "UTC"), "scripts/release.sh");
        // As a workflow has it: the text in place of a file.
        String text = Files.readString(Path.of(keys));
        first = folder.resolve("one/dist");
        madeAgain = release(folder.resolve("another place/two"), Map.of("STOREIT_RELEASE_KEYS", text, "TZ", "America/St_Johns", "LC_ALL", "C"),
                "umask 077 && chmod -R go= . && scripts/release.sh ../out");
        second = folder.resolve("another place/out");
    }

    private static Result release(Path checkout, Map<String, String> settings, String command) throws Exception {
        Checkout.copyTo(checkout);
        var environment = new HashMap<>(System.getenv());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.putAll(settings);
        Result result = Shell.run(checkout, environment, List.of("sh", "-c", command));
        assertThat(result.code()).as(result.out() + result.err()).isZero();
        return result;
    }

    private static Result java(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(folder, Map.of(), command);
    }

    private static Map<String, String> sums(Path release) throws Exception {
        var sums = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(release)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                sums.put(release.relativize(file).toString(), HexFormat.of().formatHex(sum));
            }
        }
        return sums;
    }

    private static List<String> entries(Path jar) throws IOException {
        try (var file = new ZipFile(jar.toFile())) {
            return file.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
        }
    }

    private static String entry(Path jar, String name) throws IOException {
        try (var file = new ZipFile(jar.toFile())) {
            return new String(file.getInputStream(file.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theSameCheckoutGivesTheSameBytesInAnotherFolderAtAnotherTimeInAnotherZoneAndLanguage() throws Exception {
        var signed = sums(first);
        assertThat(signed.remove("SHA256SUMS.sig")).isNotNull();
        assertThat(sums(second)).isEqualTo(signed);
    }

    @Test
    void hasExactlyTheFilesOfARelease() throws Exception {
        assertThat(Shell.files(first)).containsExactlyInAnyOrder("storeit-server-linux-x86_64", "storeit-server-linux-x86_64-musl", "storeit-server-linux-aarch64",
                "storeit-server-linux-aarch64-musl", "storeit-server-darwin-x86_64", "storeit-server-darwin-aarch64", "storeit-server-windows-x86_64.jar",
                "storeit-server-windows-x86_64.cmd", "storeit-ctl", "storeit-ctl.java", "storeit-ctl-share.tar.gz", "storeit-interchange-" + VERSION + ".jar",
                "storeit-interchange-" + VERSION + "-sources.jar", "storeit-interchange-" + VERSION + "-javadoc.jar", "storeit-ops-" + VERSION + ".jar",
                "storeit-ops-" + VERSION + "-sources.jar", "storeit-ops-" + VERSION + "-javadoc.jar", "storeit-" + VERSION + ".cdx.json", "compose.yaml", "env.example", "SHA256SUMS",
                "SHA256SUMS.sig", "maven");
        for (Path release : List.of(first, second)) {
            for (String name : Shell.files(release)) {
                boolean runs = name.matches("storeit-ctl(\\.java)?|storeit-server-(linux|darwin)-.*");
                assertThat(release.resolve(name)).isReadable();
                assertThat(Files.getPosixFilePermissions(release.resolve(name)).toString().contains("OTHERS_EXECUTE") || name.equals("maven"))
                        .as(name).isEqualTo(runs || name.equals("maven"));
            }
        }
    }

    @Test
    void theSumsNameEveryFileAndTheVersionAndAreSigned() throws Exception {
        List<String> lines = Files.readAllLines(first.resolve("SHA256SUMS"));
        assertThat(lines).startsWith("# StoreIT " + VERSION, "# Schema 2");
        var expected = new ArrayList<String>();
        sums(first).forEach((name, sum) -> {
            if (!name.startsWith("maven/") && !name.startsWith("SHA256SUMS")) {
                expected.add(sum + "  " + name);
            }
        });
        assertThat(lines.subList(2, lines.size())).containsExactlyInAnyOrderElementsOf(expected);

        Result verified = java(SIGNING, "verify", folder.resolve("keys/release-key.pub.pem").toString(), first.resolve("SHA256SUMS").toString(),
                first.resolve("SHA256SUMS.sig").toString());
        assertThat(verified.code()).as(verified.err()).isZero();
        assertThat(made.err()).doesNotContain("UNSIGNED");
        assertThat(second.resolve("SHA256SUMS.sig")).doesNotExist();
        assertThat(madeAgain.err()).contains("This release is UNSIGNED");
    }

    @Test
    void aKeyThatCannotBeUsedEndsItBeforeAnythingIsBuilt() throws Exception {
        String keys = folder.resolve("keys/release-key.pub.pem").toString();
        assertThat(refused(Map.of("STOREIT_SIGNING_KEY", folder.resolve("keys/release-key.pem").toString()))).isEqualTo(
                "2 STOREIT_SIGNING_KEY is set but STOREIT_RELEASE_KEYS is not: the release would not trust its own signature\n");
        assertThat(refused(Map.of("STOREIT_RELEASE_KEYS", "keys.pem"))).isEqualTo("2 Name key files by their whole path, not keys.pem\n");
        assertThat(refused(Map.of("STOREIT_RELEASE_KEYS", keys, "STOREIT_SIGNING_KEY", "/there/is/none"))).isEqualTo("1 There is no key file /there/is/none\n");
    }

    private static String refused(Map<String, String> settings) throws Exception {
        Result result = Shell.run(folder.resolve("one"), settings, List.of("scripts/release.sh", "never"));
        assertThat(folder.resolve("one/never")).doesNotExist();
        return result.code() + " " + result.err();
    }

    @Test
    void trustsTheKeysItWasBuiltWith() throws Exception {
        String key = Files.readString(folder.resolve("keys/release-key.pub.pem"));
        assertThat(entry(first.resolve("storeit-ctl"), "io/storeit/interchange/release-keys.pem")).isEqualTo(key);
        assertThat(entry(first.resolve("storeit-interchange-" + VERSION + ".jar"), "io/storeit/interchange/release-keys.pem")).isEqualTo(key);
    }

    @Test
    void aFileHasTheNativeCodeOfItsPlatformOnly() throws Exception {
        var expected = Map.of(
                "linux-x86_64", List.of("linux/amd64/libzstd-jni", "native/Linux/x86_64/libwebp-imageio", "org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc",
                        "org/sqlite/native/Linux/x86_64/libsqlitejdbc"),
                "linux-aarch64", List.of("linux/aarch64/libzstd-jni", "native/Linux/aarch64/libwebp-imageio",
                        "org/sqlite/native/Linux-Musl/aarch64/libsqlitejdbc", "org/sqlite/native/Linux/aarch64/libsqlitejdbc"),
                "darwin-x86_64", List.of("darwin/x86_64/libzstd-jni", "native/Mac/x86_64/libwebp-imageio", "org/sqlite/native/Mac/x86_64/libsqlitejdbc"),
                "darwin-aarch64", List.of("darwin/aarch64/libzstd-jni", "native/Mac/aarch64/libwebp-imageio", "org/sqlite/native/Mac/aarch64/libsqlitejdbc"),
                "windows-x86_64.jar", List.of("native/Windows/x86_64/webp-imageio", "org/sqlite/native/Windows/x86_64/sqlitejdbc", "win/amd64/libzstd-jni"));
        for (var platform : expected.entrySet()) {
            assertThat(nativeCode("storeit-server-" + platform.getKey())).as(platform.getKey()).isEqualTo(platform.getValue());
        }
        assertThat(nativeCode("storeit-ctl")).hasSize(10).noneMatch(name -> name.contains("indows") || name.startsWith("win/"));
        for (String processor : List.of("x86_64", "aarch64")) {
            assertThat(first.resolve("storeit-server-linux-" + processor)).hasSameBinaryContentAs(first.resolve("storeit-server-linux-" + processor + "-musl"));
        }
    }

    /** Without version and ending. */
    private static List<String> nativeCode(String file) throws IOException {
        return entries(first.resolve(file)).stream().filter(name -> name.matches(".*\\.(so|dylib|dll|jnilib)"))
                .map(name -> name.replaceAll("(-[0-9][0-9.-]*)?\\.[a-z]+$", "")).sorted().toList();
    }

    @Test
    void theProgramsRun() throws Exception {
        for (String program : List.of("storeit-server-" + platform(), "storeit-ctl")) {
            Result version = Shell.run(folder, System.getenv(), List.of(first.resolve(program).toString(), "--version"));
            assertThat(version.out()).as(version.err()).isEqualTo(program.replaceAll("(storeit-[a-z]+).*", "$1") + " " + VERSION + "\n");
        }
        // Its native code is for Windows only, but a version needs none.
        assertThat(java("-jar", first.resolve("storeit-server-windows-x86_64.jar").toString(), "--version").out()).isEqualTo("storeit-server " + VERSION + "\n");
        String cmd = Files.readString(first.resolve("storeit-server-windows-x86_64.cmd"));
        assertThat(cmd).doesNotContain("@NAME@", "@VARIABLE@", "@OPTIONS@").contains("-jar \"%~dpn0.jar\" %*\r\n");
        assertThat(cmd.replace("\r\n", "")).doesNotContain("\n");
    }

    private static String platform() {
        return (System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux") + "-" + System.getProperty("os.arch").replace("amd64", "x86_64").replace("arm64", "aarch64");
    }

    @Test
    void theArchiveOfTheManualAndTheCompletionsHasTheTreeOfTheCheckout() throws Exception {
        Path unpacked = Files.createDirectory(folder.resolve("share"));
        Result result = Shell.run(unpacked, System.getenv(), List.of("tar", "-xzf", first.resolve("storeit-ctl-share.tar.gz").toString()));
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(sums(unpacked)).isEqualTo(sums(Shell.ROOT.resolve("scripts/share")));
    }

    @Test
    void theListOfLibrariesNamesThemAll() throws Exception {
        String list = Files.readString(first.resolve("storeit-" + VERSION + ".cdx.json"));
        assertThat(list).contains("\"bomFormat\" : \"CycloneDX\"").doesNotContain("\"timestamp\"", folder.toString(), "junit");
        for (String line : Files.readAllLines(Shell.ROOT.resolve("THIRD-PARTY.txt"))) {
            if (line.isEmpty() || line.startsWith("The executables")) {
                continue;
            }
            if (line.startsWith("=")) {
                break;
            }
            String[] library = line.split(" +");
            assertThat(list).contains("/" + library[0] + "@" + library[1] + "?type=jar");
        }
    }

    @Test
    void theSourcesAreThereForEveryClassAndTheJavadocForEveryPublicOne() throws Exception {
        assertDescribed("storeit-interchange-" + VERSION, "io/storeit/interchange/archive/ArchiveReader.html", "io/storeit/interchange/transfer/Importer.html");
        assertDescribed("storeit-ops-" + VERSION, "io/storeit/ops/installation/Journal.html", "io/storeit/ops/server/ServerApi.html");
    }

    private static void assertDescribed(String jar, String... pagesOfIt) throws Exception {
        List<String> sources = entries(first.resolve(jar + "-sources.jar"));
        List<String> pages = entries(first.resolve(jar + "-javadoc.jar"));
        List<String> classes = entries(first.resolve(jar + ".jar")).stream().filter(name -> name.endsWith(".class") && !name.contains("$")).toList();
        assertThat(classes).hasSizeGreaterThan(50).allMatch(name -> sources.contains(name.replace(".class", ".java")));
        assertThat(pages).contains("index.html").contains(pagesOfIt);
        assertThat(entry(first.resolve(jar + ".jar"), "META-INF/LICENSE")).isEqualTo(Files.readString(Shell.ROOT.resolve("LICENSE")));
    }

    /** Somebody has only storeit-ctl.java. Its own libraries come from the repository of the release, the others from files that Maven fetched. */
    @Test
    void storeitCtlJavaRunsAloneByJBangWithAnEmptyLocalRepository() throws Exception {
        Path others = folder.resolve("central");
        linkAllBut("io/storeit", Path.of(System.getProperty("local.repository")), others);
        try {
            runAlone(others);
        } finally {
            removeLinks(others);
        }
    }

    private static void runAlone(Path others) throws Exception {
        Path alone = Files.createDirectory(folder.resolve("alone"));
        String script = Files.readString(first.resolve("storeit-ctl.java"));
        String repositories = "//REPOS mavencentral,storeit=https://bronson-brown-devost.github.io/StoreIT/maven\n";
        assertThat(script).contains(repositories);
        Files.writeString(alone.resolve("storeit-ctl.java"),
                script.replace(repositories, "//REPOS central=" + others.toUri() + ",storeit=" + first.resolve("maven").toUri() + "\n"));

        var environment = new HashMap<>(System.getenv());
        environment.put("JBANG_DIR", folder.resolve("jbang").toString());
        environment.put("JBANG_REPO", folder.resolve("repository").toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        Result result = Shell.run(alone, environment, List.of(Shell.ROOT.resolve("scripts/jbang").toString(), "./storeit-ctl.java", "--version"));
        assertThat(result.out()).as(result.err()).isEqualTo("storeit-ctl " + VERSION + "\n");
        for (String library : List.of("storeit-interchange", "storeit-ops")) {
            assertThat(folder.resolve("repository/io/storeit").resolve(library).resolve(VERSION)).isDirectoryContaining("glob:**.jar");
        }
    }

    private static void removeLinks(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path link : files.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    private static void linkAllBut(String except, Path source, Path target) throws IOException {
        Files.createDirectories(target);
        String first = except.substring(0, except.indexOf('/') < 0 ? except.length() : except.indexOf('/'));
        for (String name : Shell.files(source)) {
            if (!name.equals(first)) {
                Files.createSymbolicLink(target.resolve(name), source.resolve(name));
            } else if (!name.equals(except)) {
                linkAllBut(except.substring(first.length() + 1), source.resolve(name), target.resolve(name));
            }
        }
    }
}
