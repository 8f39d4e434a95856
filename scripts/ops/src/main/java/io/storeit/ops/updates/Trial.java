package io.storeit.ops.updates;

import io.storeit.ops.host.FileTree;
import io.storeit.ops.process.Launch;
import io.storeit.ops.release.VerifiedDownload;
import io.storeit.ops.server.ServerBinary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Asks a downloaded server for its version before its file comes near the folder of programs. */
public final class Trial {
    private Trial() {}

    /**
     * Refuses and removes a download of another version. A jar of ours has the version in its manifest; any other file is run, as
     * {@code trial}, a place that the server's user can read.
     */
    public static void requireVersion(VerifiedDownload download, String version, Launch launch, Path trial) {
        boolean good = false;
        try {
            Optional<String> told = ServerBinary.versionInManifest(download.file());
            if (told.isPresent()) {
                ServerBinary.requireSame(version, told.get());
            } else {
                download.placeAt(trial);
                // On a file system mounted without the right to execute it can be asked in the folder of programs only.
                if (Files.isExecutable(trial)) new ServerBinary(trial, launch, version).requireVersion();
            }
            good = true;
        } finally {
            FileTree.deleteQuietly(trial);
            if (!good) download.discard();
        }
    }
}
