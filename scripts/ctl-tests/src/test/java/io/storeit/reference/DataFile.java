package io.storeit.reference;

import java.util.ArrayList;
import java.util.List;

/** The data files of an archive in the order they are written, each with its table, its keys and the order of its rows (D26: by name). */
enum DataFile {
    USERS("users", "display_name",
            "id:uuid external_id:text email:text display_name:text is_admin:boolean created_at:time updated_at:time _password_hash:text?"),
    GROUPS("groups", "name", "id:uuid name:text created_at:time updated_at:time"),
    MEMBERSHIPS("user_groups", "user_id", "user_id:uuid group_id:uuid role:text"),
    SETTINGS("settings", "key", "key:text value:text"),
    LOCATIONS("locations", "name",
            "id:uuid group_id:uuid parent_id:uuid? name:text description:text? latitude:real? longitude:real? created_at:time updated_at:time"),
    CONTAINERS("containers", "name", """
            id:uuid group_id:uuid parent_location_id:uuid? parent_container_id:uuid? name:text description:text? color:text? created_at:time updated_at:time"""),
    ITEMS("items", "name", """
            id:uuid group_id:uuid container_id:uuid? location_id:uuid? name:text description:text? aliases:strings keywords:strings category:text? barcode:text? \
            material:text? color:text? condition_notes:text? quantity:integer ai_raw:json? created_at:time updated_at:time"""),
    PHOTOS("photos", "created_at", """
            id:uuid entity_type:text entity_id:uuid storage_key:text mime_type:text is_primary:boolean rotation:integer created_at:time \
            thumbnail_key:text? large_key:text?"""),
    NFC_TAGS("nfc_tags", "created_at DESC",
            "id:uuid group_id:uuid tag_uri:text entity_type:text? entity_id:uuid? created_at:time assigned_at:time?");

    enum Kind { UUID, TEXT, BOOLEAN, INTEGER, REAL, TIME, STRINGS, JSON }

    /** One key of a row. Its column has the same name, but for the password hash, which an archive marks as private. */
    record Column(String key, Kind kind, boolean nullable) {
        String sqlName() {
            return key.equals("_password_hash") ? "password_hash" : key;
        }

        boolean sinceSchema2() {
            return key.equals("thumbnail_key") || key.equals("large_key");
        }
    }

    final String table;
    final String order;
    private final List<Column> columns;

    DataFile(String table, String order, String columns) {
        this.table = table;
        this.order = order;
        var list = new ArrayList<Column>();
        for (var column : columns.trim().split("\\s+")) {
            var nullable = column.endsWith("?");
            var parts = column.substring(0, column.length() - (nullable ? 1 : 0)).split(":");
            list.add(new Column(parts[0], Kind.valueOf(parts[1].toUpperCase()), nullable));
        }
        this.columns = List.copyOf(list);
    }

    String fileName() {
        return name().toLowerCase() + ".json";
    }

    List<Column> columns(int schema) {
        return schema >= 2 ? columns : columns.stream().filter(column -> !column.sinceSchema2()).toList();
    }
}
