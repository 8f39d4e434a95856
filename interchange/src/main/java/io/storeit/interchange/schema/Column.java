package io.storeit.interchange.schema;

import java.util.Objects;

/**
 * Describes one column of an archived table in one schema version.
 *
 * @param key      the key in the rows of the data file
 * @param sqlName  the column in the database
 * @param kind     what the value may be
 * @param nullable whether the value may be null; the key of a nullable column may be absent too
 * @param digested whether the value counts in the {@link io.storeit.interchange.digest.ContentDigest}; false for what can be rebuilt from the rest
 */
public record Column(String key, String sqlName, Kind kind, boolean nullable, boolean digested) {

    /** Distinguishes the forms that a value has in a row. The database's form of the same value is described in {@code docs/archive-format.md}. */
    public enum Kind {
        /** The value is text: 36 characters, lower case, with hyphens. Readers accept other spellings and hand over this one. */
        UUID,
        /** The value is text. */
        TEXT,
        /** The value is {@code true} or {@code false}; 1 or 0 in the database. */
        BOOLEAN,
        /** The value is a 32-bit integer. */
        INTEGER,
        /** The value is a 64-bit floating point number. */
        REAL,
        /**
         * The value is text {@code YYYY-MM-DDTHH:MM:SS.mmmZ}. Readers accept RFC 3339 and hand over this. See {@link
         * io.storeit.interchange.base.Timestamps}.
         */
        TIME,
        /** The value is a JSON array of strings; JSON text in the database. */
        STRINGS,
        /** The value is any JSON; JSON text in the database. */
        JSON,
        /** The value is {@code owner} or {@code member}. */
        ROLE,
        /** The value is {@code location}, {@code container} or {@code item}. */
        ENTITY_TYPE,
        /** The value is {@code location} or {@code container}. */
        TAG_ENTITY_TYPE
    }

    public Column {
        Objects.requireNonNull(key);
        Objects.requireNonNull(sqlName);
        Objects.requireNonNull(kind);
    }

    /** Creates a column that must have a value and has the same name in the archive and in the database. */
    public static Column required(String name, Kind kind) {
        return new Column(name, name, kind, false, true);
    }

    /** Creates a column that may be null and has the same name in the archive and in the database. */
    public static Column nullable(String name, Kind kind) {
        return new Column(name, name, kind, true, true);
    }

    /** Returns the same column, left out of the content digest. */
    public Column undigested() {
        return new Column(key, sqlName, kind, nullable, false);
    }
}
