package io.storeit.interchange.schema;

import java.util.Optional;

/**
 * Lists the archived tables. The order is that of the files in an archive and of the inserts of an import: what a row refers to stands in
 * an earlier table, or in its own.
 */
public enum Table {
    USERS("users", "users", "user"),
    GROUPS("groups", "groups", "group"),
    MEMBERSHIPS("memberships", "user_groups", "membership"),
    SETTINGS("settings", "settings", "setting"),
    LOCATIONS("locations", "locations", "location"),
    CONTAINERS("containers", "containers", "container"),
    ITEMS("items", "items", "item"),
    PHOTOS("photos", "photos", "photo"),
    NFC_TAGS("nfc_tags", "nfc_tags", "NFC tag");

    private final String key;
    private final String fileName;
    private final String sqlName;
    private final String label;

    Table(String key, String sqlName, String label) {
        this.key = key;
        this.fileName = key + ".json";
        this.sqlName = sqlName;
        this.label = label;
    }

    /** Returns the name used in the manifest and in reports: {@code memberships}. */
    public String key() {
        return key;
    }

    /** Returns the file under {@code backup/data/}: {@code memberships.json}. */
    public String fileName() {
        return fileName;
    }

    /** Returns the table in the database: {@code user_groups}. */
    public String sqlName() {
        return sqlName;
    }

    /** Returns the word for one row in messages: {@code membership}. */
    public String label() {
        return label;
    }

    /** Returns the table of a {@link #key()}, or empty when no table has that key. */
    public static Optional<Table> ofKey(String key) {
        for (Table table : values()) {
            if (table.key.equals(key)) {
                return Optional.of(table);
            }
        }
        return Optional.empty();
    }
}
