package io.storeit.ops.doctor;

import io.storeit.ops.settings.Context;

/** Checks an installation for problems, in the order of the report, and changes nothing. */
public final class Doctor {
    private Doctor() {}

    /** Runs all checks. Without an installation, it runs only those that need none. */
    public static DoctorReport of(Context context) {
        var findings = new Findings();
        var server = new ServerChecks(context, findings);
        findings.check("server", server::server);
        Subject subject = server.subject();
        var programs = new ProgramChecks(subject, findings);
        findings.check("settings", programs::settings);
        findings.check("java", programs::java);
        if (subject.installation() != null) {
            var files = new FileChecks(subject, findings);
            findings.check("operation", server::operation);
            findings.check("unit", server::unit);
            findings.check("versions", programs::versions);
            findings.check("disk", files::disk);
            findings.check("permissions", files::permissions);
            findings.check("locks", server::locks);
            findings.check("leftovers", files::leftovers);
            findings.check("photos", files::photos);
            findings.check("backups", new BackupChecks(subject, findings)::backups);
        }
        var releases = new ReleaseChecks(subject, findings);
        findings.check("releases", releases::releases);
        findings.check("clock", releases::clock);
        return findings.report();
    }
}
