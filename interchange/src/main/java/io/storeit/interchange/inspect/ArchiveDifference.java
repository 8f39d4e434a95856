package io.storeit.interchange.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
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
import io.storeit.interchange.schema.Losses;
import io.storeit.interchange.schema.SchemaChain;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Scratch;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
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
 * What was added, changed and removed between two archives of the same household: records are matched by their ids and compared as
 * {@link ContentDigest} does, so archives of equal digest have no difference. Archives of different schema versions are compared in the
 * newer of the two.
 *
 * <p>Of the older archive only ids and hashes are kept, in a {@link Scratch} database, and it is read once more for the records that turned
 * out to be different and are wanted. Image files are not read: a photo names its bytes by their hash.
 */
public final class ArchiveDifference implements Closeable {

    /** What happened to a record. */
    public enum Kind { ADDED, CHANGED, REMOVED }

    /**
     * One value that differs.
     *
     * @param before null for what was not there or not set
     * @param after  null for what is not there or not set
     */
    public record Field(String name, JsonNode before, JsonNode after) {
    }

    /**
     * One record that differs.
     *
     * @param id     of a membership the ids of user and group, of a setting its key
     * @param name   what a person calls it; of a photo the name of what it shows; may be empty
     * @param path   the names of the places it lies in now, or lay in when it was removed; the outermost first
     * @param from   where it lay before, if that is another place; else null
     * @param fields those that differ; of an added or removed record all that are set. Password hashes are told by their kind only
     */
    public record Change(Table table, Kind kind, String id, String name, List<String> path, List<String> from, List<Field> fields) {

        /** Characters of a value in a line. */
        private static final int SHOWN = 40;

        /** A line for people: {@code + Drill, in House / Garage}. */
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
                    parts.add("was in " + (from.isEmpty() ? "no place" : ArchiveCatalogue.text(from)));
                }
                for (Field field : fields) {
                    boolean told = from != null && PLACE_COLUMNS.contains(field.name()) || fields.size() > 1 && field.name().equals("updated_at");
                    if (field.name().equals(PASSWORD)) {
                        parts.add("another password");
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
    /** The columns that say where something lies. */
    private static final Set<String> PLACE_COLUMNS = Set.of(
            "parent_id", "parent_location_id", "parent_container_id", "location_id", "container_id", "entity_type", "entity_id");
    private static final int BEFORE = 0;
    private static final int AFTER = 1;
    /** By which column a record lies in which kind of place; at most one is set. */
    private static final Map<Table, Map<String, Table>> PLACES = Map.of(
            Table.LOCATIONS, Map.of("parent_id", Table.LOCATIONS),
            Table.CONTAINERS, Map.of("parent_location_id", Table.LOCATIONS, "parent_container_id", Table.CONTAINERS),
            Table.ITEMS, Map.of("location_id", Table.LOCATIONS, "container_id", Table.CONTAINERS));

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
    /** Records of the older archive that the newer has too, and those of them that are different there; by their number. */
    private final BitSet met = new BitSet();
    private final BitSet changed = new BitSet();
    /** By table and kind. */
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

    /** The schema version both were compared in. */
    public int schemaVersion() {
        return schemaVersion;
    }

    /** How many records differ; one entry for every table, also for those without a difference. */
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

    /** Hands over what differs, table by table: added, changed, removed. */
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
        scratch.execute("CREATE TABLE records (number INTEGER PRIMARY KEY, part INTEGER, key BLOB, hash BLOB)");
        scratch.execute("CREATE TABLE names (side INTEGER, key TEXT, name TEXT, parent TEXT)");
        scratch.execute("CREATE TABLE shown (side INTEGER, key TEXT, PRIMARY KEY (side, key)) WITHOUT ROWID");
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
        scratch.execute("CREATE INDEX names_by_key ON names (side, key)");
    }

    private void readOlder() throws SQLException, IOException {
        progress.status("reading " + older.getFileName());
        try (var names = scratch.prepare("INSERT INTO names VALUES (" + BEFORE + ", ?, ?, ?)");
                var insert = scratch.prepare("INSERT INTO records VALUES (?, ?, ?, ?)")) {
            read(older, olderManifest, (number, table, row) -> {
                name(names, table, row);
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
        try (var names = scratch.prepare("INSERT INTO names VALUES (" + AFTER + ", ?, ?, ?)");
                var query = scratch.prepare("SELECT number, hash FROM records WHERE key = ? AND part = ?");
                var insert = scratch.prepare("INSERT INTO differences (part, kind, record, after) VALUES (?, ?, ?, ?)")) {
            read(newer, newerManifest, (number, table, row) -> {
                name(names, table, row);
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
                show(AFTER, table, row);
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
     * Equal sums say that the rows are equal; what differs then is only the seeded group, which counts nowhere as long as it is not used.
     */
    private void leaveOutSeededGroup() throws SQLException {
        if (olderDigest.value().tables().get(Table.GROUPS).equals(newerDigest.value().tables().get(Table.GROUPS))) {
            scratch.execute("DELETE FROM differences WHERE part = " + Table.GROUPS.ordinal());
            Arrays.fill(counts[Table.GROUPS.ordinal()], 0);
        }
    }

    /** Reads the older archive once more, for what of it is gone or different. */
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
                    show(BEFORE, table, row);
                    changing.setString(1, row.toString());
                    changing.setInt(2, record);
                    changing.executeUpdate();
                } else if (!met.get(record) && wanted[table.ordinal()]-- > 0) {
                    show(BEFORE, table, row);
                    removed.setInt(1, table.ordinal());
                    removed.setInt(2, Kind.REMOVED.ordinal());
                    removed.setString(3, row.toString());
                    removed.executeUpdate();
                }
            });
        }
    }

    /** Notes that the name of what a photo shows or a tag is attached to will be wanted; places have theirs already. */
    private void show(int side, Table table, ObjectNode row) throws SQLException {
        if (table == Table.PHOTOS && row.get("entity_type").textValue().equals(Table.ITEMS.label())) {
            try (var insert = scratch.prepare("INSERT OR IGNORE INTO shown VALUES (?, ?)")) {
                insert.setInt(1, side);
                insert.setString(2, key(Table.ITEMS, row.get("entity_id").textValue()));
                insert.executeUpdate();
            }
        }
    }

    /** Reads an archive once more for the names of items, which are too many to keep all of them. */
    private void nameShown(Path archive, int side, Manifest manifest) throws SQLException, IOException {
        if (rows(scratch, "SELECT count(*) FROM shown WHERE side = " + side) == 0) {
            return;
        }
        progress.status("naming what photos show");
        try (var names = scratch.prepare("INSERT INTO names VALUES (" + side + ", ?, ?, ?)");
                var wanted = scratch.prepare("SELECT 1 FROM shown WHERE side = " + side + " AND key = ?")) {
            read(archive, manifest, (number, table, row) -> {
                if (table == Table.ITEMS) {
                    wanted.setString(1, key(table, row.get("id").textValue()));
                    try (var found = wanted.executeQuery()) {
                        if (found.next()) {
                            name(names, key(table, row.get("id").textValue()), row.get("name").textValue(), place(table, row));
                        }
                    }
                }
            });
        }
    }

    private static long rows(Scratch scratch, String count) throws SQLException {
        try (var statement = scratch.prepare(count); var row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private interface Rows {
        /** @param number counts through all tables; the same whenever the archive is read */
        void row(long number, Table table, ObjectNode row) throws SQLException;
    }

    private void read(Path archive, Manifest manifest, Rows rows) throws SQLException, IOException {
        ArchiveReader.readRows(archive, new ArchiveHandler() {
            private SchemaChain chain;
            private final Losses none = new Losses();
            private long number;

            @Override
            public void manifest(Manifest found) {
                chain = SchemaTransforms.chain(manifest.schemaVersion(), schemaVersion);
            }

            @Override
            public void row(Table table, long ignored, ObjectNode row) {
                number++;
                if (table == Table.SETTINGS && ContentDigest.IMAGE_FOLDER_SETTING.equals(row.get("key").textValue())) {
                    return; // It belongs to the machine.
                }
                try {
                    rows.row(number, table, chain.apply(table, row, none));
                } catch (SQLException e) {
                    throw scratch.failure(e);
                }
            }

            @Override
            public void tableEnd(Table table, long count) {
            }

            @Override
            public void image(String key, long size, InputStream bytes) {
                throw new IllegalStateException("only rows are read");
            }
        }, ArchiveLimits.DEFAULT);
    }

    private static byte[] key(Table table, ObjectNode row) {
        return switch (table) {
            case MEMBERSHIPS, SETTINGS -> id(table, row).getBytes(StandardCharsets.UTF_8);
            case USERS, GROUPS, LOCATIONS, CONTAINERS, ITEMS, PHOTOS, NFC_TAGS -> {
                UUID id = UUID.fromString(row.get("id").textValue());
                yield ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).array();
            }
        };
    }

    private static String id(Table table, ObjectNode row) {
        return switch (table) {
            case MEMBERSHIPS -> row.get("user_id").textValue() + " " + row.get("group_id").textValue();
            case SETTINGS -> row.get("key").textValue();
            case USERS, GROUPS, LOCATIONS, CONTAINERS, ITEMS, PHOTOS, NFC_TAGS -> row.get("id").textValue();
        };
    }

    // ---- Names and places

    private static String key(Table table, String id) {
        return table.ordinal() + id;
    }

    private static void name(PreparedStatement insert, Table table, ObjectNode row) throws SQLException {
        switch (table) {
            case USERS -> name(insert, key(table, row.get("id").textValue()), row.get("external_id").textValue(), null);
            case GROUPS -> name(insert, key(table, row.get("id").textValue()), row.get("name").textValue(), null);
            case LOCATIONS, CONTAINERS -> name(insert, key(table, row.get("id").textValue()), row.get("name").textValue(), place(table, row));
            case MEMBERSHIPS, SETTINGS, ITEMS, PHOTOS, NFC_TAGS -> {
            }
        }
    }

    private static void name(PreparedStatement insert, String key, String name, String parent) throws SQLException {
        insert.setString(1, key);
        insert.setString(2, name);
        insert.setString(3, parent);
        insert.executeUpdate();
    }

    /** The key of the place a record lies in, or of what it belongs to; null when there is none. */
    private static String place(Table table, ObjectNode row) {
        if (table == Table.PHOTOS || table == Table.NFC_TAGS) {
            for (Table entity : List.of(Table.LOCATIONS, Table.CONTAINERS, Table.ITEMS)) {
                if (entity.label().equals(row.path("entity_type").textValue()) && row.hasNonNull("entity_id")) {
                    return key(entity, row.get("entity_id").textValue());
                }
            }
        }
        for (var place : PLACES.getOrDefault(table, Map.of()).entrySet()) {
            if (row.hasNonNull(place.getKey())) {
                return key(place.getValue(), row.get(place.getKey()).textValue());
            }
        }
        return null;
    }

    private List<String> path(int side, String place) throws SQLException {
        try (var query = scratch.prepare("SELECT name, parent FROM names WHERE side = ? AND key = ?")) {
            query.setInt(1, side);
            return Scratch.path(query, 2, place);
        }
    }

    private String nameOf(int side, Table table, ObjectNode row, List<String> path) throws SQLException {
        return switch (table) {
            case USERS -> row.get("external_id").textValue();
            case GROUPS, LOCATIONS, CONTAINERS, ITEMS -> row.get("name").textValue();
            case MEMBERSHIPS -> String.join("", path(side, key(Table.USERS, row.get("user_id").textValue()))) + " in "
                    + String.join("", path(side, key(Table.GROUPS, row.get("group_id").textValue())));
            case SETTINGS -> row.get("key").textValue();
            case PHOTOS -> path.isEmpty() ? "" : path.get(path.size() - 1);
            case NFC_TAGS -> row.get("tag_uri").textValue();
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
        List<String> path = path(side, place(table, row));
        boolean moved = kind == Kind.CHANGED && !Objects.equals(place(table, before), place(table, after));
        return new Change(table, kind, id(table, row), nameOf(side, table, row, path), path,
                moved ? path(BEFORE, place(table, before)) : null, fields(table, before, after));
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
