package io.storeit.ops.release;

import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Holds the public keys that may sign releases: those of this build and those of the setting {@code release_keys}. */
record TrustedKeys(List<PublicKey> keys) {
    /** The length of an Ed25519 signature (RFC 8032), in bytes. */
    static final int SIGNATURE_LENGTH = 64;

    private static final String ALGORITHM = "Ed25519";
    private static final Pattern PEM = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    /** Reads the keys. @param configured the file of the setting; null when it is not set */
    static TrustedKeys load(Path configured) {
        var keys = new ArrayList<>(ofThisBuild());
        if (configured != null) keys.addAll(in(configured));
        return new TrustedKeys(List.copyOf(keys));
    }

    private static List<PublicKey> ofThisBuild() {
        try (InputStream pem = StoreitVersion.class.getResourceAsStream("/io/storeit/interchange/release-keys.pem")) {
            return pem == null ? List.of() : parse(new String(pem.readAllBytes(), StandardCharsets.US_ASCII), "this build");
        } catch (IOException damaged) {
            throw OpsException.of(damaged);
        }
    }

    private static List<PublicKey> in(Path file) {
        List<PublicKey> keys;
        try {
            keys = parse(Files.readString(file), file.toString());
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot read the release keys in " + file + ": " + Reasons.withFile(failure),
                    "Check --release-keys or release_keys.", failure);
        }
        if (keys.isEmpty()) throw useless(file.toString(), "it has no public key", null);
        return keys;
    }

    private static List<PublicKey> parse(String text, String place) {
        var keys = new ArrayList<PublicKey>();
        Matcher block = PEM.matcher(text);
        while (block.find()) {
            if (!block.group(1).equals("PUBLIC KEY")) throw useless(place, "it contains a " + block.group(1), null);
            try {
                keys.add(KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(2)))));
            } catch (GeneralSecurityException | IllegalArgumentException damaged) {
                throw useless(place, "one is not an Ed25519 key", damaged);
            }
        }
        return keys;
    }

    private static OpsException useless(String place, String why, Throwable cause) {
        return new OpsException(Exit.FAILED, "Cannot use the release keys of " + place + ": " + why,
                "It must contain PUBLIC KEY blocks, as written by 'make release-keys'.", cause);
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** Returns whether one of these keys made the signature of the content. */
    boolean signed(byte[] content, byte[] signature) {
        return keys.stream().anyMatch(key -> signed(content, signature, key));
    }

    private static boolean signed(byte[] content, byte[] signature, PublicKey key) {
        try {
            var check = Signature.getInstance(ALGORITHM);
            check.initVerify(key);
            check.update(content);
            return check.verify(signature);
        } catch (GeneralSecurityException noSignature) {
            return false;
        }
    }
}
