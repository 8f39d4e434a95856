package io.storeit.ops.install;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Describes the user that a server runs as. */
record Account(String name, int userId, int groupId) {
    static final String SERVICE = "storeit";

    static Account self() {
        return new Account(System.getProperty("user.name"), Owner.ownUserId(), Owner.ownGroupId());
    }

    static Optional<Account> find(String name) {
        var user = Programs.run("id", "-u", name);
        var group = Programs.run("id", "-g", name);
        if (user.exit() != 0 || group.exit() != 0) return Optional.empty();
        return Optional.of(new Account(name, Integer.parseInt(user.output().strip()), Integer.parseInt(group.output().strip())));
    }

    /** Creates a system user that cannot log in and has no home directory of its own. */
    static Account create(String name, Path home) {
        boolean group = groupExists(name);
        if (Programs.find("useradd").isPresent()) {
            Programs.require("useradd", "--system", group ? "--gid=" + name : "--user-group", "--home-dir=" + home, "--no-create-home",
                    "--shell=/usr/sbin/nologin", name);
        } else {
            // BusyBox, as in Alpine
            if (!group) Programs.require("addgroup", "-S", name);
            Programs.require("adduser", "-S", "-D", "-H", "-h", home.toString(), "-s", "/sbin/nologin", "-G", name, name);
        }
        return find(name).orElseThrow(() -> new OpsException(Exit.FAILED, "Created the user " + name + ", but 'id " + name + "' does not find it", ""));
    }

    private static boolean groupExists(String name) {
        try (Stream<String> groups = Files.lines(Path.of("/etc/group"))) {
            return groups.anyMatch(line -> line.startsWith(name + ":"));
        } catch (IOException unreadable) {
            return false;
        }
    }

    void remove() {
        Programs.require(Programs.find("userdel").isPresent() ? "userdel" : "deluser", name);
    }
}
