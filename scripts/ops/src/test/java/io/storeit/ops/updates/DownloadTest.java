package io.storeit.ops.updates;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Verbosity;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * What a mirror of releases can do wrong, and what then happens: nothing of it ever reaches the folder of programs. By {@code self-update}, which
 * takes the same way as every other download and needs no server.
 */
@Tag("process")
class DownloadTest {
    private static final String TOOL = "storeit-ctl";
    private static final String SUMS = "SHA256SUMS";
    private static final String SIGNATURE = "SHA256SUMS.sig";
    private static final String API = "/repos/storeit/releases";
    private static final KeyPair OURS = pair();
    private static final KeyPair FOREIGN = pair();
    private static final byte[] INSTALLED = program("0.3.0", "0.3.0");
    private static final byte[] PUBLISHED = program("0.4.0", "0.4.0");
    /** Above a trickle. */
    private static final int HALF = PUBLISHED.length / 2;

    @TempDir
    static Path tls;

    @TempDir
    Path folder;

    private Mirror mirror;
    private Path installed;
    private Path data;
    private Path keys;
    private long untouched;
    private final Map<Settings.Key, String> settings = new EnumMap<>(Settings.Key.class);

    // ---- A release, right in everything until a case spoils it

    /** What the release consists of: each part can be spoiled by itself, and what depends on it goes with it or not. */
    private final class Publication {
        private String tag = "v0.4.0";
        private String header = "# StoreIT 0.4.0\n";
        private byte[] tool = PUBLISHED;
        private KeyPair key = OURS;
        /** GitHub names the digest of every file. */
        private boolean listsDigests;
        private String told = "v0.4.0";
        private UnaryOperator<String> sums = text -> text;
        private UnaryOperator<byte[]> signature = bytes -> bytes;
        private UnaryOperator<Map<String, Object>> entry = fields -> fields;
        private UnaryOperator<String> api = text -> text;
        private UnaryOperator<String> location = url -> url;
        private final List<String> hidden = new ArrayList<>();
        private final Map<String, Mirror.Answer> answers = new LinkedHashMap<>();

        private void publish() {
            byte[] server = "another file of the release\n".getBytes(StandardCharsets.UTF_8);
            String text = sums.apply(header + sha256(server) + "  storeit-server-linux-x86_64\n" + sha256(tool) + "  " + TOOL + "\n");
            byte[] list = text.getBytes(StandardCharsets.UTF_8);
            byte[] signed = signature.apply(sign(list, key));
            var assets = new ArrayList<Map<String, Object>>();
            offer(assets, "storeit-server-linux-x86_64", server);
            offer(assets, TOOL, tool);
            offer(assets, SUMS, list);
            offer(assets, SIGNATURE, signed);
            try {
                String answer = api.apply(new ObjectMapper().writeValueAsString(Map.of("tag_name", told, "assets", assets)));
                for (String path : List.of(API + "/tags/" + tag, API + "/latest")) {
                    if (mirror.answer(path) == null) {
                        mirror.on(path, Mirror.file(answer.getBytes(StandardCharsets.UTF_8)));
                    }
                }
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
            answers.forEach((name, answer) -> mirror.on(path(name), answer));
        }

        private void offer(List<Map<String, Object>> assets, String name, byte[] content) {
            if (hidden.contains(name)) {
                return;
            }
            var fields = new LinkedHashMap<String, Object>(Map.of("name", name, "size", content.length, "browser_download_url", location.apply(mirror.url(path(name)))));
            if (listsDigests) {
                fields.put("digest", "sha256:" + sha256(content));
            }
            assets.add(name.equals(TOOL) ? entry.apply(fields) : fields);
            mirror.on(path(name), Mirror.file(content));
        }
    }

    private static String path(String name) {
        return "/download/" + name;
    }

    interface Spoiling {
        void apply(Publication publication, DownloadTest test) throws Exception;
    }

    @BeforeAll
    static void makeACertificate() throws Exception {
        Path store = tls.resolve("store.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        assertThat(new ProcessBuilder(keytool, "-genkeypair", "-alias", "mirror", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "SAN=dns:localhost",
                "-validity", "2", "-storepass", "changeit", "-keystore", store.toString()).redirectErrorStream(true).start().waitFor()).isZero();
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
    }

    private static SSLContext tlsContext() throws Exception {
        var store = KeyStore.getInstance(tls.resolve("store.p12").toFile(), "changeit".toCharArray());
        var keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(store, "changeit".toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), null, null);
        return context;
    }

    @BeforeEach
    void installAnOlderTool() throws Exception {
        mirror = Mirror.plain();
        installed = Files.createDirectory(folder.resolve("bin")).resolve(TOOL);
        Files.write(installed, INSTALLED);
        Files.setPosixFilePermissions(installed, PosixFilePermissions.fromString("rwxr-x--x"));
        data = Files.createDirectory(folder.resolve("data"));
        keys = Files.writeString(folder.resolve("keys.pem"), pem(OURS));
        settings.put(Settings.Key.DATA_DIR, data.toString());
        settings.put(Settings.Key.RELEASE_KEYS, keys.toString());
        untouched = Files.getLastModifiedTime(installed.getParent()).toMillis() - 10_000;
        Files.setLastModifiedTime(installed.getParent(), FileTime.fromMillis(untouched));
    }

    @AfterEach
    void close() throws IOException {
        mirror.close();
    }

    /** What a command left on the screen. */
    record Run(int exit, String text) {
    }

    private Run selfUpdate() {
        return selfUpdate("0.4.0", false);
    }

    private Run selfUpdate(String version, boolean allowUnsigned) {
        settings.putIfAbsent(Settings.Key.RELEASES_URL, mirror.url(API));
        return run(settings, new SelfUpdateRequest(version, installed, allowUnsigned, false));
    }

    private static Run run(Map<Settings.Key, String> given, SelfUpdateRequest request) {
        var screen = new StringWriter();
        var command = new CommandLine(CommandLine.Model.CommandSpec.create().name("self-update")).setOut(new PrintWriter(screen)).setErr(new PrintWriter(screen));
        var console = new Console(command, new Verbosity(false, false, false));
        try {
            var loaded = Settings.load(given);
            int exit = console.finish(SelfUpdate.replaceTool(new Context(console, loaded, loaded.patience()), request));
            return new Run(exit, screen.toString());
        } catch (OpsException failure) {
            return new Run(console.failure(failure), screen.toString());
        }
    }

    /** The same in a Java of its own. */
    static final class Program {
        private Program() {
        }

        public static void main(String[] releasesDataFile) {
            Run run = run(Map.of(Settings.Key.RELEASES_URL, releasesDataFile[0], Settings.Key.DATA_DIR, releasesDataFile[1]),
                    new SelfUpdateRequest("0.4.0", Path.of(releasesDataFile[2]), false, false));
            System.out.print(run.text());
            System.exit(run.exit());
        }
    }

    private Publication published() throws Exception {
        return published((publication, test) -> {
        });
    }

    private Publication published(Spoiling spoiling) throws Exception {
        var publication = new Publication();
        spoiling.apply(publication, this);
        publication.publish();
        return publication;
    }

    /** A file that comes and goes in a folder changes its time too. */
    private void assertNothingReachedThePrograms() throws IOException {
        assertThat(installed).hasBinaryContent(INSTALLED);
        assertThat(Files.getLastModifiedTime(installed.getParent()).toMillis()).isEqualTo(untouched);
    }

    private void assertInstalled(Run run) throws IOException {
        assertThat(run.exit()).as(run.text()).isZero();
        assertThat(installed).hasBinaryContent(PUBLISHED);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(installed))).isEqualTo("rwxr-x--x");
        assertThat(names(installed.getParent())).containsExactly(TOOL);
        assertThat(names(data)).isEmpty();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    // ---- The table

    /** What is right, or not wrong enough: the new tool is in place afterwards. */
    static Stream<Arguments> accepted() {
        return Stream.of(
                row("signed by a trusted key", (release, test) -> {
                }),
                row("without a length, as a proxy may send it", (release, test) -> release.answers.put(TOOL, Mirror.chunked(PUBLISHED))),
                row("slow, but more than a trickle", (release, test) -> release.answers.put(TOOL, Mirror.slow(PUBLISHED, 20_000, 100))),
                row("a digest of the API in capitals", (release, test) -> release.entry = fields -> with(fields, "digest", "sha256:" + sha256(PUBLISHED).toUpperCase(Locale.ROOT))),
                row("a digest of the API of a kind nobody knows", (release, test) -> release.entry = fields -> with(fields, "digest", "sha512:00")),
                row("sums in capitals and for binary mode", (release, test) -> release.sums = text -> text.replace(sha256(PUBLISHED) + "  ", sha256(PUBLISHED).toUpperCase(Locale.ROOT) + " *")),
                row("the same sum twice", (release, test) -> release.sums = text -> text + text.lines().skip(1).toList().get(1) + "\n"),
                row("sums with the ends of lines of Windows", (release, test) -> release.sums = text -> text.replace("\n", "\r\n")),
                row("sums of just 1 MiB", (release, test) -> release.sums = text -> padded(text, 1 << 20)),
                row("an answer of the API of just 8 MiB", (release, test) -> release.api = text -> padded(text, 8 << 20)),
                row("the second of two trusted keys", (release, test) -> Files.writeString(test.keys, pem(FOREIGN) + pem(OURS))),
                row("a redirect at the same kind of address, as at GitHub", (release, test) -> test.redirect(release)));
    }

    /** What is wrong: exit 1, these words, and not a byte beside the programs. */
    static Stream<Arguments> refused() {
        return Stream.of(
                // size
                row("a byte short", (release, test) -> release.answers.put(TOOL, Mirror.file(cut(PUBLISHED, 1))), "has " + (PUBLISHED.length - 1) + " bytes"),
                row("a byte long", (release, test) -> release.answers.put(TOOL, Mirror.file(extended(PUBLISHED))), "has " + (PUBLISHED.length + 1) + " bytes"),
                row("a byte long without a length", (release, test) -> release.answers.put(TOOL, Mirror.chunked(extended(PUBLISHED))), "more than the " + PUBLISHED.length + " bytes"),
                row("empty", (release, test) -> release.answers.put(TOOL, Mirror.file(new byte[0])), "has 0 bytes"),
                row("endless", (release, test) -> release.answers.put(TOOL, Mirror.endless(new byte[10_000])), "it has more than the"),
                row("a byte more announced", (release, test) -> release.entry = fields -> with(fields, "size", PUBLISHED.length + 1), "has " + PUBLISHED.length + " bytes"),
                row("a byte less announced", (release, test) -> release.entry = fields -> with(fields, "size", PUBLISHED.length - 1), "has " + PUBLISHED.length + " bytes"),
                row("no size announced", (release, test) -> release.entry = fields -> with(fields, "size", null), "There is no storeit-ctl in release"),
                row("a negative size", (release, test) -> release.entry = fields -> with(fields, "size", -1), "There is no storeit-ctl in release"),
                row("a size beyond all numbers", (release, test) -> release.api = text -> text.replaceFirst("\"size\":\\d+", "\"size\":" + "9".repeat(30)), "Unexpected JSON"),
                // content
                row("the first bit flipped", (release, test) -> release.answers.put(TOOL, Mirror.file(flipped(PUBLISHED, 0))), "its SHA-256 differs from the one in SHA256SUMS"),
                row("a bit in the middle flipped", (release, test) -> release.answers.put(TOOL, Mirror.file(flipped(PUBLISHED, HALF))), "its SHA-256 differs"),
                row("the last bit flipped", (release, test) -> release.answers.put(TOOL, Mirror.file(flipped(PUBLISHED, PUBLISHED.length - 1))), "its SHA-256 differs"),
                row("another file of the release", (release, test) -> release.answers.put(TOOL, (request, out) -> test.mirror.answer(path("storeit-server-linux-x86_64")).write(request, out)),
                        "bytes, but the release lists"),
                row("a digest of the API that disagrees", (release, test) -> release.entry = fields -> with(fields, "digest", "sha256:" + "0".repeat(64)), "lists another SHA-256"),
                // names
                row("no such file", (release, test) -> release.hidden.add(TOOL), "There is no storeit-ctl in release 0.4.0"),
                row("only a file whose name begins so", (release, test) -> release.entry = fields -> with(fields, "name", "storeit-ctl.exe"), "There is no storeit-ctl in release"),
                row("a name with a path", (release, test) -> release.entry = fields -> with(fields, "name", "../storeit-ctl"), "There is no storeit-ctl in release"),
                row("two files of one name", (release, test) -> release.entry = fields -> with(fields, "name", "SHA256SUMS"), "two files named SHA256SUMS"),
                row("a file that is announced and missing", (release, test) -> release.answers.put(TOOL, Mirror.status(404)), "answered 404"),
                // sums
                row("no sums", (release, test) -> release.hidden.add(SUMS), "has no SHA256SUMS"),
                row("sums of an earlier build", (release, test) -> release.sums = text -> text.replace(sha256(PUBLISHED), sha256(flipped(PUBLISHED, 9))), "its SHA-256 differs"),
                row("sums that do not name it", (release, test) -> release.sums = text -> text.replace("  storeit-ctl\n", "  storeit-ctl.sig\n"), "does not list storeit-ctl"),
                row("sums that name it twice, differently", (release, test) -> release.sums = text -> text + "0".repeat(64) + "  storeit-ctl\n", "lists storeit-ctl twice"),
                row("a sum that is too short", (release, test) -> release.sums = text -> text.replace(sha256(PUBLISHED), sha256(PUBLISHED).substring(1)), "does not list storeit-ctl"),
                row("empty sums", (release, test) -> release.sums = text -> "", "is for another version: it is empty"),
                row("sums without the version", (release, test) -> release.header = "", "is for another version"),
                row("sums of a version that begins the same", (release, test) -> release.header = "# StoreIT 0.4.01\n", "is for another version: # StoreIT 0.4.01"),
                row("sums of more than 1 MiB", (release, test) -> release.sums = text -> padded(text, (1 << 20) + 1), "longer than 1048576 bytes"),
                row("endless sums", (release, test) -> release.answers.put(SUMS, Mirror.endless(new byte[10_000])), "longer than 1048576 bytes"),
                row("sums with something a terminal would act on", (release, test) -> release.header = "# \u001b[2J\n", "is for another version: # \\u001b[2J"),
                // signature
                row("a signature by a foreign key", (release, test) -> release.key = FOREIGN, "does not match a trusted key"),
                row("a signature with a bit flipped", (release, test) -> release.signature = bytes -> flipped(bytes, 40), "does not match a trusted key"),
                row("a signature a byte short", (release, test) -> release.signature = bytes -> cut(bytes, 1), "does not match a trusted key"),
                row("a signature a byte long", (release, test) -> release.signature = DownloadTest::extended, "longer than 64 bytes"),
                row("an empty signature", (release, test) -> release.signature = bytes -> new byte[0], "does not match a trusted key"),
                row("a signature of the file instead of the sums", (release, test) -> release.signature = bytes -> sign(PUBLISHED, OURS), "does not match a trusted key"),
                row("a signature in letters", (release, test) -> release.signature = bytes -> HexFormat.of().formatHex(bytes).substring(64).getBytes(StandardCharsets.US_ASCII),
                        "does not match a trusted key"),
                row("sums changed after they were signed", (release, test) -> {
                    release.answers.put(TOOL, Mirror.file(flipped(PUBLISHED, 9)));
                    release.answers.put(SUMS, Mirror.file(("# StoreIT 0.4.0\n" + sha256(flipped(PUBLISHED, 9)) + "  storeit-ctl\n").getBytes(StandardCharsets.UTF_8)));
                }, "does not match a trusted key"),
                // version
                row("an old signed release under a new tag", (release, test) -> {
                    release.header = "# StoreIT 0.3.5\n";
                    release.tool = program("0.3.5", "0.3.5");
                }, "is for another version: # StoreIT 0.3.5"),
                row("a release that calls itself by another version", (release, test) -> release.told = "v0.4.1", "Asked for release 0.4.0, but received 0.4.1"),
                row("a release that calls itself by no version", (release, test) -> release.told = "newest", "names no version: newest"),
                row("a file of another version", (release, test) -> release.tool = program("0.3.9", "0.3.9"), "reports 0.3.9"),
                row("a file that says another version when it runs", (release, test) -> release.tool = program("0.4.0", "0.3.9"), "reports storeit-ctl 0.3.9"),
                row("a file that is no program of ours", (release, test) -> release.tool = "#!/bin/sh\necho storeit-ctl 0.4.0\n".getBytes(StandardCharsets.UTF_8), "reports no version"),
                // places
                row("plain HTTP named by a release looked up through TLS", (release, test) -> {
                    test.useTls();
                    release.location = url -> url.replace("https:", "http:");
                }, "over plain HTTP"),
                row("a redirect to plain HTTP", (release, test) -> {
                    test.useTls();
                    test.redirect(release, "http://localhost:1/elsewhere");
                }, "over plain HTTP"),
                row("a redirect of the look-up to plain HTTP", (release, test) -> {
                    test.useTls();
                    test.mirror.on(API + "/tags/v0.4.0", Mirror.redirect("http://localhost:1/elsewhere"));
                }, "over plain HTTP"),
                row("a redirect to a file of this machine", (release, test) -> test.redirect(release, "file:///etc/passwd"), "redirects to file:///etc/passwd"),
                row("a redirect in a circle", (release, test) -> test.redirect(release, test.mirror.url(path(TOOL))), "Too many follow-up requests"),
                row("a place that is none", (release, test) -> release.location = url -> "file:///etc/passwd", "Not a web address: file:///etc/passwd"),
                // the API
                row("no such release", (release, test) -> test.mirror.on(API + "/tags/v0.4.0", Mirror.status(404)), "There is no release 0.4.0"),
                row("an endless answer of the API", (release, test) -> release.api = text -> padded(text, (8 << 20) + 1), "is too large"),
                row("an answer that is no JSON", (release, test) -> release.api = text -> "<html>", "Unexpected JSON"),
                row("an answer that breaks off", (release, test) -> release.api = text -> text.substring(0, text.length() / 2), "Unexpected JSON"),
                row("an answer of a hundred thousand brackets", (release, test) -> release.api = text -> "{\"assets\":" + "[".repeat(100_000), "Unexpected JSON"),
                row("an answer with entries of another kind", (release, test) -> release.api = text -> "{\"tag_name\":\"v0.4.0\",\"assets\":[1,null,[],{\"name\":7}]}", "There is no storeit-ctl"),
                row("nobody there", (release, test) -> test.mirror.close(), "no server is listening there"),
                row("a server in trouble", (release, test) -> test.mirror.on(API + "/tags/v0.4.0", Mirror.status(500)), "answered 500"),
                row("no more questions at GitHub, for twelve minutes", (release, test) -> test.mirror.on(API + "/tags/v0.4.0", Mirror.status(403, "x-ratelimit-remaining: 0",
                        "x-ratelimit-reset: " + (System.currentTimeMillis() / 1000 + 12 * 60 - 20))), "Try again in 12 minutes"),
                row("too many questions in a minute", (release, test) -> test.mirror.on(API + "/tags/v0.4.0", Mirror.status(429, "retry-after: 60")), "Try again in 1 minute,"),
                row("a limit that ends in a thousand years", (release, test) -> test.mirror.on(API + "/tags/v0.4.0", Mirror.status(429, "x-ratelimit-reset: 99999999999")), "in an hour"),
                row("forbidden for another reason", (release, test) -> test.mirror.on(API + "/tags/v0.4.0", Mirror.status(403)), "answered 403"),
                // the keys
                row("keys that are not there", (release, test) -> Files.delete(test.keys), "Cannot read the release keys"),
                row("a file without keys", (release, test) -> Files.writeString(test.keys, "none\n"), "it has no public key"),
                row("a private key for a public one", (release, test) -> Files.writeString(test.keys, pem(OURS).replace("PUBLIC", "PRIVATE")), "it contains a PRIVATE KEY"),
                row("a damaged key", (release, test) -> Files.writeString(test.keys, pem(OURS).replace("MCowBQYDK2Vw", "MCowBQYDK2Vx")), "one is not an Ed25519 key"));
    }

    /** What only takes too long. */
    static Stream<Arguments> tooSlow() {
        return Stream.of(
                row("a trickle", (release, test) -> release.answers.put(TOOL, Mirror.slow(PUBLISHED, 1, 100)), "the transfer is too slow"),
                row("silence", (release, test) -> release.answers.put(TOOL, Mirror.silence()), "it timed out"),
                row("endless headers", (release, test) -> test.mirror.on(API + "/tags/v0.4.0", Mirror.endlessHeaders()), "it timed out"),
                row("sums by the letter", (release, test) -> release.answers.put(SUMS, Mirror.slow(new byte[500], 1, 100)), "it timed out"));
    }

    private static Arguments row(String name, Spoiling spoiling, String... words) {
        return words.length == 0 ? Arguments.of(name, spoiling) : Arguments.of(name, spoiling, words[0]);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("accepted")
    void acceptsWhatIsRight(String name, Spoiling spoiling) throws Exception {
        published(spoiling);
        Run run = selfUpdate();
        assertInstalled(run);
        assertThat(run.text()).contains("storeit-ctl 0.4.0 is installed").doesNotContain("signature", "checksums");
    }

    /** Also with every consent that can be given beforehand. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void refusesWhatIsWrong(String name, Spoiling spoiling, String words) throws Exception {
        assertRefused(spoiling, words);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooSlow")
    void waitsForNothingForever(String name, Spoiling spoiling, String words) throws Exception {
        settings.put(Settings.Key.PATIENCE, "2");
        assertRefused(spoiling, words);
    }

    private void assertRefused(Spoiling spoiling, String words) throws Exception {
        published(spoiling);
        Run run = selfUpdate("0.4.0", true);
        assertThat(run.exit()).as(run.text()).isEqualTo(1);
        assertThat(run.text()).contains(words).doesNotContain("\u001b", "Exception");
        assertNothingReachedThePrograms();
        assertThat(names(data)).isEmpty();
    }

    private void useTls() throws Exception {
        mirror.close();
        mirror = Mirror.secure(tlsContext().getServerSocketFactory());
    }

    private void redirect(Publication release) {
        mirror.on("/elsewhere", Mirror.file(PUBLISHED));
        redirect(release, mirror.url("/elsewhere"));
    }

    private void redirect(Publication release, String target) {
        release.answers.put(TOOL, Mirror.redirect(target));
    }

    @Test
    void acceptsAReleaseThatListsTheDigestOfEachFile() throws Exception {
        published((publication, test) -> publication.listsDigests = true);
        assertInstalled(selfUpdate());
    }

    @Test
    void acceptsWhatComesThroughTls() throws Exception {
        useTls();
        published();
        assertInstalled(selfUpdate());
    }

    // ---- Without a signature that says anything

    @Test
    void withoutASignatureItAsksAndSaysSo() throws Exception {
        published((release, test) -> release.hidden.add(SIGNATURE));
        Run run = selfUpdate();
        assertThat(run.exit()).isEqualTo(6);
        assertThat(run.text()).contains("Release 0.4.0 has no signature", "--allow-unsigned");
        assertThat(mirror.requestsFor(path(TOOL))).isEmpty();
        assertNothingReachedThePrograms();
        assertInstalled(selfUpdate("0.4.0", true));
    }

    @Test
    void withoutAKeyToCheckASignatureItAsksAndSaysSo() throws Exception {
        published();
        settings.remove(Settings.Key.RELEASE_KEYS);
        Run run = selfUpdate();
        assertThat(run.exit()).as(run.text()).isEqualTo(6);
        assertThat(run.text()).contains("is signed, but this storeit-ctl has no key", "--allow-unsigned");
        assertNothingReachedThePrograms();
    }

    /** The file that {@code STOREIT_RELEASE_KEYS} names when a release is built. */
    @Test
    void theKeysOfTheBuildAreTrustedWithoutNamingThem() throws Exception {
        published();
        Path resource = folder.resolve("build/io/storeit/interchange/release-keys.pem");
        Files.createDirectories(resource.getParent());
        Files.writeString(resource, pem(FOREIGN) + pem(OURS));
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
                folder.resolve("build") + System.getProperty("path.separator") + System.getProperty("java.class.path"), Program.class.getName(), mirror.url(API),
                data.toString(), installed.toString()).redirectErrorStream(true);
        process.environment().keySet().removeIf(name -> name.startsWith("STOREIT_"));
        Process running = process.start();
        String text = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertInstalled(new Run(running.waitFor(), text));
    }

    // ---- A connection that breaks

    @Test
    void aBrokenConnectionIsTriedAgainFromTheFirstByte() throws Exception {
        published((release, test) -> release.answers.put(TOOL, Mirror.breaking(Mirror.file(PUBLISHED), 3, HALF)));
        assertInstalled(selfUpdate());
        assertThat(mirror.requestsFor(path(TOOL))).hasSize(4).allMatch(request -> request.header("range") == null);
    }

    @Test
    void aConnectionThatBreaksAgainAndAgainIsGivenUp() throws Exception {
        assertRefused((release, test) -> release.answers.put(TOOL, Mirror.breaking(Mirror.file(PUBLISHED), 4, HALF)), "Could not download storeit-ctl: ");
        assertThat(mirror.requestsFor(path(TOOL))).hasSize(4);
    }

    @Test
    void aServerInTroubleIsAskedAgainAndOneThatRefusesIsNot() throws Exception {
        assertRefused((release, test) -> release.answers.put(TOOL, Mirror.status(503)), "answered 503");
        assertThat(mirror.requestsFor(path(TOOL))).hasSize(4);
        assertRefused((release, test) -> release.answers.put(TOOL, Mirror.status(403)), "answered 403");
        assertThat(mirror.requestsFor(path(TOOL))).hasSize(5);
    }

    @Test
    void aPartThatWasNotAskedForIsNotTakenForTheFile() throws Exception {
        assertRefused((release, test) -> release.answers.put(TOOL, Mirror.status(206)), "answered 206");
    }

    // ---- The folder of downloads

    private Path downloads() {
        return data.resolve(".storeit-download");
    }

    private void installAgain() throws IOException {
        Files.write(installed, INSTALLED);
        Files.setLastModifiedTime(installed.getParent(), FileTime.fromMillis(untouched));
    }

    @Test
    void whatAKilledRunLeftIsReplaced() throws Exception {
        published();
        Files.createDirectory(downloads(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.write(downloads().resolve("asset"), new byte[PUBLISHED.length + 1]);
        assertInstalled(selfUpdate());
    }

    @Test
    void twoDownloadsToOneFolderDoNotMix() throws Exception {
        published();
        Files.createDirectory(downloads(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (var channel = FileChannel.open(downloads().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var held = channel.lock()) {
            Run run = selfUpdate();
            assertThat(held.isValid()).isTrue();
            assertThat(run.exit()).as(run.text()).isEqualTo(7);
            assertThat(run.text()).contains("Another storeit-ctl is downloading to " + downloads());
            assertThat(downloads()).exists();
        }
        assertNothingReachedThePrograms();
        assertInstalled(selfUpdate());
    }

    /** The folder and the file in it are readable by their owner only while the download is under way. */
    @Test
    void onlyItsOwnerCanReadADownload() throws Exception {
        var modes = new ArrayList<String>();
        published((release, test) -> release.answers.put(TOOL, (request, out) -> {
            for (Path path : List.of(downloads(), downloads().resolve("asset"))) modes.add(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            Mirror.file(PUBLISHED).write(request, out);
        }));
        assertInstalled(selfUpdate());
        assertThat(modes).containsExactly("rwx------", "rw-------");
    }

    /** The folder above may belong to the user of the server. */
    @Test
    void neitherALinkNorAFolderOpenToOthersIsTrusted() throws Exception {
        published();
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path planted = Files.write(elsewhere.resolve("asset"), new byte[7]);
        Files.createSymbolicLink(downloads(), elsewhere);
        assertInstalled(selfUpdate());
        assertThat(planted).hasSize(7);

        installAgain();
        Path open = Files.createDirectory(downloads());
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(open.resolve("asset"), planted);
        assertInstalled(selfUpdate());
        assertThat(planted).hasSize(7);
        assertThat(open).doesNotExist();
    }

    // ---- A folder of releases

    private Path folderOfReleases(String... tags) throws IOException {
        Path releases = Files.createDirectories(folder.resolve("releases"));
        for (String tag : tags) {
            Path release = Files.createDirectory(releases.resolve(tag));
            byte[] list = ("# StoreIT " + tag.substring(1) + "\n" + sha256(PUBLISHED) + "  " + TOOL + "\n").getBytes(StandardCharsets.UTF_8);
            Files.write(release.resolve(TOOL), PUBLISHED);
            Files.write(release.resolve(SUMS), list);
            Files.write(release.resolve(SIGNATURE), sign(list, OURS));
        }
        return releases;
    }

    @Test
    void inAFolderTheLatestIsTheHighestVersionThatIsNoPreRelease() throws Exception {
        Path releases = folderOfReleases("v0.3.9", "v0.4.0", "v0.5.0-rc1");
        Files.createDirectory(releases.resolve("notes"));
        settings.put(Settings.Key.RELEASES_URL, releases.toUri().toString());
        assertThat(selfUpdate("latest", false).exit()).isZero();
        assertThat(installed).hasBinaryContent(PUBLISHED);
    }

    @Test
    void aFolderIsTrustedNoMoreThanAMirror() throws Exception {
        Path release = folderOfReleases("v0.4.0").resolve("v0.4.0");
        Files.write(release.resolve(TOOL), flipped(PUBLISHED, HALF));
        settings.put(Settings.Key.RELEASES_URL, release.getParent().toString());
        Run run = selfUpdate();
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.text()).contains("its SHA-256 differs from the one in SHA256SUMS");
        Files.write(release.resolve(SUMS), Files.readString(release.resolve(SUMS)).replace(sha256(PUBLISHED), sha256(flipped(PUBLISHED, HALF))).getBytes(StandardCharsets.UTF_8));
        assertThat(selfUpdate().text()).contains("does not match a trusted key");
        Files.write(release.resolve(SUMS), new byte[(1 << 20) + 1]);
        assertThat(selfUpdate().text()).contains("longer than 1048576 bytes");
        assertNothingReachedThePrograms();
        settings.put(Settings.Key.RELEASES_URL, "file://elsewhere/releases");
        assertThat(selfUpdate().exit()).isEqualTo(2);
    }

    // ---- The tool itself

    @Test
    void withoutAVersionTheLatestIsTakenAndASecondTimeNothingIsDone() throws Exception {
        published();
        assertThat(selfUpdate("latest", false).exit()).isZero();
        assertThat(installed).hasBinaryContent(PUBLISHED);
        int requests = mirror.requestsFor(path(TOOL)).size();
        Run again = selfUpdate();
        assertThat(again.exit()).isZero();
        assertThat(again.text()).contains("0.4.0 is already installed");
        assertThat(mirror.requestsFor(path(TOOL))).hasSize(requests);
    }

    @Test
    void aLinkIsFollowedToTheFileItNames() throws Exception {
        published();
        Path real = Files.move(installed, Files.createDirectory(folder.resolve("opt")).resolve("tool"));
        Files.createSymbolicLink(installed, real);
        Path elsewhere = Files.createSymbolicLink(folder.resolve("data-link"), data);
        settings.put(Settings.Key.DATA_DIR, elsewhere.toString());
        Run run = selfUpdate();
        assertThat(run.exit()).as(run.text()).isZero();
        assertThat(Files.readAttributes(installed, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isSymbolicLink()).isTrue();
        assertThat(real).hasBinaryContent(PUBLISHED);
    }

    @Test
    void whatIsNoStoreitCtlIsNotReplaced() throws Exception {
        published();
        Files.writeString(installed, "#!/bin/sh\n");
        Run run = selfUpdate();
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.text()).contains("is not a storeit-ctl that can be replaced");
        assertThat(installed).hasContent("#!/bin/sh\n");
    }

    /** This test runs from classes, as a JBang run does. */
    @Test
    void aToolThatRunsFromItsSourceSaysSo() {
        Run run = run(settings, new SelfUpdateRequest("latest", null, false, false));
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.text()).contains("runs from source");
    }

    @Test
    void theToolOfVersionsBefore030IsAnotherProgram() throws Exception {
        mirror.on(API + "/tags/v0.2.1", Mirror.file("{\"tag_name\":\"v0.2.1\"}".getBytes(StandardCharsets.UTF_8)));
        Run run = selfUpdate("0.2.1", false);
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.text()).contains("is a different program");
        assertNothingReachedThePrograms();
    }

    // ---- Material

    /** A launch stub that tells its version, with a jar behind it, and something to make it longer than a few trickles. */
    private static byte[] program(String inManifest, String whenRun) {
        var file = new ByteArrayOutputStream();
        file.writeBytes(("#!/bin/sh\necho storeit-ctl " + whenRun + "\nexit 0\n").getBytes(StandardCharsets.UTF_8));
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, inManifest);
        var content = new byte[200_000];
        new Random(7).nextBytes(content);
        try (var jar = new JarOutputStream(file, manifest)) {
            jar.putNextEntry(new ZipEntry("content"));
            jar.write(content);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return file.toByteArray();
    }

    private static KeyPair pair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----\n";
    }

    private static byte[] sign(byte[] content, KeyPair pair) {
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static byte[] cut(byte[] content, int bytes) {
        return Arrays.copyOf(content, content.length - bytes);
    }

    private static byte[] extended(byte[] content) {
        return Arrays.copyOf(content, content.length + 1);
    }

    private static byte[] flipped(byte[] content, int index) {
        byte[] changed = content.clone();
        changed[index] ^= 1;
        return changed;
    }

    private static String padded(String text, int length) {
        return text + " ".repeat(length - text.length());
    }

    private static Map<String, Object> with(Map<String, Object> fields, String name, Object value) {
        fields.put(name, value);
        return fields;
    }
}
