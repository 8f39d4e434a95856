package io.storeit.server.system;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Sha256;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.base.StoreitVersion;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.server.db.Database;
import io.storeit.server.http.Request;
import io.storeit.server.http.Response;
import io.storeit.server.photo.ImageFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Answers what storeit-ctl asks: the version, the health, and whether the server has the expected data. */
public final class SystemRoutes {
    /**
     * The photos whose files are read: enough to notice a wrong image folder. More would make the check slow with large photos.
     */
    private static final int PHOTOS_CHECKED = 5;

    private final Database database;
    private final Writes writes;
    private final ImageFolder images;

    public SystemRoutes(Database database, Writes writes, ImageFolder images) {
        this.database = database;
        this.writes = writes;
        this.images = images;
    }

    /**
     * Answers anyone that the server runs, and its version. Administrators also get the values that an upgrade is checked by or,
     * with {@code counts}, the current number of records of each kind.
     */
    public Response health(Request request) {
        ObjectNode health = JsonNodeFactory.instance.objectNode();
        health.put("status", "ok");
        health.put("app_version", StoreitVersion.APPLICATION);
        health.put("schema_version", schemaVersionOfDatabase());
        health.put("writes", writes.open() ? "open" : "held");
        if (request.caller().admin() && request.query("counts").isPresent()) {
            health.set("counts", counts());
        } else if (request.caller().admin()) {
            health.set("content", content());
            health.put("changes", meta("change_counter").map(Long::valueOf).orElse(0L));
            health.set("photos", photos());
        }
        return Response.ok(health);
    }

    public Response schemaVersion(Request request) {
        ObjectNode versions = JsonNodeFactory.instance.objectNode();
        versions.put("schema_version", schemaVersionOfDatabase());
        versions.put("expected_version", SchemaTransforms.newest());
        versions.put("app_version", StoreitVersion.APPLICATION);
        return Response.ok(versions);
    }

    private int schemaVersionOfDatabase() {
        return meta("schema_version").map(Integer::valueOf).orElse(0);
    }

    /** Returns what the import that made this database recorded in it; null in one that was never imported. */
    private ObjectNode content() {
        Optional<String> digest = meta("content_digest");
        if (digest.isEmpty()) {
            return null;
        }
        ObjectNode content = JsonNodeFactory.instance.objectNode();
        content.put("digest", digest.get());
        content.set("counts", meta("content_counts").map(Json::parseOrNull).orElse(null));
        return content;
    }

    private ObjectNode counts() {
        ObjectNode counts = JsonNodeFactory.instance.objectNode();
        database.read(sql -> {
            for (Table table : Table.values()) {
                counts.put(table.key(), sql.first("SELECT count(*) FROM " + table.sqlName(), row -> row.getLong(1)).orElseThrow());
            }
            return null;
        });
        return counts;
    }

    private Optional<String> meta(String key) {
        return database.read(sql -> sql.first("SELECT value FROM _meta WHERE key = ?", row -> row.getString(1), key));
    }

    private ObjectNode photos() {
        List<String> keys = database.read(sql -> sql.list("SELECT DISTINCT storage_key FROM photos ORDER BY created_at DESC LIMIT ?",
                row -> row.getString(1), PHOTOS_CHECKED));
        long unreadable = keys.stream().filter(key -> !isWhole(key)).count();
        return JsonNodeFactory.instance.objectNode().put("checked", keys.size()).put("unreadable", unreadable);
    }

    /** Returns whether the file can be read and, where its name contains a hash, has the expected bytes. */
    private boolean isWhole(String key) {
        if (!StorageKey.isValid(key)) {
            return false;
        }
        Path file = images.path().resolve(key);
        try {
            String hash = Sha256.hex(file);
            return StorageKey.hash(key).map(hash::equals).orElse(true);
        } catch (IOException e) {
            return false;
        }
    }
}
