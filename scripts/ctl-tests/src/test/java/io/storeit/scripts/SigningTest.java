package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Shell.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Release keys and signatures, as {@code java scripts/release/Signing.java} makes them. */
@Tag("process")
@Tag("once")
class SigningTest {
    private static final Path PROGRAM = Shell.ROOT.resolve("scripts/release/Signing.java");
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** Compiled once, for a run from the source takes four times as long. */
    @TempDir
    static Path classes;

    @TempDir
    Path folder;

    private Path privateKey;
    private Path publicKey;
    private Path sums;
    private Path signature;

    @BeforeAll
    static void compile() {
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes.toString(), PROGRAM.toString())).isZero();
    }

    @BeforeEach
    void makeAPair() throws Exception {
        privateKey = folder.resolve("keys/release-key.pem");
        publicKey = folder.resolve("keys/release-key.pub.pem");
        sums = Files.writeString(folder.resolve("SHA256SUMS"), "# StoreIT 1.2.3\n");
        signature = folder.resolve("SHA256SUMS.sig");
        assertThat(run("make", "keys").code()).isZero();
    }

    private Result run(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1", "-cp", classes.toString(), "io.storeit.release.Signing"));
        command.addAll(List.of(arguments));
        return Shell.run(folder, Map.of(), command);
    }

    private void sign() throws Exception {
        assertThat(run("sign", privateKey.toString(), sums.toString(), signature.toString()).code()).isZero();
    }

    private Result verify() throws Exception {
        return run("verify", publicKey.toString(), sums.toString(), signature.toString());
    }

    @Test
    void runsFromItsSourceAndKeepsThePrivateKeyToItsOwner() throws Exception {
        Result made = Shell.run(folder, Map.of(), List.of(JAVA, PROGRAM.toString(), "make", "others"));
        assertThat(made.out()).as(made.err()).contains("others/release-key.pem", "keep it secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("others/release-key.pem")))).isEqualTo("rw-------");
        assertThat(Files.readString(publicKey)).startsWith("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2Vw").isNotEqualTo(
                Files.readString(folder.resolve("others/release-key.pub.pem")));
    }

    @Test
    void neverWritesOverAKey() throws Exception {
        String key = Files.readString(privateKey);
        Result again = run("make", "keys");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("keys are never written over");
        Files.delete(publicKey);
        assertThat(run("make", "keys").code()).isEqualTo(1);
        assertThat(Files.readString(privateKey)).isEqualTo(key);
        assertThat(publicKey).doesNotExist();
    }

    @Test
    void makesNoKeysInASourceTree() throws Exception {
        Files.createDirectory(folder.resolve(".git"));
        Result refused = run("make", "some/folder");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("source tree", "Name another folder");
        assertThat(folder.resolve("some")).doesNotExist();
    }

    @Test
    void aSignatureIsGoodForExactlyTheseBytesAndThisKey() throws Exception {
        sign();
        assertThat(signature).hasSize(64);
        assertThat(verify().out()).startsWith("Good signature of " + sums);
        assertThat(Shell.files(folder)).doesNotContain("SHA256SUMS.sig.part");

        Files.writeString(sums, "# StoreIT 1.2.4\n");
        Result other = verify();
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("no key of").contains("made the signature");
        assertThat(other.out()).isEmpty();
    }

    @Test
    void oneOfSeveralKeysIsEnoughSoThatKeysCanBeRotated() throws Exception {
        sign();
        run("make", "next");
        Path next = folder.resolve("next/release-key.pub.pem");
        assertThat(run("verify", next.toString(), sums.toString(), signature.toString()).code()).isEqualTo(1);
        Files.writeString(next, Files.readString(next) + Files.readString(publicKey));
        assertThat(run("verify", next.toString(), sums.toString(), signature.toString()).code()).isZero();
        assertThat(run("list", next.toString()).lines()).hasSize(2).allMatch(line -> line.matches("[0-9a-f]{64}"));
    }

    @Test
    void whatIsNoSignatureIsSaidSo() throws Exception {
        Files.write(signature, new byte[63]);
        assertThat(verify().err()).contains("63 bytes instead of 64");
        Files.write(signature, new byte[65]);
        assertThat(verify().err()).contains("65 bytes instead of 64");
        byte[] noPoint = new byte[64];
        Arrays.fill(noPoint, (byte) 0xff);
        Files.write(signature, noPoint);
        assertThat(verify().err()).contains("no key of");
    }

    @Test
    void aPrivateKeyIsNotTakenForAPublicOneNorTheOtherWayRound() throws Exception {
        sign();
        assertThat(run("verify", privateKey.toString(), sums.toString(), signature.toString()).err()).contains("holds a PRIVATE KEY");
        assertThat(run("list", privateKey.toString()).code()).isEqualTo(1);
        assertThat(run("sign", publicKey.toString(), sums.toString(), signature.toString()).err()).contains("holds a PUBLIC KEY");
        assertThat(run("list", sums.toString()).err()).contains("holds no public key");
    }

    /** The first test of RFC 8032, section 7.1: an empty message. */
    @Test
    void signsAsTheStandardSays() throws Exception {
        Files.writeString(privateKey, "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(
                "302e020100300506032b657004220420" + "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
                + "\n-----END PRIVATE KEY-----\n");
        Files.write(sums, new byte[0]);
        sign();
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(signature))).isEqualTo("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                + "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    }

    @Test
    void openSslChecksItToo() throws Exception {
        sign();
        var check = List.of(Programs.file("openssl").toString(), "pkeyutl", "-verify", "-pubin", "-inkey", publicKey.toString(), "-rawin", "-in", sums.toString(), "-sigfile", signature.toString());
        Result good = Shell.run(folder, Map.of("PATH", System.getenv("PATH")), check);
        assertThat(good.code()).as(good.toString()).isZero();
        Files.writeString(sums, "# StoreIT 1.2.4\n");
        assertThat(Shell.run(folder, Map.of("PATH", System.getenv("PATH")), check).code()).isNotZero();
    }

    @Test
    void saysHowItIsUsed() throws Exception {
        Result wrong = run("sign", "only this");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).startsWith("Usage: make FOLDER | sign");
    }
}
