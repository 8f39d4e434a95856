package io.storeit.server.item;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.Table;
import io.storeit.interchange.sqlite.SearchText;
import io.storeit.server.Problem;
import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The table {@code items}, and the items' rows of {@code search_index}. Every method sees one group only. */
public final class ItemRepository {
    private final Database database;
    private final InstantSource clock;

    public ItemRepository(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    Optional<Item> find(String group, String id) {
        return database.read(sql -> find(sql, group, id));
    }

    /** The items directly in a container, by name, byte by byte; none when there is no such container. */
    List<Item> listInContainer(String group, String container) {
        return database.read(sql -> sql.list(
                "SELECT " + Item.COLUMNS + " FROM items WHERE container_id = ? AND group_id = ? ORDER BY name", Item::of, container, group));
    }

    /** Writes the item and what is searchable of it. Where it is put has to exist in the group. */
    Item insert(String group, NewItem item) {
        String id = UUID.randomUUID().toString();
        String now = Times.stored(clock.instant());
        return database.inTransaction(sql -> {
            requireParent(sql, group, item);
            sql.update("""
                    INSERT INTO items (id, group_id, container_id, location_id, name, description, aliases, keywords, category, barcode, material,
                                       color, condition_notes, quantity, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                    id, group, item.inContainer() ? item.parentId() : null, item.inContainer() ? null : item.parentId(),
                    item.name(), item.description(), array(item.aliases()).toString(), array(item.keywords()).toString(), item.category(),
                    item.barcode(), item.material(), item.color(), item.conditionNotes(), item.quantity(), now, now);
            sql.update("INSERT INTO search_index (entity_type, entity_id, group_id, searchable_text) VALUES ('item', ?, ?, ?)",
                    id, group, searchText(item));
            return find(sql, group, id).orElseThrow();
        });
    }

    private static Optional<Item> find(Sql sql, String group, String id) throws SQLException {
        return sql.first("SELECT " + Item.COLUMNS + " FROM items WHERE id = ? AND group_id = ?", Item::of, id, group);
    }

    private static void requireParent(Sql sql, String group, NewItem item) throws SQLException {
        String query = item.inContainer()
                ? "SELECT 1 FROM containers WHERE id = ? AND group_id = ?"
                : "SELECT 1 FROM locations WHERE id = ? AND group_id = ?";
        if (!sql.exists(query, item.parentId(), group)) {
            throw Problem.notFound(item.parentType(), item.parentId());
        }
    }

    private static String searchText(NewItem item) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.put("name", item.name());
        row.put("description", item.description());
        row.set("aliases", array(item.aliases()));
        row.set("keywords", array(item.keywords()));
        row.put("category", item.category());
        return SearchText.of(Table.ITEMS, row);
    }

    private static ArrayNode array(List<String> texts) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }
}
