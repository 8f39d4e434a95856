package io.storeit.interchange.sqlite;

import io.storeit.interchange.DatabaseException;
import io.storeit.interchange.schema.SchemaTransforms;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the options of an export mean for one database.
 *
 * @param databaseVersion the schema version of the rows read
 * @param schemaVersion   the schema version of the archive
 * @param argon2Only      whether the server that reads it knows no other password hashes
 */
record ExportPlan(int databaseVersion, int schemaVersion, boolean argon2Only) {

    private static final Pattern VERSION = Pattern.compile("v?([0-9]{1,6})\\.([0-9]{1,6})(?:[.+-].*)?");
    /** The newest schema that servers before 0.3.0 read. */
    private static final int NEWEST_BEFORE_0_3 = 2;

    static ExportPlan of(int databaseVersion, ExportOptions options) {
        boolean before = options.forVersion() != null && isBefore03(options.forVersion());
        int schema = options.toSchema();
        if (schema == 0) {
            schema = before ? Math.min(databaseVersion, NEWEST_BEFORE_0_3) : databaseVersion;
        }
        if (schema < SchemaTransforms.OLDEST || schema > SchemaTransforms.newest()) {
            throw new DatabaseException("cannot export to schema version " + schema + ": this build knows versions "
                    + SchemaTransforms.OLDEST + " to " + SchemaTransforms.newest(), "Use the newer StoreIT of the two to convert.");
        }
        if (before && schema > NEWEST_BEFORE_0_3) {
            throw new DatabaseException("StoreIT " + options.forVersion() + " cannot read schema version " + schema,
                    "Leave out --to-schema, or choose " + NEWEST_BEFORE_0_3 + ".");
        }
        return new ExportPlan(databaseVersion, schema, before);
    }

    private static boolean isBefore03(String version) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            throw new DatabaseException("not a version: " + version, "Write it like 0.2.1.");
        }
        return Integer.parseInt(matcher.group(1)) == 0 && Integer.parseInt(matcher.group(2)) < 3;
    }
}
