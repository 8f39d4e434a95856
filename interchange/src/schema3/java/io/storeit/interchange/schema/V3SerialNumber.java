package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.schema.Column.Kind;
import java.util.List;
import java.util.Map;

/** Items have a serial number, which version 2 cannot hold. */
public final class V3SerialNumber implements SchemaTransform {

    private static final String FIELD = "serial_number";

    @Override
    public int to() {
        return 3;
    }

    @Override
    public String description() {
        return "items have a serial number";
    }

    @Override
    public Map<Table, List<Column>> added() {
        return Map.of(Table.ITEMS, List.of(Column.nullable(FIELD, Kind.TEXT)));
    }

    /** As the server's migration V3 records it. */
    @Override
    public List<Migration> migrations() {
        return List.of(new Migration(20261101000001L, "item serial numbers", 3,
                "4b93081e661dd4c4e54845d7bb0bfe525a3db64c072b2f8c"
                        + "953828a9a5cfd5e6cae91e8c57206dc3ff8092982d49d33a"));
    }

    @Override
    public ObjectNode up(Table table, ObjectNode row) {
        if (table == Table.ITEMS) {
            row.putNull(FIELD);
        }
        return row;
    }

    @Override
    public ObjectNode down(Table table, ObjectNode row, Losses losses) {
        if (table == Table.ITEMS) {
            JsonNode lost = row.remove(FIELD);
            if (lost != null && !lost.isNull()) {
                losses.add(table, row.path("id").asText(), row.path("name").asText(), FIELD, lost);
            }
        }
        return row;
    }
}
