package io.storeit.server;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.inspect.ArchiveVerification;
import io.storeit.interchange.inspect.DatabaseVerification;
import io.storeit.interchange.inspect.VerificationReport;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * Runs the command {@code verify}: reads everything and prints what is wrong, for people or, with {@code --json}, for programs.
 */
final class Verify {
    private Verify() {
    }

    /** @return whether nothing is wrong */
    static boolean database(boolean images, boolean json, Environment environment) {
        Config config = environment.config();
        Path file = config.paths().database();
        var report = DatabaseVerification.verify(file, images ? config.imageFolder() : null, Progress.NONE);
        return print(VerificationReport.of(file, report), json, environment.out());
    }

    /** @return whether nothing is wrong */
    static boolean archive(Path file, boolean json, Environment environment) {
        return print(VerificationReport.of(file, ArchiveVerification.verify(file, Progress.NONE)), json, environment.out());
    }

    private static boolean print(VerificationReport report, boolean json, PrintStream out) {
        if (json) {
            out.println(report.toJson().toPrettyString());
        } else {
            report.lines().forEach(out::println);
        }
        return report.ok();
    }
}
