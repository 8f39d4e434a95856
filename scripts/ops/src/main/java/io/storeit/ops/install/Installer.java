package io.storeit.ops.install;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Plan;
import io.storeit.ops.console.Result;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Interruption;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.ManAndCompletions;
import io.storeit.ops.installation.RunningOperation;
import io.storeit.ops.process.Ports;
import io.storeit.ops.process.ServerLog;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.release.VerifiedDownload;
import io.storeit.ops.server.Health;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Context;
import io.storeit.ops.updates.SelfUpdate;
import io.storeit.ops.updates.Trial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Installs a released server on a machine that has none, so that it runs now and after the next boot. Each step can be repeated:
 * the next install completes one that was killed. A failed install removes what it has created, except data.
 */
public final class Installer {
    private static final long SPACE_FOR_DATA = 64_000_000;

    private final Context context;
    private final Console console;
    private final InstallRequest request;
    private final Layout layout;
    /** The actions that remove what this run has created, with the newest first. */
    private final Deque<Runnable> made = new ArrayDeque<>();
    private ServerLaunch server;
    private String version;
    private String url;

    public Installer(Context context, InstallRequest request) {
        this.context = context;
        this.console = context.console();
        this.request = request;
        this.layout = Layout.of(request.forUser(), context.settings());
    }

    /** Installs, or returns the plan of a dry run. */
    public Result run() {
        String wanted = request.version();
        InstallChecks.requireRights(request.forUser(), "install");
        Optional<SystemdServices> services = request.noService() ? Optional.empty() : Optional.of(SystemdServices.of(layout));
        Optional<String> present = InstallChecks.versionInPlace(layout, wanted);
        Journal.requireNoneInterrupted(layout.database());
        services.ifPresent(SystemdServices::check);
        if (services.isPresent()) InstallChecks.requireTool(layout);
        // An earlier install has written settings, even if it was killed.
        boolean configured = services.isPresent() && Files.exists(layout.environmentFile());
        url = configured ? context.settings().serverUrl() : Ports.urlOfServer(Map.of("STOREIT_BIND", request.bind()));
        if (!configured && ServerProcess.ofProgram(layout.server()).isEmpty()) InstallChecks.requireFreePort(request.bind(), services.isPresent());
        console.dryRun(request.consents().dryRun());
        Path java = JavaForService.choose(request.forUser(), request.java());
        Release release = present.isPresent() ? null : release(wanted);
        version = present.orElseGet(() -> release.version());
        if (request.consents().dryRun()) return plan(services, release);
        console.say(present.isPresent() ? "Checking StoreIT %s..." : "Installing StoreIT %s...", version);

        Interruption.watch();
        try {
            server = new ServerLaunch(layout, request.bind(), java, request.forUser() ? Account.self() : ensureAccount());
            ensureFolders();
            try (var operation = RunningOperation.lock(layout.database())) {
                if (release != null) placeServer(release);
                InstallChecks.requireFittingDatabase(server, version);
                boolean newTool = placeTool();
                placeManual();
                services.ifPresent(this::placeConfiguration);
                Optional<String> password = new FirstAdministrator(context, server, version).ensure(made);
                services.ifPresent(this::startService);
                return installed(services, release != null, newTool, password);
            }
        } catch (RuntimeException | Error failure) {
            throw undo(failure);
        }
    }

    private Plan plan(Optional<SystemdServices> services, Release release) {
        var steps = new ArrayList<String>();
        if (!request.forUser() && Account.find(Account.SERVICE).isEmpty()) steps.add("Create the user " + Account.SERVICE + " for the server");
        if (!Files.exists(layout.data())) steps.add("Create the data directory " + layout.data());
        if (release != null) {
            Release.Asset asset = release.requireServer();
            steps.add("Download " + asset.name() + " of version " + version + " (" + Words.megabytes(asset.size()) + "), verify it and install it at "
                    + layout.server());
        }
        if (Programs.self().isPresent() || Files.exists(layout.tool())) {
            steps.add("Install storeit-ctl at " + layout.tool() + ", with manual pages and shell completions in " + layout.share());
        }
        if (services.isPresent() && !Files.exists(layout.environmentFile())) steps.add("Write the settings " + layout.environmentFile());
        if (!Files.exists(layout.database())) steps.add("Create the database " + layout.database() + " with an administrator, and print the password");
        if (services.isPresent()) steps.add("Set up the service and start it; it listens at " + url);
        return Plan.of(console, steps);
    }

    private OpsException undo(Throwable failure) {
        boolean interrupted = Interruption.requested();
        Interruption.shield();
        OpsException reason = interrupted ? new OpsException(Exit.INTERRUPTED, "Interrupted", "", failure) : OpsException.of(failure);
        while (!made.isEmpty()) {
            try {
                made.pop().run();
            } catch (RuntimeException stays) {
                console.warn("Could not be undone: %s", OpsException.of(stays).getMessage());
            }
        }
        String kept = Files.exists(layout.database()) ? " The data in " + layout.data() + " was kept." : "";
        return new OpsException(reason.exit(), "Could not install StoreIT " + version + ": " + reason.getMessage(),
                (reason.hint().isEmpty() ? "" : reason.hint() + "\n") + "What this run created was removed." + kept, failure);
    }

    // -- the release, the user, directories, programs

    private Release release(String wanted) {
        Release release = Releases.of(context).resolve(wanted);
        release.requireTrusted(context, release.requireServer(), request.consents().allowUnsigned());
        Destination.requireSpace(layout.server(), 2 * release.requireServer().size(), "Free some space first.");
        Destination.requireSpace(layout.data(), SPACE_FOR_DATA, "Free some space first.");
        return release;
    }

    private Account ensureAccount() {
        Optional<Account> found = Account.find(Account.SERVICE);
        if (found.isPresent()) {
            if (found.get().userId() == 0) throw new OpsException(Exit.FAILED, "The user " + Account.SERVICE + " has the user id of root", "Remove this user.");
            return found.get();
        }
        Account account = Account.create(Account.SERVICE, layout.data());
        made.push(account::remove);
        console.say("Created the user %s", account.name());
        return account;
    }

    private void ensureFolders() {
        ensureFolder(layout.server().getParent(), "rwxr-xr-x", false);
        ensureFolder(layout.data(), "rwxr-x---", true);
        ensureFolder(layout.images(), "rwxr-x---", true);
        ensureFolder(layout.backups(), "rwxr-x---", true);
        if (Files.exists(layout.database()) && Owner.userId(layout.database()) != server.account().userId()) {
            console.say("Changing the owner of %s and its content to %s", layout.data(), server.account().name());
            chownAll(layout.data());
        }
    }

    /** Changes the owner of all files. After a copy, or when the user was created again, they belong to a user that no longer exists. */
    private void chownAll(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.setAttribute(file, "unix:uid", server.account().userId(), LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(file, "unix:gid", server.account().groupId(), LinkOption.NOFOLLOW_LINKS);
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Creates a folder. @param ofServer whether the server's user owns it, even if it existed */
    private void ensureFolder(Path folder, String mode, boolean ofServer) {
        try {
            Destination.ensureFolder(folder, mode, made);
            if (ofServer) server.launch().chown(folder);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Installs the server. The file gets its name after it was verified and has run as the server's user. */
    private void placeServer(Release release) {
        Path file = layout.server().resolveSibling(layout.server().getFileName() + ".new");
        try {
            VerifiedDownload fetched = release.fetch(context, release.requireServer(), SelfUpdate.downloadFolder(context.settings()));
            Trial.requireVersion(fetched, release.version(), server.launch(), layout.data().resolve("storeit-server.trial"));
            fetched.placeAt(file);
            new ServerBinary(file, server.launch(), release.version()).requireVersion();
            fetched.discard();
            Files.move(file, layout.server(), StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.fsyncFolder(layout.server().getParent());
            made.push(() -> FileTree.deleteQuietly(layout.server()));
        } catch (IOException failure) {
            throw OpsException.of(failure);
        } finally {
            FileTree.deleteQuietly(file);
        }
    }

    /** Installs this storeit-ctl, for upgrades, backups and the service. @return whether the file is new */
    private boolean placeTool() {
        Optional<Path> program = Programs.self().filter(file -> !FileFacts.sameFile(layout.tool(), file));
        if (program.isEmpty()) return false;
        Path self = program.get();
        try {
            boolean replaces = Files.exists(layout.tool());
            if (replaces && Files.mismatch(self, layout.tool()) < 0) return false;
            AtomicFiles.place(layout.tool(), Files.readAllBytes(self), "rwxr-xr-x");
            if (!replaces) made.push(() -> FileTree.deleteQuietly(layout.tool()));
            return true;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Installs the manual pages and shell completions. A failure is only a warning. */
    private void placeManual() {
        try {
            ManAndCompletions.place(layout.tool(), layout, made);
        } catch (IOException failure) {
            console.warn("The manual pages and shell completions were not installed: %s", Reasons.withFile(failure));
        }
    }

    // -- settings and service

    /** Writes the settings and the units. Existing files of settings are kept. */
    private void placeConfiguration(SystemdServices services) {
        ensureFolder(layout.configuration(), "rwxr-xr-x", false);
        ensureFolder(layout.cache(), "rwxr-x---", true);
        try {
            if (!Files.exists(layout.toolConfiguration())) {
                Layout standard = Layout.standard(request.forUser());
                var text = new StringBuilder("# Settings of storeit-ctl: key = value\nserver_url = " + url + "\n");
                // Later commands need the paths that are not standard.
                if (!layout.server().equals(standard.server())) text.append("binary_path = ").append(layout.server()).append('\n');
                if (!layout.data().equals(standard.data())) text.append("data_dir = ").append(layout.data()).append('\n');
                AtomicFiles.place(layout.toolConfiguration(), text.toString().getBytes(StandardCharsets.UTF_8), "rw-r--r--");
                made.push(() -> FileTree.deleteQuietly(layout.toolConfiguration()));
            }
            if (!Files.exists(layout.environmentFile())) {
                var text = new StringBuilder("# Settings of the StoreIT server. They take effect when it restarts: " + services.restartCommand() + "\n");
                server.variables().forEach((name, value) -> text.append(name).append('=').append(Programs.quoted(value)).append('\n'));
                AtomicFiles.place(layout.environmentFile(), text.toString().getBytes(StandardCharsets.UTF_8), "rw-r-----");
                if (!request.forUser()) Files.setAttribute(layout.environmentFile(), "unix:gid", server.account().groupId());
                made.push(() -> FileTree.deleteQuietly(layout.environmentFile()));
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
        if (services.place()) made.push(services::remove);
    }

    private void startService(SystemdServices services) {
        if (Objects.requireNonNullElse(layout.cache().toFile().list(), new String[0]).length == 0) {
            new ServerBinary(layout.server(), server.launch(), version).warm(context.patience().multipliedBy(3));
        }
        services.start();
        Path log = layout.data().resolve(".service.log");
        try (var api = new ServerApi(url)) {
            BooleanSupplier alive = () -> {
                boolean living = services.isAlive();
                if (!living) services.saveLog(log);
                return living;
            };
            Health.await(context, alive, api, layout.database(), new ServerLog.OfFile(log), new Health.Expectation(version, 0, null, -1));
        } finally {
            FileTree.deleteQuietly(log);
        }
    }

    private Installed installed(Optional<SystemdServices> services, boolean newBinary, boolean newTool, Optional<String> password) {
        var notes = new ArrayList<String>();
        String folder = layout.server().getParent().toString();
        if (!List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":")).contains(folder)) {
            notes.add("Add the binary to your PATH:\n  export PATH=\"" + folder + ":$PATH\"");
        }
        if (request.forUser() && Objects.requireNonNullElse(System.getenv("SHELL"), "").endsWith("/zsh")) {
            notes.add("To complete storeit-ctl in zsh, add this line to ~/.zshrc, before compinit:\n  fpath=(" + ManAndCompletions.zsh(layout) + " $fpath)");
        }
        services.flatMap(SystemdServices::limit).ifPresent(notes::add);
        return new Installed(version, newBinary, layout.server(), newTool, layout.tool(), layout.data(), layout.database(), url,
                services.isPresent() ? null : server.command(), password.map(known -> FirstAdministrator.NAME).orElse(null), password.orElse(null),
                password.map(known -> Layout.firstPassword(layout.data())).orElse(null), notes);
    }
}
