package io.storeit.interchange.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Scratch;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Keeps the names of records of two archives, and their places, in a {@link Scratch} database. */
final class RecordNames {

    static final int BEFORE = 0;
    static final int AFTER = 1;

    /** Maps each kind of record to the columns that hold its place; at most one is set. */
    private static final Map<Table, Map<String, Table>> PLACES = Map.of(
            Table.LOCATIONS, Map.of("parent_id", Table.LOCATIONS),
            Table.CONTAINERS, Map.of("parent_location_id", Table.LOCATIONS, "parent_container_id", Table.CONTAINERS),
            Table.ITEMS, Map.of("location_id", Table.LOCATIONS, "container_id", Table.CONTAINERS));

    private final Scratch scratch;

    RecordNames(Scratch scratch) {
        this.scratch = scratch;
    }

    void create() throws SQLException {
        scratch.execute("CREATE TABLE names (side INTEGER, key TEXT, name TEXT, parent TEXT)");
        scratch.execute("CREATE TABLE shown (side INTEGER, key TEXT, PRIMARY KEY (side, key)) WITHOUT ROWID");
    }

    /** Prepares for queries, once all names are in. */
    void complete() throws SQLException {
        scratch.execute("CREATE INDEX names_by_key ON names (side, key)");
    }

    /** Returns the statement that takes names of one side in. */
    PreparedStatement insert(int side) throws SQLException {
        return scratch.prepare("INSERT INTO names VALUES (" + side + ", ?, ?, ?)");
    }

    /** Returns the statement that finds out whether the name of an item is wanted. */
    PreparedStatement isShown(int side) throws SQLException {
        return scratch.prepare("SELECT 1 FROM shown WHERE side = " + side + " AND key = ?");
    }

    /** Notes the record that a photo shows or a tag is attached to, because its name will be needed; places have theirs already. */
    void show(int side, Table table, ObjectNode row) throws SQLException {
        if (table == Table.PHOTOS && row.get("entity_type").textValue().equals(Table.ITEMS.label())) {
            try (var insert = scratch.prepare("INSERT OR IGNORE INTO shown VALUES (?, ?)")) {
                insert.setInt(1, side);
                insert.setString(2, key(Table.ITEMS, row.get("entity_id").textValue()));
                insert.executeUpdate();
            }
        }
    }

    /** Returns whether the name of any item is wanted. */
    boolean anythingShown(int side) throws SQLException {
        try (var statement = scratch.prepare("SELECT count(*) FROM shown WHERE side = " + side); var row = statement.executeQuery()) {
            row.next();
            return row.getLong(1) > 0;
        }
    }

    /** Keeps the name of an item if it is wanted. */
    static void addIfShown(PreparedStatement insert, PreparedStatement isShown, ObjectNode item) throws SQLException {
        String key = key(Table.ITEMS, item.get("id").textValue());
        isShown.setString(1, key);
        try (var found = isShown.executeQuery()) {
            if (found.next()) {
                add(insert, key, item.get("name").textValue(), place(Table.ITEMS, item));
            }
        }
    }

    private static String key(Table table, String id) {
        return table.ordinal() + id;
    }

    /** Keeps the name of a user, a group or a place. */
    static void addPlace(PreparedStatement insert, Table table, ObjectNode row) throws SQLException {
        switch (table) {
            case USERS -> add(insert, key(table, row.get("id").textValue()), row.get("external_id").textValue(), null);
            case GROUPS -> add(insert, key(table, row.get("id").textValue()), row.get("name").textValue(), null);
            case LOCATIONS, CONTAINERS -> add(insert, key(table, row.get("id").textValue()), row.get("name").textValue(), place(table, row));
            case MEMBERSHIPS, SETTINGS, ITEMS, PHOTOS, NFC_TAGS -> {
            }
        }
    }

    private static void add(PreparedStatement insert, String key, String name, String parent) throws SQLException {
        insert.setString(1, key);
        insert.setString(2, name);
        insert.setString(3, parent);
        insert.executeUpdate();
    }

    /** Returns the key of the place of a record, or of what it belongs to; null when there is none. */
    static String place(Table table, ObjectNode row) {
        if (table == Table.PHOTOS || table == Table.NFC_TAGS) {
            for (Table entity : List.of(Table.LOCATIONS, Table.CONTAINERS, Table.ITEMS)) {
                if (entity.label().equals(row.path("entity_type").textValue()) && row.hasNonNull("entity_id")) {
                    return key(entity, row.get("entity_id").textValue());
                }
            }
        }
        for (var place : PLACES.getOrDefault(table, Map.of()).entrySet()) {
            if (row.hasNonNull(place.getKey())) {
                return key(place.getValue(), row.get(place.getKey()).textValue());
            }
        }
        return null;
    }

    /** Returns the names of a place and of the places around it, the outermost first. */
    List<String> path(int side, String place) throws SQLException {
        try (var query = scratch.prepare("SELECT name, parent FROM names WHERE side = ? AND key = ?")) {
            query.setInt(1, side);
            return Scratch.path(query, 2, place);
        }
    }

    /** Returns the name of a record for people. */
    String of(int side, Table table, ObjectNode row, List<String> path) throws SQLException {
        return switch (table) {
            case USERS -> row.get("external_id").textValue();
            case GROUPS, LOCATIONS, CONTAINERS, ITEMS -> row.get("name").textValue();
            case MEMBERSHIPS -> String.join("", path(side, key(Table.USERS, row.get("user_id").textValue()))) + " in "
                    + String.join("", path(side, key(Table.GROUPS, row.get("group_id").textValue())));
            case SETTINGS -> row.get("key").textValue();
            case PHOTOS -> path.isEmpty() ? "" : path.get(path.size() - 1);
            case NFC_TAGS -> row.get("tag_uri").textValue();
        };
    }

    /** Returns what identifies a record within its table. */
    static String id(Table table, ObjectNode row) {
        return switch (table) {
            case MEMBERSHIPS -> row.get("user_id").textValue() + " " + row.get("group_id").textValue();
            case SETTINGS -> row.get("key").textValue();
            case USERS, GROUPS, LOCATIONS, CONTAINERS, ITEMS, PHOTOS, NFC_TAGS -> row.get("id").textValue();
        };
    }
}
