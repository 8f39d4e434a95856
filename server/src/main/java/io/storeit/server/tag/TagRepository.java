package io.storeit.server.tag;

import io.storeit.server.db.Database;
import io.storeit.server.db.Sql;
import io.storeit.server.db.Times;
import io.storeit.server.entity.EntityType;
import io.storeit.server.entity.Place;
import io.storeit.server.problem.Problem;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes the table {@code nfc_tags}. Every method sees one group only, but an address is unique over all of them. */
public final class TagRepository {
    private static final String NO_ID = "00000000-0000-0000-0000-000000000000";
    /** The most characters of an address. The tags themselves store fewer. */
    private static final int LONGEST_URI = 2000;
    /** The text in the QR code of a printed label. */
    private static final Pattern LABEL = Pattern.compile("(location|container|item)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");
    private static final String UNASSIGN = "UPDATE nfc_tags SET entity_type = NULL, entity_id = NULL, assigned_at = NULL WHERE group_id = ? AND ";

    private final Database database;
    private final InstantSource clock;

    public TagRepository(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Lists the tags, newest first. */
    List<Tag> list(String group) {
        return database.read(sql -> sql.list(
                "SELECT " + Tag.COLUMNS + " FROM nfc_tags WHERE group_id = ? ORDER BY created_at DESC, rowid DESC", Tag::of, group));
    }

    Tag get(String group, String id) {
        return database.read(sql -> get(sql, group, id));
    }

    Tag insert(String group, String uri) {
        return database.inTransaction(sql -> {
            if (byUri(sql, uri).isPresent()) {
                throw taken(uri);
            }
            return insert(sql, group, uri);
        });
    }

    Tag assign(String group, String id, Place target) {
        return database.inTransaction(sql -> {
            get(sql, group, id);
            return assign(sql, group, id, target);
        });
    }

    /** Assigns the tag with that address, and creates it if it does not exist. */
    Tag insertAndAssign(String group, String uri, Place target) {
        return database.inTransaction(sql -> {
            Optional<Tag> present = byUri(sql, uri);
            if (present.isPresent() && !present.get().groupId().equals(group)) {
                throw taken(uri);
            }
            Tag tag = present.isPresent() ? present.get() : insert(sql, group, uri);
            return assign(sql, group, tag.id(), target);
        });
    }

    void unassign(String group, String id) {
        database.inTransaction(sql -> {
            get(sql, group, id);
            return sql.update(UNASSIGN + "id = ?", group, id);
        });
    }

    /** Frees the tags of an entity that is being deleted. */
    public void unassignAll(Sql sql, String group, EntityType type, String entity) throws SQLException {
        sql.update(UNASSIGN + "entity_type = ? AND entity_id = ?", group, type.label(), entity);
    }

    void delete(String group, String id) {
        database.inTransaction(sql -> {
            get(sql, group, id);
            return sql.update("DELETE FROM nfc_tags WHERE id = ? AND group_id = ?", id, group);
        });
    }

    /** Finds the target of the tag with that address. */
    Target resolve(String group, String uri) {
        return database.read(sql -> {
            Tag tag = byUri(sql, uri).filter(found -> found.groupId().equals(group)).orElseThrow(() -> Problem.notFound("nfc_tag", NO_ID));
            if (!tag.assigned()) {
                throw Problem.validation("NFC tag is not assigned to any entity");
            }
            return target(sql, group, tag);
        });
    }

    /** Finds the target of a scanned UID, which may also be that of a printed label. */
    UidAnswer resolveUid(String group, String uid) {
        return database.read(sql -> {
            Optional<Tag> tag = byUri(sql, uid).filter(found -> found.assigned() || found.groupId().equals(group));
            if (tag.isPresent()) {
                return tag.get().assigned()
                        ? new UidAnswer("assigned", null, target(sql, group, tag.get()))
                        : new UidAnswer("unassigned", tag.get().id(), null);
            }
            Matcher label = LABEL.matcher(uid);
            return label.matches()
                    ? new UidAnswer("assigned", null, Target.of(sql, group, null, EntityType.of(label.group(1)), label.group(2)))
                    : new UidAnswer("unknown", null, null);
        });
    }

    /** Finds the target of a tag. Throws NOT_FOUND when the tag or its target does not belong to the group. */
    private static Target target(Sql sql, String group, Tag tag) throws SQLException {
        if (!tag.groupId().equals(group)) {
            throw Problem.notFound(tag.entityType(), tag.entityId());
        }
        return Target.of(sql, group, tag.id(), EntityType.of(tag.entityType()), tag.entityId());
    }

    private static Tag get(Sql sql, String group, String id) throws SQLException {
        return sql.first("SELECT " + Tag.COLUMNS + " FROM nfc_tags WHERE id = ? AND group_id = ?", Tag::of, id, group)
                .orElseThrow(() -> Problem.notFound("nfc_tag", id));
    }

    /** Finds a tag in any group. */
    private static Optional<Tag> byUri(Sql sql, String uri) throws SQLException {
        return sql.first("SELECT " + Tag.COLUMNS + " FROM nfc_tags WHERE tag_uri = ?", Tag::of, uri);
    }

    private static Problem taken(String uri) {
        return Problem.of(Problem.Kind.CONFLICT, "NFC tag is already registered: " + uri);
    }

    private Tag insert(Sql sql, String group, String uri) throws SQLException {
        if (uri.isBlank()) {
            throw Problem.validation("tag_uri must not be blank");
        }
        if (uri.length() > LONGEST_URI) {
            throw Problem.validation("tag_uri must not be longer than " + LONGEST_URI + " characters");
        }
        String id = UUID.randomUUID().toString();
        sql.update("INSERT INTO nfc_tags (id, group_id, tag_uri, created_at) VALUES (?, ?, ?, ?)", id, group, uri, now());
        return get(sql, group, id);
    }

    private Tag assign(Sql sql, String group, String id, Place target) throws SQLException {
        target.require(sql, group);
        sql.update("UPDATE nfc_tags SET entity_type = ?, entity_id = ?, assigned_at = ? WHERE id = ? AND group_id = ?",
                target.type().label(), target.id(), now(), id, group);
        return get(sql, group, id);
    }

    private String now() {
        return Times.stored(clock.instant());
    }
}
