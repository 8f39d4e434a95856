package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Losses;
import io.storeit.interchange.schema.Table;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestTest {

    @Test
    void hasTheOldKeysInTheOldOrderAndForm() {
        Manifest manifest = Manifest.of(2, "0.3.0", Instant.parse("2026-04-02T08:15:30.482913077Z"), true);

        assertThat(manifest.toJson().toString()).isEqualTo("{\"format_version\":2,\"schema_version\":2,\"app_version\":\"0.3.0\","
                + "\"created_at\":\"2026-04-02T08:15:30.482913077+00:00\",\"includes_images\":true}");
    }

    @Test
    void everythingInItSurvives() {
        var counts = new EnumMap<Table, Long>(Table.class);
        for (Table table : Table.values()) {
            counts.put(table, (long) table.ordinal() << 33);
        }
        var losses = new Losses();
        for (int i = 0; i < 25; i++) {
            losses.add(Table.ITEMS, "id " + i, "name " + i, "serial_number", new TextNode("SN-" + i));
        }
        losses.add(Table.USERS, "id", "local:mira", "_password_hash", new TextNode("bcrypt"));
        Manifest manifest = Manifest.of(2, "0.3.0", Instant.parse("2026-04-02T08:15:30Z"), true)
                .withContent(counts, new ContentDigest(2).value())
                .withSkippedImages(List.of(RandomHousehold.key(new byte[] {1}), RandomHousehold.key(new byte[] {2})))
                .withLosses(losses.report())
                .withSource(new Manifest.Source("67e55044-10b1-426f-9247-bb680e5fe0c8", Long.MAX_VALUE));

        Manifest parsed = Manifest.parse(manifest.toJson());

        assertThat(parsed).isEqualTo(manifest);
        assertThat(parsed.losses().losses().get(0).records()).isEqualTo(25);
        assertThat(parsed.losses().losses().get(0).examples()).hasSize(Losses.EXAMPLES);
    }

    @Test
    void additionsOfAnotherShapeAreAsGoodAsAbsent() throws IOException {
        ObjectNode json = (ObjectNode) Json.MAPPER.readTree("""
                {"format_version": 2, "schema_version": 2, "counts": [1], "digest": "x", "skipped_images": ["../x", 7], "losses": 7,
                 "source": {"database_id": "7", "change_counter": 1}, "created_at": "yesterday", "app_version": "\\u001b[2J"}""");

        Manifest manifest = Manifest.parse(json);

        assertThat(manifest.counts()).isNull();
        assertThat(manifest.digest()).isNull();
        assertThat(manifest.skippedImages()).isEmpty();
        assertThat(manifest.losses().isEmpty()).isTrue();
        assertThat(manifest.source()).isNull();
        assertThat(manifest.createdAt()).isNull();
        assertThat(manifest.appVersion()).isNull();
    }
}
