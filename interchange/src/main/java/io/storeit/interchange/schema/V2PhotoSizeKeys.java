package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.schema.Column.Kind;
import java.util.List;
import java.util.Map;

/**
 * Implements version 2: photos name the files of their thumbnail and large version.
 *
 * <p>Up leaves the new keys empty, so that both are made from the original when first looked at. (StoreIT 0.1 and 0.2 filled in a
 * thumbnail name instead, whose file the archive never carries: such photos stayed broken.) Down loses nothing that cannot be
 * remade.
 */
public final class V2PhotoSizeKeys implements SchemaTransform {

    private static final List<Column> ADDED = List.of(
            Column.nullable("thumbnail_key", Kind.TEXT).undigested(),
            Column.nullable("large_key", Kind.TEXT).undigested());

    @Override
    public int to() {
        return 2;
    }

    @Override
    public String description() {
        return "photos name the files of their thumbnail and large version";
    }

    @Override
    public Map<Table, List<Column>> added() {
        return Map.of(Table.PHOTOS, ADDED);
    }

    @Override
    public ObjectNode up(Table table, ObjectNode row) {
        if (table == Table.PHOTOS) {
            for (Column column : ADDED) {
                if (!row.has(column.key())) {
                    row.putNull(column.key());
                }
            }
        }
        return row;
    }

    @Override
    public ObjectNode down(Table table, ObjectNode row, Losses losses) {
        if (table == Table.PHOTOS) {
            for (Column column : ADDED) {
                row.remove(column.key());
            }
        }
        return row;
    }
}
