package io.storeit.server.entity;

import io.storeit.interchange.schema.Table;
import io.storeit.server.db.Sql;
import io.storeit.server.problem.Problem;
import java.sql.SQLException;
import java.util.List;

/** A kind of record that can be found, photographed and labelled. */
public enum EntityType {
    LOCATION(Table.LOCATIONS, "locations.parent_id", "containers.parent_location_id", "items.location_id"),
    CONTAINER(Table.CONTAINERS, "containers.parent_container_id", "items.container_id"),
    ITEM(Table.ITEMS);

    private final Table table;
    private final List<String> references;

    /** @param references the columns by which other rows are in it */
    EntityType(Table table, String... references) {
        this.table = table;
        this.references = List.of(references);
    }

    /** Returns the name in requests, answers and the columns {@code entity_type}, such as {@code location}. */
    public String label() {
        return table.label();
    }

    Table table() {
        return table;
    }

    /** Finds the type of that name, exactly. */
    public static EntityType of(String label) {
        for (EntityType type : values()) {
            if (type.label().equals(label)) {
                return type;
            }
        }
        throw Problem.of(Problem.Kind.INVALID_ENTITY_TYPE, "invalid entity type: " + label);
    }

    /** Counts the rows directly in it, including those that servers before 0.3.0 let other groups put there. */
    long countInside(Sql sql, String id) throws SQLException {
        long count = 0;
        for (String column : references) {
            String table = column.substring(0, column.indexOf('.'));
            count += sql.first("SELECT count(*) FROM " + table + " WHERE " + column + " = ?", row -> row.getLong(1), id).orElseThrow();
        }
        return count;
    }

    public boolean exists(Sql sql, String group, String id) throws SQLException {
        return sql.exists("SELECT 1 FROM " + table.sqlName() + " WHERE id = ? AND group_id = ?", id, group);
    }

    /** Throws NOT_FOUND unless the group has it. */
    public void require(Sql sql, String group, String id) throws SQLException {
        if (!exists(sql, group, id)) {
            throw Problem.notFound(label(), id);
        }
    }
}
