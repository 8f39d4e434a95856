package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code docs/archive-format.md} states what the code does. */
@Tag("once")
class SpecificationTest {

    private static final int SCHEMA = 2;
    private static final Pattern COLUMN = Pattern.compile("`(\\w+)` (\\w+)(\\??)");

    private final String page;

    SpecificationTest() throws IOException {
        page = Files.readString(Path.of("../docs/archive-format.md"));
    }

    @Test
    void theLimitsAreThoseOfTheCode() {
        ArchiveLimits limits = ArchiveLimits.DEFAULT;

        assertThat(page)
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

    @Test
    void theColumnsAndTheirTypesAreThoseOfTheCode() {
        for (Table table : Table.values()) {
            String line = page.lines().filter(each -> each.startsWith("| `" + table.fileName() + "` |")).findFirst().orElseThrow();
            assertThat(COLUMN.matcher(line).results().map(column -> column.group().replace("`", "")))
                    .as(table.fileName())
                    .containsExactlyInAnyOrderElementsOf(SchemaTransforms.columns(table, SCHEMA).stream().map(SpecificationTest::stated).toList());
        }
    }

    private static String stated(Column column) {
        String type = switch (column.kind()) {
            case UUID -> "UUID";
            case TEXT -> "text";
            case BOOLEAN -> "boolean";
            case INTEGER -> "integer";
            case REAL -> "real";
            case TIME -> "time";
            case STRINGS -> "strings";
            case JSON -> "JSON";
            case ROLE -> "role";
            case ENTITY_TYPE -> "entity";
            case TAG_ENTITY_TYPE -> "place";
        };
        return column.key() + " " + type + (column.nullable() ? "?" : "");
    }

    @Test
    void theManifestShownIsThatOfTheArchiveNamed() throws IOException {
        Matcher shown = Pattern.compile("That of `([^`]+)`:\n\n```json\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(shown.find()).isTrue();
        assertThat(Json.MAPPER.readTree(shown.group(2))).isEqualTo(ArchiveReader.readManifestJson(Path.of("..").resolve(shown.group(1))));
    }

    @Test
    void theExampleOfADigestIsRight() throws Exception {
        String example = page.substring(page.indexOf("### To try a reader with"), page.indexOf("## The Python reader"));
        List<String> digests = Pattern.compile("`([0-9a-f]{64})`").matcher(example).results().map(found -> found.group(1)).toList();
        List<String> blocks = Pattern.compile("```\\w*\n(.*?)```", Pattern.DOTALL).matcher(example).results().map(found -> found.group(1)).toList();
        var rows = new RowReader(Table.LOCATIONS, SCHEMA, new ByteArrayInputStream(("[" + blocks.get(0) + "]").getBytes(StandardCharsets.UTF_8)), ArchiveLimits.DEFAULT);
        ObjectNode row = rows.next();

        var digest = new ContentDigest(SCHEMA);
        assertThat(digest.value().value()).isEqualTo(digests.get(0));
        digest.add(Table.LOCATIONS, row);
        assertThat(digest.value().tables().get(Table.LOCATIONS)).isEqualTo(digests.get(1)).isEqualTo(sha256(hex(blocks.get(1))));
        assertThat(digest.value().value()).isEqualTo(digests.get(2));
        digest.add(Table.LOCATIONS, row);
        assertThat(digest.value().tables().get(Table.LOCATIONS)).isEqualTo(digests.get(3));
    }

    /** The example of free JSON, as the only thing that differs from a row without it. */
    @Test
    void theExampleOfFreeJsonIsRight() throws Exception {
        MatchResult example = Pattern.compile("The free JSON `(.*)` has the form `(.*)`").matcher(page).results().findFirst().orElseThrow();
        ObjectNode row = Json.MAPPER.createObjectNode();
        row.set("ai_raw", Json.MAPPER.readTree(example.group(1)));

        var digest = new ContentDigest(SCHEMA);
        digest.add(Table.ITEMS, row);
        assertThat(digest.value().tables().get(Table.ITEMS)).isEqualTo(sha256("00000006" + HexFormat.of().formatHex("ai_raw".getBytes(StandardCharsets.US_ASCII))
                + example.group(2).replace(" ", "")));
    }

    /** The hex digits in front of the name of the column on each line. */
    private static String hex(String block) {
        var digits = new StringBuilder();
        var names = new TreeSet<String>();
        block.lines().forEach(line -> {
            int name = line.lastIndexOf(' ') + 1;
            names.add(line.substring(name));
            digits.append(line.substring(0, name).replace(" ", ""));
        });
        assertThat(names).hasSize((int) block.lines().count());
        return digits.toString();
    }

    private static String sha256(String hex) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(HexFormat.of().parseHex(hex)));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
