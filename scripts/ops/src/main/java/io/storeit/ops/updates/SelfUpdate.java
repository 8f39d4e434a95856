package io.storeit.ops.updates;

import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Plan;
import io.storeit.ops.console.Result;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.ManAndCompletions;
import io.storeit.ops.process.Launch;
import io.storeit.ops.release.Release;
import io.storeit.ops.release.Releases;
import io.storeit.ops.release.VerifiedDownload;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checks for a newer version of the server, and replaces this tool with another version of itself. */
public final class SelfUpdate {
    private SelfUpdate() {}

    /** Reports the result of {@code upgrade --check}. */
    public record Check(String currentVersion, String newestVersion, boolean available) implements Result {
        @Override
        public void print(Console console) {
            if (available) console.print("Version %s is available; %s is installed. Install it with 'storeit-ctl upgrade'.", newestVersion, currentVersion);
            else console.print("Version %s is installed; there is no newer release.", currentVersion);
        }
    }

    /** Compares the wanted release with the installed version. */
    public static Result check(Context context, String wanted) {
        String current = currentServer(context);
        Release release = wanted.equals("latest") ? NewestRelease.check(context) : Releases.of(context).resolve(wanted);
        boolean available = Version.parse(release.version()).compareTo(Version.parse(current)) > 0;
        if (available) release.requireServer();
        return new Check(current, release.version(), available);
    }

    private static String currentServer(Context context) {
        try (var api = new ServerApi(context.settings().serverUrl())) {
            Optional<ServerApi.Facts> facts = api.probe();
            if (facts.isPresent()) return facts.get().appVersion();
        }
        Path binary = Installation.require(context, false).binary();
        String version = ServerBinary.versionWithoutRunning(binary);
        if (version == null || !Version.isVersion(version)) throw new OpsException(Exit.FAILED, "Cannot determine the version of " + binary, "");
        return version;
    }

    /** Reports an update of this tool. @param changed false when {@code version} was already installed */
    public record ToolUpdated(boolean changed, String previousVersion, String version, Path file) implements Result {
        @Override
        public void print(Console console) {
            if (changed) console.print("storeit-ctl %s is installed: %s", version, file);
            else console.print("storeit-ctl %s is already installed; nothing to do.", version);
        }
    }

    /** Downloads the wanted storeit-ctl, checks that it starts here, and replaces the present one with it. */
    public static Result replaceTool(Context context, SelfUpdateRequest request) {
        Path live = request.file() != null ? realPath(request.file()) : running();
        String current = ServerBinary.versionInManifest(live).filter(Version::isVersion).orElseThrow(() -> new OpsException(Exit.FAILED,
                live + " is not a storeit-ctl that can be replaced", "Name the right one with --file."));
        var console = context.console();
        Release release = Releases.of(context).resolve(request.version());
        String version = release.version();
        int order = Version.parse(version).compareTo(Version.parse(current));
        if (order == 0 || order < 0 && request.version().equals("latest")) return new ToolUpdated(false, current, current, live);
        if (!Version.parse(version).since030()) {
            throw new OpsException(Exit.FAILED, "storeit-ctl " + version + " is a different program and cannot replace this one",
                    "Any storeit-ctl can move the server to any version.");
        }
        Release.Asset asset = release.requireFile("storeit-ctl");
        Destination.requireWritable(live);
        console.dryRun(request.dryRun());
        release.requireTrusted(context, asset, request.allowUnsigned());
        if (request.dryRun()) {
            return Plan.of(console, List.of("Download storeit-ctl " + version + " (" + Words.megabytes(asset.size()) + ") and verify it",
                    "Run it once to check that it starts", "Replace " + live + ", version " + current));
        }
        console.say("Downloading storeit-ctl %s...", version);
        VerifiedDownload fetched = release.fetch(context, asset, downloadFolder(context.settings()));
        try {
            requireProgram(fetched.file(), version);
        } catch (OpsException wrong) {
            fetched.discard();
            throw wrong;
        }
        Path fresh = live.resolveSibling(live.getFileName() + ".new");
        fetched.placeAt(fresh);
        try {
            Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(live));
            if (Owner.ownUserId() == 0) new Launch(null, List.of(), Map.of(), null, Owner.userId(live), Owner.groupId(live), "").chown(fresh);
        } catch (IOException failure) {
            FileTree.deleteQuietly(fresh);
            throw OpsException.of(failure);
        }
        AtomicFiles.replace(live, fresh, null);
        fetched.discard();
        replaceManual(console, live);
        return new ToolUpdated(true, current, version, live);
    }

    /** Replaces the manual pages and shell completions that install has placed. */
    private static void replaceManual(Console console, Path program) {
        try {
            for (var layout : List.of(Layout.standard(false), Layout.standard(true))) {
                boolean placed = FileFacts.sameFile(layout.tool(), program) && !ManAndCompletions.in(layout).isEmpty();
                if (placed) ManAndCompletions.place(program, layout, new ArrayDeque<>());
            }
        } catch (IOException failure) {
            console.warn("The manual pages and shell completions are still those of the old version: %s", Reasons.withFile(failure));
        }
    }

    /** Refuses a storeit-ctl that does not start with the Java of this machine. */
    private static void requireProgram(Path file, String version) {
        String found = ServerBinary.versionInManifest(file).orElse("no version");
        if (found.equals(version)) found = firstLine(List.of("sh", file.toString(), "--version"));
        if (!found.equals("storeit-ctl " + version)) {
            throw new OpsException(Exit.FAILED, "The storeit-ctl of release " + version + " reports " + Quoted.bare(found), "Nothing was changed.");
        }
    }

    private static String firstLine(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8);
            process.waitFor();
            return text.lines().findFirst().orElse("no version");
        } catch (IOException failure) {
            throw OpsException.of(failure);
        } catch (InterruptedException interrupted) {
            throw new OpsException(Exit.INTERRUPTED, "Interrupted", "", interrupted);
        }
    }

    private static Path running() {
        return Programs.self().orElseThrow(() -> new OpsException(Exit.FAILED,
                "This storeit-ctl runs from source and has no file to replace",
                "Download the newer storeit-ctl.java, or name a storeit-ctl with --file."));
    }

    private static Path realPath(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot replace " + file + ": " + Reasons.withFile(failure), "", failure);
        }
    }

    /** Returns the folder for downloads: in the data directory if that is configured and this user can write there, else in the state folder. */
    public static Path downloadFolder(Settings settings) {
        Path named = settings.dataDirectory();
        return Layout.downloads(named != null && Files.isWritable(named) ? named : Settings.stateFolder());
    }
}
