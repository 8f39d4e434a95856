package io.storeit.ops.process;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.StallTimeout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A process, known by its number and its start time, so that a number used again is never mistaken for it (Linux /proc). */
public record ServerProcess(long pid, long startTicks) {
    private static final Path PROC = Path.of("/proc");

    public static ServerProcess of(long pid) {
        return new ServerProcess(pid, stat(pid).map(Stat::startTicks).orElse(-1L));
    }

    /** The process that listens on a TCP port of this machine. */
    public static Optional<ServerProcess> listeningOn(int port) {
        List<String> sockets = new ArrayList<>();
        String ending = ":" + HexFormat.of().withUpperCase().toHexDigits((char) port);
        for (String table : List.of("net/tcp", "net/tcp6")) {
            try (Stream<String> lines = Files.lines(PROC.resolve(table))) {
                lines.skip(1).map(line -> line.strip().split("\\s+"))
                        .filter(fields -> fields.length > 9 && fields[3].equals("0A") && fields[1].endsWith(ending))
                        .forEach(fields -> sockets.add("socket:[" + fields[9] + "]"));
            } catch (IOException noSuchTable) {
                // IPv6 switched off, or no Linux: then nothing is found there
            }
        }
        if (sockets.isEmpty()) return Optional.empty();
        return all().filter(pid -> holds(pid, sockets)).findFirst().map(ServerProcess::of);
    }

    /** Processes that run one of the programs on a database or archive in a private folder of this tool. */
    public static List<ServerProcess> workingIn(Path folder, List<Path> programs) {
        if (!Files.isDirectory(folder)) return List.of();
        return all().map(ServerProcess::of).filter(process -> programs.stream().anyMatch(program -> process.argumentsOf(program).isPresent())
                && (process.environment().getOrDefault("DATABASE_URL", "").contains(folder + "/")
                        || process.arguments().stream().anyMatch(argument -> argument.startsWith(folder + "/")))).toList();
    }

    /** The process that runs a program with these arguments and this database, listening already or not yet. */
    public static Optional<ServerProcess> running(Path program, Launch launch) {
        return all().map(ServerProcess::of).filter(ServerProcess::isAlive)
                .filter(process -> process.argumentsOf(program).filter(launch.arguments()::equals).isPresent()
                        && List.of("DATABASE_URL", "STOREIT_BIND").stream()
                                .allMatch(name -> Objects.equals(process.environment().get(name), launch.environment().get(name))))
                .findFirst();
    }

    /** All that run this file as their program; in a container the same path is another file. */
    public static List<ServerProcess> ofProgram(Path program) {
        return all().map(ServerProcess::of)
                .filter(process -> process.isAlive() && !process.inContainer() && process.argumentsOf(program).isPresent()).toList();
    }

    /** What follows the program on the command line; empty when the process runs another program, or may not be looked at. */
    public Optional<List<String>> argumentsOf(Path program) {
        try {
            List<String> all = arguments();
            return all.isEmpty() ? Optional.empty() : argumentsOf(program, executable(), all, folder());
        } catch (OpsException notOurs) {
            return Optional.empty();
        }
    }

    /** The same of a command line that may not run. */
    public static Optional<List<String>> argumentsOf(Path program, Path executable, List<String> all, Path folder) {
        if (FileFacts.sameFile(program, executable)) return Optional.of(all.subList(1, all.size()));
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).endsWith(program.getFileName().toString()) && FileFacts.sameFile(program, folder.resolve(all.get(i)))) {
                return Optional.of(all.subList(i + 1, all.size()));
            }
        }
        return Optional.empty();
    }

    private static Stream<Long> all() {
        try (Stream<Path> entries = Files.list(PROC)) {
            return entries.map(path -> path.getFileName().toString()).filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf).sorted(Comparator.reverseOrder()).toList().stream();
        } catch (IOException noProc) {
            return Stream.empty();
        }
    }

    private static boolean holds(long pid, List<String> sockets) {
        try (Stream<Path> descriptors = Files.list(PROC.resolve(pid + "/fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return sockets.contains(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException gone) {
                    return false;
                }
            });
        } catch (IOException notOurs) {
            return false;
        }
    }

    private record Stat(char state, long parent, long startTicks) {}

    private static Optional<Stat> stat(long pid) {
        try {
            String text = Files.readString(PROC.resolve(pid + "/stat"));
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Stat(fields[0].charAt(0), Long.parseLong(fields[1]), Long.parseLong(fields[19])));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    public boolean isAlive() {
        if (!Files.exists(PROC.resolve("self"))) return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();   // macOS
        return stat(pid).filter(now -> now.startTicks() == startTicks && now.state() != 'Z' && now.state() != 'X').isPresent();
    }

    /** SIGTERM, after making sure that the number still means this process. */
    public void terminate() {
        if (isAlive()) ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }

    public void awaitEnd(Duration duration) {
        var patience = new StallTimeout(duration, "Process " + pid + " did not end");
        while (isAlive()) patience.pause("");
    }

    public List<String> arguments() {
        return strings("cmdline");
    }

    public Map<String, String> environment() {
        return environment(strings("environ"));
    }

    /** Of entries {@code NAME=VALUE}; the last of a name counts. */
    public static Map<String, String> environment(List<String> entries) {
        var environment = new TreeMap<String, String>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            if (equals > 0) environment.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
        return environment;
    }

    private List<String> strings(String file) {
        try {
            String text = Files.readString(PROC.resolve(pid + "/" + file));
            return text.isEmpty() ? List.of() : List.of(text.split("\0"));
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "May not look at the server's process " + pid, "Run storeit-ctl as root, or as the server's user.", failure);
        }
    }

    public Path folder() {
        return link("cwd");
    }

    public Path executable() {
        return link("exe");
    }

    /** For the moment before a process of a unit becomes the unit's program. */
    boolean isSystemd() {
        try {
            return Files.readSymbolicLink(PROC.resolve(pid + "/exe")).getFileName().toString().startsWith("systemd");
        } catch (IOException hidden) {
            return false;
        }
    }

    /** Its program's file has another content now, as after an update of packages. */
    public boolean programWasReplaced() {
        try {
            return Files.readSymbolicLink(PROC.resolve(pid + "/exe")).toString().endsWith(" (deleted)");
        } catch (IOException hidden) {
            return false;
        }
    }

    private Path link(String name) {
        try {
            // A binary that was replaced under a running process reads "<path> (deleted)".
            String target = Files.readSymbolicLink(PROC.resolve(pid + "/" + name)).toString();
            return Path.of(target.endsWith(" (deleted)") ? target.substring(0, target.length() - 10) : target);
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "May not look at the server's process " + pid, "Run storeit-ctl as root, or as the server's user.", failure);
        }
    }

    /** A line of {@code /proc/PID/status}, such as {@code Uid} or {@code Umask}; its first value. */
    String status(String name) {
        try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/status"))) {
            return lines.filter(line -> line.startsWith(name + ":")).findFirst()
                    .map(line -> line.substring(name.length() + 1).strip().split("\\s+")[0]).orElse("");
        } catch (IOException gone) {
            return "";
        }
    }

    /** Another process-id namespace than ours: a container. */
    public boolean inContainer() {
        try {
            return !Files.readSymbolicLink(PROC.resolve(pid + "/ns/pid")).equals(Files.readSymbolicLink(PROC.resolve("self/ns/pid")));
        } catch (IOException unknown) {
            return false;
        }
    }

    /** The name of the parent when it is a supervisor that would start the server again behind our back. */
    public Optional<String> foreignSupervisor() {
        return stat(pid).map(Stat::parent).filter(parent -> parent > 1).map(parent -> {
            try {
                return Files.readString(PROC.resolve(parent + "/comm")).strip();
            } catch (IOException gone) {
                return "";
            }
        }).filter(List.of("supervisord", "runsv", "s6-supervise", "supervise", "circusd", "monit", "god", "containerd-shim", "conmon", "docker-proxy")::contains);
    }

    /** The systemd service the process is in, from its control group; empty for sessions and scopes. */
    Optional<SystemdUnit> unit() {
        if (!Files.isDirectory(Path.of("/run/systemd/system"))) return Optional.empty();
        try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/cgroup"))) {
            return lines.map(line -> line.substring(line.lastIndexOf(':') + 1)).map(SystemdUnit::ofControlGroup).flatMap(Optional::stream).findFirst()
                    .filter(unit -> unit.mainProcess().filter(main -> main.pid() == pid).isPresent());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
