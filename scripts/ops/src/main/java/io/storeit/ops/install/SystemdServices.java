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

    /** Returns the services of a layout; fails on a machine without systemd. */
    static SystemdServices of(Layout layout) {
        if (!present()) {
            throw new OpsException(Exit.FAILED, "This machine does not use systemd, so no service can start the server at boot",
                    "Use --no-service, which does everything else and prints the command that starts the server.");
        }
        return new SystemdServices(layout);
    }

    static boolean present() {
        return Files.isDirectory(Path.of("/run/systemd/system"));
    }

    private Map<String, String> texts() {
        return UnitFiles.of(layout).texts();
    }

    /** Checks that the units can be placed; changes nothing. */
    void check() {
        if (layout.forUser() && Programs.run("systemctl", "--user", "show-environment").exit() != 0) {
            throw new OpsException(Exit.FAILED, "Cannot reach the systemd of this user", "Log in directly rather than through su or sudo. Or use "
                    + "--no-service, which does everything else and prints the command that starts the server.");
        }
        if (!layout.forUser() && JavaForService.hiddenFromServices(layout.data())) {
            throw new OpsException(Exit.FAILED, "A system service cannot access " + layout.data(), "Choose another --data-dir.");
        }
        for (String unit : texts().keySet()) {
            Path file = layout.units().resolve(unit);
            if (Files.exists(file) && !isOurs(file)) {
                throw new OpsException(Exit.FAILED, "The unit " + file + " exists and was not written by storeit-ctl",
                        "If it runs StoreIT, use 'storeit-ctl upgrade', which works with this unit. Otherwise disable it and move it away.");
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

    /** Writes the units. @return whether this call created the unit of the server */
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

    /** Returns a hint when the service runs only while the user is logged in. */
    Optional<String> limit() {
        if (!layout.forUser() || Programs.run("loginctl", "enable-linger").exit() == 0) return Optional.empty();
        return Optional.of("The service runs only while you are logged in. To run it from boot on: sudo loginctl enable-linger " + Account.self().name());
    }

    boolean isAlive() {
        return server.isUp();
    }

    void saveLog(Path file) {
        String unit = layout.forUser() ? "--user-unit" : "--unit";
        String log = Programs.run("journalctl", "--no-pager", "--output=cat", "--lines=20", unit, server.name()).output();
        try {
            AtomicFiles.writeOwnerOnly(file, log.getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    String restartCommand() {
        return "systemctl " + (layout.forUser() ? "--user " : "") + "restart " + server.name().replace(".service", "");
    }

    /** Returns the installed units that storeit-ctl has written; {@link #remove} removes them. */
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
