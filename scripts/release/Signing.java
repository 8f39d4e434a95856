package io.storeit.release;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes release keys, signs a file with one and checks a signature; needs nothing but a JDK of version 17 or newer:
 *
 * <pre>
 * java scripts/release/Signing.java make FOLDER               FOLDER/release-key.pem and FOLDER/release-key.pub.pem
 * java scripts/release/Signing.java sign KEY FILE SIGNATURE   signs FILE with the private key in KEY
 * java scripts/release/Signing.java verify KEYS FILE SIGNATURE
 *                                                             whether one of the public keys in KEYS made SIGNATURE
 * java scripts/release/Signing.java list KEYS                 one line for each public key in KEYS: its fingerprint
 * </pre>
 *
 * <p>Keys are PEM (PKCS#8 and X.509), a signature is the 64 bytes of RFC 8032, so OpenSSL checks it too:
 * {@code openssl pkeyutl -verify -pubin -inkey KEYS -rawin -in FILE -sigfile SIGNATURE}. Ends with 0 when it is done, 1 when it
 * could not be done or the signature is not right, 2 for wrong usage. Never writes over a key.
 */
public final class Signing {
    private static final String ALGORITHM = "Ed25519";
    /** Of RFC 8032, in bytes. */
    private static final int SIGNATURE_LENGTH = 64;
    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    /** What could not be done, in words for the person at the terminal. */
    private static final class SigningException extends Exception {
        private static final long serialVersionUID = 1;

        SigningException(String message) {
            super(message);
        }
    }

    private Signing() {
    }

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    /** @return the exit code */
    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        try {
            switch (arguments.isEmpty() ? "" : arguments.get(0) + " " + arguments.size()) {
                case "make 2" -> make(Path.of(arguments.get(1)), out);
                case "sign 4" -> sign(Path.of(arguments.get(1)), Path.of(arguments.get(2)), Path.of(arguments.get(3)));
                case "verify 4" -> verify(Path.of(arguments.get(1)), Path.of(arguments.get(2)), Path.of(arguments.get(3)), out);
                case "list 2" -> list(Path.of(arguments.get(1)), out);
                default -> {
                    err.println("Usage: make FOLDER | sign KEY FILE SIGNATURE | verify KEYS FILE SIGNATURE | list KEYS");
                    return 2;
                }
            }
            return 0;
        } catch (SigningException failure) {
            err.println("Error: " + failure.getMessage());
        } catch (FileAlreadyExistsException there) {
            err.println("Error: " + there.getFile() + " is there already; keys are never written over");
        } catch (IOException failure) {
            err.println("Error: cannot use a file: " + failure);
        } catch (GeneralSecurityException failure) {
            err.println("Error: no key that can be used: " + failure.getMessage());
        }
        return 1;
    }

    private static void make(Path folder, PrintStream out) throws IOException, GeneralSecurityException, SigningException {
        Path existing = folder.toAbsolutePath().normalize();
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        for (Path above = existing.toRealPath(); above != null; above = above.getParent()) {
            if (Files.exists(above.resolve(".git"))) {
                throw new SigningException(folder + " lies in the source tree " + above + ": a private key there could be published by mistake."
                        + " Name another folder");
            }
        }
        Files.createDirectories(folder);
        Path privateFile = folder.resolve("release-key.pem");
        Path publicFile = folder.resolve("release-key.pub.pem");
        if (Files.exists(publicFile, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(publicFile.toString());
        }
        var pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
        Files.createFile(privateFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(privateFile, pem(PRIVATE_KEY, pair.getPrivate()));
        Files.writeString(publicFile, pem(PUBLIC_KEY, pair.getPublic()), StandardOpenOption.CREATE_NEW);
        out.println("Private key: " + privateFile + " (signs releases; keep it secret, and keep a copy)");
        out.println("Public key:  " + publicFile + " (" + fingerprint(pair.getPublic()) + ")");
    }

    /** The signature appears complete or not at all. */
    private static void sign(Path keyFile, Path file, Path signatureFile) throws IOException, GeneralSecurityException, SigningException {
        List<byte[]> keys = blocks(keyFile, PRIVATE_KEY);
        if (keys.size() != 1) {
            throw new SigningException(keyFile + " holds " + keys.size() + " private keys instead of one");
        }
        PrivateKey key = KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(keys.get(0)));
        var signer = Signature.getInstance(ALGORITHM);
        signer.initSign(key);
        signer.update(Files.readAllBytes(file));
        Path part = signatureFile.resolveSibling(signatureFile.getFileName() + ".part");
        Files.write(part, signer.sign());
        Files.move(part, signatureFile, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void verify(Path keysFile, Path file, Path signatureFile, PrintStream out) throws IOException, GeneralSecurityException, SigningException {
        byte[] content = Files.readAllBytes(file);
        byte[] signature = Files.readAllBytes(signatureFile);
        if (signature.length != SIGNATURE_LENGTH) {
            throw new SigningException(signatureFile + " is no signature: it has " + signature.length + " bytes instead of " + SIGNATURE_LENGTH);
        }
        for (PublicKey key : publicKeys(keysFile)) {
            var check = Signature.getInstance(ALGORITHM);
            check.initVerify(key);
            check.update(content);
            try {
                if (check.verify(signature)) {
                    out.println("Good signature of " + file + " by key " + fingerprint(key));
                    return;
                }
            } catch (GeneralSecurityException noPointOnTheCurve) {
                // as wrong as any other
            }
        }
        throw new SigningException("no key of " + keysFile + " made the signature " + signatureFile + " of " + file);
    }

    private static void list(Path keysFile, PrintStream out) throws IOException, GeneralSecurityException, SigningException {
        for (PublicKey key : publicKeys(keysFile)) {
            out.println(fingerprint(key));
        }
    }

    private static List<PublicKey> publicKeys(Path file) throws IOException, GeneralSecurityException, SigningException {
        var keys = new ArrayList<PublicKey>();
        for (byte[] encoded : blocks(file, PUBLIC_KEY)) {
            keys.add(KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded)));
        }
        if (keys.isEmpty()) {
            throw new SigningException(file + " holds no public key");
        }
        return keys;
    }

    /** The content of the PEM blocks of one kind; any other block is refused, so that no private key is published for a public one. */
    private static List<byte[]> blocks(Path file, String kind) throws IOException, SigningException {
        var blocks = new ArrayList<byte[]>();
        Matcher matcher = BLOCK.matcher(Files.readString(file));
        while (matcher.find()) {
            if (!matcher.group(1).equals(kind)) {
                throw new SigningException(file + " holds a " + matcher.group(1) + "; only a " + kind + " belongs there");
            }
            blocks.add(Base64.getMimeDecoder().decode(matcher.group(2)));
        }
        return blocks;
    }

    private static String pem(String kind, Key key) {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(key.getEncoded());
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }

    /** SHA-256 of the encoded public key, as {@code openssl pkey -pubin -outform DER | sha256sum} prints it: 64 hexadecimal digits. */
    private static String fingerprint(PublicKey key) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
    }
}
