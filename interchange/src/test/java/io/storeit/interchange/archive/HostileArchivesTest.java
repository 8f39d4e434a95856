package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdOutputStream;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.schema.SchemaTransforms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must stop in the reader, and what it says then. */
class HostileArchivesTest {

    private static final byte[] NOTHING = new byte[0];

    private static final ArchiveLimits SMALL = new ArchiveLimits(14, 1000, 2000, 1500, 40_000, 3, 5000, 50, 20_000);

    @TempDir
    Path folder;

    // -- the container

    @Test
    void anEmptyArchiveOfAllTablesIsFine() throws IOException {
        assertThat(ReadBack.of(Forge.empty().write(folder)).contents.counts()).hasSize(9);
    }

    @Test
    void anEmptyFile() {
        refused(Forge.write(folder, NOTHING), "is empty");
    }

    @Test
    void aMissingFileAndAFolder() {
        assertThat(refusal(folder.resolve("none.storeit"))).hasMessageContaining("no such file");
        assertThat(refusal(folder)).hasMessageContaining("it is a folder");
    }

    @Test
    void aPlainTarAndAnyOtherFile() {
        refused(Forge.write(folder, Forge.empty().tar()), "is not a StoreIT archive");
        refused(Forge.write(folder, "PK\3\4 a zip file, for example".getBytes()), "is not a StoreIT archive");
    }

    @Test
    void zstdAndGzipOfNothing() {
        refused(Forge.write(folder, Forge.zstd(NOTHING)), "is an empty archive");
        refused(Forge.write(folder, Forge.gzip(NOTHING)), "is an empty archive");
        refused(Forge.write(folder, Forge.zstd(new byte[1024])), "is an empty archive");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip"})
    void cutOffAnywhere(String compression) {
        byte[] whole = compress(compression, Forge.of(new RandomHousehold(1, 2, 10)).tar());
        var random = new Random(7);
        for (int i = 0; i < 60; i++) {
            int length = i < 20 ? whole.length - 1 - i : 4 + random.nextInt(whole.length - 4);
            ArchiveException refusal = refusal(Forge.write(folder, Arrays.copyOf(whole, length)));
            assertThat(refusal).as("%s cut to %d of %d", compression, length, whole.length).isNotNull();
            oneLine(refusal);
        }
    }

    @Test
    void aTarCutOffInsideAGoodContainer() {
        byte[] whole = Forge.of(new RandomHousehold(1, 2, 10)).tar();
        refused(Forge.write(folder, Forge.zstd(Arrays.copyOf(whole, whole.length / 2 + 100))), "is truncated");
        refused(Forge.write(folder, Forge.zstd(Arrays.copyOf(whole, 300))), "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip"})
    @DisplayName("D46, D153: a flipped bit is noticed, or means nothing")
    void aFlippedBitIsNoticedOrMeansNothing(String compression) throws IOException {
        byte[] whole = compress(compression, Forge.of(new RandomHousehold(1, 2, 10)).tar());
        String digest = ReadBack.of(Forge.write(folder, whole)).contents.digest().value();
        var random = new Random(8);
        int noticed = 0;
        for (int i = 0; i < 120; i++) {
            byte[] flipped = whole.clone();
            int at = random.nextInt(whole.length);
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            Path archive = Forge.write(folder, flipped);
            try {
                // Headers of both formats have bits that mean nothing, such as the time in that of gzip.
                assertThat(ReadBack.of(archive).contents.digest().value()).as("%s, bit in byte %d", compression, at).isEqualTo(digest);
            } catch (ArchiveException refusal) {
                oneLine(refusal);
                noticed++;
            }
            Files.delete(archive);
        }
        assertThat(noticed).isGreaterThan(110);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip"})
    void dataAfterTheEnd(String compression) {
        byte[] whole = compress(compression, Forge.empty().tar());
        byte[] longer = Arrays.copyOf(whole, whole.length + 20);
        Arrays.fill(longer, whole.length, longer.length, (byte) 'x');
        refused(Forge.write(folder, longer), "");
        byte[] doubled = Arrays.copyOf(whole, 2 * whole.length);
        System.arraycopy(whole, 0, doubled, whole.length, whole.length);
        refused(Forge.write(folder, doubled), "has data after its end");
    }

    @Test
    void dataAfterTheEndOfTheTar() {
        byte[] tar = Forge.empty().tar();
        for (int extra : new int[] {1, 511, 512, 600, 20_000}) {
            byte[] longer = Arrays.copyOf(tar, tar.length + extra);
            longer[longer.length - 1] = 1;
            refused(Forge.write(folder, Forge.zstd(longer)), "has data after its end");
        }
    }

    @Test
    void aWindowLargerThan128MiB() throws IOException {
        byte[] archive = Forge.compressed(Forge.empty().tar(), out -> new ZstdOutputStream(out).setLong(27));
        int windowDescriptor = 5;
        assertThat(archive[windowDescriptor]).isEqualTo((byte) (27 - 10 << 3));
        ReadBack.of(Forge.write(folder, archive));

        archive[windowDescriptor] = (byte) (28 - 10 << 3);
        refused(Forge.write(folder, archive), "was compressed with a window of more than 128 MiB");
    }

    @Test
    void aWrongHeaderChecksum() {
        byte[] tar = Forge.empty().tar();
        tar[100] ^= 1;
        refused(Forge.write(folder, Forge.zstd(tar)), "header with a wrong checksum");
    }

    // -- names and types

    @ParameterizedTest
    @CsvSource({
        "1, a hard link", "2, a symbolic link", "3, a device", "4, a device", "6, a pipe", "7, neither a file nor a folder",
    })
    @DisplayName("D8: links, devices and pipes are refused")
    void linksDevicesAndPipes(char type, String message) {
        refused(Forge.empty().entry("backup/images/x", type, "/etc/passwd", NOTHING), message);
        refused(Forge.empty().entry("backup/data/items.json", type, "/etc/passwd", NOTHING), message);
        refused(Forge.empty().entry("backup/extensions/x", type, "/etc/passwd", NOTHING), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/etc/passwd                     | an absolute name",
        "/backup/data/users.json         | an absolute name",
        ".//etc/passwd                   | an absolute name",
        "backup/images/../../../evil     | leads out of the archive",
        "../evil                         | leads out of the archive",
        "backup/extensions/../../../evil | leads out of the archive",
        "backup\\data\\users.json        | a backslash",
        "backup/images/a\\b.png          | a backslash",
        "evil                            | unexpected entry",
        "backup/evil                     | unexpected entry",
        "backup/data/evil.json           | unexpected entry",
        "backup/data/x/users.json        | unexpected entry",
        "backup/data/Users.json          | unexpected entry",
        "./././backup/manifest.json      | unexpected entry",
        "backup/./manifest.json          | unexpected entry",
        "backup//manifest.json           | unexpected entry",
        "backup/images/evil.sh           | unexpected entry",
        "backup/images/ab/cd.png         | unexpected entry",
        "backup/folder/                  | unexpected entry",
        "backup/images/xy/               | unexpected entry",
    })
    @DisplayName("D7, D8: names that do not belong there")
    void namesThatDoNotBelongThere(String name, String message) {
        refused(Forge.empty().file(name, NOTHING), message);
    }

    @Test
    void namesInExtendedHeadersAreNoBetter() {
        for (String name : new String[] {"/etc/passwd", "../evil", "backup/../../evil", "backup\\evil"}) {
            refused(Forge.empty().entry(name, '0', "", NOTHING).pax(), "entry ");
        }
    }

    @Test
    void imageNamesOfOtherShapes() {
        String hash = RandomHousehold.key(NOTHING).substring(3, 67);
        for (String key : new String[] {
            "ff/" + hash + ".png", hash + ".png", "e3/" + hash, "e3/" + hash + ".exe", "e3/" + hash + ".png.exe",
            "e3/" + hash.toUpperCase() + ".png", "e3/b0/" + hash + ".png", "e3/" + hash + "0.png", "e3/" + hash + ".png\n",
        }) {
            refused(Forge.empty().file("backup/images/" + key, NOTHING), "unexpected entry");
        }
    }

    @Test
    void entriesThatAreThereTwice() {
        String key = "backup/images/" + RandomHousehold.key(NOTHING);
        refused(Forge.empty().file("backup/data/items.json", "[]"), "entry \"backup/data/items.json\" occurs twice");
        refused(Forge.empty().file("./backup/manifest.json", "{}"), "occurs twice");
        refused(Forge.empty().file(key, NOTHING).file(key, NOTHING), "occurs twice");
        refused(Forge.empty().file(key, NOTHING).file("./" + key, NOTHING), "occurs twice");
    }

    @Test
    void missingFiles() {
        refused(Forge.empty().remove("backup/manifest.json"), "has no backup/manifest.json");
        refused(Forge.empty().remove("backup/data/items.json"), "has no backup/data/items.json");
        refused(Forge.empty().rename(name -> name.replace("backup/", "other/")), "unexpected entry");
    }

    @Test
    void aHeaderThatWouldFillMemory() {
        refused(Forge.empty().entry("././@LongLink", 'L', "", new byte[2 << 20]).file("x", ""), "has a header of more than");
        refused(Forge.empty().entry("pax", 'x', "", ("2000000 comment=" + "x".repeat(1_999_984)).getBytes()).file("x", ""),
                "has a header of more than");
    }

    // -- images

    @Test
    @DisplayName("D153: an image that is not what its name says")
    void anImageThatIsNotWhatItsNameSays() {
        refused(Forge.empty().file("backup/images/" + RandomHousehold.key(new byte[] {1}), new byte[] {2}),
                "the bytes do not match the SHA-256 in the name");
    }

    @Test
    void imagesAreNotLookedAtWhenTheManifestSaysThereAreNone() throws IOException {
        Path archive = Forge.empty().replace("backup/manifest.json", "{\"format_version\":2,\"schema_version\":2}")
                .file("backup/images/" + RandomHousehold.key(new byte[] {1}), new byte[] {2}).write(folder);

        assertThat(ReadBack.of(archive).images).isEmpty();
    }

    // -- limits, both sides

    @Test
    @DisplayName("D8: entries, sizes and ratios are limited")
    void limitsAreKeptOnBothSides() throws IOException {
        Path key = Path.of("backup/images/" + RandomHousehold.key(new byte[1500]));
        within(Forge.empty().replace("backup/manifest.json", padded("{\"includes_images\":true", "}", 1000)));
        beyond(Forge.empty().replace("backup/manifest.json", padded("{\"includes_images\":true", "}", 1001)), "1001 bytes, more than the 1000");
        within(Forge.empty().replace("backup/data/items.json", padded("[", "]", 2000)));
        beyond(Forge.empty().replace("backup/data/items.json", padded("[", "]", 2001)), "2001 bytes, more than the 2000");
        within(Forge.empty().file(key.toString(), new byte[1500]));
        beyond(Forge.empty().file("backup/images/" + RandomHousehold.key(new byte[1501]), new byte[1501]), "more than the 1500");
        within(Forge.empty().file("backup/extensions/a", "").file("backup/extensions/b", "").file("./backup/extensions/c", "")
                .file("backup/extensions/", ""));
        beyond(Forge.empty().file("backup/extensions/a", "").file("backup/extensions/b", "").file("./backup/extensions/c", "")
                .file("backup/extensions/", "").file("backup/extensions/e", ""), "more than 14 entries");
        within(Forge.empty().replace("backup/data/settings.json", "[[\"a\",\"\"],[\"b\",\"\"],[\"c\",\"\"]]"));
        beyond(Forge.empty().replace("backup/data/settings.json", "[[\"a\",\"\"],[\"b\",\"\"],[\"c\",\"\"],[\"d\",\"\"]]"),
                "settings.json: has more than 3 rows");
    }

    @Test
    void unpackedSizeAndRatioAreMeasuredNotBelieved() throws IOException {
        byte[] noise = new byte[45_000];
        new Random(1).nextBytes(noise);
        beyond(Forge.empty().file("backup/extensions/noise", noise), "unpacks to more than 40000 bytes");
        byte[] little = Arrays.copyOf(noise, 1000);
        within(Forge.empty().file("backup/extensions/noise", little).file("backup/extensions/zeros", new byte[8000]));
        beyond(Forge.empty().file("backup/extensions/zeros", new byte[25_000]), "unpacks to more than 50 times its size");
    }

    @Test
    void aBombStopsAtTheRealLimits() {
        // 300 MiB of zeros in 30 kB: past the free part, and two thousand times denser than allowed.
        byte[] bomb = Forge.compressed(Forge.empty().tar(), out -> new ZstdOutputStream(out, 1));
        byte[] zeros = Forge.compressed(NOTHING, out -> {
            var zstd = new ZstdOutputStream(out, 1);
            byte[] block = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                zstd.write(block);
            }
            return zstd;
        });
        byte[] both = Arrays.copyOf(bomb, bomb.length + zeros.length);
        System.arraycopy(zeros, 0, both, bomb.length, zeros.length);

        refused(Forge.write(folder, both), "unpacks to more than 250 times its size");
    }

    @Test
    @DisplayName("D38: a row that would fill the memory")
    void aRowThatWouldFillMemory() throws IOException {
        String start = "[[\"key\",\"";
        assertThat(ReadBack.of(Forge.empty().replace("backup/data/settings.json", start + "x".repeat(3_900_000) + "\"]]").write(folder))
                .contents.counts()).containsValue(1L);
        refused(Forge.empty().replace("backup/data/settings.json", start + "x".repeat(4_300_000) + "\"]]"), "settings.json row 1: ");
        refused(Forge.empty().replace("backup/data/groups.json", "[{\"x\":[" + "1,".repeat(3_000_000) + "1]}]"),
                "groups.json row 1: has more than 4194304 characters");
    }

    // -- the manifest

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"format_version\": 3}                         | unknown archive format 3;",
        "{\"format_version\": 0}                         | unknown archive format 0;",
        "{\"format_version\": \"2\"}                     | unknown archive format \"2\";",
        "{\"format_version\": 2.0}                       | unknown archive format 2.0;",
        "{\"version\": 3}                                | unknown archive format 3;",
        "{\"format_version\": 2, \"schema_version\": 99} | the archive has schema version 99, this version of StoreIT reads versions up to",
        "{\"schema_version\": 0}                         | invalid schema version 0",
        "{\"schema_version\": -1}                        | invalid schema version -1",
        "{\"schema_version\": 99999999999}               | invalid schema version 99999999999",
        "{\"schema_version\": 1, \"schema_version\": 2}  | is not valid JSON (Duplicate field 'schema_version'",
        "[]                                              | must be an object",
        "{                                               | is not valid JSON",
        "{} {}                                           | is not valid JSON",
    })
    @DisplayName("D42: manifests that cannot be used, of an unknown format for one")
    void manifestsThatCannotBeUsed(String manifest, String message) {
        refused(Forge.empty().replace("backup/manifest.json", manifest), "manifest.json: " + message);
    }

    @Test
    void manifestsThatAreNoText() {
        refused(Forge.empty().replace("backup/manifest.json", ""), "manifest.json: must be an object");
        refused(Forge.empty().replace("backup/manifest.json", "\ufeff{}"), "manifest.json: is not valid JSON");
        refused(Forge.empty().replace("backup/manifest.json", new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}), "is not UTF-8");
        refused(Forge.empty().replace("backup/manifest.json", "{\"x\":" + "[".repeat(200) + "]".repeat(200) + "}"), "is not valid JSON");
    }

    @Test
    void aNewerArchiveSaysWhoCanReadIt() {
        ArchiveException refusal = refusal(Forge.empty().replace("backup/manifest.json",
                "{\"format_version\":2,\"schema_version\":77,\"app_version\":\"0.9.1\"}").write(folder));

        assertThat(refusal.hint()).contains("StoreIT 0.9.1").contains("--to-schema " + SchemaTransforms.newest());
    }

    @Test
    @DisplayName("D46: counts and a digest that are not true")
    void countsAndDigestThatAreNotTrue() {
        refused(Forge.empty().replace("backup/manifest.json", "{\"schema_version\":2,\"counts\":{\"items\":1}}"),
                "items.json: has 0 rows, but the manifest says 1");
        String zeros = "0".repeat(64);
        refused(Forge.empty().replace("backup/manifest.json", """
                {"schema_version":2,"digest":{"version":1,"schema_version":2,"value":"%s","tables":{"items":"%s"}}}"""
                .formatted(zeros, zeros)), "the content does not match the digest in the manifest");
    }

    @Test
    void aDigestOfAnotherDefinitionOrSchemaIsPassedOver() throws IOException {
        for (String kind : new String[] {"\"version\":2,\"schema_version\":2", "\"version\":1,\"schema_version\":1"}) {
            ReadBack.of(Forge.empty().replace("backup/manifest.json", "{\"schema_version\":2,\"digest\":{%s,\"value\":\"%s\"}}"
                    .formatted(kind, "0".repeat(64))).write(folder));
        }
    }

    private Path write(Forge forge) {
        return forge.write(folder);
    }

    private void within(Forge forge) throws IOException {
        ReadBack.of(write(forge), SMALL);
    }

    private void beyond(Forge forge, String message) {
        Path archive = write(forge);
        assertThatThrownBy(() -> ReadBack.of(archive, SMALL)).isInstanceOf(ArchiveException.class).hasMessageContaining(message);
    }

    private static String padded(String start, String end, int length) {
        return start + " ".repeat(length - start.length() - end.length()) + end;
    }

    private static byte[] compress(String compression, byte[] plain) {
        return compression.equals("zstd") ? Forge.zstd(plain) : Forge.gzip(plain);
    }

    private void refused(Forge forge, String message) {
        refused(write(forge), message);
    }

    private void refused(Path archive, String message) {
        ArchiveException refusal = refusal(archive);
        assertThat(refusal).as("nothing was refused").isNotNull();
        assertThat(refusal).hasMessageContaining(message);
        oneLine(refusal);
    }

    private static void oneLine(ArchiveException refusal) {
        assertThat(refusal.getMessage()).doesNotContain("\n", "\u001b").hasSizeLessThan(300);
        assertThat(refusal.hint()).isNotEmpty().doesNotContain("\n");
    }

    private static ArchiveException refusal(Path archive) {
        try {
            return catchThrowableOfType(ArchiveException.class, () -> ReadBack.of(archive));
        } finally {
            if (Files.isRegularFile(archive)) {
                assertThat(archive.toFile().delete()).isTrue();
            }
        }
    }
}
