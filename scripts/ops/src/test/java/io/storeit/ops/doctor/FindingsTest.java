package io.storeit.ops.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private final Findings findings = new Findings();

    @Test
    void anAreaInWhichNothingWasFoundIsInOrder() {
        findings.check("disk", () -> {});
        assertThat(findings.report()).isEqualTo(new DoctorReport(Finding.Severity.OK, List.of(new Finding("disk", Finding.Severity.OK, "in order", null))));
        assertThat(findings.report().exit()).isEqualTo(Exit.OK);
    }

    @Test
    void theExitCodeIsThatOfTheWorst() {
        findings.check("leftovers", () -> findings.note("an old file", "rm old"));
        assertThat(findings.report().exit()).isEqualTo(Exit.OK);
        findings.check("backups", () -> findings.warn("no backup was found", "storeit-ctl backup"));
        assertThat(findings.report().exit()).isEqualTo(Exit.FAILED);
        findings.check("unit", () -> findings.serious("it has failed", null));
        findings.check("clock", () -> findings.ok("12:00"));
        assertThat(findings.report().worst()).isEqualTo(Finding.Severity.SERIOUS);
        assertThat(findings.report().exit()).isEqualTo(Exit.ATTENTION);
        assertThat(findings.report().findings()).extracting(Finding::area).containsExactly("leftovers", "backups", "unit", "clock");
    }

    @Test
    void aCheckThatFailsIsAFindingAndTheNextOnesGoOn() {
        findings.check("versions", () -> {
            throw new OpsException(Exit.FAILED, "It cannot be read", "ls -l /srv");
        });
        findings.check("operation", () -> {
            throw new OpsException(Exit.ATTENTION, "It is broken", "Ask for help");
        });
        findings.check("disk", () -> findings.ok("much"));
        assertThat(findings.report().findings()).containsExactly(
                new Finding("versions", Finding.Severity.WARNING, "It cannot be read", "ls -l /srv"),
                new Finding("operation", Finding.Severity.SERIOUS, "It is broken. Ask for help", null),
                new Finding("disk", Finding.Severity.OK, "much", null));
    }
}
