package io.storeit.ops.release;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.Sha256;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Interruption;
import io.storeit.ops.host.Owner;
import io.storeit.ops.settings.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Downloads one file of a release into a folder of its own. Refuses a file of another size than announced, a file with another
 * SHA-256, and a transfer that stalls. Retries a broken connection a few times, each time from the first byte. Removes the folder
 * after a failure.
 */
final class Download {
    /** A transfer of fewer bytes than this within the stall timeout has stalled. */
    static final long TRICKLE = 16 << 10;
    private static final int ATTEMPTS = 4;

    private final Context context;
    private final Releases source;
    private final Release.Asset asset;
    private final String sha256;
    private final Path folder;
    private final Path file;

    Download(Context context, Releases source, Release.Asset asset, String sha256, Path folder) {
        this.context = context;
        this.source = source;
        this.asset = asset;
        this.sha256 = sha256;
        this.folder = folder;
        this.file = folder.resolve("asset");
    }

    VerifiedDownload run() {
        try {
            requireOwnFolder();
            try (var lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock held = tryLock(lock)) {
                if (held == null) throw new OpsException(Exit.BUSY, "Another storeit-ctl is downloading to " + folder, "Wait until it ends.");
                return withLock();
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not download " + asset.name() + " to " + folder + ": " + Reasons.withFile(failure), "", failure);
        }
    }

    /** Creates the folder. Replaces a link and a folder of another user, because the folder above may belong to the server's user. */
    private void requireOwnFolder() throws IOException {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        // Checked first, because createDirectories of Java 17 fails on a link to a folder.
        if (!Files.isDirectory(folder.getParent())) Files.createDirectories(folder.getParent(), ownerOnly);
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            var attributes = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean ours = attributes.isDirectory() && attributes.permissions().equals(ownerOnly.value())
                    && (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS) == Owner.ownUserId();
            if (ours) return;
            FileTree.delete(folder);
        }
        Files.createDirectory(folder, ownerOnly);
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private VerifiedDownload withLock() throws IOException {
        boolean good = false;
        try {
            AtomicFiles.createOwnerOnly(file);
            transfer();
            if (!Sha256.hex(file).equals(sha256)) throw Release.wrong(asset, "its SHA-256 differs from the one in SHA256SUMS");
            DurableFiles.fsyncFile(file);
            good = true;
            return new VerifiedDownload(file, asset, sha256);
        } finally {
            if (!good) FileTree.deleteQuietly(folder);
        }
    }

    private void transfer() {
        for (int attempt = 1; ; attempt++) {
            try (Releases.Body body = source.open(asset.location(), asset.size()); FileChannel out = emptied()) {
                if (body.length() >= 0 && body.length() != asset.size()) {
                    throw Release.wrong(asset, "it has " + body.length() + " bytes, but the release lists " + asset.size());
                }
                copy(body.stream(), out);
                context.console().endProgress();
                return;
            } catch (IOException failure) {
                context.console().endProgress();
                Interruption.check();
                if (attempt == ATTEMPTS) {
                    throw new OpsException(Exit.FAILED, "Could not download " + asset.name() + ": " + Reasons.withFile(failure),
                            "Check the network, or use a folder of releases with --releases.", failure);
                }
                pause(attempt);
            }
        }
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(100L << attempt);
        } catch (InterruptedException interrupted) {
            Interruption.check();
        }
    }

    private void copy(InputStream in, FileChannel out) throws IOException {
        var buffer = new byte[1 << 16];
        long total = 0;
        long recent = 0;
        long since = System.nanoTime();
        for (int n; (n = in.read(buffer)) >= 0; ) {
            Interruption.check();
            total += n;
            if (total > asset.size()) throw Release.wrong(asset, "it has more than the " + asset.size() + " bytes that the release lists");
            write(ByteBuffer.wrap(buffer, 0, n), out);
            context.console().progress("Download", total >> 10, asset.size() >> 10, "KiB");
            recent += n;
            if (recent >= TRICKLE) {
                recent = 0;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > context.patience().toNanos()) {
                throw new IOException("the transfer is too slow: " + recent + " bytes in " + context.patience().toSeconds() + " s");
            }
        }
        if (total < asset.size()) throw new IOException("the transfer ended after " + total + " of " + asset.size() + " bytes");
    }

    // Another attempt does not help against a full disk.

    private FileChannel emptied() {
        try {
            return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private void write(ByteBuffer bytes, FileChannel out) {
        try {
            while (bytes.hasRemaining()) out.write(bytes);
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private OpsException unwritable(IOException failure) {
        return new OpsException(Exit.FAILED, "Could not write the download to " + folder + ": " + Reasons.withFile(failure), "", failure);
    }
}
