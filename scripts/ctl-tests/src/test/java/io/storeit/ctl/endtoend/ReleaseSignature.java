package io.storeit.ctl.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;

/** A throw-away key that signs releases of a machine. */
final class ReleaseSignature {
    private final KeyPair pair;

    ReleaseSignature() {
        try {
            pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The tool of this machine trusts the key. */
    void trustedBy(Machine machine) {
        machine.setToolVariable("STOREIT_CTL_RELEASE_KEYS", Machine.write(machine.folder.resolve("home/release-key.pub.pem"), "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----\n").toString());
    }

    void sign(Path release) {
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(Files.readAllBytes(release.resolve("SHA256SUMS")));
            Files.write(release.resolve("SHA256SUMS.sig"), signature.sign());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
