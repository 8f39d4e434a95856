package io.storeit.server.container;

import io.storeit.server.db.Database;
import java.util.List;

/** The table {@code containers}. */
public final class ContainerRepository {
    private final Database database;

    public ContainerRepository(Database database) {
        this.database = database;
    }

    /** All containers of a group, by name, byte by byte. */
    List<Container> list(String group) {
        return database.read(sql -> sql.list("""
                SELECT id, group_id, parent_location_id, parent_container_id, name, description, color, created_at, updated_at
                FROM containers WHERE group_id = ? ORDER BY name""", Container::of, group));
    }
}
