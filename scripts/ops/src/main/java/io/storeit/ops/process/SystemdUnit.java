package io.storeit.ops.process;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Programs;
import io.storeit.ops.host.StallTimeout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Controls a systemd service of the system or of a user. Its properties come from systemd; unit files are never read. */
public record SystemdUnit(String name, boolean user) {
    private static final String NOT_FOUND = "not-found";
    private static final Pattern COMMAND = Pattern.compile("\\{ path=(.*?) ; argv\\[\\]=(.*?) ; ignore_errors=");

    static Optional<SystemdUnit> ofControlGroup(String group) {
        String last = group.substring(group.lastIndexOf('/') + 1);
        if (!last.endsWith(".service") || last.matches("user@\\d+\\.service")) return Optional.empty();
        return Optional.of(new SystemdUnit(last, group.contains("/user@")));
    }

    /** Finds the unit of this name. Units of the system come first for root, units of the user for everybody else. */
    public static Optional<SystemdUnit> known(String name) {
        if (!Files.isDirectory(Path.of("/run/systemd/system"))) return Optional.empty();
        String service = name.contains(".") ? name : name + ".service";
        var system = new SystemdUnit(service, false);
        var own = new SystemdUnit(service, true);
        return (Owner.ownUserId() == 0 ? Stream.of(system, own) : Stream.of(own, system)).filter(SystemdUnit::isKnown).findFirst();
    }

    private boolean isKnown() {
        try {
            return !state().getOrDefault("LoadState", NOT_FOUND).equals(NOT_FOUND);
        } catch (OpsException noManager) {
            return false;
        }
    }

    /** Returns the properties that {@code doctor} checks. */
    public Map<String, String> standing() {
        return show("LoadState", "ActiveState", "UnitFileState", "NeedDaemonReload", "NRestarts", "Result");
    }

    /** Returns the command that shows the log, for people to copy. */
    public String journal() {
        return "journalctl " + (user ? "--user " : "") + "-u " + name + " -n 50";
    }

    /** Returns a command of systemctl for this unit, for people to copy. */
    public String command(String what) {
        return "systemctl " + (user ? "--user " : "") + what + (what.equals("daemon-reload") ? "" : " " + name);
    }

    private Map<String, String> state() {
        return show("LoadState", "ActiveState", "SubState", "MainPID", "Job", "NRestarts", "Result", "ExecMainStatus");
    }

    private Map<String, String> show(String... properties) {
        var values = new LinkedHashMap<String, String>();
        for (String line : systemctl("show", "--property=" + String.join(",", properties), name).split("\n")) {
            int equals = line.indexOf('=');
            // A property with several values has a line for each.
            if (equals > 0) values.merge(line.substring(0, equals), line.substring(equals + 1), (first, next) -> first + "\n" + next);
        }
        return values;
    }

    public Optional<ServerProcess> mainProcess() {
        return mainProcess(show("MainPID"));
    }

    private static Optional<ServerProcess> mainProcess(Map<String, String> state) {
        long pid = Long.parseLong(state.getOrDefault("MainPID", "0"));
        return pid == 0 ? Optional.empty() : Optional.of(ServerProcess.of(pid)).filter(process -> !process.isSystemd());
    }

    /** Returns whether the unit is running, starting, or about to be started. */
    public boolean isUp() {
        Map<String, String> state = state();
        return List.of("activating", "active", "reloading").contains(state.get("ActiveState")) || hasJob(state);
    }

    private static boolean hasJob(Map<String, String> state) {
        return !state.getOrDefault("Job", "0").equals("0");
    }

    /** Starts the unit and returns its process, which may still be starting. Earlier failed starts do not count. */
    ServerProcess start(Duration limit) {
        systemctl("reset-failed", name);
        Instant begun = Instant.now();
        systemctl("start", "--no-block", name);
        var log = new ServerLog.OfUnit(this, begun);
        var timeout = new StallTimeout(limit, name + " did not start", "Its log: " + journal());
        while (true) {
            Map<String, String> state = state();
            Optional<ServerProcess> main = mainProcess(state);
            boolean waits = state.get("ActiveState").matches("activating|deactivating|reloading") && !state.get("SubState").equals("auto-restart");
            boolean over = !state.getOrDefault("NRestarts", "0").equals("0") || main.isEmpty() && !waits && !hasJob(state);
            if (over) throw new OpsException(Exit.FAILED, "The server ended while starting: " + log.reason(), log.end());
            if (main.isPresent()) return main.get();
            timeout.pause(state.get("SubState"));
        }
    }

    /** Stops the unit, also while it waits for its next start after a crash. */
    void stop() {
        systemctl("stop", name);
    }

    /** Returns how its process ended last, such as {@code exit-code 3}. */
    String outcome() {
        Map<String, String> state = state();
        String status = state.getOrDefault("ExecMainStatus", "");
        return state.getOrDefault("Result", "ended") + (status.isEmpty() || status.equals("0") ? "" : " " + status);
    }

    /** Returns the last lines that its processes wrote since then; empty if this user may not read them. */
    String log(Instant since, int lines) {
        Programs.run("journalctl", "--sync");
        var log = Programs.run("journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=" + lines, "--since=@" + since.getEpochSecond(),
                (user ? "_SYSTEMD_USER_UNIT=" : "_SYSTEMD_UNIT=") + name);
        return log.exit() == 0 ? log.output() : "";
    }

    /** Returns its command line, program first. systemd shows the arguments separated by blanks. */
    public List<String> command() {
        Map<String, String> shown = show("ExecStart", "LoadState");
        Matcher command = COMMAND.matcher(shown.getOrDefault("ExecStart", ""));
        if ("masked".equals(shown.get("LoadState"))) throw masked("Cannot find the program of " + name, null);
        if (!command.find()) throw new OpsException(Exit.FAILED, name + " starts no program", "Name the binary with --binary FILE.");
        var words = new ArrayList<>(List.of(command.group(2).split(" ")));
        words.set(0, command.group(1));
        return words;
    }

    /** Describes how the unit starts its server. systemd runs {@code env -0} with the unit's settings to show its environment. */
    public Launch launch(List<String> arguments) {
        Map<String, String> settings = show("User", "Group", "WorkingDirectory", "UMask", "Environment", "EnvironmentFiles", "PassEnvironment",
                "UnsetEnvironment");
        var command = new ArrayList<>(List.of("systemd-run", "--quiet", "--pipe", "--wait", "--collect"));
        if (user) command.add("--user");
        for (String property : List.of("User", "Group", "PassEnvironment", "UnsetEnvironment")) {
            if (!settings.getOrDefault(property, "").isEmpty()) command.add("--property=" + property + "=" + settings.get(property));
        }
        String folder = settings.getOrDefault("WorkingDirectory", "").replaceFirst("^!", "");
        if (!folder.isEmpty()) command.add("--property=WorkingDirectory=-" + folder);
        for (String file : settings.getOrDefault("EnvironmentFiles", "").split("\n")) {
            if (file.isEmpty()) continue;
            command.add("--property=EnvironmentFile="
                    + file.replaceFirst("(.*) \\(ignore_errors=yes\\)$", "-$1").replaceFirst(" \\(ignore_errors=no\\)$", ""));
        }
        words(settings.getOrDefault("Environment", "")).forEach(variable -> command.add("--setenv=" + variable));
        command.addAll(List.of("/usr/bin/env", "-0"));
        var environment = ServerProcess.environment(List.of(Programs.require(command.toArray(String[]::new)).split("\0")));
        String account = settings.getOrDefault("User", "");
        String group = settings.getOrDefault("Group", "");
        return Launch.of(this, arguments, environment, Path.of(folder.equals("~") ? environment.get("HOME") : folder.isEmpty() ? "/" : folder),
                account.isEmpty() ? Owner.ownUserId() : number("id", "-u", account),
                !group.isEmpty() ? Integer.parseInt(Programs.require("getent", "group", group).split(":")[2])
                        : account.isEmpty() ? -1 : number("id", "-g", account),
                settings.getOrDefault("UMask", ""));
    }

    private static int number(String... command) {
        return Integer.parseInt(Programs.require(command).strip());
    }

    /** Splits a list as systemd shows it: words in double quotes where needed, with the escapes of C. */
    static List<String> words(String list) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && i + 1 < list.length()) {
                char escaped = list.charAt(++i);
                int known = "abfnrtv".indexOf(escaped);
                word.append(known < 0 ? escaped : "\u0007\b\f\n\r\t\u000b".charAt(known));
            } else if (c == ' ' && !quoted) {
                words.add(word.toString());
                word.setLength(0);
            } else {
                word.append(c);
            }
        }
        if (!word.isEmpty()) words.add(word.toString());
        return words;
    }

    /** Runs systemctl and returns its output. */
    public String systemctl(String... arguments) {
        var command = new ArrayList<>(List.of("systemctl"));
        if (user) command.add("--user");
        command.addAll(List.of(arguments));
        var result = Programs.run(command.toArray(String[]::new));
        // reset-failed fails for a unit that systemd has not loaded, which is harmless.
        if (result.exit() != 0 && !arguments[0].equals("reset-failed")) throw refused(arguments[0], result.output(), String.join(" ", command));
        return result.output();
    }

    private OpsException masked(String could, IOException original) {
        return new OpsException(Exit.FAILED, could + ": the unit is masked, so systemd will not start it", command("unmask"), original);
    }

    /** Fails if systemd would not start the unit again. Call it before stopping the server. */
    public void requireStartable() {
        if ("masked".equals(show("LoadState").get("LoadState"))) throw masked("Cannot start " + name + " again after a stop", null);
    }

    /** Translates an error of systemctl. {@code --verbose} shows the original. */
    OpsException refused(String what, String said, String command) {
        var original = new IOException("'" + command + "' printed: " + Words.shortened(said));
        String could = what.equals("show") ? "Cannot read the state of " + name : "Cannot " + what + " " + name;
        if (said.contains("is masked")) return masked(could, original);
        if (said.contains("not found") || said.contains("not loaded")) {
            return new OpsException(Exit.FAILED, could + ": systemd has no such unit",
                    "List the units with 'systemctl list-unit-files', then name the right one with --unit.", original);
        }
        if (said.contains("Interactive authentication required") || said.contains("Access denied") || said.contains("Permission denied")) {
            return new OpsException(Exit.FAILED, could + ": only root can do this", "Run as root: sudo storeit-ctl ...", original);
        }
        if (said.contains("Failed to connect to") || said.contains("has not been booted with systemd") || said.contains("Host is down")) {
            return new OpsException(Exit.FAILED, could + ": systemd is not reachable from here", user
                    ? "Log in directly as that user (sudo and su open no session), or: export XDG_RUNTIME_DIR=/run/user/$(id -u)"
                    : "Run storeit-ctl on the host, not in a container.", original);
        }
        if (said.contains("timed out") || said.contains("Timeout")) {
            return new OpsException(Exit.FAILED, could + ": it did not stop within the time limit of its unit", journal(), original);
        }
        return new OpsException(Exit.FAILED, could + ": " + Words.shortened(said), "systemctl status " + name, original);
    }
}
