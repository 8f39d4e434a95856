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

/** The units of systemd, of the machine or of a user. */
public final class SystemdServices implements Services {
    private static final List<String> STARTED = List.of(Layout.SERVER_UNIT, "storeit-backup.timer", "storeit-upgrade-check.timer");

    private final Layout layout;
    private final SystemdUnit server;

    SystemdServices(Layout layout) {
        this.layout = layout;
        this.server = new SystemdUnit(Layout.SERVER_UNIT, layout.forUser());
    }

    private Map<String, String> texts() {
        return UnitFiles.of(layout).texts();
    }

    @Override
    public void check() {
        if (layout.forUser() && Programs.run("systemctl", "--user", "show-environment").exit() != 0) {
            throw new OpsException(Exit.FAILED, "Your part of systemd cannot be reached", "Log in directly rather than through su or sudo. Or use "
                    + "--no-service: with it everything else is done, and a line to start the server is shown.");
        }
        if (!layout.forUser() && Installer.hiddenFromServices(layout.data())) {
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

    @Override
    public boolean place() {
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

    @Override
    public void start() {
        for (String unit : STARTED) server.systemctl("enable", unit);
        for (String unit : STARTED) {
            server.systemctl("reset-failed", unit);
            server.systemctl("start", "--no-block", unit);
        }
    }

    @Override
    public Optional<String> limit() {
        if (!layout.forUser() || Programs.run("loginctl", "enable-linger").exit() == 0) return Optional.empty();
        return Optional.of("It runs while you are logged in. From boot on: sudo loginctl enable-linger " + Account.self().name());
    }

    @Override
    public boolean isAlive() {
        return server.isUp();
    }

    @Override
    public void saveLog(Path file) {
        var command = new ArrayList<>(List.of("journalctl", "--no-pager", "--output=cat", "--lines=20", layout.forUser() ? "--user-unit" : "--unit", server.name()));
        try {
            AtomicFiles.writeOwnerOnly(file, Programs.run(command.toArray(String[]::new)).output().getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    @Override
    public String restartCommand() {
        return "systemctl " + (layout.forUser() ? "--user " : "") + "restart " + server.name().replace(".service", "");
    }

    @Override
    public List<Path> files() {
        return texts().keySet().stream().map(layout.units()::resolve).filter(file -> Files.exists(file) && isOurs(file)).toList();
    }

    @Override
    public void remove() {
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
