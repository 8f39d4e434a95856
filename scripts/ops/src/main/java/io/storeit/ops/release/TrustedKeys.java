package io.storeit.ops.release;

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

/** The public keys that may sign releases: those of this build and those of the setting {@code release_keys}. */
public final class TrustedKeys {
    /** Of an Ed25519 signature (RFC 8032), in bytes. */
    static final int SIGNATURE_LENGTH = 64;

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private final List<PublicKey> keys = new ArrayList<>();

    private TrustedKeys() {}

    static TrustedKeys load(Path configured) {
        var trusted = new TrustedKeys();
        try (InputStream builtIn = StoreitVersion.class.getResourceAsStream("release-keys.pem")) {
            if (builtIn != null) trusted.add(new String(builtIn.readAllBytes(), StandardCharsets.US_ASCII), "this build");
        } catch (IOException damaged) {
            throw OpsException.of(damaged);
        }
        if (configured == null) return trusted;
        int before = trusted.keys.size();
        try {
            trusted.add(Files.readString(configured), configured.toString());
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot read the release keys in " + configured + ": " + OpsException.reason(failure),
                    "Check --release-keys or release_keys.", failure);
        }
        if (trusted.keys.size() == before) throw useless(configured.toString(), "there is none in it", null);
        return trusted;
    }

    private void add(String text, String place) {
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            if (!block.group(1).equals("PUBLIC KEY")) throw useless(place, "it holds a " + block.group(1), null);
            try {
                keys.add(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(2)))));
            } catch (GeneralSecurityException | IllegalArgumentException damaged) {
                throw useless(place, "one is no Ed25519 key", damaged);
            }
        }
    }

    private static OpsException useless(String place, String why, Throwable cause) {
        return new OpsException(Exit.FAILED, "Cannot use the release keys of " + place + ": " + why,
                "It has to hold PUBLIC KEY blocks, as 'make release-keys' writes them.", cause);
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    boolean signed(byte[] content, byte[] signature) {
        return keys.stream().anyMatch(key -> signed(content, signature, key));
    }

    private static boolean signed(byte[] content, byte[] signature, PublicKey key) {
        try {
            var check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(content);
            return check.verify(signature);
        } catch (GeneralSecurityException noSignature) {
            return false;
        }
    }
}
