package io.storeit.ops.doctor;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.LocalTime;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Console;
import io.storeit.ops.console.Result;
import java.time.Clock;
import java.util.List;

/** Reports what {@code doctor} found. The exit code is that of the worst finding. */
public record DoctorReport(Finding.Severity worst, List<Finding> findings) implements Result {
    @Override
    public Exit exit() {
        return worst.exit;
    }

    @Override
    public void print(Console console) {
        for (Finding finding : findings) {
            String severity = String.format("%-8s", finding.severity().json());
            String styled = switch (finding.severity()) {
                case OK, NOTE -> severity;
                case WARNING -> console.styled("yellow", severity);
                case SERIOUS -> console.styled("bold,red", severity);
            };
            console.row(styled + String.format(" %-12s", finding.area()), LocalTime.inText(finding.what(), Clock.systemDefaultZone()));
            if (finding.fix() != null) console.row("              to fix:", finding.fix());
        }
        long open = findings.stream().filter(finding -> finding.severity().exit != Exit.OK).count();
        console.print(open == 0 ? "No problems found." : "%s found.", Words.counted(open, "problem", "problems"));
    }
}
