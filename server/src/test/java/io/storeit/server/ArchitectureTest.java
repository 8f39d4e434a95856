package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.architecture.Arrows;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The packages of this module: each imports only what stands left of it. */
class ArchitectureTest {

    private static final Arrows PICTURE = Arrows.of("io.storeit.server", """
            problem <- http | db <- search <- entity <- photo | location | container | item <- system | tag
                <- user <- group | backup | settings | identify | metrics | api | web <- io.storeit.server
            """);

    @Test
    void noImportPointsToTheRight() throws URISyntaxException {
        Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertThat(PICTURE.violations(classes)).isEmpty();
    }

    @Test
    void thePageOnTheArchitectureHasThisPicture() throws IOException {
        assertThat(Arrows.inPage("io.storeit.server", Path.of("../docs/ARCHITECTURE.md"))).isEqualTo(PICTURE);
    }
}
