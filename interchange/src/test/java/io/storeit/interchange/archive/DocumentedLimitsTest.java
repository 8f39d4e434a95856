package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** {@code docs/archive-format.md} promises what the code does. */
class DocumentedLimitsTest {

    @Test
    void theSpecificationStatesTheLimitsOfTheCode() throws IOException {
        String specification = Files.readString(Path.of("../docs/archive-format.md"));
        ArchiveLimits limits = ArchiveLimits.DEFAULT;

        assertThat(specification)
                .contains("| entries | " + number(limits.maxEntries()) + " |")
                .contains("| manifest | " + (limits.maxManifestBytes() >> 20) + " MiB |")
                .contains("| one data file | " + (limits.maxDataBytes() >> 30) + " GiB, " + number(limits.maxRows()) + " rows |")
                .contains("| one row | " + number(limits.maxRowChars()) + " characters |")
                .contains("| one image | " + (limits.maxImageBytes() >> 30) + " GiB |")
                .contains("| everything, uncompressed | " + (limits.maxTotalBytes() >> 40) + " TiB; beyond " + (limits.ratioFreeBytes() >> 20)
                        + " MiB, at most " + limits.maxRatio() + " times the compressed size |")
                .contains("| nesting in a row | " + Json.MAX_DEPTH + " |")
                .contains("| one number | " + Json.MAX_DIGITS + " digits, exponent within ±" + number(Json.MAX_EXPONENT) + " |")
                .contains("`" + ArchiveEntries.EXTENSIONS + "`");
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
