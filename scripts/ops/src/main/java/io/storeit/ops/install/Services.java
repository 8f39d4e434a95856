package io.storeit.ops.install;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Platform;
import io.storeit.ops.installation.Layout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What keeps a server running on this machine: systemd, or launchd on macOS. */
public interface Services {
    /** Fails when something is in the way; changes nothing. */
    void check();

    /** @return whether this call has made it; false where it was there already */
    boolean place();

    void start();

    boolean isAlive();

    /** When it does not run all the time: what a person should know. */
    Optional<String> limit();

    void saveLog(Path file);

    String restartCommand();

    /** Those of its files that are in place, of which {@link #remove} is going to tell. */
    List<Path> files();

    void remove();

    static Services of(Layout layout) {
        if (Platform.isMac()) return new LaunchdService(layout);
        if (!Files.isDirectory(Path.of("/run/systemd/system"))) {
            throw new OpsException(Exit.FAILED, "This machine is not run by systemd, so there is nothing that would start the server after a boot",
                    "With --no-service everything else is done, and a line to start it is shown.");
        }
        return new SystemdServices(layout);
    }

    /** For {@code install} and {@code uninstall}. */
    static void requireRights(boolean forUser, String command) {
        if (!List.of("linux", "darwin").contains(Platform.system())) {
            throw new OpsException(Exit.FAILED, "'" + command + "' knows Linux and macOS only", "On other systems put the server's file where you like, and run it.");
        }
        if (!forUser && Platform.isMac()) {
            throw new OpsException(Exit.FAILED, "On macOS StoreIT is installed for one person", "Run: storeit-ctl " + command + " --user");
        }
        if (!forUser && Owner.ownUserId() != 0) {
            throw new OpsException(Exit.FAILED, "Only root can " + command + " for the whole machine", "Run it with sudo, or for yourself only: storeit-ctl "
                    + command + " --user");
        }
    }
}
