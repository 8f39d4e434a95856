package io.storeit.server.item;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.db.Database;
import io.storeit.server.entity.Attachments;
import io.storeit.server.entity.EntityTable;
import io.storeit.server.entity.EntityType;
import io.storeit.server.entity.Fields;
import io.storeit.server.entity.Page;
import io.storeit.server.entity.Place;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads and writes the table {@code items}. Every method sees one group only. */
public final class ItemRepository {
    private final Database database;
    private final EntityTable<Item> items;

    public ItemRepository(Database database, Attachments attachments, InstantSource clock) {
        this.database = database;
        items = new EntityTable<>(EntityType.ITEM, Fields.ITEM, Item.COLUMNS, Item::of, attachments, clock);
    }

    /**
     * A new item.
     *
     * @param place  must be in the group
     * @param values of {@link Fields#ofNew}
     */
    record NewItem(Place place, ObjectNode values) {}

    Optional<Item> find(String group, String id) {
        return database.read(sql -> items.find(sql, group, id));
    }

    List<Item> list(String group, Page page) {
        return database.read(sql -> items.list(sql, group, page));
    }

    /** Lists the items directly in a container or at a location; none when there is no such place. */
    List<Item> listAt(String group, Place place) {
        return database.read(sql -> items.listIn(sql, group, place.column(""), place.id()));
    }

    /** Creates all items or none; returns them in the same order. */
    List<Item> insert(String group, List<NewItem> newItems) {
        return database.inTransaction(sql -> {
            var inserted = new ArrayList<Item>(newItems.size());
            for (NewItem item : newItems) {
                item.place().require(sql, group);
                inserted.add(items.insert(sql, group, item.place().columns("").setAll(item.values())));
            }
            return inserted;
        });
    }

    /** @param changes of {@link Fields#ofUpdate} */
    Item update(String group, String id, ObjectNode changes) {
        return database.inTransaction(sql -> items.update(sql, group, id, changes));
    }

    Item move(String group, String id, Place target) {
        return database.inTransaction(sql -> {
            items.get(sql, group, id);
            target.require(sql, group);
            return items.set(sql, group, id, target.columns(""));
        });
    }

    void delete(String group, String id) {
        database.inTransaction(sql -> items.delete(sql, group, id));
    }
}
