package io.storeit.interchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.architecture.Arrows;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The packages of this module: each imports only what stands left of it. */
class ArchitectureTest {

    private static final Arrows PICTURE = Arrows.of("io.storeit.interchange", """
            base <- schema <- digest <- images | archive <- sqlite <- transfer | inspect
            """);

    @Test
    void noImportPointsToTheRight() throws URISyntaxException {
        Path classes = Path.of(Table.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertThat(PICTURE.violations(classes)).isEmpty();
    }

    @Test
    void thePageOnTheArchitectureHasThisPicture() throws IOException {
        assertThat(Arrows.inPage("io.storeit.interchange", Path.of("../docs/ARCHITECTURE.md"))).isEqualTo(PICTURE);
    }
}
