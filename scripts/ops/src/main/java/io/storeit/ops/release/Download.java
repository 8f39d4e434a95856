package io.storeit.ops.release;

import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Interruption;
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
import java.security.MessageDigest;
import java.util.stream.Stream;

/**
 * A file on its way to its download folder: as long as announced and no byte longer, never slower than a trickle, going on where an
 * earlier attempt broke, also one of an earlier run. The partial file is named by the sum it must have in the end, so that
 * no two versions mix; the checks at the end do not care how it came together.
 */
public final class Download {
    /** Less than this many bytes within the patience is no progress. */
    static final long TRICKLE = 16 << 10;
    /** In a row without progress. */
    private static final int ATTEMPTS = 4;

    /** The source answered with something else than the rest of the file. */
    public static final class NotTheRest extends IOException {
        private static final long serialVersionUID = 1;

        NotTheRest(String message) {
            super(message);
        }
    }

    private final Context context;
    private final Releases source;
    private final Release.Asset asset;
    private final String sha256;
    private final Path folder;
    private final Path part;
    /** What the source calls the state of the file that {@link #part} began with (RFC 9110, 8.8). */
    private final Path validator;

    Download(Context context, Releases source, Release.Asset asset, String sha256, Path folder) {
        this.context = context;
        this.source = source;
        this.asset = asset;
        this.sha256 = sha256;
        this.folder = folder;
        this.part = folder.resolve(sha256 + ".part");
        this.validator = folder.resolve(sha256 + ".validator");
    }

    VerifiedDownload run() {
        try {
            requireOwnFolder();
            try (var lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock held = tryLock(lock)) {
                if (held == null) throw new OpsException(Exit.BUSY, "Another storeit-ctl is downloading to " + folder, "Wait until it has ended.");
                return withLock();
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not download " + asset.name() + " to " + folder + ": " + OpsException.reason(failure), "", failure);
        }
    }

    private VerifiedDownload withLock() throws IOException {
        try {
            removeOthers();
            boolean continued = length() > 0;
            if (continued) context.console().say("Going on with the download at %s of %s", Words.megabytes(length()), Words.megabytes(asset.size()));
            complete();
            if (!right() && continued) {
                // The beginning may have been damaged where it lay.
                Files.delete(part);
                complete();
            }
            if (!right()) {
                Files.delete(part);
                throw Release.wrong(asset, "its SHA-256 is not the one in SHA256SUMS");
            }
            DatabaseSwitch.fsyncFile(part);
            return new VerifiedDownload(part, asset, sha256);
        } finally {
            if (!Files.exists(part)) FileTree.deleteQuietly(folder);
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    /** The folder above may belong to the server's user: neither a link nor a file of somebody else is followed or kept. */
    private void requireOwnFolder() throws IOException {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        // Asked first, for Java 17 takes a link to a folder for no folder here.
        if (!Files.isDirectory(folder.getParent())) Files.createDirectories(folder.getParent(), ownerOnly);
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            var attributes = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean ours = attributes.isDirectory() && attributes.permissions().equals(ownerOnly.value())
                    && (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS) == FileTree.ownUserId();
            if (ours) return;
            FileTree.delete(folder);
        }
        Files.createDirectory(folder, ownerOnly);
    }

    /** Of downloads that nobody went on with. */
    private void removeOthers() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> !file.equals(part) && !file.equals(validator) && !file.endsWith("lock")).forEach(FileTree::deleteQuietly);
        }
        if (length() > asset.size()) Files.delete(part);
    }

    private long length() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private boolean right() throws IOException {
        MessageDigest digest = Release.sha256();
        try (InputStream in = Files.newInputStream(part)) {
            var buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) >= 0; ) digest.update(buffer, 0, n);
        }
        return Release.hex(digest.digest()).equals(sha256);
    }

    /** Until the file is as long as announced; a connection that breaks is taken up again. */
    private void complete() throws IOException {
        int failures = 0;
        long farthest = length();
        while (length() < asset.size() || !Files.exists(part)) {
            try {
                transfer(length());
            } catch (IOException failure) {
                Interruption.check();
                if (failure instanceof NotTheRest) Files.deleteIfExists(part);
                // Beyond where it ever was: a source that lets it begin anew each time has to come to an end as well.
                failures = length() - farthest >= TRICKLE ? 1 : failures + 1;
                farthest = Math.max(farthest, length());
                if (failures == ATTEMPTS) throw broken(failure);
                pause(failures);
            }
        }
        context.console().endProgress();
    }

    private OpsException broken(IOException failure) throws IOException {
        String rest = length() == 0 ? "" : " " + Words.megabytes(length()) + " of " + Words.megabytes(asset.size())
                + " are here; the same command goes on from there.";
        return new OpsException(Exit.FAILED, "Could not download " + asset.name() + ": " + OpsException.reason(failure),
                "Check the network, or use a folder of releases with --releases." + rest, failure);
    }

    private static void pause(int failures) {
        try {
            Thread.sleep(100L << failures);
        } catch (InterruptedException interrupted) {
            Interruption.check();
        }
    }

    private void transfer(long from) throws IOException {
        String known = from > 0 && Files.exists(validator) ? Files.readString(validator) : null;
        try (Releases.Body body = source.open(asset.location(), known == null ? 0 : from, known, asset.size())) {
            if (body.length() >= 0 && body.offset() + body.length() != asset.size()) {
                Files.deleteIfExists(part);
                throw Release.wrong(asset, "it has " + (body.offset() + body.length()) + " bytes, the release says " + asset.size());
            }
            if (body.offset() == 0) begin(body.validator());
            try (var out = FileChannel.open(part, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                out.position(body.offset());
                copy(body.stream(), out);
            }
        }
    }

    private void begin(String newValidator) throws IOException {
        FileTree.createOwnerOnly(part);
        Files.deleteIfExists(validator);
        if (newValidator != null) Files.writeString(validator, newValidator);
    }

    private void copy(InputStream in, FileChannel out) throws IOException {
        var buffer = new byte[1 << 16];
        long since = System.nanoTime();
        long few = 0;
        for (int n; (n = in.read(buffer)) >= 0; ) {
            Interruption.check();
            if (out.position() + n > asset.size()) {
                Files.deleteIfExists(part);
                throw Release.wrong(asset, "it has more bytes than the " + asset.size() + " the release says");
            }
            write(ByteBuffer.wrap(buffer, 0, n), out);
            context.console().progress("Download", out.position() >> 10, asset.size() >> 10, "KiB");
            few += n;
            if (few >= TRICKLE) {
                few = 0;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > context.patience().toNanos()) {
                throw new IOException("it comes too slowly: " + few + " bytes in " + context.patience().toSeconds() + " s");
            }
        }
        if (out.position() < asset.size()) throw new IOException("it ended after " + out.position() + " of " + asset.size() + " bytes");
    }

    /** A full disk is no broken connection: trying again does not help. */
    private void write(ByteBuffer bytes, FileChannel out) {
        try {
            while (bytes.hasRemaining()) out.write(bytes);
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not write the download to " + folder + ": " + OpsException.reason(failure), "", failure);
        }
    }
}
