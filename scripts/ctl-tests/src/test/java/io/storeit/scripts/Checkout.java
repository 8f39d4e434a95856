package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Copies of this checkout, to build something else in. */
final class Checkout {

    private Checkout() {
    }

    /** Every file as it is now, committed or not, but nothing that was built. */
    static void copyTo(Path folder) throws IOException, InterruptedException {
        Result files = Shell.run(Shell.ROOT, System.getenv(), List.of("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"));
        assertThat(files.code()).as(files.err()).isZero();
        for (String name : files.out().split("\0")) {
            Path file = Shell.ROOT.resolve(name);
            if (Files.exists(file)) {
                Path copy = folder.resolve(name);
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }
}
