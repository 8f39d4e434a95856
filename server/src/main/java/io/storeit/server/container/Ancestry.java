package io.storeit.server.container;

import io.storeit.server.db.Sql;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;

/**
 * The path from a location to a container, through the containers around it. UNION, unlike UNION ALL, ends even where old data
 * has a cycle of containers.
 */
public final class Ancestry {
    /** Selects the container and everything it is in, in no particular order. */
    private static final String OUTWARDS = """
            WITH RECURSIVE outwards (id, name, container_id, location_id) AS (
                SELECT id, name, parent_container_id, parent_location_id FROM containers WHERE id = ?1 AND group_id = ?2
                UNION
                SELECT c.id, c.name, c.parent_container_id, c.parent_location_id
                FROM outwards JOIN containers c ON c.id = outwards.container_id AND c.group_id = ?2
            )
            """;

    private Ancestry() {
    }

    /** @param entityType {@code location} for the first, {@code container} for all others */
    public record Node(String entityType, String id, String name) {}

    private record Step(Node container, String outerId, Node location) {}

    /**
     * Lists the location of the outermost container, then the containers from there to and including the requested one. Empty
     * when the group has no such container.
     */
    public static List<Node> of(Sql sql, String group, String id) throws SQLException {
        Map<String, Step> steps = new HashMap<>();
        sql.list(OUTWARDS + """
                SELECT outwards.id, outwards.name, outwards.container_id, l.id, l.name
                FROM outwards LEFT JOIN locations l ON l.id = outwards.location_id AND l.group_id = ?2""",
                row -> new Step(
                        new Node("container", row.getString(1), row.getString(2)),
                        row.getString(3),
                        row.getString(4) == null ? null : new Node("location", row.getString(4), row.getString(5))),
                id, group).forEach(step -> steps.put(step.container().id(), step));
        var way = new LinkedList<Node>();
        // Each step is removed, so a cycle ends.
        for (Step step = steps.remove(id); step != null; step = steps.remove(step.outerId())) {
            way.addFirst(step.container());
            if (step.location() != null) {
                way.addFirst(step.location());
            }
        }
        return way;
    }

    /** Returns whether a container is the other one, even an unknown one, or is inside it. */
    static boolean isWithin(Sql sql, String group, String id, String outer) throws SQLException {
        return id.equals(outer) || sql.exists(OUTWARDS + "SELECT 1 FROM outwards WHERE id = ?3", id, group, outer);
    }
}
