package io.storeit.ops.doctor;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.inspect.DatabaseOverview;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.Holders;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.Leftovers;
import io.storeit.ops.installation.SavedBackup;
import io.storeit.ops.installation.Space;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.process.SystemdUnit;
import io.storeit.ops.release.Releases;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks at all that could keep an installation from working, and changes nothing. */
public final class Doctor {
    /** A server with less cannot be sure to write its journal, in bytes. */
    private static final long LAST_SPACE = 64_000_000;
    private static final Duration OLD_BACKUP = Duration.ofDays(8);
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(2);

    private final Context context;
    private final Settings settings;
    private final List<Finding> findings = new ArrayList<>();
    private Optional<ServerApi.Facts> facts = Optional.empty();
    private Optional<ServerApi.Health> health = Optional.empty();
    private Installation installation;
    private Optional<Instant> clockElsewhere = Optional.empty();

    private Doctor(Context context) {
        this.context = context;
        this.settings = context.settings();
    }

    public static DoctorReport of(Context context) {
        var doctor = new Doctor(context);
        doctor.look("server", doctor::server);
        doctor.look("settings", doctor::settings);
        doctor.look("java", doctor::java);
        if (doctor.installation != null) {
            doctor.look("operation", doctor::operation);
            doctor.look("unit", doctor::unit);
            doctor.look("versions", doctor::versions);
            doctor.look("disk", doctor::disk);
            doctor.look("permissions", doctor::permissions);
            doctor.look("locks", doctor::locks);
            doctor.look("leftovers", doctor::leftovers);
            doctor.look("photos", doctor::photos);
            doctor.look("backups", doctor::backups);
        }
        doctor.look("releases", doctor::releases);
        doctor.look("clock", doctor::clock);
        var worst = doctor.findings.stream().map(Finding::severity).max(Comparator.naturalOrder()).orElse(Finding.Severity.OK);
        return new DoctorReport(worst, doctor.findings);
    }

    /** What cannot be looked at is a finding too. */
    private void look(String area, Runnable examination) {
        int before = findings.size();
        try {
            examination.run();
        } catch (OpsException | DatabaseException | UncheckedIOException hidden) {
            OpsException known = OpsException.of(hidden);
            found(area, known.exit() == Exit.ATTENTION ? Finding.Severity.SERIOUS : Finding.Severity.WARNING, known);
        }
        if (findings.size() == before) ok(area, "in order");
    }

    private void found(String area, Finding.Severity severity, String what, String fix) {
        findings.add(new Finding(area, severity, what, fix));
    }

    /** A hint is not always a command. */
    private void found(String area, Finding.Severity severity, OpsException problem) {
        boolean command = problem.hint().matches("(storeit-ctl|storeit-server|systemctl|journalctl|sudo|ls|chown|chmod) [^\n]*");
        found(area, severity, problem.getMessage() + (command || problem.hint().isEmpty() ? "" : ". " + problem.hint()),
                command ? problem.hint() : null);
    }

    private void ok(String area, String what) {
        found(area, Finding.Severity.OK, what, null);
    }

    private void note(String area, String what, String fix) {
        found(area, Finding.Severity.NOTE, what, fix);
    }

    private void warn(String area, String what, String fix) {
        found(area, Finding.Severity.WARNING, what, fix);
    }

    private void serious(String area, String what, String fix) {
        found(area, Finding.Severity.SERIOUS, what, fix);
    }

    // -- reachability

    private void server() {
        long begun = System.nanoTime();
        try (var api = new ServerApi(settings.serverUrl())) {
            facts = api.probe();
            long milliseconds = (System.nanoTime() - begun) / 1_000_000;
            installation = Installation.find(context, facts.isPresent()).orElse(null);
            if (facts.isPresent()) {
                ok("server", "version " + facts.get().appVersion() + " answers at " + settings.serverUrl() + " within " + milliseconds + " ms");
                if (installation != null && api.useTokenBeside(installation.database())) health = api.health();
            } else {
                serious("server", "nothing answers at " + settings.serverUrl(), startCommand());
            }
            if (installation == null) found("server", Finding.Severity.WARNING, Installation.unknown(context, facts.isPresent()));
        }
    }

    private String startCommand() {
        return installation != null && installation.launch().unit() != null ? installation.launch().unit().command("restart") : null;
    }

    private void releases() {
        if (!settings.updateCheck()) return;
        try {
            Releases releases = Releases.of(new Context(context.console(), settings, Duration.ofSeconds(3)));
            String version = releases.resolve("latest").version();
            clockElsewhere = releases.clock();
            boolean newer = facts.isPresent() && Version.parse(version).compareTo(Version.parse(facts.get().appVersion())) > 0;
            if (newer) note("releases", version + " is available, at " + settings.releasesUrl(), "storeit-ctl upgrade");
            else ok("releases", "the newest is " + version + ", at " + settings.releasesUrl());
        } catch (OpsException unreachable) {
            found("releases", Finding.Severity.NOTE, unreachable);
        }
    }

    // -- settings and programs

    private void settings() {
        for (var file : settings.files()) {
            for (String unknown : file.unknownKeys()) {
                warn("settings", file.path() + " has a key that means nothing: " + Quoted.bare(unknown), "storeit-ctl config");
            }
            if (file.present() && file.values().containsKey(Settings.Key.AUTH_COOKIE.inFile())) requirePrivate("settings", file.path());
        }
        Path password = settings.passwordFile();
        if (password != null) requirePrivate("settings", password);
    }

    private void requirePrivate(String area, Path file) {
        if (!Files.exists(file)) {
            warn(area, "there is no " + file, null);
        } else if (FileFacts.mode(file).matches("...(r..|...r).*")) {
            warn(area, "others can read " + file + " (" + FileFacts.mode(file) + ")", "chmod 600 " + Programs.quoted(file));
        }
    }

    private void java() {
        ok("java", "storeit-ctl runs with Java " + System.getProperty("java.version") + " of " + System.getProperty("java.home"));
        if (installation == null || ServerBinary.versionInManifest(installation.binary()).isEmpty()) return;
        ServerProcess process = facts.isPresent() ? installation.process() : null;
        if (process != null && process.programWasReplaced()) {
            warn("java", "the file that the server's process runs has been replaced since it started", startCommand());
        }
        Map<String, String> environment = installation.launch().environment();
        Path java = Programs.javaOf(environment, "STOREIT_SERVER_JAVA").orElse(null);
        if (java == null) {
            serious("java", "the next start of the server finds no Java: neither STOREIT_SERVER_JAVA nor JAVA_HOME nor PATH has one",
                    Programs.installJava());
            return;
        }
        String version = Programs.versionOfJava(java);
        if (version.matches("\\d+.*") && Integer.parseInt(version.replaceAll("\\D.*", "")) < 17) {
            serious("java", "the next start of the server finds Java " + version + " at " + java + ", which is older than 17",
                    Programs.installJava());
        } else {
            ok("java", "the server starts with Java " + version + ", " + java);
        }
    }

    private void operation() {
        Optional<Journal> journal = Journal.read(installation.database());
        boolean held = Locks.operationHeld(installation.database());
        if (journal.filter(Journal::interrupted).isPresent() && !held) {
            serious("operation", "interrupted: " + journal.get().summary(), "storeit-ctl resume");
        } else if (held) {
            note("operation", "another storeit-ctl is at work" + journal.filter(Journal::interrupted).map(found -> ": " + found.progress()).orElse(""), null);
        } else {
            ok("operation", journal.map(found -> "none is interrupted; the last was " + found.summary()).orElse("none is interrupted"));
        }
    }

    private void unit() {
        SystemdUnit unit = installation.launch().unit();
        if (unit == null) {
            if (installation.process() == null || !facts.isPresent()) return;
            boolean known = SystemdUnit.known(Layout.SERVER_UNIT).isPresent();
            note("unit", "the server was started by hand: nothing starts it after a boot or a crash",
                    known ? "systemctl enable --now " + Layout.SERVER_UNIT : null);
            return;
        }
        Map<String, String> state = unit.standing();
        String name = unit.name();
        int before = findings.size();
        if ("masked".equals(state.get("LoadState"))) {
            serious("unit", name + " is masked: systemd will not start it", unit.command("unmask"));
        } else if ("disabled".equals(state.get("UnitFileState"))) {
            warn("unit", name + " is not enabled: it will not start after a boot", unit.command("enable"));
        }
        if ("yes".equals(state.get("NeedDaemonReload"))) {
            warn("unit", "the file of " + name + " was changed after systemd read it", unit.command("daemon-reload"));
        }
        if ("failed".equals(state.get("ActiveState"))) {
            serious("unit", name + " has failed (" + state.get("Result") + "): '" + unit.journal() + "' tells why", unit.command("restart"));
        }
        String restarts = state.getOrDefault("NRestarts", "0");
        if (!restarts.equals("0")) {
            String times = Words.counted(Long.parseLong(restarts), "time", "times");
            note("unit", name + " was started again " + times + " after it ended by itself", unit.journal());
        }
        if (findings.size() == before) ok("unit", name + " is " + state.get("ActiveState") + " and " + state.get("UnitFileState"));
    }

    private void versions() {
        String binary = ServerBinary.versionWithoutRunning(installation.binary());
        if (binary == null) {
            boolean back = Journal.read(installation.database()).flatMap(Journal::rollbackable).isPresent();
            String why = Files.exists(installation.binary()) ? "does not tell its version" : "is missing";
            serious("versions", installation.binary() + " " + why, back ? "storeit-ctl rollback" : "storeit-ctl install");
        } else if (facts.isPresent() && !binary.equals(facts.get().appVersion())) {
            warn("versions", "version " + facts.get().appVersion() + " is running, but the file " + installation.binary() + " is version " + binary,
                    startCommand());
        }
        var database = DatabaseInspection.inspect(installation.database());
        if (database.schemaVersion() == 0) {
            serious("versions", database.reason(), "storeit-ctl restore ARCHIVE");
        } else if (facts.isPresent() && facts.get().expectedVersion() != database.schemaVersion()) {
            serious("versions", "the database has schema " + database.schemaVersion() + ", the server needs " + facts.get().expectedVersion(),
                    "storeit-server auto-upgrade");
        } else if (binary != null) {
            ok("versions", "server " + binary + ", schema " + database.schemaVersion() + ", storeit-ctl " + StoreitVersion.APPLICATION);
        }
        if (binary != null && Version.isVersion(binary) && Version.parse(binary).compareTo(Version.parse(StoreitVersion.APPLICATION)) > 0) {
            note("versions", "storeit-ctl " + StoreitVersion.APPLICATION + " is older than the server", "storeit-ctl self-update");
        }
    }

    // -- disk and files

    private void disk() {
        try {
            for (Space.Need need : Space.forMove(installation, FileTree.sizeOrNone(installation.binary()))) {
                long free = Files.getFileStore(need.place()).getUsableSpace();
                String told = (free < 10_000_000_000L ? Words.megabytes(free) : free / 1_000_000_000 + " GB") + " free at " + need.place();
                if (free < LAST_SPACE) serious("disk", told + ": the server will soon refuse to write", "storeit-ctl cleanup");
                else if (free < need.bytes()) warn("disk", told + "; an upgrade needs " + Words.megabytes(need.bytes()), "storeit-ctl cleanup");
                else ok("disk", told + "; an upgrade needs " + Words.megabytes(need.bytes()));
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    private void permissions() {
        int user = installation.launch().userId();
        for (Path path : List.of(installation.database().getParent(), installation.database(), installation.imageFolder())) {
            if (!Files.exists(path)) continue;
            if (user != 0 && Owner.userId(path) != user && FileFacts.mode(path).matches("....[^w]..[^w].")) {
                serious("permissions", path + " belongs to " + Owner.name(path) + ", the server runs as user " + user,
                        "chown " + user + ": " + Programs.quoted(path));
            } else if (!FileFacts.mode(path).contains("w")) {
                serious("permissions", "the server may not write to " + path + " (" + FileFacts.mode(path) + ")",
                        "chmod u+w " + Programs.quoted(path));
            }
        }
        if (Files.exists(installation.database())) requirePrivate("permissions", installation.database());
        if (Files.exists(installation.binary()) && FileFacts.mode(installation.binary()).matches("....w.*|.......w.")) {
            warn("permissions", "others than its owner can change " + installation.binary(), "chmod go-w " + Programs.quoted(installation.binary()));
        }
    }

    private void locks() {
        for (long holder : Holders.others(installation.database())) {
            if (installation.process() != null && holder == installation.process().pid()) continue;
            String command = Words.shortened(String.join(" ", ServerProcess.of(holder).arguments()));
            warn("locks", "process " + holder + " has the database open: " + command, "kill " + holder);
        }
    }

    private void leftovers() {
        Optional<Journal> journal = Journal.read(installation.database());
        if (journal.filter(Journal::interrupted).isPresent()) return;   // they are what resume works with
        boolean busy = Locks.operationHeld(installation.database());
        Set<Path> needed = journal.map(Journal::keptFiles).orElse(Set.of());
        var removable = new HashSet<Path>(journal.map(Journal::leftovers).orElse(Set.of()));
        removable.addAll(List.of(Layout.downloads(installation.dataFolder())));
        journal.ifPresent(record -> removable.add(record.workFolder()));
        for (Path file : Leftovers.beside(installation)) {
            long bytes = FileTree.sizeOrNone(file);
            String what = file + " (" + Words.megabytes(bytes) + ")";
            String name = file.getFileName().toString();
            if (needed.contains(file)) {
                ok("leftovers", what + " is kept for 'storeit-ctl rollback'");
            } else if (name.endsWith(".auto-upgrade-failed")) {
                warn("leftovers", "the last auto-upgrade failed; " + file + " tells why", "cat " + Programs.quoted(file));
            } else if (removable.contains(file)) {
                note("leftovers", what + " is not needed any more", "storeit-ctl cleanup");
            } else if (name.matches(".*\\.(pre-(import|upgrade|downgrade|restore|rollback)|failed)(-.*)?")) {
                note("leftovers", what + " is kept until you delete it", "rm " + Programs.quoted(file));
            } else if (!busy) {
                warn("leftovers", what + " was left by something that broke", "rm -r " + Programs.quoted(file));
            }
        }
    }

    /** Photos that do not open, and files of deleted ones that wait. */
    private void photos() {
        if (health.isPresent() && health.get().unreadablePhotos() > 0) {
            String photos = Words.counted(health.get().unreadablePhotos(), "of the newest photos has", "of the newest photos have");
            warn("photos", photos + " no readable file in " + installation.imageFolder(), "storeit-server verify");
        }
        List<String> waiting = DatabaseOverview.of(installation.database()).removedImages();
        if (waiting.isEmpty()) return;
        var images = new ImageStore(installation.imageFolder());
        long bytes = waiting.stream().filter(images::has).mapToLong(key -> FileTree.sizeOrNone(images.file(key))).sum();
        String keptName = installation.database().getFileName() + ".pre-";
        List<Path> kept = Leftovers.beside(installation).stream().filter(file -> file.getFileName().toString().startsWith(keptName)).toList();
        String what = Words.counted(waiting.size(), "file of a deleted photo is", "files of deleted photos are") + " still there ("
                + Words.megabytes(bytes) + ")";
        if (kept.isEmpty()) ok("photos", what + " and will go by themselves");
        else note("photos", what + ", for going back to " + Words.few(kept) + " must bring them back", "storeit-ctl cleanup");
    }

    private void backups() {
        Optional<SavedBackup> last = SavedBackup.last(settings, Optional.of(installation), Journal.read(installation.database()));
        if (last.isEmpty()) {
            warn("backups", "none is known", "storeit-ctl backup");
        } else if (!last.get().path().equals("-") && !Files.exists(Path.of(last.get().path()))) {
            warn("backups", "the last is not there any more: " + last.get().path(), "storeit-ctl backup");
        } else if (Duration.between(last.get().at(), Instant.now()).compareTo(OLD_BACKUP) > 0) {
            warn("backups", "the last is of " + last.get().time(), "storeit-ctl backup");
        } else {
            ok("backups", "the last: " + last.get().words());
        }
    }

    private void clock() {
        Instant now = Instant.now();
        Duration off = clockElsewhere.map(elsewhere -> Duration.between(elsewhere, now)).orElse(Duration.ZERO);
        if (off.abs().compareTo(CLOCK_TOLERANCE) > 0) {
            warn("clock", "this machine's is " + off.toSeconds() + " s off what " + settings.releasesUrl() + " says", "timedatectl set-ntp true");
        }
        if (installation != null && FileFacts.modified(installation.database()).isAfter(now.plus(CLOCK_TOLERANCE))) {
            warn("clock", installation.database() + " is from the future: the clock was set back", "timedatectl set-ntp true");
        }
        var synchronised = Programs.run("timedatectl", "show", "--property=NTPSynchronized", "--value");
        if (synchronised.exit() == 0 && synchronised.output().strip().equals("no")) {
            note("clock", "it is not kept right by any time server", "timedatectl set-ntp true");
        }
        ok("clock", now.truncatedTo(ChronoUnit.SECONDS).toString());
    }
}
