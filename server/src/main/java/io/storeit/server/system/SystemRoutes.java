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

/** What storeit-ctl asks: which version this is, whether it is well, and whether it has the data it should have. */
public final class SystemRoutes {
    /** Enough to notice a wrong image folder; more would make the check slow with large photos. */
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
     * For everybody: that it answers, and as what. For administrators also what an upgrade is judged by, or, with {@code counts}, how many
     * records of each kind there are now.
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

    /** What the import that made this database stamped into it; null in one that was never imported. */
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

    /** Whether the file opens and, where its name carries a hash, has the bytes it should have. */
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
