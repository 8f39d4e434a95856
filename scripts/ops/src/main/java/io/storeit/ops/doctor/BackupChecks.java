package io.storeit.ops.doctor;

import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.SavedBackup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Checks that there is a recent backup. */
final class BackupChecks {
    private static final Duration OLD = Duration.ofDays(8);

    private final Subject subject;
    private final Findings findings;

    BackupChecks(Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
    }

    void backups() {
        var installation = subject.installation();
        Optional<SavedBackup> last = SavedBackup.last(subject.context().settings(), Optional.of(installation), Journal.read(installation.database()));
        if (last.isEmpty()) {
            findings.warn("no backup was found", "storeit-ctl backup");
        } else if (!last.get().path().equals("-") && !Files.exists(Path.of(last.get().path()))) {
            findings.warn("the last backup no longer exists: " + last.get().path(), "storeit-ctl backup");
        } else if (Duration.between(last.get().at(), Instant.now()).compareTo(OLD) > 0) {
            findings.warn("the last backup is old: " + last.get().time(), "storeit-ctl backup");
        } else {
            findings.ok("the last backup: " + last.get().words());
        }
    }
}
