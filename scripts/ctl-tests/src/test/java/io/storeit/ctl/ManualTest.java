package io.storeit.ctl;

import io.storeit.scripts.Generated;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The manual pages and the completions, made of the command line's model. */
@Tag("once")
@Tag("generated")
class ManualTest {
    @Test
    void everyCommandHasItsPage() throws IOException {
        for (var page : new ManPages(StoreitCtl.commandLine().getCommandSpec()).pages().entrySet()) {
            Generated.assertUpToDate("docs/man/" + page.getKey(), page.getValue());
        }
    }

    @Test
    void everyShellHasItsCompletion() throws IOException {
        var completions = new Completions(StoreitCtl.commandLine().getCommandSpec());
        Generated.assertUpToDate("scripts/completions/storeit-ctl.bash", completions.bash());
        Generated.assertUpToDate("scripts/completions/_storeit-ctl", completions.zsh());
        Generated.assertUpToDate("scripts/completions/storeit-ctl.fish", completions.fish());
    }
}
