package io.storeit.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.architecture.Arrows;
import io.storeit.ops.base.Exit;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The packages of this module: each imports only what stands left of it. */
class ArchitectureTest {

    private static final Arrows PICTURE = Arrows.of("io.storeit.ops", """
            base <- host <- process <- console <- settings <- release | server | installation <- updates
                <- install | archives <- doctor
            """);

    @Test
    void noImportPointsToTheRight() throws URISyntaxException {
        Path classes = Path.of(Exit.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertThat(PICTURE.violations(classes)).isEmpty();
    }

    @Test
    void thePageOnTheArchitectureHasThisPicture() throws IOException {
        assertThat(Arrows.inPage("io.storeit.ops", Path.of("../../docs/ARCHITECTURE.md"))).isEqualTo(PICTURE);
    }
}
