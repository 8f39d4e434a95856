package io.storeit.ops.doctor;

import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.Programs;
import io.storeit.ops.release.Releases;
import io.storeit.ops.settings.Context;
import io.storeit.ops.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Checks for a newer release, and compares this machine's clock with that of the source of releases. */
final class ReleaseChecks {
    /** The time to wait for the source of releases, which must not delay the report for long. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(2);
    private static final String SYNCHRONISE = "timedatectl set-ntp true";

    private final Subject subject;
    private final Findings findings;
    private Optional<Instant> clockElsewhere = Optional.empty();

    ReleaseChecks(Subject subject, Findings findings) {
        this.subject = subject;
        this.findings = findings;
    }

    private Settings settings() {
        return subject.context().settings();
    }

    void releases() {
        if (!settings().updateCheck()) return;
        try {
            Releases releases = Releases.of(new Context(subject.context().console(), settings(), PATIENCE));
            String newest = releases.resolve("latest").version();
            clockElsewhere = releases.clock();
            boolean newer = subject.facts().filter(facts -> Version.parse(newest).compareTo(Version.parse(facts.appVersion())) > 0).isPresent();
            if (newer) findings.note(newest + " is available, at " + settings().releasesUrl(), "storeit-ctl upgrade");
            else findings.ok("the newest is " + newest + ", at " + settings().releasesUrl());
        } catch (OpsException unreachable) {
            findings.add(Finding.Severity.NOTE, unreachable);
        }
    }

    void clock() {
        Instant now = Instant.now();
        Duration off = clockElsewhere.map(elsewhere -> Duration.between(elsewhere, now)).orElse(Duration.ZERO);
        if (off.abs().compareTo(CLOCK_TOLERANCE) > 0) {
            findings.warn("this machine's clock differs from that of " + settings().releasesUrl() + " by " + off.toSeconds() + " s", SYNCHRONISE);
        }
        var installation = subject.installation();
        if (installation != null && FileFacts.modified(installation.database()).isAfter(now.plus(CLOCK_TOLERANCE))) {
            findings.warn(installation.database() + " was changed in the future: the clock was set back", SYNCHRONISE);
        }
        var synchronised = Programs.run("timedatectl", "show", "--property=NTPSynchronized", "--value");
        if (synchronised.exit() == 0 && synchronised.output().strip().equals("no")) {
            findings.note("the clock is not synchronized with a time server", SYNCHRONISE);
        }
        findings.ok("the time is " + now.truncatedTo(ChronoUnit.SECONDS));
    }
}
