package io.storeit.ops.updates;

import io.storeit.ops.host.FileTree;
import io.storeit.ops.process.Launch;
import io.storeit.ops.release.VerifiedDownload;
import io.storeit.ops.server.ServerBinary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Checks the version of a downloaded server before its file is copied into the folder of programs. */
public final class Trial {
    private Trial() {}

    /**
     * Removes and refuses a download of another version. A jar has its version in the manifest. Any other file is run from {@code trial}, a
     * path that the server's user can read.
     */
    public static void requireVersion(VerifiedDownload download, String version, Launch launch, Path trial) {
        boolean good = false;
        try {
            Optional<String> found = ServerBinary.versionInManifest(download.file());
            if (found.isPresent()) {
                ServerBinary.requireSame(version, found.get());
            } else {
                download.placeAt(trial);
                // On a file system that is mounted noexec, only the copy in the folder of programs can run.
                if (Files.isExecutable(trial)) new ServerBinary(trial, launch, version).requireVersion();
            }
            good = true;
        } finally {
            FileTree.deleteQuietly(trial);
            if (!good) download.discard();
        }
    }
}
