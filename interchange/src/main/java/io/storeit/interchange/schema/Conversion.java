package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.PasswordHash;
import io.storeit.interchange.base.Quoted;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Converts rows for the program that will read an archive: to the schema it understands, and without what harms old servers. Used by
 * everything that writes archives, so that it does not matter which way an archive took.
 */
public final class Conversion {

    /** Names the keys of files that archives do not contain. */
    private static final List<String> VARIANT_KEYS = List.of("thumbnail_key", "large_key");
    /** Limits the schema for servers before 0.3.0. */
    private static final int NEWEST_BEFORE_0_3 = 2;
    private static final Pattern VERSION = Pattern.compile("v?([0-9]{1,6})\\.([0-9]{1,6})(?:[.+-].*)?");

    private final SchemaChain chain;
    private final boolean argon2Only;
    private final Losses losses = new Losses();

    private Conversion(SchemaChain chain, boolean argon2Only) {
        this.chain = chain;
        this.argon2Only = argon2Only;
    }

    /**
     * Creates a conversion between two schema versions.
     *
     * @param from       schema version of the rows as they come
     * @param toSchema   the one to convert to; 0 for the same, or for the newest that {@code forVersion} reads
     * @param forVersion version of the server that will read them, such as {@code 0.2.1}, or null
     * @throws ArchiveException when this build does not know one of the versions or the server could not read the schema
     */
    public static Conversion of(int from, int toSchema, String forVersion) {
        boolean before03 = forVersion != null && isBefore03(forVersion);
        int to = toSchema != 0 ? toSchema : before03 ? Math.min(from, NEWEST_BEFORE_0_3) : from;
        for (int schema : new int[] {from, to}) {
            if (schema < SchemaTransforms.OLDEST || schema > SchemaTransforms.newest()) {
                throw new ArchiveException("cannot convert schema version " + from + " to " + to + ": this build supports versions "
                        + SchemaTransforms.OLDEST + " to " + SchemaTransforms.newest(), "Convert it with the newer StoreIT of the two.");
            }
        }
        if (before03 && to > NEWEST_BEFORE_0_3) {
            throw new ArchiveException("StoreIT " + Quoted.bare(forVersion) + " cannot read schema version " + to,
                    "Choose schema version " + NEWEST_BEFORE_0_3 + ", or none.");
        }
        return new Conversion(SchemaTransforms.chain(from, to), before03);
    }

    /** Returns the schema version of the rows before the conversion. */
    public int from() {
        return chain.from();
    }

    /** Returns the schema version of the rows after the conversion. */
    public int to() {
        return chain.to();
    }

    /** Converts one row; the row given may be changed. */
    public ObjectNode apply(Table table, ObjectNode row) {
        if (argon2Only && table == Table.USERS) {
            dropOtherHashes(row);
        }
        if (table == Table.PHOTOS) {
            setVariantKeysAside(row);
        }
        return chain.apply(table, row, losses);
    }

    /** Returns what could not be kept of the rows so far. */
    public LossReport losses() {
        return losses.report();
    }

    /**
     * Drops other password hashes: servers before 0.3.0 fail at every login of a user with one, and an administrator with one prevents them
     * from creating a new administrator. The report names the kind of the hash, never the hash.
     */
    private void dropOtherHashes(ObjectNode user) {
        JsonNode hash = user.path("_password_hash");
        if (hash.isTextual() && !PasswordHash.isArgon2(hash.textValue())) {
            losses.add(Table.USERS, user.path("id").asText(), user.path("external_id").asText(), "_password_hash",
                    new TextNode(PasswordHash.kind(hash.textValue())));
            user.remove("_password_hash");
        }
    }

    /**
     * Renames these keys: the files they name are not in the archive, and an old server fails for ever on a key whose file is missing.
     * Under names that it ignores, an import still finds the files where they are.
     */
    private static void setVariantKeysAside(ObjectNode photo) {
        for (String key : VARIANT_KEYS) {
            if (photo.hasNonNull(key)) {
                photo.set("_" + key, photo.get(key));
                photo.putNull(key);
            }
        }
    }

    private static boolean isBefore03(String version) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            throw new ArchiveException("not a version: " + Quoted.of(version), "Write a version as 0.2.1.");
        }
        return Integer.parseInt(matcher.group(1)) == 0 && Integer.parseInt(matcher.group(2)) < 3;
    }
}
