package io.storeit.interchange.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.RandomHousehold;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTransformsTest {

    @Test
    void schema2AddsTheVariantKeysAndNothingElse() {
        for (Table table : Table.values()) {
            List<String> added = SchemaTransforms.columns(table, 2).stream().filter(column -> !SchemaTransforms.columns(table, 1).contains(column))
                    .map(Column::key).toList();
            assertThat(added).isEqualTo(table == Table.PHOTOS ? List.of("thumbnail_key", "large_key") : List.of());
        }
    }

    @Test
    void onlyVersionsThatExistAreKnown() {
        int newest = SchemaTransforms.newest();
        assertThat(newest).isGreaterThanOrEqualTo(2);
        for (int unknown : new int[] {0, -1, newest + 1}) {
            assertThatThrownBy(() -> SchemaTransforms.columns(Table.ITEMS, unknown)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> SchemaTransforms.chain(1, unknown)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> SchemaTransforms.chain(unknown, 1)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(SchemaTransforms.chain(newest, newest).isEmpty()).isTrue();
        assertThat(SchemaTransforms.all()).hasSize(newest - 1).allMatch(transform -> !transform.description().isBlank());
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void aConvertedRowHasTheColumnsOfItsVersionInBothDirections(long seed) {
        for (int from = 1; from <= SchemaTransforms.newest(); from++) {
            for (int to = 1; to <= SchemaTransforms.newest(); to++) {
                var household = new RandomHousehold(seed, from, 20);
                SchemaChain chain = SchemaTransforms.chain(from, to);
                for (Table table : Table.values()) {
                    Set<String> keys = new HashSet<>();
                    SchemaTransforms.columns(table, to).forEach(column -> keys.add(column.key()));
                    for (ObjectNode row : household.of(table)) {
                        ObjectNode converted = chain.apply(table, row.deepCopy(), new Losses());
                        assertThat(converted.properties()).extracting(entry -> entry.getKey()).containsExactlyInAnyOrderElementsOf(keys);
                    }
                }
            }
        }
    }

    @Test
    void goingDownLosesExactlyWhatTheReportNames() {
        int newest = SchemaTransforms.newest();
        for (int to = 1; to < newest; to++) {
            var household = new RandomHousehold(5, newest, 40);
            var losses = new Losses();
            SchemaChain down = SchemaTransforms.chain(newest, to);
            SchemaChain up = SchemaTransforms.chain(to, newest);
            for (Table table : Table.values()) {
                for (ObjectNode row : household.of(table)) {
                    ObjectNode back = up.apply(table, down.apply(table, row.deepCopy(), losses), losses);
                    for (Column column : SchemaTransforms.columns(table, newest)) {
                        boolean reported = losses.report().losses().stream()
                                .anyMatch(loss -> loss.table().equals(table.key()) && loss.field().equals(column.key()));
                        if (column.digested() && !reported) {
                            assertThat(back.get(column.key())).as("%s.%s", table, column.key()).isEqualTo(row.get(column.key()));
                        }
                    }
                }
            }
            // Version 3 exists in builds with the profile schema3 only; its serial numbers fit nowhere else.
            long serialNumbers = household.of(Table.ITEMS).stream().filter(item -> item.hasNonNull("serial_number")).count();
            assertThat(losses.report().losses()).hasSize(serialNumbers > 0 ? 1 : 0)
                    .allMatch(loss -> loss.field().equals("serial_number") && loss.records() == serialNumbers);
        }
    }

    @Test
    void photosOfSchema1GetNoThumbnailTheyDoNotHave() {
        ObjectNode photo = new RandomHousehold(5, 1, 10).of(Table.PHOTOS).get(0);

        ObjectNode converted = SchemaTransforms.chain(1, 2).apply(Table.PHOTOS, photo, new Losses());

        assertThat(converted.get("thumbnail_key").isNull()).isTrue();
        assertThat(converted.get("large_key").isNull()).isTrue();
    }

    @Test
    void variantKeysThatAreThereAlreadyAreKept() {
        ObjectNode photo = new RandomHousehold(5, 1, 10).of(Table.PHOTOS).get(0).put("thumbnail_key", "kept");

        assertThat(SchemaTransforms.chain(1, 2).apply(Table.PHOTOS, photo, new Losses()).get("thumbnail_key").textValue()).isEqualTo("kept");
    }
}
