package io.storeit.server.system;

import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.server.http.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The file {@code <database>.token}, readable by the server's user only. A program that can read it could also read the database,
 * so its bearer counts as administrator, from this machine. JSON: {@code {"token":"…","pid":123,"url":"http://127.0.0.1:8080"}}.
 * It is new at each start and deleted by a clean stop.
 */
public final class TokenFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(TokenFile.class.getName());

    private final Path file;
    private final byte[] token;
    private byte[] written;

    public TokenFile(Path database) {
        file = DatabaseFiles.token(database);
        var random = new byte[32];
        new SecureRandom().nextBytes(random);
        token = Base64.getUrlEncoder().withoutPadding().encode(random);
    }

    /** Writes the file. The server calls it when it answers at {@code url}. */
    public void write(String url) throws IOException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("token", new String(token, StandardCharsets.US_ASCII));
        content.put("pid", ProcessHandle.current().pid());
        content.put("url", url);
        written = Json.bytes(content);
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName() + ".", ".part", ownerOnly());
        try {
            Files.write(part, written);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Returns whether this is the value of the header {@code Authorization} that a reader of the file would send. */
    public boolean matches(String authorization) {
        String scheme = "Bearer ";
        return authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                && MessageDigest.isEqual(token, authorization.substring(scheme.length()).strip().getBytes(StandardCharsets.UTF_8));
    }

    /** Deletes the file, unless another server has written its own since. */
    @Override
    public void close() {
        try {
            if (written != null && Files.exists(file) && MessageDigest.isEqual(written, Files.readAllBytes(file))) {
                Files.delete(file);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot delete " + file + ": " + e.getMessage());
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
    }
}
