package io.storeit.ops.host;

import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes SHA-256 checksums, written as 64 lower-case hexadecimal digits. */
public final class Sha256 {
    private Sha256() {}

    /** Reads a file and returns its checksum. */
    public static String of(Path file) {
        MessageDigest digest = digest();
        try (InputStream in = Files.newInputStream(file)) {
            var buffer = new byte[1 << 18];
            for (int n; (n = in.read(buffer)) >= 0; ) digest.update(buffer, 0, n);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        return hex(digest);
    }

    public static String of(byte[] content) {
        MessageDigest digest = digest();
        digest.update(content);
        return hex(digest);
    }

    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }

    /** Ends the computation and returns the checksum. */
    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
