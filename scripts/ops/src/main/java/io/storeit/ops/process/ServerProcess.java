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
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Identifies a process by its number and start time, so that a reused number is never taken for it (Linux /proc). */
public record ServerProcess(long pid, long startTicks) {
    private static final Path PROC = Path.of("/proc");
    private static final Set<String> SUPERVISORS = Set.of("supervisord", "runsv", "s6-supervise", "supervise", "circusd", "monit", "god",
            "containerd-shim", "conmon", "docker-proxy");

    /** Returns the process that has this number now. */
    public static ServerProcess of(long pid) {
        return new ServerProcess(pid, stat(pid).map(Stat::startTicks).orElse(-1L));
    }

    /** Finds the process that listens on a TCP port of this machine. */
    public static Optional<ServerProcess> listeningOn(int port) {
        List<String> sockets = new ArrayList<>();
        String ending = ":" + HexFormat.of().withUpperCase().toHexDigits((char) port);
        for (String table : List.of("net/tcp", "net/tcp6")) {
            try (Stream<String> lines = Files.lines(PROC.resolve(table))) {
                lines.skip(1).map(line -> line.strip().split("\\s+"))
                        .filter(fields -> fields.length > 9 && fields[3].equals("0A") && fields[1].endsWith(ending))
                        .forEach(fields -> sockets.add("socket:[" + fields[9] + "]"));
            } catch (IOException noSuchTable) {
                // IPv6 is disabled, or this is not Linux
            }
        }
        if (sockets.isEmpty()) return Optional.empty();
        return all().filter(pid -> holds(pid, sockets)).findFirst().map(ServerProcess::of);
    }

    /** Finds processes that run one of the programs on a database or archive in a private directory of this tool. */
    public static List<ServerProcess> workingIn(Path folder, List<Path> programs) {
        if (!Files.isDirectory(folder)) return List.of();
        return all().map(ServerProcess::of).filter(process -> programs.stream().anyMatch(program -> process.argumentsOf(program).isPresent())
                && (process.environment().getOrDefault("DATABASE_URL", "").contains(folder + "/")
                        || process.arguments().stream().anyMatch(argument -> argument.startsWith(folder + "/")))).toList();
    }

    /** Finds the process that runs a program with these arguments and this database, whether it listens already or not. */
    public static Optional<ServerProcess> running(Path program, Launch launch) {
        return all().map(ServerProcess::of).filter(ServerProcess::isAlive)
                .filter(process -> process.argumentsOf(program).filter(launch.arguments()::equals).isPresent()
                        && List.of("DATABASE_URL", "STOREIT_BIND").stream()
                                .allMatch(name -> Objects.equals(process.environment().get(name), launch.environment().get(name))))
                .findFirst();
    }

    /** Finds all processes that run this file as their program, but none in a container, where the path is another file. */
    public static List<ServerProcess> ofProgram(Path program) {
        return all().map(ServerProcess::of)
                .filter(process -> process.isAlive() && !process.inContainer() && process.argumentsOf(program).isPresent()).toList();
    }

    /** Returns what follows the program on the command line; empty if the process runs another program or cannot be inspected. */
    public Optional<List<String>> argumentsOf(Path program) {
        try {
            List<String> all = arguments();
            return all.isEmpty() ? Optional.empty() : argumentsOf(program, executable(), all, folder());
        } catch (OpsException notOurs) {
            return Optional.empty();
        }
    }

    /** Returns what follows the program on a command line, which need not belong to a running process. */
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

    /** Returns whether this process still runs; a zombie does not. */
    public boolean isAlive() {
        if (!Files.exists(PROC.resolve("self"))) return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();   // macOS
        return stat(pid).filter(now -> now.startTicks() == startTicks && now.state() != 'Z' && now.state() != 'X').isPresent();
    }

    /** Sends SIGTERM, if the number still belongs to this process. */
    public void terminate() {
        if (isAlive()) ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }

    /** Waits until the process has ended. */
    public void awaitEnd(Duration limit) {
        var timeout = new StallTimeout(limit, "Process " + pid + " did not end");
        while (isAlive()) timeout.pause("");
    }

    public List<String> arguments() {
        return strings("cmdline");
    }

    public Map<String, String> environment() {
        return environment(strings("environ"));
    }

    /** Parses entries {@code NAME=VALUE}; the last entry of a name wins. */
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
            throw new OpsException(Exit.FAILED, "Cannot inspect the server's process " + pid, "Run storeit-ctl as root or as the server's user.", failure);
        }
    }

    /** Returns its working directory. */
    public Path folder() {
        return link("cwd");
    }

    /** Returns the file of its program, without the mark of a replaced file. */
    public Path executable() {
        return link("exe");
    }

    /** Returns whether the process of a unit has not yet become the unit's program. */
    boolean isSystemd() {
        try {
            return Files.readSymbolicLink(PROC.resolve(pid + "/exe")).getFileName().toString().startsWith("systemd");
        } catch (IOException hidden) {
            return false;
        }
    }

    /** Returns whether the file of its program was replaced, as by an update of packages. */
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
            throw new OpsException(Exit.FAILED, "Cannot inspect the server's process " + pid, "Run storeit-ctl as root or as the server's user.", failure);
        }
    }

    /** Returns the first value of a line in {@code /proc/PID/status}, such as {@code Uid} or {@code Umask}. */
    String status(String name) {
        try (Stream<String> lines = Files.lines(PROC.resolve(pid + "/status"))) {
            return lines.filter(line -> line.startsWith(name + ":")).findFirst()
                    .map(line -> line.substring(name.length() + 1).strip().split("\\s+")[0]).orElse("");
        } catch (IOException gone) {
            return "";
        }
    }

    /** Returns whether it has another process-id namespace than this tool, as in a container. */
    public boolean inContainer() {
        try {
            return !Files.readSymbolicLink(PROC.resolve(pid + "/ns/pid")).equals(Files.readSymbolicLink(PROC.resolve("self/ns/pid")));
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Returns the name of the parent if it is a supervisor that would start the server again. */
    public Optional<String> foreignSupervisor() {
        return stat(pid).map(Stat::parent).filter(parent -> parent > 1).map(parent -> {
            try {
                return Files.readString(PROC.resolve(parent + "/comm")).strip();
            } catch (IOException gone) {
                return "";
            }
        }).filter(SUPERVISORS::contains);
    }

    /** Returns the systemd service of the process, from its control group; empty for sessions and scopes. */
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
