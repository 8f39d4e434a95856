package io.storeit.server.entity;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.db.Sql;
import io.storeit.server.http.JsonBody;
import io.storeit.server.problem.Problem;
import java.sql.SQLException;

/**
 * Where a container or an item is, or shall be put: in a container or at a location.
 *
 * @param type never {@link EntityType#ITEM}
 */
public record Place(EntityType type, String id) {

    /**
     * The place in a request: {@code <role>_type} and {@code <role>_id}.
     *
     * @param role   {@code parent} or {@code target}
     * @param advice what the message about a wrong type ends with
     */
    public static Place of(JsonBody body, String role, String advice) {
        String label = body.text(role + "_type");
        String id = body.id(role + "_id");
        return switch (label) {
            case "location" -> new Place(EntityType.LOCATION, id);
            case "container" -> new Place(EntityType.CONTAINER, id);
            default -> throw Problem.validation("invalid " + role + "_type: " + label + advice);
        };
    }

    /** The column that holds the id: {@code container_id} or {@code location_id}, with the prefix of the table before it. */
    public String column(String prefix) {
        return prefix + type.label() + "_id";
    }

    /** Both columns of the table, of which exactly one holds an id. */
    public ObjectNode columns(String prefix) {
        return JsonNodeFactory.instance.objectNode()
                .putNull(prefix + "container_id")
                .putNull(prefix + "location_id")
                .put(column(prefix), id);
    }

    /** Throws NOT_FOUND unless the group has it. */
    public void require(Sql sql, String group) throws SQLException {
        type.require(sql, group, id);
    }
}
