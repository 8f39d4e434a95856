package io.storeit.ops.installation;

import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.DatabaseUrl;
import io.storeit.interchange.sqlite.Holders;
import io.storeit.interchange.sqlite.ServerPaths;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Owner;
import io.storeit.ops.process.Launch;
import io.storeit.ops.process.Ports;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.process.SystemdUnit;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Describes where the parts of one StoreIT installation are, and how its server is started. */
public record Installation(Path binary, Path database, Path imageFolder, Path dataDirectory, Launch launch, ServerProcess process) {
    /**
     * Finds the installation. For a running server it reads the environment of the process, not that of this tool. For a stopped server it
     * uses the unit, the record of the last time that the server was seen, or the configured data directory.
     *
     * @param answering whether a server answers at the address
     */
    public static Optional<Installation> find(Context context, boolean answering) {
        Settings settings = context.settings();
        if (answering) {
            Optional<Installation> running = listening(settings);
            running.ifPresent(found -> seen(found, settings));
            return running;
        }
        if (settings.unit() != null) {
            return Optional.of(SystemdUnit.known(settings.unit()).map(unit -> of(unit, settings)).orElseThrow(() -> new OpsException(Exit.FAILED,
                    "systemd has no unit " + settings.unit(), "'systemctl list-units --all' lists the units.")));
        }
        Optional<Installation> recorded = recorded(settings);
        Optional<Installation> unit = ofUnit(settings, recorded);
        if (unit.isPresent()) return unit;
        // A process that listens without answering may be any program, so it comes last.
        return recorded.isPresent() ? recorded : inDataFolder(settings).or(() -> listening(settings));
    }

    /** Returns the installation of the process that listens on the server's port on this machine, even if it is not StoreIT. */
    public static Optional<Installation> listening(Settings settings) {
        if (!Ports.isLocal(settings.serverUrl())) return Optional.empty();
        return ServerProcess.listeningOn(Ports.of(settings.serverUrl())).map(found -> of(found, settings));
    }

    /** Records a server when it is first seen, so that it can be found after it has stopped. */
    public static void seen(Installation running, Settings settings) {
        if (Files.exists(record(settings.serverUrl()))) return;
        try {
            remember(running, settings.serverUrl());
        } catch (OpsException unwritable) {
            // An operation that needs the record reports this itself.
        }
    }

    /** Returns the installation of the unit in which the server was last seen, or of the standard unit if that has this address. */
    private static Optional<Installation> ofUnit(Settings settings, Optional<Installation> recorded) {
        if (recorded.isPresent() && recorded.get().launch().unit() == null || !Ports.isLocal(settings.serverUrl())) return Optional.empty();
        String name = recorded.map(found -> found.launch().unit().name()).orElse(Layout.SERVER_UNIT);
        try {
            return SystemdUnit.known(name).map(unit -> of(unit, settings)).filter(found -> found.agreesWith(settings))
                    .filter(found -> recorded.isPresent() || Ports.of(Ports.urlOfServer(found.launch().environment())) == Ports.of(settings.serverUrl()));
        } catch (OpsException mayNotAsk) {
            if (recorded.isPresent() || settings.dataDirectory() != null) return Optional.empty();
            throw mayNotAsk;
        }
    }

    private static Installation of(SystemdUnit unit, Settings settings) {
        Optional<ServerProcess> running = unit.mainProcess();
        if (running.isPresent()) {
            try {
                return of(running.get(), settings);
            } catch (OpsException ended) {
                // The process has just ended, so the unit is read instead.
            }
        }
        List<String> command = unit.command();
        Path folder = Path.of("/");
        Program program = program(Path.of(command.get(0)), command, folder, unit.name(), settings);
        return of(program, unit.launch(program.arguments()), null, settings);
    }

    private static Installation of(ServerProcess process, Settings settings) {
        Program program = program(process.executable(), process.arguments(), process.folder(), "process " + process.pid(), settings);
        return of(program, Launch.of(process, program.arguments()), process, settings);
    }

    private static Installation of(Program program, Launch launch, ServerProcess process, Settings settings) {
        ServerPaths paths = ServerPaths.of(launch.environment(), launch.folder());
        Path data = settings.dataDirectory() != null ? settings.dataDirectory() : paths.database().getParent();
        return new Installation(program.binary(), paths.database(), paths.imageFolder(), data, launch, process);
    }

    private record Program(Path binary, List<String> arguments) {}

    /**
     * Returns the file of the server: the executable, the jar behind {@code -jar}, or for a script the first argument that is an executable
     * file. Fails when another binary was named than the one that runs.
     */
    private static Program program(Path executable, List<String> arguments, Path folder, String whose, Settings settings) {
        Path named = settings.binary();
        if (named != null) {
            return ServerProcess.argumentsOf(named, executable, arguments, folder).map(rest -> new Program(named, rest))
                    .orElseThrow(() -> new OpsException(Exit.FAILED, "The server at " + settings.serverUrl() + " runs another program than " + named
                            + ": " + whose + ", " + Words.shortened(String.join(" ", arguments)), "Set the right --server-url or --binary."));
        }
        int jar = arguments.indexOf("-jar");
        boolean java = executable.getFileName().toString().equals("java");
        if (java && jar >= 0 && jar + 1 < arguments.size()) {
            return new Program(folder.resolve(arguments.get(jar + 1)).normalize(), arguments.subList(jar + 2, arguments.size()));
        }
        if (java || executable.getFileName().toString().matches("(python|node|ruby|perl|bash|dash|sh)[0-9.]*")) {
            for (int i = 1; i < arguments.size(); i++) {
                Path argument = folder.resolve(arguments.get(i)).normalize();
                if (!arguments.get(i).startsWith("-") && Files.isRegularFile(argument) && Files.isExecutable(argument)) {
                    return new Program(argument, arguments.subList(i + 1, arguments.size()));
                }
            }
            throw new OpsException(Exit.FAILED, "Cannot determine which file of " + whose + " is the server: " + String.join(" ", arguments),
                    "Name it with --binary FILE.");
        }
        return new Program(executable, arguments.subList(1, arguments.size()));
    }

    /** Returns whether this record fits the settings, because another installation may have used the same address. */
    private boolean agreesWith(Settings settings) {
        return (settings.binary() == null || settings.binary().equals(binary))
                && (settings.dataDirectory() == null || settings.dataDirectory().equals(dataDirectory));
    }

    private static Optional<Installation> recorded(Settings settings) {
        Path record = record(settings.serverUrl());
        if (Files.isReadable(record)) {
            try {
                return Optional.of(Json.read(record, Installation.class)).filter(found -> found.agreesWith(settings));
            } catch (IOException damaged) {
                throw new OpsException(Exit.FAILED, "Cannot read " + record + ": " + damaged.getMessage(),
                        "Remove this file, and use --data-dir and --binary.", damaged);
            }
        }
        return Optional.empty();
    }

    /** Returns the installation in the configured data directory, for a server that was never seen running. */
    private static Optional<Installation> inDataFolder(Settings settings) {
        Path data = settings.dataDirectory();
        if (data == null || !Files.isRegularFile(data.resolve("storeit.db"))) return Optional.empty();
        Path binary = settings.binary() != null ? settings.binary() : Layout.standard(false).server();
        Path database = data.resolve("storeit.db");
        var environment = new TreeMap<>(System.getenv());
        environment.put("DATABASE_URL", DatabaseUrl.of(database));
        environment.remove(ServerPaths.FROM_VARIABLE);
        if (ServerPaths.imageFolderSetting(database).isEmpty()) environment.put(ServerPaths.FROM_VARIABLE, data.resolve("images").toString());
        environment.put("STOREIT_BIND", URI.create(settings.serverUrl()).getHost().replace("localhost", "127.0.0.1") + ":" + Ports.of(settings.serverUrl()));
        int owner = Owner.userId(database);
        Launch launch = new Launch(null, List.of("serve"), environment, data, owner, Owner.groupId(database), "");
        return Optional.of(new Installation(binary, database, ServerPaths.of(environment, data).imageFolder(), data, launch, null));
    }

    /** Records an installation, to find it while its server is stopped. The file is owner-only because the environment may hold secrets. */
    public static void remember(Installation installation, String serverUrl) {
        Path record = record(serverUrl);
        try {
            Files.createDirectories(record.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            AtomicFiles.place(record, Json.write(installation), "rw-------");
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    public static void forget(String serverUrl) {
        FileTree.deleteQuietly(record(serverUrl));
    }

    private static Path record(String serverUrl) {
        return Settings.stateFolder().resolve(serverUrl.replaceAll("^https?://", "").replaceAll("[^A-Za-z0-9.-]", "_") + ".json");
    }

    /** Finds the installation, or fails. @param answers whether a server answers at the address */
    public static Installation require(Context context, boolean answers) {
        return find(context, answers).orElseThrow(() -> unknown(context, answers));
    }

    public static OpsException unknown(Context context, boolean answers) {
        String url = context.settings().serverUrl();
        return answers
                ? new OpsException(Exit.FAILED, "The server at " + url + " answers, but its process is not visible from here",
                        "Run as root or as the server's user, on the server's machine.")
                : new OpsException(Exit.FAILED, "No server is listening at " + url + ", and no installation was found for it",
                        "Start it, name its address with --server-url, or name its files with --binary FILE and --data-dir FOLDER.");
    }

    /** Fails when this user cannot stop the server, or when it would not stay stopped. */
    public void requireControl() {
        for (long holder : Holders.staying(database, id -> process != null && id == process.pid())) {
            throw new OpsException(Exit.FAILED, "Another process has the database open: " + holder + ", "
                    + Words.shortened(String.join(" ", ServerProcess.of(holder).arguments())), "Stop it, then try again.");
        }
        if (process == null || !process.isAlive()) return;
        if (process.inContainer()) {
            throw new OpsException(Exit.FAILED, "The server runs in a container", "Upgrade it there: docker compose pull && docker compose up -d");
        }
        process.foreignSupervisor().ifPresent(supervisor -> {
            throw new OpsException(Exit.FAILED, "The server is supervised by " + supervisor + ", which storeit-ctl cannot stop",
                    "Stop it there, then run this command again. It continues with the stopped server.");
        });
        int self = Owner.ownUserId();
        if (launch.unit() != null && !launch.unit().user() && self != 0) {
            throw new OpsException(Exit.FAILED, "No permission to stop " + launch.unit().name(), "Run as root.");
        }
        if (launch.unit() != null) launch.unit().requireStartable();
        if (self != 0 && self != launch.userId()) {
            throw new OpsException(Exit.FAILED, "No permission to stop the server: it runs as user " + launch.userId(), "Run as root, or as that user.");
        }
    }

    /** Returns the schema version of the database; null when it is unknown. */
    public Integer schema() {
        int version = DatabaseInspection.inspect(database).schemaVersion();
        return version == 0 ? null : version;
    }

    public String supervisor() {
        if (launch.unit() != null) return "systemd (" + launch.unit().name() + ")";
        return "none (process " + (process == null ? "?" : process.pid()) + ", unsupervised)";
    }

    /** Returns the running server of this installation. @param started the process of a later start; null when there was none */
    public Optional<ServerProcess> runningProcess(ServerProcess started) {
        if (launch.unit() != null) return launch.unit().mainProcess();
        for (ServerProcess known : new ServerProcess[] {started, process}) {
            if (known != null && known.isAlive()) return Optional.of(known);
        }
        return ServerProcess.running(binary, launch);
    }
}
