package io.storeit.ops.doctor;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what the checks find, area by area. */
final class Findings {
    private final List<Finding> findings = new ArrayList<>();
    private String area;

    /** Runs the check of an area. A failure of the check is a finding too. A check without findings is reported as in order. */
    void check(String name, Runnable check) {
        area = name;
        int before = findings.size();
        try {
            check.run();
        } catch (OpsException | DatabaseException | UncheckedIOException failure) {
            OpsException known = OpsException.of(failure);
            add(known.exit() == Exit.ATTENTION ? Finding.Severity.SERIOUS : Finding.Severity.WARNING, known);
        }
        if (findings.size() == before) ok("in order");
    }

    void ok(String what) {
        add(Finding.Severity.OK, what, null);
    }

    /** Adds a note. @param fix the command that fixes it; null when there is none */
    void note(String what, String fix) {
        add(Finding.Severity.NOTE, what, fix);
    }

    void warn(String what, String fix) {
        add(Finding.Severity.WARNING, what, fix);
    }

    void serious(String what, String fix) {
        add(Finding.Severity.SERIOUS, what, fix);
    }

    /** Adds a failure. Its hint becomes the fix if it is a command. */
    void add(Finding.Severity severity, OpsException problem) {
        boolean command = problem.hint().matches("(storeit-ctl|storeit-server|systemctl|journalctl|sudo|ls|chown|chmod) [^\n]*");
        add(severity, problem.getMessage() + (command || problem.hint().isEmpty() ? "" : ". " + problem.hint()), command ? problem.hint() : null);
    }

    private void add(Finding.Severity severity, String what, String fix) {
        findings.add(new Finding(area, severity, what, fix));
    }

    DoctorReport report() {
        var worst = findings.stream().map(Finding::severity).max(Comparator.naturalOrder()).orElse(Finding.Severity.OK);
        return new DoctorReport(worst, List.copyOf(findings));
    }
}
