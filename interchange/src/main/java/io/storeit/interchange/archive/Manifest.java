package io.storeit.interchange.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.base.Uuids;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.LossReport;
import io.storeit.interchange.schema.Table;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Describes an archive: the content of {@code backup/manifest.json}. The first five fields are as old as the format; the rest were added by
 * StoreIT 0.3 and are ignored by older servers.
 *
 * @param formatVersion  1 for the oldest archives, which call it {@code version}, else 2
 * @param schemaVersion  the schema version of the rows
 * @param appVersion     the version of the program that wrote it; null when not stated
 * @param createdAt      when the data was read; null when not stated or not understood
 * @param includesImages whether image files are in the archive
 * @param counts         rows of each table; null when not stated
 * @param digest         digest of the rows; null when not stated
 * @param skippedImages  keys of image files that could not be read when the archive was written
 * @param losses         what was dropped when the rows were converted to an older schema or for an older server
 * @param source         the state of the database the rows were read from; null when not stated
 */
public record Manifest(
        int formatVersion,
        int schemaVersion,
        String appVersion,
        Instant createdAt,
        boolean includesImages,
        Map<Table, Long> counts,
        ContentDigest.Value digest,
        List<String> skippedImages,
        LossReport losses,
        Source source) {

    /** Numbers the format that every StoreIT since 0.1 writes, the newest this build reads. */
    public static final int FORMAT = 2;

    private static final int OLDEST_FORMAT = 1;
    private static final Pattern APP_VERSION = Pattern.compile("[0-9A-Za-z.+_-]{1,64}");
    private static final DateTimeFormatter CREATED_AT = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.nnnnnnnnnxxx");

    /**
     * Identifies the database and its state: as long as the database has the same pair, nothing was written since.
     *
     * @param databaseId    random id the database got when it was made
     * @param changeCounter how many transactions had changed archived content
     */
    public record Source(String databaseId, long changeCounter) {
    }

    public Manifest {
        counts = counts == null ? null : Collections.unmodifiableMap(new EnumMap<>(counts));
        skippedImages = List.copyOf(skippedImages);
    }

    /** Creates a manifest of the current format that states nothing about rows yet. */
    public static Manifest of(int schemaVersion, String appVersion, Instant createdAt, boolean includesImages) {
        return new Manifest(FORMAT, schemaVersion, appVersion, createdAt, includesImages, null, null, List.of(), LossReport.NONE, null);
    }

    /** Returns a copy with what is known once all rows were read. */
    public Manifest withContent(Map<Table, Long> counts, ContentDigest.Value digest) {
        return new Manifest(formatVersion, schemaVersion, appVersion, createdAt, includesImages, counts, digest,
                skippedImages, losses, source);
    }

    public Manifest withSkippedImages(List<String> skippedImages) {
        return new Manifest(formatVersion, schemaVersion, appVersion, createdAt, includesImages, counts, digest,
                skippedImages, losses, source);
    }

    public Manifest withLosses(LossReport losses) {
        return new Manifest(formatVersion, schemaVersion, appVersion, createdAt, includesImages, counts, digest,
                skippedImages, losses, source);
    }

    public Manifest withSource(Source source) {
        return new Manifest(formatVersion, schemaVersion, appVersion, createdAt, includesImages, counts, digest,
                skippedImages, losses, source);
    }

    /** Returns the number of rows in all tables; 0 when not stated. */
    public long rows() {
        return counts == null ? 0 : counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns {@link #rows} plus a step for each image file, of which there are at most as many as photos. */
    public long rowsAndImages() {
        return rows() + (includesImages && counts != null ? counts.getOrDefault(Table.PHOTOS, 0L) : 0);
    }

    /** Returns the content of {@code backup/manifest.json}, with keys in the order old archives have them. What is not stated is left out. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("format_version", formatVersion);
        json.put("schema_version", schemaVersion);
        if (appVersion != null) {
            json.put("app_version", appVersion);
        }
        if (createdAt != null) {
            json.put("created_at", CREATED_AT.format(createdAt.atOffset(ZoneOffset.UTC)));
        }
        json.put("includes_images", includesImages);
        if (counts != null) {
            ObjectNode rows = json.putObject("counts");
            counts.forEach((table, count) -> rows.put(table.key(), count));
        }
        if (digest != null) {
            json.set("digest", digest.toJson());
        }
        if (!skippedImages.isEmpty()) {
            ArrayNode keys = json.putArray("skipped_images");
            skippedImages.forEach(keys::add);
        }
        if (!losses.isEmpty()) {
            json.set("losses", losses.toJson());
        }
        if (source != null) {
            json.putObject("source").put("database_id", source.databaseId()).put("change_counter", source.changeCounter());
        }
        return json;
    }

    /**
     * Reads a manifest of any age. An unknown format is refused; a newer schema is not, because the caller may only want to look. What is
     * not needed and not of the expected form is left out, so that no program prints or opens untrusted content.
     *
     * @throws ArchiveException when it is of an unknown format or names no possible schema version
     */
    public static Manifest parse(ObjectNode json) {
        int format = format(json);
        int schema = schema(json);
        String appVersion = json.path("app_version").asText();
        return new Manifest(format, schema, APP_VERSION.matcher(appVersion).matches() ? appVersion : null, instant(json.path("created_at").textValue()),
                json.path("includes_images").asBoolean(false),
                counts(json.path("counts")),
                ContentDigest.Value.parse(json.path("digest")),
                storageKeys(json.path("skipped_images")),
                LossReport.parse(json.path("losses")),
                source(json.path("source")));
    }

    /** Returns the format, which the oldest archives call {@code version}; an archive without either is treated like them. */
    private static int format(ObjectNode json) {
        JsonNode format = json.has("format_version") ? json.get("format_version") : json.path("version");
        if (format.isMissingNode()) {
            return OLDEST_FORMAT;
        }
        if (!format.isInt() || format.intValue() < OLDEST_FORMAT || format.intValue() > FORMAT) {
            throw new ArchiveException(
                    "manifest.json: unknown archive format " + Quoted.of(format) + "; this version of StoreIT reads formats 1 and 2",
                    "The archive may come from a newer StoreIT: use that version, or a newer one, to read it.");
        }
        return format.intValue();
    }

    /** Returns the schema version. Archives from before there were schema versions have none, or one that is not a number: those are of version 1. */
    private static int schema(ObjectNode json) {
        JsonNode schema = json.path("schema_version");
        if (!schema.isIntegralNumber()) {
            return 1;
        }
        if (!schema.isInt() || schema.intValue() < 1) {
            throw new ArchiveException("manifest.json: invalid schema version " + Quoted.of(schema),
                    "The manifest was damaged or written by hand; use another backup.");
        }
        return schema.intValue();
    }

    private static Instant instant(String text) {
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null; // Nothing depends on it; old servers never looked either.
        }
    }

    private static Map<Table, Long> counts(JsonNode json) {
        var counts = new EnumMap<Table, Long>(Table.class);
        for (Table table : Table.values()) {
            JsonNode count = json.path(table.key());
            if (count.canConvertToLong() && count.isIntegralNumber()) {
                counts.put(table, count.longValue());
            }
        }
        return counts.isEmpty() ? null : counts;
    }

    private static List<String> storageKeys(JsonNode json) {
        var keys = new ArrayList<String>();
        for (JsonNode element : json) {
            if (element.isTextual() && StorageKey.isValid(element.textValue())) {
                keys.add(element.textValue());
            }
        }
        return keys;
    }

    private static Source source(JsonNode json) {
        JsonNode id = json.path("database_id");
        JsonNode counter = json.path("change_counter");
        return id.isTextual() && Uuids.isNormal(id.textValue()) && counter.isIntegralNumber() && counter.canConvertToLong()
                ? new Source(id.textValue(), counter.longValue()) : null;
    }
}
