package io.storeit.ops.install;

import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Platform;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.server.ServerBinary;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.Optional;

/** Checks the preconditions of an install. Each check changes nothing and fails with a hint. */
final class InstallChecks {
    private InstallChecks() {}

    /** Fails on another system than Linux, and without root for the whole machine. @param command {@code install} or {@code uninstall} */
    static void requireRights(boolean forUser, String command) {
        Platform.requireLinux(command);
        if (!forUser && Owner.ownUserId() != 0) {
            throw new OpsException(Exit.FAILED, "Only root can " + command + " for the whole machine", "Run it with sudo, or for yourself only: storeit-ctl "
                    + command + " --user");
        }
    }

    /** Returns the version of the installed server; fails when another version is wanted, because {@code upgrade} has to replace it. */
    static Optional<String> versionInPlace(Layout layout, String wanted) {
        if (!Files.exists(layout.server())) return Optional.empty();
        String found = ServerBinary.versionWithoutRunning(layout.server());
        String asked = wanted.replaceFirst("^v", "");
        if (found == null || !asked.equals("latest") && !asked.equals(found)) {
            throw new OpsException(Exit.FAILED, "Binary already exists at " + layout.server() + (found == null ? "" : ", version " + found)
                    + ". Use 'upgrade' instead.", "Or remove it first with 'storeit-ctl uninstall', which keeps the data.");
        }
        return Optional.of(found);
    }

    /** Fails when the server could not listen on the port. @param bind address and port, as they were given */
    static void requireFreePort(String bind, boolean service) {
        InetSocketAddress address = address(bind);
        if (address.getPort() < 1024 && service) {
            throw new OpsException(Exit.FAILED, "Port " + address.getPort() + " requires root, and the server does not run as root",
                    "Choose a port from 1024 up with --bind, and put a proxy in front of it.");
        }
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
        } catch (IOException taken) {
            String holder = ServerProcess.listeningOn(address.getPort()).map(process -> ": process " + process.pid() + " uses it, "
                    + Words.shortened(String.join(" ", process.arguments()))).orElse(": " + Reasons.withFile(taken));
            throw new OpsException(Exit.FAILED, "The server could not listen on " + bind + holder, "If this is StoreIT, use 'storeit-ctl status' and "
                    + "'storeit-ctl upgrade'. Otherwise stop it, or choose another port: --bind 0.0.0.0:8090");
        }
    }

    static InetSocketAddress address(String bind) {
        int colon = bind.lastIndexOf(':');
        try {
            int port = Integer.parseInt(bind.substring(colon + 1));
            var address = new InetSocketAddress(bind.substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", ""), port);
            if (colon > 0 && port > 0 && !address.isUnresolved()) return address;
        } catch (IllegalArgumentException noPort) {
            // reported below
        }
        throw new OpsException(Exit.USAGE, "'" + bind + "' is not an address and a port", "Write it like 0.0.0.0:8080 or 127.0.0.1:8080.");
    }

    /** Fails when this storeit-ctl cannot be installed, because the service runs it too. */
    static void requireTool(Layout layout) {
        if (Programs.self().isEmpty() && !Files.exists(layout.tool())) {
            throw new OpsException(Exit.FAILED, "This storeit-ctl runs from source and cannot be installed at " + layout.tool(),
                    "Use the file storeit-ctl of a release.");
        }
    }

    /** Fails when the database has another schema, because only {@code upgrade} keeps a rollback point. */
    static void requireFittingDatabase(ServerLaunch server, String version) {
        var database = server.layout().database();
        if (!Files.exists(database) || Locks.databaseHeld(database)) return;
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        int expected = new ServerBinary(server.layout().server(), server.launch(), version).version().expectedSchemaVersion();
        boolean empty = database.toFile().length() == 0;
        if (state.schemaVersion() == expected || empty) return;
        throw new OpsException(Exit.FAILED, "The database " + database + " does not fit version " + version + ": "
                + (state.schemaVersion() == 0 ? state.reason() : "it has schema " + state.schemaVersion() + ", expected " + expected),
                "Install the version that wrote it and upgrade from there, or move the database away.");
    }
}
