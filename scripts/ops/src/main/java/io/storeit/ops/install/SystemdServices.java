package io.storeit.ops.install;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.process.SystemdUnit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Places, starts and removes the units of an installation, with the systemd of the machine or of a user. */
final class SystemdServices {
    private static final List<String> STARTED = List.of(Layout.SERVER_UNIT, "storeit-backup.timer", "storeit-upgrade-check.timer");

    private final Layout layout;
    private final SystemdUnit server;

    SystemdServices(Layout layout) {
        this.layout = layout;
        this.server = new SystemdUnit(Layout.SERVER_UNIT, layout.forUser());
    }

    /** The services of a layout; fails on a machine that systemd does not run. */
    static SystemdServices of(Layout layout) {
        if (!present()) {
            throw new OpsException(Exit.FAILED, "This machine is not run by systemd, so there is nothing that would start the server after a boot",
                    "With --no-service everything else is done, and a line to start it is shown.");
        }
        return new SystemdServices(layout);
    }

    static boolean present() {
        return Files.isDirectory(Path.of("/run/systemd/system"));
    }

    private Map<String, String> texts() {
        return UnitFiles.of(layout).texts();
    }

    /** Fails when something is in the way; changes nothing. */
    void check() {
        if (layout.forUser() && Programs.run("systemctl", "--user", "show-environment").exit() != 0) {
            throw new OpsException(Exit.FAILED, "Your part of systemd cannot be reached", "Log in directly rather than through su or sudo. Or use "
                    + "--no-service: with it everything else is done, and a line to start the server is shown.");
        }
        if (!layout.forUser() && JavaForService.hiddenFromServices(layout.data())) {
            throw new OpsException(Exit.FAILED, "A service of the machine does not see " + layout.data(), "Choose another --data-dir.");
        }
        for (String unit : texts().keySet()) {
            Path file = layout.units().resolve(unit);
            if (Files.exists(file) && !isOurs(file)) {
                throw new OpsException(Exit.FAILED, "There is a unit " + file + " already that storeit-ctl has not written",
                        "If a StoreIT runs from it, 'storeit-ctl upgrade' works with it as it is. Else disable it and move it away.");
            }
        }
    }

    private static boolean isOurs(Path unit) {
        try {
            return UnitFiles.isOurs(Files.readString(unit));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Writes the units. @return whether this call has made the server's; false where it existed */
    boolean place() {
        boolean first = !Files.exists(layout.units().resolve(Layout.SERVER_UNIT));
        boolean changed = false;
        try {
            Files.createDirectories(layout.units());
            for (var unit : texts().entrySet()) {
                Path file = layout.units().resolve(unit.getKey());
                if (Files.exists(file) && Files.readString(file).equals(unit.getValue())) continue;
                AtomicFiles.place(file, unit.getValue().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
                changed = true;
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        if (changed) server.systemctl("daemon-reload");
        return first;
    }

    void start() {
        for (String unit : STARTED) server.systemctl("enable", unit);
        for (String unit : STARTED) {
            server.systemctl("reset-failed", unit);
            server.systemctl("start", "--no-block", unit);
        }
    }

    /** Tells a person when the service does not run all the time. */
    Optional<String> limit() {
        if (!layout.forUser() || Programs.run("loginctl", "enable-linger").exit() == 0) return Optional.empty();
        return Optional.of("It runs while you are logged in. From boot on: sudo loginctl enable-linger " + Account.self().name());
    }

    boolean isAlive() {
        return server.isUp();
    }

    void saveLog(Path file) {
        var command = new ArrayList<>(List.of("journalctl", "--no-pager", "--output=cat", "--lines=20", layout.forUser() ? "--user-unit" : "--unit", server.name()));
        try {
            AtomicFiles.writeOwnerOnly(file, Programs.run(command.toArray(String[]::new)).output().getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    String restartCommand() {
        return "systemctl " + (layout.forUser() ? "--user " : "") + "restart " + server.name().replace(".service", "");
    }

    /** The units in place that storeit-ctl has written; {@link #remove} removes them. */
    List<Path> files() {
        return texts().keySet().stream().map(layout.units()::resolve).filter(file -> Files.exists(file) && isOurs(file)).toList();
    }

    void remove() {
        List<Path> files = files();
        if (files.isEmpty()) return;
        for (String unit : STARTED) {
            if (files.contains(layout.units().resolve(unit))) server.systemctl("disable", "--now", unit);
        }
        try {
            for (Path file : files) Files.delete(file);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        server.systemctl("daemon-reload");
    }
}
