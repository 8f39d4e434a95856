package io.storeit.interchange.sqlite;

import io.storeit.interchange.schema.Migration;
import io.storeit.interchange.schema.SchemaTransforms;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists the migrations a StoreIT database can have, oldest first: those of servers up to 0.2.1, and those that later schema versions add
 * with their transform. Their rows in {@code _sqlx_migrations} are what servers before 0.3.0 check: version, checksum and success.
 */
public final class Migrations {

    /** Lists the migrations as servers up to 0.2.1 record them. Schema version 1 ends with the ninth, schema version 2 with the tenth. */
    private static final List<Migration> BEFORE_0_3 = List.of(
            new Migration(20260228000001L, "initial schema", 1,
                    "a8c12ebfb545f284fb53fdc197e604ef5a08089ea5961509"
                            + "4aca3adeba89f8cefb7731a5609c00c2237c769a444d3edb"),
            new Migration(20260228000002L, "fts5 search", 1,
                    "f15b6f43c0afc146864bbca886b5c17e6d5f7539e49fea52"
                            + "2c733b4737ca6f1322b1b4b5fb33e6959c8c403bfa058b84"),
            new Migration(20260228000003L, "auth", 1,
                    "d3a5a94024954226b346e5bc9b28798ffe4cba85bc917f0f"
                            + "0c5d2860e0b04b1bfcb8fd875db48d2d135b32036c0400ce"),
            new Migration(20260304000001L, "local auth", 1,
                    "a37a5abb562834e0f243ca920c4be4f50a447b9c83a01a9d"
                            + "64827fae5195dfe906ed8d8389cb9a8f8ca62c36d6a6da7d"),
            new Migration(20260304000002L, "location coordinates", 1,
                    "7b7de224bad92f8e75df520ff7a8cf8da53995427856e1ed"
                            + "c32bf1dc48f229314866cdc3d555d0931f59c18f4ec89ba8"),
            new Migration(20260305000001L, "settings", 1,
                    "4a8f87b43aa94b8520435251b6abdf67e9effc9a986425e5"
                            + "2892ad6ec712531742d953be2b95075467380b301b509c01"),
            new Migration(20260305000002L, "photo storage key index", 1,
                    "a50b002b387a8c9e6ba2b61ae9d6f7a8be38f35dc6ab8e74"
                            + "703ff01fc6439b8af039683fc91e726a3121d83503310f22"),
            new Migration(20260316000001L, "photo rotation", 1,
                    "fa30cd2f49da3b767d03240ef9780fd885de2bdb2958d9e7"
                            + "de79efd214b81409377ca9f9dc8b0b23edb13c9e47079756"),
            new Migration(20260317000001L, "meta table", 1,
                    "2b3ba7b58ead607fb3b520afb654ff5cd3eca540fe0d241a"
                            + "e6f5cd279c66c57c038ffaa8738af64b7185be0c90d18982"),
            new Migration(20260318000001L, "photo size keys", 2,
                    "0ad59d35615daaab5d8907459dc871183e98ff0cd45e4fdc"
                            + "c6747abf58d29c3ab7820451638212fe938d9b388256dcef"));

    private Migrations() {
    }

    /** Returns all migrations this build knows, oldest first. */
    public static List<Migration> known() {
        var known = new ArrayList<>(BEFORE_0_3);
        SchemaTransforms.all().forEach(transform -> known.addAll(transform.migrations()));
        return List.copyOf(known);
    }

    /** Returns the migrations of a database of that schema version, oldest first. */
    public static List<Migration> upTo(int schemaVersion) {
        return known().stream().filter(migration -> migration.schemaVersion() <= schemaVersion).toList();
    }
}
