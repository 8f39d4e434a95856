package io.storeit.server.location;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.db.Database;
import io.storeit.server.entity.Attachments;
import io.storeit.server.entity.EntityTable;
import io.storeit.server.entity.EntityType;
import io.storeit.server.entity.Fields;
import io.storeit.server.entity.Page;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Reads and writes the table {@code locations}. Every method sees one group only. */
public final class LocationRepository {
    private static final String PARENT = "parent_id";

    private final Database database;
    private final EntityTable<Location> locations;

    public LocationRepository(Database database, Attachments attachments, InstantSource clock) {
        this.database = database;
        locations = new EntityTable<>(EntityType.LOCATION, Fields.LOCATION, Location.COLUMNS, Location::of, attachments, clock);
    }

    Optional<Location> find(String group, String id) {
        return database.read(sql -> locations.find(sql, group, id));
    }

    List<Location> listRoots(String group) {
        return database.read(sql -> locations.listRoots(sql, group, PARENT));
    }

    /** Lists the locations directly in another; none when there is no such location. */
    List<Location> listIn(String group, String parent) {
        return database.read(sql -> locations.listIn(sql, group, PARENT, parent));
    }

    LocationTree tree(String group) {
        return new LocationTree(database.read(sql -> locations.list(sql, group, Page.ALL)));
    }

    /**
     * @param parent the location it is in; empty for none
     * @param values of {@link Fields#ofNew}
     */
    Location insert(String group, Optional<String> parent, ObjectNode values) {
        return database.inTransaction(sql -> {
            if (parent.isPresent()) {
                EntityType.LOCATION.require(sql, group, parent.get());
            }
            return locations.insert(sql, group, values.put(PARENT, parent.orElse(null)));
        });
    }

    /** @param changes of {@link Fields#ofUpdate} */
    Location update(String group, String id, ObjectNode changes) {
        return database.inTransaction(sql -> locations.update(sql, group, id, changes));
    }

    void delete(String group, String id) {
        database.inTransaction(sql -> locations.delete(sql, group, id));
    }
}
