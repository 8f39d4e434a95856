package io.storeit.ops.doctor;

import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.ops.base.Version;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks the settings of storeit-ctl, Java, and the versions of server, database and storeit-ctl. */
final class ProgramChecks {
    private final Subject subject;
    private final Findings findings;

    ProgramChecks(Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
    }

    void settings() {
        Settings settings = subject.context().settings();
        for (var file : settings.files()) {
            for (String unknown : file.unknownKeys()) {
                findings.warn(file.path() + " has an unknown key: " + Quoted.bare(unknown), "storeit-ctl config");
            }
            if (file.present() && file.values().containsKey(Settings.Key.AUTH_COOKIE.inFile())) FileChecks.requirePrivate(findings, file.path());
        }
        if (settings.passwordFile() != null) FileChecks.requirePrivate(findings, settings.passwordFile());
    }

    void java() {
        findings.ok("storeit-ctl runs with Java " + System.getProperty("java.version") + " of " + System.getProperty("java.home"));
        var installation = subject.installation();
        if (installation == null || ServerBinary.versionInManifest(installation.binary()).isEmpty()) return;
        ServerProcess process = subject.facts().isPresent() ? installation.process() : null;
        if (process != null && process.programWasReplaced()) {
            findings.warn("the file of the server was replaced after the server started", subject.startCommand());
        }
        Path java = Programs.javaOf(installation.launch().environment(), "STOREIT_SERVER_JAVA").orElse(null);
        if (java == null) {
            findings.serious("the next start of the server will fail: there is no Java in STOREIT_SERVER_JAVA, JAVA_HOME or PATH",
                    Programs.installJava());
            return;
        }
        String version = Programs.versionOfJava(java);
        if (version.matches("\\d+.*") && Integer.parseInt(version.replaceAll("\\D.*", "")) < 17) {
            findings.serious("the next start of the server will fail: Java " + version + " at " + java + " is older than 17",
                    Programs.installJava());
        } else {
            findings.ok("the server starts with Java " + version + ", " + java);
        }
    }

    void versions() {
        var installation = subject.installation();
        var facts = subject.facts();
        String binary = ServerBinary.versionWithoutRunning(installation.binary());
        if (binary == null) {
            boolean back = Journal.read(installation.database()).flatMap(Journal::rollbackable).isPresent();
            String why = Files.exists(installation.binary()) ? "has no readable version" : "is missing";
            findings.serious(installation.binary() + " " + why, back ? "storeit-ctl rollback" : "storeit-ctl install");
        } else if (facts.isPresent() && !binary.equals(facts.get().appVersion())) {
            findings.warn("version " + facts.get().appVersion() + " is running, but the file " + installation.binary() + " is version " + binary,
                    subject.startCommand());
        }
        var database = DatabaseInspection.inspect(installation.database());
        if (database.schemaVersion() == 0) {
            findings.serious(database.reason(), "storeit-ctl restore ARCHIVE");
        } else if (facts.isPresent() && facts.get().expectedVersion() != database.schemaVersion()) {
            findings.serious("the database has schema " + database.schemaVersion() + ", but the server needs " + facts.get().expectedVersion(),
                    "storeit-server auto-upgrade");
        } else if (binary != null) {
            findings.ok("server " + binary + ", schema " + database.schemaVersion() + ", storeit-ctl " + StoreitVersion.APPLICATION);
        }
        if (binary != null && Version.isVersion(binary) && Version.parse(binary).compareTo(Version.parse(StoreitVersion.APPLICATION)) > 0) {
            findings.note("storeit-ctl " + StoreitVersion.APPLICATION + " is older than the server", "storeit-ctl self-update");
        }
    }
}
