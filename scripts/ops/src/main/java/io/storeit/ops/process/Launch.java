package io.storeit.ops.process;

import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Owner;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Starts and stops the server, as a systemd service or as a plain process like the one that was found running. */
public record Launch(SystemdUnit unit, List<String> arguments, Map<String, String> environment, Path folder, int userId, int groupId, String umask) {
    /** Variables that belong to one start of a process and must not be passed on. */
    private static final List<String> OF_ONE_START = List.of("NOTIFY_SOCKET", "INVOCATION_ID", "JOURNAL_STREAM", "MAINPID", "LISTEN_PID", "LISTEN_FDS",
            "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC");

    /** Describes how a running process was started. */
    public static Launch of(ServerProcess process, List<String> arguments) {
        return of(process.unit().orElse(null), arguments, process.environment(), process.folder(),
                Integer.parseInt(process.status("Uid")), Integer.parseInt(process.status("Gid")), process.status("Umask"));
    }

    public static Launch of(SystemdUnit unit, List<String> arguments, Map<String, String> environment, Path folder, int userId, int groupId, String umask) {
        environment.keySet().removeAll(OF_ONE_START);
        return new Launch(unit, arguments, environment, folder, userId, groupId, umask);
    }

    /** Uses the user and environment of this process, for a server that was never found running. */
    public static Launch bare() {
        return new Launch(null, List.of(), new TreeMap<>(System.getenv()), null, Owner.ownUserId(), -1, "");
    }

    /** Copies this launch without systemd and with some variables changed, for a rehearsal. */
    public Launch plain(Map<String, String> extra) {
        var changed = new TreeMap<>(environment);
        changed.putAll(extra);
        return new Launch(null, arguments, changed, folder, userId, groupId, umask);
    }

    /** Returns whether this process is root and the server runs as another user. */
    public boolean otherUser() {
        return Owner.ownUserId() == 0 && userId != 0;
    }

    /** Prefixes a command so that it runs as the server's user. */
    public List<String> asUser(List<String> command) {
        if (!otherUser()) return command;
        var whole = new ArrayList<>(List.of("setpriv", "--reuid=" + userId, "--regid=" + groupId, "--clear-groups", "--"));
        whole.addAll(command);
        return whole;
    }

    /** Changes the owner of files to the server's user. Does nothing unless root works for another user. */
    public void chown(Path... files) throws IOException {
        if (!otherUser()) return;
        for (Path file : files) {
            Files.setAttribute(file, "unix:uid", userId);
            Files.setAttribute(file, "unix:gid", groupId);
        }
    }

    public File folderOrRoot() {
        return folder != null && Files.isDirectory(folder) ? folder.toFile() : new File("/");
    }

    /** Replaces the content of an environment by the server's, with some variables changed. */
    public void fill(Map<String, String> target, Map<String, String> extra) {
        target.clear();
        target.putAll(environment);
        target.putAll(extra);
    }

    /** Starts the server and returns its process, which may still be starting. */
    public ServerProcess start(Path binary, Path log, Duration limit) {
        return unit == null ? spawn(List.of("setsid"), binary, arguments, log) : unit.start(limit);
    }

    /** Starts a plain process. With the prefix {@code setsid} it survives Ctrl-C and the end of the terminal session. */
    public ServerProcess spawn(List<String> prefix, Path binary, List<String> serverArguments, Path log) {
        var command = new ArrayList<String>();
        command.add(binary.toString());
        command.addAll(serverArguments);
        var whole = new ArrayList<>(prefix);
        whole.addAll(List.of("sh", "-c", (umask.isEmpty() ? "" : "umask " + umask + "; ") + "exec \"$@\"", "sh"));
        whole.addAll(asUser(command));
        try {
            if (!Files.exists(log)) {
                AtomicFiles.createOwnerOnly(log);
                chown(log);
            }
            var builder = new ProcessBuilder(whole).directory(folderOrRoot())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            fill(builder.environment(), Map.of());
            Process process = builder.start();
            return ServerProcess.of(process.pid());
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot start " + binary + ": " + Reasons.withFile(failure), "", failure);
        }
    }

    /** Stops the server and returns when its process has ended. */
    public void stop(Optional<ServerProcess> process, Duration limit) {
        if (unit != null) unit.stop();
        else process.ifPresent(ServerProcess::terminate);
        process.ifPresent(running -> running.awaitEnd(limit));
    }
}
