package io.storeit.server.entity;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.db.Sql;
import io.storeit.server.http.JsonBody;
import io.storeit.server.problem.Problem;
import java.sql.SQLException;

/**
 * The place of a container or an item, or the place to move it to: a container or a location.
 *
 * @param type never {@link EntityType#ITEM}
 */
public record Place(EntityType type, String id) {

    /**
     * Reads the place from a request: {@code <role>_type} and {@code <role>_id}.
     *
     * @param role   {@code parent} or {@code target}
     * @param advice the end of the message about a wrong type
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

    /** Returns the column for the id: {@code container_id} or {@code location_id}, with the table's prefix before it. */
    public String column(String prefix) {
        return prefix + type.label() + "_id";
    }

    /** Returns both columns of the table, of which exactly one has an id. */
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
