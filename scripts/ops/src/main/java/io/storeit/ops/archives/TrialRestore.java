package io.storeit.ops.archives;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.transfer.ArchiveConverter;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.ScratchFolder;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.server.ServerBinary;
import java.io.IOException;
import java.nio.file.Path;

/** Restores a backup on trial. */
public final class TrialRestore {
    private TrialRestore() {}

    /**
     * Restores a backup beside the database, with the server's own import and as its user, and fails when the result differs. It omits image
     * files, because reading the archive has already checked their hashes. The operation lock must be held.
     *
     * @param version of the server
     * @param content the content that was found in the archive
     */
    public static void requireSame(Installation installation, String version, Path archive, ServerBinary.Content content) {
        Path database = installation.database();
        Destination.requireSpace(database, 3 * FileFacts.sizeOf(database), "Free space, or omit --verify.");
        try (var scratch = ScratchFolder.of(database.resolveSibling(database.getFileName() + ".verifying"))) {
            Path rows = scratch.resolve("rows.storeit");
            Path restored = scratch.resolve("storeit.db");
            var options = new ArchiveConverter.Options(0, Version.parse(version).since030() ? null : version, false);
            ArchiveConverter.convert(archive, rows, options, Progress.NONE);
            installation.launch().chown(scratch.folder(), rows);
            var server = new ServerBinary(installation.binary(), installation.launch(), version);
            server.importInto(restored, rows, installation.imageFolder(), true);
            DatabaseSwitch.makeSelfContained(restored);
            server.verify(restored, installation.imageFolder()).requireSame(content, archive);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }
}
