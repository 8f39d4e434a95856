package io.storeit.server.tag;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.storeit.server.container.Ancestry;
import io.storeit.server.db.Sql;
import io.storeit.server.entity.EntityType;
import io.storeit.server.problem.Problem;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The target of a tag or a printed label.
 *
 * @param tagId        null for a label, which is not a tag; the answer then omits it
 * @param locationPath the names on the path to it: a container's own comes last; an item's path is that of its place; a
 *                     location's is empty
 */
record Target(
        @JsonInclude(JsonInclude.Include.NON_NULL) String tagId,
        String entityType,
        String entityId,
        String entityName,
        List<String> locationPath) {

    /** Throws NOT_FOUND when the group has no such entity. */
    static Target of(Sql sql, String group, String tagId, EntityType type, String id) throws SQLException {
        return switch (type) {
            case LOCATION -> new Target(tagId, type.label(), id, locationName(sql, group, id).orElseThrow(() -> Problem.notFound(type.label(), id)), List.of());
            case CONTAINER -> {
                List<String> path = names(sql, group, id);
                if (path.isEmpty()) {
                    throw Problem.notFound(type.label(), id);
                }
                yield new Target(tagId, type.label(), id, path.get(path.size() - 1), path);
            }
            case ITEM -> {
                record Item(String name, String container, String location) {}
                Item item = sql.first("SELECT name, container_id, location_id FROM items WHERE id = ? AND group_id = ?",
                        row -> new Item(row.getString(1), row.getString(2), row.getString(3)), id, group)
                        .orElseThrow(() -> Problem.notFound(type.label(), id));
                List<String> path = item.container != null
                        ? names(sql, group, item.container)
                        : locationName(sql, group, item.location).stream().toList();
                yield new Target(tagId, type.label(), id, item.name, path);
            }
        };
    }

    private static List<String> names(Sql sql, String group, String container) throws SQLException {
        return Ancestry.of(sql, group, container).stream().map(Ancestry.Node::name).toList();
    }

    private static Optional<String> locationName(Sql sql, String group, String id) throws SQLException {
        return sql.first("SELECT name FROM locations WHERE id = ? AND group_id = ?", row -> row.getString(1), id, group);
    }
}
