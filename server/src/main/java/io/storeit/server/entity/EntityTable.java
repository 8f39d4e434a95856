package io.storeit.server.entity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.sqlite.SearchText;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.http.Json;
import io.storeit.server.problem.Problem;
import io.storeit.server.search.SearchIndex;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The common part of the tables {@code locations}, {@code containers} and {@code items}. Every method sees one group only. The
 * search index changes together with the row.
 *
 * @param <T> a row as the API shows it; its components are named as the columns
 */
public final class EntityTable<T> {
    private final EntityType type;
    private final Fields fields;
    private final Sql.RowMapper<T> mapper;
    private final Attachments attachments;
    private final InstantSource clock;
    private final String select;

    /** @param columns what the mapper reads */
    public EntityTable(EntityType type, Fields fields, String columns, Sql.RowMapper<T> mapper, Attachments attachments, InstantSource clock) {
        this.type = type;
        this.fields = fields;
        this.mapper = mapper;
        this.attachments = attachments;
        this.clock = clock;
        select = "SELECT " + columns + " FROM " + type.table().sqlName();
    }

    public Optional<T> find(Sql sql, String group, String id) throws SQLException {
        return sql.first(select + " WHERE id = ? AND group_id = ?", mapper, id, group);
    }

    /** @throws Problem NOT_FOUND */
    public T get(Sql sql, String group, String id) throws SQLException {
        return find(sql, group, id).orElseThrow(() -> Problem.notFound(type.label(), id));
    }

    /** Lists the rows of the group, by name, byte by byte, then by id, so that pages neither overlap nor leave gaps. */
    public List<T> list(Sql sql, String group, Page page) throws SQLException {
        return sql.list(select + " WHERE group_id = ? ORDER BY name, id LIMIT ? OFFSET ?", mapper, group, page.limit(), page.offset());
    }

    /** Lists the rows of the group that are directly in the one with that id, by name, byte by byte. */
    public List<T> listIn(Sql sql, String group, String parentColumn, String parentId) throws SQLException {
        return sql.list(select + " WHERE " + parentColumn + " = ? AND group_id = ? ORDER BY name", mapper, parentId, group);
    }

    /** Lists the rows of the group that are in no other, by name, byte by byte. */
    public List<T> listRoots(Sql sql, String group, String parentColumn) throws SQLException {
        return sql.list(select + " WHERE " + parentColumn + " IS NULL AND group_id = ? ORDER BY name", mapper, group);
    }

    /** @param values every column but id, group and times */
    public T insert(Sql sql, String group, ObjectNode values) throws SQLException {
        String id = UUID.randomUUID().toString();
        String now = Times.stored(clock.instant());
        List<String> columns = new ArrayList<>(List.of("id", "group_id", "created_at", "updated_at"));
        values.fieldNames().forEachRemaining(columns::add);
        sql.update(
                "INSERT INTO " + type.table().sqlName() + " (" + String.join(", ", columns) + ") VALUES ("
                        + String.join(", ", Collections.nCopies(columns.size(), "?")) + ")",
                Stream.concat(Stream.of(id, group, now, now), stored(values).stream()).toArray());
        SearchIndex.add(sql, type.label(), id, group, SearchText.of(type.table(), values));
        return get(sql, group, id);
    }

    /**
     * Changes what a client may change.
     *
     * @param changes of {@link Fields#ofUpdate}
     * @throws Problem NOT_FOUND, or VALIDATION_ERROR for a new value that breaks a rule
     */
    public T update(Sql sql, String group, String id, ObjectNode changes) throws SQLException {
        ObjectNode values = Json.tree(get(sql, group, id));
        T updated = set(sql, group, id, fields.differing(changes, values));
        values.setAll(changes);
        SearchIndex.replace(sql, type.label(), id, group, SearchText.of(type.table(), values));
        return updated;
    }

    /**
     * Sets columns that are not searchable, such as the place.
     *
     * @throws Problem NOT_FOUND
     */
    public T set(Sql sql, String group, String id, ObjectNode columns) throws SQLException {
        var assignments = new ArrayList<String>();
        columns.fieldNames().forEachRemaining(column -> assignments.add(column + " = ?, "));
        sql.update(
                "UPDATE " + type.table().sqlName() + " SET " + String.join("", assignments) + "updated_at = ? WHERE id = ? AND group_id = ?",
                Stream.concat(stored(columns).stream(), Stream.of(Times.stored(clock.instant()), id, group)).toArray());
        return get(sql, group, id);
    }

    /**
     * Deletes the row, its search text and its attachments.
     *
     * @return the deleted row
     * @throws Problem NOT_FOUND, or NOT_EMPTY when other rows are in it
     */
    public T delete(Sql sql, String group, String id) throws SQLException {
        T deleted = get(sql, group, id);
        long inside = type.countInside(sql, id);
        if (inside > 0) {
            throw Problem.of(Problem.Kind.NOT_EMPTY, "entity not empty: " + type.label() + " " + id + " contains " + inside + " children");
        }
        attachments.detach(sql, group, type, id);
        SearchIndex.remove(sql, type.label(), id);
        sql.update("DELETE FROM " + type.table().sqlName() + " WHERE id = ? AND group_id = ?", id, group);
        return deleted;
    }

    private static List<Object> stored(ObjectNode values) {
        var stored = new ArrayList<>();
        values.elements().forEachRemaining(value -> stored.add(stored(value)));
        return stored;
    }

    private static Object stored(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL -> null;
            case STRING -> value.textValue();
            case NUMBER -> value.numberValue();
            case ARRAY -> value.toString();
            case BINARY, BOOLEAN, MISSING, OBJECT, POJO -> throw new IllegalArgumentException("no column holds " + value);
        };
    }
}
