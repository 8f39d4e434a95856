package io.storeit.interchange.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.PasswordHash;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.inspect.RecordDifference.Difference;
import io.storeit.interchange.schema.Column;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Scratch;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Compares two archives of the same household and reports what was added, changed and removed: records are matched by their ids and
 * compared as {@link ContentDigest} does, so archives of equal digest have no difference. Archives of different schema versions are
 * compared in the newer of the two.
 *
 * <p>Only ids and hashes of the older archive are kept, in a {@link Scratch} database, and it is read once more for the records that turned
 * out to be different and are wanted. Image files are not read: a photo names its bytes by their hash.
 */
public final class ArchiveDifference implements Closeable {

    /** Distinguishes what happened to a record. */
    public enum Kind { ADDED, CHANGED, REMOVED }

    /**
     * Describes one value that differs.
     *
     * @param before null for what was not there or not set
     * @param after  null for what is not there or not set
     */
    public record Field(String name, JsonNode before, JsonNode after) {
    }

    /**
     * Describes one record that differs.
     *
     * @param id     of a membership the ids of user and group, of a setting its key
     * @param name   what a person calls it; of a photo the name of what it shows; may be empty
     * @param path   the names of the places around it now, or when it was removed; the outermost first
     * @param from   where it lay before, if that is another place; else null
     * @param fields those that differ; of an added or removed record all that are set. Only the kind of a password hash is shown
     */
    public record Change(Table table, Kind kind, String id, String name, List<String> path, List<String> from, List<Field> fields) {

        /** Limits the characters of a value in a line. */
        private static final int SHOWN = 40;

        /** Returns a line for people: {@code + Drill, in House / Garage}. */
        public String text() {
            var line = new StringBuilder(switch (kind) {
                case ADDED -> "+ ";
                case CHANGED -> "~ ";
                case REMOVED -> "- ";
            });
            line.append(name.isEmpty() ? id : Quoted.bare(name));
            if (!path.isEmpty() && table != Table.PHOTOS) {
                line.append(table == Table.NFC_TAGS ? ", at " : ", in ").append(ArchiveCatalogue.text(path));
            } else if (path.size() > 1) {
                line.append(", in ").append(ArchiveCatalogue.text(path.subList(0, path.size() - 1)));
            }
            if (kind == Kind.CHANGED) {
                var parts = new ArrayList<String>();
                if (from != null) {
                    parts.add("was in " + (from.isEmpty() ? "no other place" : ArchiveCatalogue.text(from)));
                }
                for (Field field : fields) {
                    boolean told = from != null && PLACE_COLUMNS.contains(field.name()) || fields.size() > 1 && field.name().equals("updated_at");
                    if (field.name().equals(PASSWORD)) {
                        parts.add("password changed");
                    } else if (!told) {
                        parts.add(field.name() + " " + shown(field.before()) + " -> " + shown(field.after()));
                    }
                }
                line.append(": ").append(String.join(", ", parts));
            }
            return line.toString();
        }

        private static String shown(JsonNode value) {
            return value == null ? "nothing" : value.isTextual() ? Quoted.of(value.textValue(), SHOWN) : Quoted.bare(value.toString(), SHOWN);
        }

        public ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("table", table.key()).put("kind", kind.name().toLowerCase(Locale.ROOT)).put("id", id).put("name", name);
            path.forEach(json.putArray("path")::add);
            if (from != null) {
                from.forEach(json.putArray("from")::add);
            }
            ArrayNode changes = json.putArray("fields");
            fields.forEach(field -> {
                ObjectNode change = changes.addObject().put("name", field.name());
                change.set("before", field.before());
                change.set("after", field.after());
            });
            return json;
        }
    }

    private static final String PASSWORD = "_password_hash";
    /** Names the columns that hold the place of a record. */
    private static final Set<String> PLACE_COLUMNS = Set.of(
            "parent_id", "parent_location_id", "parent_container_id", "location_id", "container_id", "entity_type", "entity_id");
    private static final int BEFORE = RecordNames.BEFORE;
    private static final int AFTER = RecordNames.AFTER;
    private final Path older;
    private final Path newer;
    private final int most;
    private final Progress progress;
    private final Manifest olderManifest;
    private final Manifest newerManifest;
    private final int schemaVersion;
    private final ContentDigest olderDigest;
    private final ContentDigest newerDigest;
    private final Scratch scratch;
    private final RecordNames names;
    /** Marks, by number, the records of the older archive that the newer has too, and those of them that differ. */
    private final BitSet met = new BitSet();
    private final BitSet changed = new BitSet();
    /** Counts by table and kind. */
    private final long[][] counts = new long[Table.values().length][Kind.values().length];
    private long steps;

    private ArchiveDifference(Path older, Path newer, int most, Progress progress) {
        this.older = older;
        this.newer = newer;
        this.most = most;
        this.progress = progress;
        this.olderManifest = ArchiveReader.readManifest(older);
        this.newerManifest = ArchiveReader.readManifest(newer);
        ArchiveReader.requireUnderstood(olderManifest);
        ArchiveReader.requireUnderstood(newerManifest);
        this.schemaVersion = Math.max(olderManifest.schemaVersion(), newerManifest.schemaVersion());
        this.olderDigest = new ContentDigest(schemaVersion);
        this.newerDigest = new ContentDigest(schemaVersion);
        this.scratch = new Scratch("compare archives");
        this.names = new RecordNames(scratch);
    }

    /**
     * Compares two archives.
     *
     * @param most     records of each table and kind that will be handed over; all are counted
     * @param progress gets steps of one row
     * @throws ArchiveException when one of them cannot be used, also when its schema is newer than this build knows
     */
    public static ArchiveDifference between(Path older, Path newer, int most, Progress progress) {
        var difference = new ArchiveDifference(older, newer, most, progress);
        boolean complete = false;
        try {
            difference.compare();
            complete = true;
            return difference;
        } catch (SQLException e) {
            throw difference.scratch.failure(e);
        } catch (IOException e) {
            throw new ArchiveException("cannot compare " + older + " with " + newer + ": " + Reasons.of(e), "", e);
        } finally {
            if (!complete) {
                difference.close();
            }
        }
    }

    public Manifest older() {
        return olderManifest;
    }

    public Manifest newer() {
        return newerManifest;
    }

    /** Returns the schema version in which both were compared. */
    public int schemaVersion() {
        return schemaVersion;
    }

    /** Returns how many records differ; one entry for every table, also for those without a difference. */
    public Map<Table, Difference> counts() {
        var differences = new EnumMap<Table, Difference>(Table.class);
        for (Table table : Table.values()) {
            long[] count = counts[table.ordinal()];
            differences.put(table, new Difference(count[Kind.ADDED.ordinal()], count[Kind.REMOVED.ordinal()], count[Kind.CHANGED.ordinal()]));
        }
        return differences;
    }

    public boolean isEmpty() {
        return counts().values().stream().allMatch(Difference::isEmpty);
    }

    /** Hands over the differences, table by table: added, changed, removed. */
    public void forEach(Consumer<Change> taker) {
        try (var query = scratch.prepare("SELECT before, after FROM differences WHERE part = ? AND kind = ? ORDER BY number")) {
            for (Table table : Table.values()) {
                for (Kind kind : Kind.values()) {
                    query.setInt(1, table.ordinal());
                    query.setInt(2, kind.ordinal());
                    try (var rows = query.executeQuery()) {
                        while (rows.next()) {
                            taker.accept(change(table, kind, row(rows.getString(1)), row(rows.getString(2))));
                        }
                    }
                }
            }
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
    }

    @Override
    public void close() {
        try {
            scratch.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- Reading and comparing

    private void compare() throws SQLException, IOException {
        names.create();
        scratch.execute("CREATE TABLE records (number INTEGER PRIMARY KEY, part INTEGER, key BLOB, hash BLOB)");
        scratch.execute("CREATE TABLE differences (number INTEGER PRIMARY KEY, part INTEGER, kind INTEGER, record INTEGER, before TEXT, after TEXT)");
        progress.total(olderManifest.rows() + newerManifest.rows());
        readOlder();
        scratch.execute("CREATE INDEX records_by_key ON records (key, part, hash)");
        readNewer();
        leaveOutSeededGroup();
        scratch.execute("CREATE INDEX differences_by_record ON differences (record) WHERE record IS NOT NULL");
        fetchOlder();
        scratch.execute("CREATE INDEX differences_by_kind ON differences (part, kind, number)");
        nameShown(older, BEFORE, olderManifest);
        nameShown(newer, AFTER, newerManifest);
        names.complete();
    }

    private void readOlder() throws SQLException, IOException {
        progress.status("reading " + older.getFileName());
        try (var insertName = names.insert(BEFORE);
                var insert = scratch.prepare("INSERT INTO records VALUES (?, ?, ?, ?)")) {
            read(older, olderManifest, (number, table, row) -> {
                RecordNames.addPlace(insertName, table, row);
                olderDigest.add(table, row);
                insert.setLong(1, number);
                insert.setInt(2, table.ordinal());
                insert.setBytes(3, key(table, row));
                insert.setBytes(4, olderDigest.lastRow());
                insert.executeUpdate();
                counts[table.ordinal()][Kind.REMOVED.ordinal()]++; // until it is met
                progress.done(++steps);
            });
        }
    }

    private void readNewer() throws SQLException, IOException {
        progress.status("comparing with " + newer.getFileName());
        try (var insertName = names.insert(AFTER);
                var query = scratch.prepare("SELECT number, hash FROM records WHERE key = ? AND part = ?");
                var insert = scratch.prepare("INSERT INTO differences (part, kind, record, after) VALUES (?, ?, ?, ?)")) {
            read(newer, newerManifest, (number, table, row) -> {
                RecordNames.addPlace(insertName, table, row);
                newerDigest.add(table, row);
                progress.done(++steps);
                query.setBytes(1, key(table, row));
                query.setInt(2, table.ordinal());
                int record = -1;
                boolean same = false;
                try (var found = query.executeQuery()) {
                    // A damaged archive may hold an id twice: each of them is met once.
                    while (record < 0 && found.next()) {
                        int candidate = found.getInt(1);
                        if (!met.get(candidate)) {
                            record = candidate;
                            same = Arrays.equals(found.getBytes(2), newerDigest.lastRow());
                        }
                    }
                }
                if (record >= 0) {
                    met.set(record);
                    counts[table.ordinal()][Kind.REMOVED.ordinal()]--;
                }
                int kind = (record < 0 ? Kind.ADDED : Kind.CHANGED).ordinal();
                if (same || ++counts[table.ordinal()][kind] > most) {
                    return;
                }
                names.show(AFTER, table, row);
                insert.setInt(1, table.ordinal());
                insert.setInt(2, kind);
                insert.setObject(3, record < 0 ? null : record);
                insert.setString(4, row.toString());
                insert.executeUpdate();
                if (record >= 0) {
                    changed.set(record);
                }
            });
        }
    }

    /**
     * Ignores the seeded group: equal sums say that the rows are equal, so only this group can differ, and it counts nowhere as long as it
     * is not used.
     */
    private void leaveOutSeededGroup() throws SQLException {
        if (olderDigest.value().tables().get(Table.GROUPS).equals(newerDigest.value().tables().get(Table.GROUPS))) {
            scratch.execute("DELETE FROM differences WHERE part = " + Table.GROUPS.ordinal());
            Arrays.fill(counts[Table.GROUPS.ordinal()], 0);
        }
    }

    /** Reads the older archive again for the records that were removed or changed. */
    private void fetchOlder() throws SQLException, IOException {
        long[] wanted = new long[counts.length];
        for (Table table : Table.values()) {
            wanted[table.ordinal()] = Math.min(most, counts[table.ordinal()][Kind.REMOVED.ordinal()]);
        }
        if (changed.isEmpty() && Arrays.stream(wanted).sum() == 0) {
            return;
        }
        progress.status("reading " + older.getFileName() + " again");
        try (var removed = scratch.prepare("INSERT INTO differences (part, kind, before) VALUES (?, ?, ?)");
                var changing = scratch.prepare("UPDATE differences SET before = ? WHERE record = ?")) {
            read(older, olderManifest, (number, table, row) -> {
                int record = Math.toIntExact(number);
                if (changed.get(record)) {
                    names.show(BEFORE, table, row);
                    changing.setString(1, row.toString());
                    changing.setInt(2, record);
                    changing.executeUpdate();
                } else if (!met.get(record) && wanted[table.ordinal()]-- > 0) {
                    names.show(BEFORE, table, row);
                    removed.setInt(1, table.ordinal());
                    removed.setInt(2, Kind.REMOVED.ordinal());
                    removed.setString(3, row.toString());
                    removed.executeUpdate();
                }
            });
        }
    }

    /** Reads an archive again for the names of items, which are too many to keep all of them. */
    private void nameShown(Path archive, int side, Manifest manifest) throws SQLException, IOException {
        if (!names.anythingShown(side)) {
            return;
        }
        progress.status("looking up the names of records with photos");
        try (var insertName = names.insert(side); var wanted = names.isShown(side)) {
            read(archive, manifest, (number, table, row) -> {
                if (table == Table.ITEMS) {
                    RecordNames.addIfShown(insertName, wanted, row);
                }
            });
        }
    }

    private void read(Path archive, Manifest manifest, ConvertedRows.Taker taker) throws IOException {
        ConvertedRows.read(archive, SchemaTransforms.chain(manifest.schemaVersion(), schemaVersion), scratch, taker);
    }

    private static byte[] key(Table table, ObjectNode row) {
        return switch (table) {
            case MEMBERSHIPS, SETTINGS -> RecordNames.id(table, row).getBytes(StandardCharsets.UTF_8);
            case USERS, GROUPS, LOCATIONS, CONTAINERS, ITEMS, PHOTOS, NFC_TAGS -> {
                UUID id = UUID.fromString(row.get("id").textValue());
                yield ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).array();
            }
        };
    }

    private static ObjectNode row(String text) {
        try {
            return text == null ? null : (ObjectNode) Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Change change(Table table, Kind kind, ObjectNode before, ObjectNode after) throws SQLException {
        boolean there = after != null;
        ObjectNode row = there ? after : before;
        int side = there ? AFTER : BEFORE;
        List<String> path = names.path(side, RecordNames.place(table, row));
        boolean moved = kind == Kind.CHANGED && !Objects.equals(RecordNames.place(table, before), RecordNames.place(table, after));
        return new Change(table, kind, RecordNames.id(table, row), names.of(side, table, row, path), path,
                moved ? names.path(BEFORE, RecordNames.place(table, before)) : null, fields(table, before, after));
    }

    private List<Field> fields(Table table, ObjectNode before, ObjectNode after) {
        var fields = new ArrayList<Field>();
        for (Column column : SchemaTransforms.columns(table, schemaVersion)) {
            JsonNode old = before == null ? null : before.get(column.key());
            JsonNode now = after == null ? null : after.get(column.key());
            if (column.digested() && !newerDigest.isSame(column, old, now)) {
                fields.add(new Field(column.key(), shown(column, old), shown(column, now)));
            }
        }
        return fields;
    }

    private static JsonNode shown(Column column, JsonNode value) {
        if (value == null || value.isNull()) {
            return null;
        }
        return column.key().equals(PASSWORD) ? JsonNodeFactory.instance.textNode(PasswordHash.kind(value.textValue())) : value;
    }
}
