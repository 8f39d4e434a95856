package io.storeit.interchange.schema;

import java.util.Objects;

/**
 * Describes one row of {@code _sqlx_migrations}, the table by which StoreIT databases are recognised.
 *
 * @param version       the number of the migration, {@code YYYYMMDD} and six digits
 * @param description   its name in that table
 * @param schemaVersion the schema version that a database has once this migration is its last
 * @param checksum      SHA-384 of the migration, lower-case hex; a 48-byte BLOB in the table
 */
public record Migration(long version, String description, int schemaVersion, String checksum) {

    private static final int SHA_384_HEX_DIGITS = 96;

    public Migration {
        Objects.requireNonNull(description);
        if (checksum.length() != SHA_384_HEX_DIGITS) {
            throw new IllegalArgumentException("the checksum of migration " + version + " is no SHA-384");
        }
    }
}
