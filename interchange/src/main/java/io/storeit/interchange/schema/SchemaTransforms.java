package io.storeit.interchange.schema;

import static io.storeit.interchange.schema.Column.nullable;
import static io.storeit.interchange.schema.Column.required;

import io.storeit.interchange.schema.Column.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/** Knows all schema versions of this build: the columns of each and the conversion between any two. */
public final class SchemaTransforms {

    /** Numbers the first schema version. Its columns stand here; every later one is the sum of its transforms. */
    public static final int OLDEST = 1;

    private static final Column ID = required("id", Kind.UUID);
    private static final Column GROUP_ID = required("group_id", Kind.UUID);
    private static final Column NAME = required("name", Kind.TEXT);
    private static final Column DESCRIPTION = nullable("description", Kind.TEXT);
    private static final Column CREATED_AT = required("created_at", Kind.TIME);
    private static final Column UPDATED_AT = required("updated_at", Kind.TIME);

    private static final Map<Table, List<Column>> OLDEST_COLUMNS = Map.of(
            Table.USERS, List.of(ID,
                    required("external_id", Kind.TEXT),
                    required("email", Kind.TEXT),
                    required("display_name", Kind.TEXT),
                    required("is_admin", Kind.BOOLEAN),
                    CREATED_AT, UPDATED_AT,
                    new Column("_password_hash", "password_hash", Kind.TEXT, true, true)),
            Table.GROUPS, List.of(ID, NAME, CREATED_AT, UPDATED_AT),
            Table.MEMBERSHIPS, List.of(
                    required("user_id", Kind.UUID),
                    required("group_id", Kind.UUID),
                    required("role", Kind.ROLE)),
            Table.SETTINGS, List.of(
                    required("key", Kind.TEXT),
                    required("value", Kind.TEXT)),
            Table.LOCATIONS, List.of(ID, GROUP_ID,
                    nullable("parent_id", Kind.UUID),
                    NAME, DESCRIPTION,
                    nullable("latitude", Kind.REAL),
                    nullable("longitude", Kind.REAL),
                    CREATED_AT, UPDATED_AT),
            Table.CONTAINERS, List.of(ID, GROUP_ID,
                    nullable("parent_location_id", Kind.UUID),
                    nullable("parent_container_id", Kind.UUID),
                    NAME, DESCRIPTION,
                    nullable("color", Kind.TEXT),
                    CREATED_AT, UPDATED_AT),
            Table.ITEMS, List.of(ID, GROUP_ID,
                    nullable("container_id", Kind.UUID),
                    nullable("location_id", Kind.UUID),
                    NAME, DESCRIPTION,
                    required("aliases", Kind.STRINGS),
                    required("keywords", Kind.STRINGS),
                    nullable("category", Kind.TEXT),
                    nullable("barcode", Kind.TEXT),
                    nullable("material", Kind.TEXT),
                    nullable("color", Kind.TEXT),
                    nullable("condition_notes", Kind.TEXT),
                    required("quantity", Kind.INTEGER),
                    nullable("ai_raw", Kind.JSON),
                    CREATED_AT, UPDATED_AT),
            Table.PHOTOS, List.of(ID,
                    required("entity_type", Kind.ENTITY_TYPE),
                    required("entity_id", Kind.UUID),
                    required("storage_key", Kind.TEXT),
                    required("mime_type", Kind.TEXT),
                    required("is_primary", Kind.BOOLEAN),
                    required("rotation", Kind.INTEGER),
                    CREATED_AT),
            Table.NFC_TAGS, List.of(ID, GROUP_ID,
                    required("tag_uri", Kind.TEXT),
                    nullable("entity_type", Kind.TAG_ENTITY_TYPE),
                    nullable("entity_id", Kind.UUID),
                    CREATED_AT,
                    nullable("assigned_at", Kind.TIME)));

    /** Holds the transform to version n at index n - 2. */
    private static final List<SchemaTransform> TRANSFORMS = load();

    private SchemaTransforms() {
    }

    /** Returns the newest schema version this build knows, which its own databases have. */
    public static int newest() {
        return OLDEST + TRANSFORMS.size();
    }

    /** Returns the columns of a table's rows in a schema version, in no particular order. */
    public static List<Column> columns(Table table, int schema) {
        requireKnown(schema);
        var columns = new ArrayList<>(OLDEST_COLUMNS.get(table));
        for (SchemaTransform transform : TRANSFORMS) {
            if (transform.to() <= schema) {
                columns.addAll(transform.added().getOrDefault(table, List.of()));
            }
        }
        return List.copyOf(columns);
    }

    /** Returns the conversion from one known version to another. */
    public static SchemaChain chain(int from, int to) {
        requireKnown(from);
        requireKnown(to);
        var steps = new ArrayList<>(TRANSFORMS.subList(Math.min(from, to) - OLDEST, Math.max(from, to) - OLDEST));
        if (from > to) {
            Collections.reverse(steps);
        }
        return new SchemaChain(from, to, steps);
    }

    /** Returns the transforms, oldest first. */
    public static List<SchemaTransform> all() {
        return TRANSFORMS;
    }

    private static void requireKnown(int schema) {
        if (schema < OLDEST || schema > newest()) {
            throw new IllegalArgumentException("schema version " + schema + " is not between " + OLDEST + " and " + newest());
        }
    }

    private static List<SchemaTransform> load() {
        List<SchemaTransform> transforms = ServiceLoader.load(SchemaTransform.class, SchemaTransform.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(SchemaTransform::to))
                .toList();
        for (int i = 0; i < transforms.size(); i++) {
            int expected = OLDEST + 1 + i;
            if (transforms.get(i).to() != expected) {
                throw new IllegalStateException("the step to schema version " + expected + " is missing or doubled");
            }
        }
        return transforms;
    }
}
