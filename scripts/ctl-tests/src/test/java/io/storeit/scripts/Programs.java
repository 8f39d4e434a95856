package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Shell.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Programs of other people that tests need, such as restic: those of the machine, else fetched by scripts/tools.sh. */
public final class Programs {

    private Programs() {
    }

    /**
     * The folder for PATH in which they are. Where they can't be had, a test that asks is skipped, with the reason; in continuous integration,
     * where nobody reads what was skipped, it fails.
     */
    public static Path folder(String... names) {
        var command = new ArrayList<>(List.of(Shell.ROOT.resolve("scripts/tools.sh").toString()));
        command.addAll(List.of(names));
        try {
            Result result = Shell.run(Shell.ROOT, System.getenv(), command);
            if (result.code() != 0) {
                assertThat(System.getenv("CI")).as(result.err().strip()).isNull();
                Assumptions.abort(result.err().strip());
            }
            return Path.of(result.out().strip());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One of them. */
    public static Path file(String name) {
        return folder(name).resolve(name);
    }
}
