package io.storeit.ops.host;

import com.sun.security.auth.module.UnixSystem;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the owner of a file and the user of this process. */
public final class Owner {
    /** Exists on Linux only. */
    private static final Path OWN_PROCESS = Path.of("/proc/self");

    private Owner() {}

    /** Returns the name of the user who owns a file, for a message. */
    public static String name(Path file) {
        try {
            return Files.getOwner(file).getName();
        } catch (IOException unknown) {
            return "another user";
        }
    }

    public static int userId(Path file) {
        return attribute(file, "unix:uid");
    }

    public static int groupId(Path file) {
        return attribute(file, "unix:gid");
    }

    /** Returns the user id of this process. {@link UnixSystem} returns 0, which is root, for a user that the user database does not have. */
    public static int ownUserId() {
        return Files.exists(OWN_PROCESS) ? userId(OWN_PROCESS) : (int) new UnixSystem().getUid();
    }

    public static int ownGroupId() {
        return Files.exists(OWN_PROCESS) ? groupId(OWN_PROCESS) : (int) new UnixSystem().getGid();
    }

    private static int attribute(Path file, String name) {
        try {
            return (int) Files.getAttribute(file, name);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }
}
