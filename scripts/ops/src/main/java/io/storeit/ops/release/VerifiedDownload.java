package io.storeit.ops.release;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.Sha256;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;

/** Holds a file of a release that has passed every check and is still in its download folder. */
public record VerifiedDownload(Path file, Release.Asset asset, String sha256) {
    /** Copies the file, executable for all users, and checks the bytes again, because other users may write in the folder above. */
    public void placeAt(Path target) {
        boolean good = false;
        MessageDigest digest = Sha256.digest();
        try {
            AtomicFiles.createOwnerOnly(target);
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS); var out = Files.newOutputStream(target)) {
                var buffer = new byte[1 << 16];
                for (int n; (n = in.read(buffer)) >= 0; ) {
                    digest.update(buffer, 0, n);
                    out.write(buffer, 0, n);
                }
            }
            if (!Sha256.hex(digest).equals(sha256)) throw Release.wrong(asset, "it was changed after the check");
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
            DurableFiles.fsyncFile(target);
            good = true;
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not write " + target + ": " + Reasons.withFile(failure), "", failure);
        } finally {
            if (!good) FileTree.deleteQuietly(target);
        }
    }

    /** Removes the download folder. */
    public void discard() {
        FileTree.deleteQuietly(file.getParent());
    }
}
