package io.storeit.server.photo;

import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.entity.Attachments;
import io.storeit.server.entity.EntityType;
import io.storeit.server.problem.Problem;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Reads and writes the table {@code photos}. A photo belongs to the group of what it shows. Every method sees one group only. */
public final class PhotoRepository implements Attachments {
    private static final String OF_GROUP = """
            ? = CASE entity_type
                  WHEN 'location' THEN (SELECT group_id FROM locations WHERE locations.id = entity_id)
                  WHEN 'container' THEN (SELECT group_id FROM containers WHERE containers.id = entity_id)
                  ELSE (SELECT group_id FROM items WHERE items.id = entity_id)
                END""";

    private final Database database;
    private final RemovedImages removed;
    private final InstantSource clock;

    public PhotoRepository(Database database, RemovedImages removed, InstantSource clock) {
        this.database = database;
        this.removed = removed;
        this.clock = clock;
    }

    /** Lists the photos of one entity: the primary one first, then in the order of their upload. */
    List<Photo> listOf(String group, EntityType type, String entity) {
        return database.read(sql -> sql.list("SELECT " + Photo.COLUMNS + " FROM photos WHERE entity_type = ? AND entity_id = ? AND " + OF_GROUP
                + " ORDER BY is_primary = 1 DESC, created_at, id", Photo::of, type.label(), entity, group));
    }

    Photo get(String group, String id) {
        return database.read(sql -> get(sql, group, id));
    }

    ImageKeys imageKeys(String group, String id) {
        return database.read(sql -> imageKeys(sql, group, id));
    }

    /**
     * Inserts a new photo. The first one of an entity becomes its primary one.
     *
     * @param image put in place once the entity is known to exist, in the same transaction: a removal of the same file, which has
     *              a transaction of its own, comes either before or after
     */
    Photo insert(String group, EntityType type, String entity, ImageType kind, NewImage image) {
        String id = UUID.randomUUID().toString();
        return database.inTransaction(sql -> {
            type.require(sql, group, entity);
            boolean first = !sql.exists("SELECT 1 FROM photos WHERE entity_type = ? AND entity_id = ?", type.label(), entity);
            sql.update("""
                    INSERT INTO photos (id, entity_type, entity_id, storage_key, mime_type, is_primary, rotation, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, 0, ?)""",
                    id, type.label(), entity, image.key(), kind.mimeType(), first ? 1 : 0, Times.stored(clock.instant()));
            image.putInPlace();
            return get(sql, group, id);
        });
    }

    /** Turns the photo by that many more degrees, clockwise. */
    Photo rotate(String group, String id, int degrees) {
        return database.inTransaction(sql -> {
            int rotation = Math.floorMod(get(sql, group, id).rotation() + degrees, 360);
            sql.update("UPDATE photos SET rotation = ? WHERE id = ?", rotation, id);
            return get(sql, group, id);
        });
    }

    /** Makes it the primary photo of its entity. */
    Photo makePrimary(String group, String id) {
        return database.inTransaction(sql -> {
            Photo photo = get(sql, group, id);
            sql.update("UPDATE photos SET is_primary = (id = ?) WHERE entity_type = ? AND entity_id = ?", id, photo.entityType(), photo.entityId());
            return get(sql, group, id);
        });
    }

    /** Deletes the photo. If it was the entity's primary one, the oldest of the others becomes it. */
    void delete(String group, String id) {
        database.inTransaction(sql -> {
            Photo photo = get(sql, group, id);
            removed.note(sql, imageKeys(sql, group, id));
            sql.update("DELETE FROM photos WHERE id = ?", id);
            if (photo.isPrimary()) {
                sql.update("""
                        UPDATE photos SET is_primary = 1
                        WHERE id = (SELECT id FROM photos WHERE entity_type = ? AND entity_id = ? ORDER BY created_at, id LIMIT 1)""",
                        photo.entityType(), photo.entityId());
            }
            return null;
        });
    }

    @Override
    public void detach(Sql sql, String group, EntityType type, String id) throws SQLException {
        List<ImageKeys> images = sql.list("SELECT " + ImageKeys.COLUMNS + " FROM photos WHERE entity_type = ? AND entity_id = ?",
                ImageKeys::of, type.label(), id);
        for (ImageKeys keys : images) {
            removed.note(sql, keys);
        }
        sql.update("DELETE FROM photos WHERE entity_type = ? AND entity_id = ?", type.label(), id);
    }

    private static Photo get(Sql sql, String group, String id) throws SQLException {
        return found(id, sql.first("SELECT " + Photo.COLUMNS + " FROM photos WHERE id = ? AND " + OF_GROUP, Photo::of, id, group));
    }

    private static ImageKeys imageKeys(Sql sql, String group, String id) throws SQLException {
        return found(id, sql.first("SELECT " + ImageKeys.COLUMNS + " FROM photos WHERE id = ? AND " + OF_GROUP, ImageKeys::of, id, group));
    }

    private static <T> T found(String id, Optional<T> photo) {
        return photo.orElseThrow(() -> Problem.notFound("photo", id));
    }
}
