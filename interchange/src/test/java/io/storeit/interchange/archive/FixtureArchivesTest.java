package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The archives real servers wrote. */
public class FixtureArchivesTest {

    public static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    private static final Map<Table, Long> HOUSEHOLD = Map.of(
            Table.USERS, 4L, Table.GROUPS, 2L, Table.MEMBERSHIPS, 5L, Table.SETTINGS, 0L, Table.LOCATIONS, 8L,
            Table.CONTAINERS, 29L, Table.ITEMS, 318L, Table.PHOTOS, 31L, Table.NFC_TAGS, 4L);

    @ParameterizedTest
    @CsvSource({
        "schema2-v0.2.1/with-images.storeit,    2, 2, true",
        "schema2-v0.2.1/without-images.storeit, 2, 2, false",
        "schema1-v0.1.0/with-images.storeit,    2, 1, true",
        "schema1-v0.1.0/without-images.storeit, 2, 1, false",
        "legacy-gzip/backup.tar.gz,             1, 1, true",
    })
    void isReadToTheLastRow(String archive, int format, int schema, boolean images) throws IOException {
        ReadBack read = ReadBack.of(FIXTURES.resolve(archive));

        assertThat(read.manifest.formatVersion()).isEqualTo(format);
        assertThat(read.manifest.schemaVersion()).isEqualTo(schema);
        assertThat(read.manifest.includesImages()).isEqualTo(images);
        assertThat(read.contents.counts()).isEqualTo(HOUSEHOLD);
        long named = read.rows.get(Table.PHOTOS).stream().map(row -> row.get("storage_key").textValue()).distinct().count();
        assertThat(read.images).hasSize(images ? (int) named : 0);
        assertThat(read.images.keySet()).allMatch(key -> StorageKey.hash(key).isPresent());
        assertThat(ArchiveReader.readManifest(FIXTURES.resolve(archive))).isEqualTo(read.manifest);
    }

    @Test
    void tellsWhoWroteThemAndWhen() throws IOException {
        Manifest manifest = ArchiveReader.readManifest(FIXTURES.resolve("schema2-v0.2.1/with-images.storeit"));

        assertThat(manifest.appVersion()).isEqualTo("0.2.1");
        assertThat(manifest.createdAt()).isNotNull();
        assertThat(manifest.counts()).isNull();
        assertThat(manifest.digest()).isNull();
    }

    @Test
    void hasTheSameDigestWithAndWithoutImagesAndAsGzip() throws IOException {
        assertThat(digest("schema2-v0.2.1/with-images.storeit")).isEqualTo(digest("schema2-v0.2.1/without-images.storeit"));
        assertThat(digest("schema1-v0.1.0/with-images.storeit"))
                .isEqualTo(digest("schema1-v0.1.0/without-images.storeit"))
                .isEqualTo(digest("legacy-gzip/backup.tar.gz"))
                .isNotEqualTo(digest("schema2-v0.2.1/with-images.storeit"));
    }

    @Test
    void keepsRowsThatMerelyLookOdd() throws IOException {
        ReadBack read = ReadBack.of(FIXTURES.resolve("schema2-v0.2.1/without-images.storeit"));
        List<ObjectNode> items = read.rows.get(Table.ITEMS);

        assertThat(items).extracting(item -> item.get("quantity").intValue()).contains(0, Integer.MAX_VALUE);
        assertThat(items).extracting(item -> item.get("quantity").intValue()).anyMatch(quantity -> quantity < 0);
        assertThat(items).extracting(item -> item.get("name").textValue().length()).anyMatch(length -> length >= 500);
        assertThat(read.rows.get(Table.NFC_TAGS)).anyMatch(tag -> tag.get("entity_id").isNull());
        assertThat(read.rows.get(Table.USERS)).allMatch(user -> user.get("_password_hash").textValue().startsWith("$argon2id$"));
    }

    private static String digest(String archive) throws IOException {
        return ReadBack.of(FIXTURES.resolve(archive)).contents.digest().value();
    }
}
