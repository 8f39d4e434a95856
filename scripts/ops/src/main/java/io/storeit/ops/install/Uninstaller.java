package io.storeit.ops.install;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Plan;
import io.storeit.ops.console.Result;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.ManAndCompletions;
import io.storeit.ops.installation.RunningOperation;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.settings.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Removes what {@link Installer} has placed; data and settings only on request. */
public final class Uninstaller {
    private final Console console;
    private final Layout layout;
    private final UninstallRequest request;

    public Uninstaller(Context context, UninstallRequest request) {
        this.console = context.console();
        this.request = request;
        this.layout = Layout.of(request.forUser(), context.settings());
    }

    /** Uninstalls, or returns the plan of a dry run. */
    public Result run() {
        InstallChecks.requireRights(request.forUser(), "uninstall");
        requireUnused();
        console.dryRun(request.consents().dryRun());
        if (request.deleteData() && Files.exists(layout.data())) {
            console.requireConsent(request.consents().yes(), "--yes", "Everything in " + layout.data() + " will be deleted: database, photos and backups.",
                    "Delete the data?");
        }
        if (request.consents().dryRun()) return plan();
        if (!Files.isDirectory(layout.data())) return remove();
        try (var operation = RunningOperation.lock(layout.database())) {
            return remove();
        }
    }

    private Plan plan() {
        var steps = new ArrayList<String>();
        List<Path> units = servicesInUse().map(SystemdServices::files).orElse(List.of());
        if (!units.isEmpty()) steps.add("Stop the service");
        Stream.concat(units.stream(), files().stream()).forEach(file -> steps.add("Remove " + file));
        if (removesAccount()) steps.add("Remove the user " + Account.SERVICE);
        return Plan.of(console, steps);
    }

    /** Fails when an upgrade was interrupted, and when a server without a service is running. */
    private void requireUnused() {
        Journal.requireNoneInterrupted(layout.database());
        if (servicesInUse().isPresent()) return;
        ServerProcess.ofProgram(layout.server()).stream().findFirst().ifPresent(process -> {
            throw new OpsException(Exit.FAILED, "The server is running: process " + process.pid(), "Stop it first: kill " + process.pid());
        });
    }

    private Optional<SystemdServices> servicesInUse() {
        boolean placed = Files.exists(layout.units().resolve(Layout.SERVER_UNIT));
        return placed && SystemdServices.present() ? Optional.of(SystemdServices.of(layout)) : Optional.empty();
    }

    /** Returns the installed files, except the units. */
    private List<Path> files() {
        var files = new ArrayList<>(List.of(layout.server()));
        for (String kept : List.of(".new", ".pre-upgrade", ".pre-downgrade", ".pre-rollback")) {
            files.add(layout.server().resolveSibling(layout.server().getFileName() + kept));
        }
        files.add(layout.tool());
        files.addAll(ManAndCompletions.in(layout));
        files.add(layout.cache());
        if (request.deleteData()) files.addAll(List.of(layout.data(), layout.configuration()));
        return files.stream().filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS)).toList();
    }

    private boolean removesAccount() {
        return request.deleteData() && !request.forUser() && Account.find(Account.SERVICE).isPresent();
    }

    private Uninstalled remove() {
        var removed = new ArrayList<Path>();
        servicesInUse().ifPresent(services -> {
            removed.addAll(services.files());
            services.remove();
        });
        for (Path file : files()) {
            try {
                FileTree.delete(file);
            } catch (IOException failure) {
                throw OpsException.of(failure);
            }
            removed.add(file);
        }
        if (removesAccount()) Account.find(Account.SERVICE).ifPresent(Account::remove);
        return new Uninstalled(request.forUser(), removed, Stream.of(layout.data(), layout.configuration()).filter(Files::exists).toList());
    }

    /** Reports what an uninstall has removed. @param kept data and settings, for the next install */
    public record Uninstalled(boolean user, List<Path> removed, List<Path> kept) implements Result {
        @Override
        public void print(Console console) {
            if (removed.isEmpty()) {
                console.print("Nothing is installed%s.", user ? " for this user" : "");
                return;
            }
            console.print("Removed:");
            // One line for all manual pages, because they would hide the other files.
            removed.stream().map(file -> file.getParent().endsWith("man/man1") ? file.resolveSibling("storeit-ctl*.1") : file).distinct()
                    .forEach(file -> console.print("  %s", file));
            if (kept.isEmpty()) return;
            console.print("Kept, for the next install (--delete-data removes them):");
            kept.forEach(file -> console.print("  %s", file));
        }
    }
}
