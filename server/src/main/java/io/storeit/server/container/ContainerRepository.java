package io.storeit.server.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.server.db.Database;
import io.storeit.server.entity.Attachments;
import io.storeit.server.entity.EntityTable;
import io.storeit.server.entity.EntityType;
import io.storeit.server.entity.Fields;
import io.storeit.server.entity.Page;
import io.storeit.server.entity.Place;
import io.storeit.server.problem.Problem;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Reads and writes the table {@code containers}. Every method sees one group only. */
public final class ContainerRepository {
    private static final String PARENT = "parent_";

    private final Database database;
    private final EntityTable<Container> containers;

    public ContainerRepository(Database database, Attachments attachments, InstantSource clock) {
        this.database = database;
        containers = new EntityTable<>(EntityType.CONTAINER, Fields.CONTAINER, Container.COLUMNS, Container::of, attachments, clock);
    }

    Optional<Container> find(String group, String id) {
        return database.read(sql -> containers.find(sql, group, id));
    }

    List<Container> list(String group, Page page) {
        return database.read(sql -> containers.list(sql, group, page));
    }

    /** Lists the containers directly in another or at a location; none when there is no such place. */
    List<Container> listAt(String group, Place place) {
        return database.read(sql -> containers.listIn(sql, group, place.column(PARENT), place.id()));
    }

    List<Ancestry.Node> ancestry(String group, String id) {
        return database.read(sql -> Ancestry.of(sql, group, id));
    }

    /** @param values of {@link Fields#ofNew} */
    Container insert(String group, Place place, ObjectNode values) {
        return database.inTransaction(sql -> {
            place.require(sql, group);
            return containers.insert(sql, group, place.columns(PARENT).setAll(values));
        });
    }

    /** @param changes of {@link Fields#ofUpdate} */
    Container update(String group, String id, ObjectNode changes) {
        return database.inTransaction(sql -> containers.update(sql, group, id, changes));
    }

    /** Checks and moves in one transaction, so that two moves at the same time cannot put two containers into each other. */
    Container move(String group, String id, Place target) {
        return database.inTransaction(sql -> {
            if (target.type() == EntityType.CONTAINER && Ancestry.isWithin(sql, group, target.id(), id)) {
                throw Problem.of(Problem.Kind.CIRCULAR_REFERENCE, "circular reference detected: container " + id + " cannot be its own ancestor");
            }
            containers.get(sql, group, id);
            target.require(sql, group);
            return containers.set(sql, group, id, target.columns(PARENT));
        });
    }

    void delete(String group, String id) {
        database.inTransaction(sql -> containers.delete(sql, group, id));
    }
}
