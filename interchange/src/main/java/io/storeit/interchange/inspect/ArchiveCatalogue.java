package io.storeit.interchange.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.storeit.interchange.archive.ArchiveHandler;
import io.storeit.interchange.archive.ArchiveLimits;
import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.Json;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.Scratch;
import io.storeit.interchange.sqlite.SearchIndex;
import io.storeit.interchange.sqlite.SearchQuery;
import io.storeit.interchange.sqlite.SearchText;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Lists the locations, containers and items of an archive as a tree, and searches them as a server would. The rows wait in a {@link
 * Scratch} database, so memory does not grow with their number; image files are not read.
 */
public final class ArchiveCatalogue implements Closeable {

    /**
     * Describes a line of the tree.
     *
     * @param depth    0 for a record in no other place
     * @param group    the name of its group, or its id where the archive has no such group
     * @param path     the names of the places around it, the outermost first; without its own
     * @param quantity of an item; 1 for all else
     * @param inside   how many things are in a place whose content is not listed; else 0
     */
    public record Line(int depth, Table table, String id, String name, String group, List<String> path, int quantity, long photos,
            long inside) {

        /** Returns a line for people, indented by its depth; places end with a slash: {@code Screws (200)}. */
        public String text() {
            String remark = inside > 0 ? " (" + inside + " inside)" : quantity != 1 ? " (" + quantity + ")" : "";
            return "  ".repeat(Math.min(depth, DEEPEST_INDENT)) + bare(name) + (table == Table.ITEMS ? "" : "/") + remark;
        }

        public ObjectNode toJson() {
            ObjectNode json = thing(table, id, name, group, path, photos);
            json.put("depth", depth).put("quantity", quantity).put("inside", inside);
            return json;
        }
    }

    /**
     * Describes a search result.
     *
     * @param row all its values, as they stand in the archive
     */
    public record Hit(Table table, String id, String name, String group, List<String> path, long photos, ObjectNode row) {

        /**
         * Returns name, place and description for people.
         *
         * @param withGroup whether the group is named too
         */
        public List<String> lines(boolean withGroup) {
            var lines = new ArrayList<String>();
            int quantity = table == Table.ITEMS ? row.path("quantity").intValue() : 1;
            lines.add(bare(name) + (table == Table.ITEMS ? "" : "/") + (quantity == 1 ? "" : " (" + quantity + ")"));
            lines.add("  in " + (path.isEmpty() ? "no other place" : ArchiveCatalogue.text(path)) + (withGroup ? ", of group " + bare(group) : ""));
            String description = row.path("description").asText("").strip();
            if (!description.isEmpty()) {
                lines.add("  " + bare(description.lines().findFirst().orElseThrow()));
            }
            lines.add("  " + table.label() + " " + id + (photos == 0 ? "" : photos == 1 ? ", 1 photo" : ", " + photos + " photos"));
            return lines;
        }

        public ObjectNode toJson() {
            ObjectNode json = thing(table, id, name, group, path, photos);
            json.set("record", row);
            return json;
        }
    }

    /** Holds the best hits, the best first, and the number of all hits. */
    public record Hits(List<Hit> hits, long total) {
    }

    /** Lists the tables with things, in the order in which they are listed. */
    private static final List<Table> KINDS = List.of(Table.LOCATIONS, Table.CONTAINERS, Table.ITEMS);
    /** Limits the index entries searched for words that begin as an unfinished one, as a server does. */
    private static final int CANDIDATES = 1000;

    /** Limits the indentation; a deeper line is indented no further. */
    private static final int DEEPEST_INDENT = 50;
    /** Limits the characters of a name or description in a line. */
    private static final int SHOWN = 200;

    private static final String TREE = """
            WITH RECURSIVE tree(number, key, kind, team, name, quantity, depth) AS (
                SELECT number, key, kind, team, name, quantity, 0 FROM things AS outermost
                WHERE parent IS NULL OR NOT EXISTS (SELECT 1 FROM things WHERE key = outermost.parent)
                UNION ALL
                SELECT child.number, child.key, child.kind, child.team, child.name, child.quantity, tree.depth + 1
                FROM tree JOIN things AS child ON child.parent = tree.key WHERE tree.depth < ?1
                ORDER BY 7 DESC, 4, 3, 5, 1 -- the deepest first: so the queue of this query goes through the tree branch by branch
            )
            SELECT key, kind, team, name, quantity, depth, (SELECT count(*) FROM photos WHERE thing = tree.key),
                depth = ?1 AND EXISTS (SELECT 1 FROM things WHERE parent = tree.key)
            FROM tree""";
    private static final String INSIDE = """
            WITH RECURSIVE inside(key) AS (
                SELECT key FROM things WHERE parent = ?
                UNION ALL
                SELECT child.key FROM inside JOIN things AS child ON child.parent = inside.key
            )
            SELECT count(*) FROM inside""";

    private final Scratch scratch = new Scratch("list an archive");
    private final List<String> groups = new ArrayList<>();
    private ArchiveReader.Contents contents;
    private boolean severalGroups;

    private ArchiveCatalogue() {
    }

    /**
     * Reads an archive.
     *
     * @param searchable whether {@link #find} will be called; else the rows themselves are not kept
     * @param progress   gets steps of one row
     * @throws ArchiveException when the archive cannot be used, also when its schema is newer than this build knows
     */
    public static ArchiveCatalogue open(Path archive, boolean searchable, Progress progress) {
        var catalogue = new ArchiveCatalogue();
        boolean filled = false;
        try (var filling = new Filling(catalogue, searchable, progress)) {
            catalogue.contents = ArchiveReader.readRows(archive, filling, ArchiveLimits.DEFAULT);
            progress.status("sorting");
            catalogue.scratch.execute("CREATE INDEX things_by_key ON things (key)");
            catalogue.scratch.execute("CREATE INDEX things_by_parent ON things (parent)");
            catalogue.scratch.execute("CREATE INDEX photos_by_thing ON photos (thing)");
            try (var rows = catalogue.scratch.prepare("SELECT count(DISTINCT team) FROM things"); var count = rows.executeQuery()) {
                catalogue.severalGroups = count.getInt(1) > 1;
            }
            filled = true;
            return catalogue;
        } catch (SQLException e) {
            throw catalogue.scratch.failure(e);
        } catch (IOException e) {
            throw new ArchiveException("cannot read " + archive + ": " + Reasons.of(e), "", e);
        } finally {
            if (!filled) {
                catalogue.close();
            }
        }
    }

    public Manifest manifest() {
        return contents.manifest();
    }

    /** Returns the number of rows of each table, as they were counted. */
    public Map<Table, Long> counts() {
        return contents.counts();
    }

    /** Returns whether things belong to more than one group. */
    public boolean hasSeveralGroups() {
        return severalGroups;
    }

    /**
     * Hands over each place and then its content, group by group: locations before containers before items, by name.
     *
     * @param deepest how far to go in; 0 for the outermost places only
     * @return how many records contain themselves, so that no path leads to them
     */
    public long walk(int deepest, Consumer<Line> taker) {
        var path = new ArrayList<String>();
        long passed = 0;
        try (var tree = scratch.prepare(TREE); var count = scratch.prepare(INSIDE)) {
            tree.setInt(1, deepest);
            try (var rows = tree.executeQuery()) {
                while (rows.next()) {
                    String key = rows.getString(1);
                    int depth = rows.getInt(6);
                    path.subList(depth, path.size()).clear();
                    long inside = rows.getBoolean(8) ? number(count, key) : 0;
                    taker.accept(new Line(depth, KINDS.get(rows.getInt(2)), id(key), rows.getString(4), groups.get(rows.getInt(3)),
                            List.copyOf(path), rows.getInt(5), rows.getLong(7), inside));
                    path.add(rows.getString(4));
                    passed += 1 + inside;
                }
            }
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
        return KINDS.stream().mapToLong(contents.counts()::get).sum() - passed;
    }

    /**
     * Searches names, descriptions, aliases, keywords and categories, by the rules of {@link SearchQuery}.
     *
     * @param most how many hits to hand over
     */
    public Hits find(String text, int most) {
        SearchQuery query = SearchQuery.of(text);
        if (query.expression().isEmpty()) {
            return new Hits(List.of(), 0);
        }
        try {
            long total;
            try (var count = scratch.prepare("SELECT count(*) FROM search WHERE search MATCH ?")) {
                total = number(count, query.expression());
            }
            if (total > 0 || query.shorter().isEmpty()) {
                return new Hits(hits(query.expression(), most), total);
            }
            List<Hit> hits = hits(query.shorter(), CANDIDATES).stream()
                    .filter(hit -> query.isBegunIn(SearchText.of(hit.table(), hit.row()))).toList();
            return new Hits(hits.subList(0, Math.min(hits.size(), most)), hits.size());
        } catch (SQLException e) {
            throw scratch.failure(e);
        }
    }

    private List<Hit> hits(String expression, int most) throws SQLException {
        var hits = new ArrayList<Hit>();
        try (var search = scratch.prepare("""
                SELECT key, kind, team, name, parent, row, (SELECT count(*) FROM photos WHERE thing = things.key)
                FROM search JOIN things ON number = search.rowid WHERE search MATCH ? ORDER BY rank, number LIMIT ?""")) {
            search.setString(1, expression);
            search.setInt(2, most);
            try (var rows = search.executeQuery()) {
                while (rows.next()) {
                    hits.add(new Hit(KINDS.get(rows.getInt(2)), id(rows.getString(1)), rows.getString(4), groups.get(rows.getInt(3)),
                            path(rows.getString(5)), rows.getLong(7), (ObjectNode) Json.MAPPER.readTree(rows.getString(6))));
                }
            }
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        return hits;
    }

    private static ObjectNode thing(Table table, String id, String name, String group, List<String> path, long photos) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", table.label()).put("id", id).put("name", name).put("group", group);
        path.forEach(json.putArray("path")::add);
        return json.put("photos", photos);
    }

    /** Returns a path for people: {@code House / Garage}. */
    static String text(List<String> path) {
        return path.stream().map(ArchiveCatalogue::bare).collect(Collectors.joining(" / "));
    }

    private static String bare(String name) {
        return Quoted.bare(name, SHOWN);
    }

    /** Returns the names on the path to and including a place. */
    private List<String> path(String place) throws SQLException {
        try (var lookup = scratch.prepare("SELECT name, parent FROM things WHERE key = ?")) {
            return Scratch.path(lookup, 1, place);
        }
    }

    private static long number(PreparedStatement query, String parameter) throws SQLException {
        query.setString(1, parameter);
        try (var row = query.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Returns a key that begins with the kind, because a location and a container may have the same id. */
    private static String key(Table table, String id) {
        return KINDS.indexOf(table) + id;
    }

    private static String id(String key) {
        return key.substring(1);
    }

    @Override
    public void close() {
        try {
            scratch.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Receives the rows of an archive. */
    private static final class Filling implements ArchiveHandler, AutoCloseable {

        private final ArchiveCatalogue catalogue;
        private final boolean searchable;
        private final Progress progress;
        private final Map<String, String> groupNames = new LinkedHashMap<>();
        private final Map<String, Integer> teams = new HashMap<>();
        private final PreparedStatement insertThing;
        private final PreparedStatement insertText;
        private final PreparedStatement insertPhoto;
        private long things;
        private long steps;

        Filling(ArchiveCatalogue catalogue, boolean searchable, Progress progress) throws SQLException {
            this.catalogue = catalogue;
            this.searchable = searchable;
            this.progress = progress;
            Scratch scratch = catalogue.scratch;
            scratch.execute("""
                    CREATE TABLE things (number INTEGER PRIMARY KEY, key TEXT, kind INTEGER, team INTEGER, parent TEXT,
                        name TEXT COLLATE NOCASE, quantity INTEGER, row TEXT)""");
            scratch.execute("CREATE TABLE photos (thing TEXT)");
            scratch.execute("CREATE VIRTUAL TABLE search USING fts5(text, content = '', tokenize = '" + SearchIndex.TOKENIZER + "')");
            insertThing = scratch.prepare("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
            insertText = scratch.prepare("INSERT INTO search (rowid, text) VALUES (?, ?)");
            insertPhoto = scratch.prepare("INSERT INTO photos VALUES (?)");
        }

        @Override
        public void manifest(Manifest manifest) {
            progress.total(manifest.rows());
            groupNames.put(ContentDigest.DEFAULT_GROUP_ID, ContentDigest.DEFAULT_GROUP_NAME);
        }

        @Override
        public void row(Table table, long number, ObjectNode row) {
            if (number == 1) {
                progress.status("reading " + table.key());
            }
            try {
                switch (table) {
                    case GROUPS -> groupNames.put(row.get("id").textValue(), row.get("name").textValue());
                    case LOCATIONS -> thing(table, row, parent(row, "parent_id", Table.LOCATIONS), 1);
                    case CONTAINERS -> thing(table, row, parent(row, "parent_location_id", "parent_container_id"), 1);
                    case ITEMS -> thing(table, row, parent(row, "location_id", "container_id"), row.get("quantity").intValue());
                    case PHOTOS -> {
                        Table of = KINDS.stream().filter(kind -> kind.label().equals(row.get("entity_type").textValue())).findFirst().orElseThrow();
                        insertPhoto.setString(1, key(of, row.get("entity_id").textValue()));
                        insertPhoto.executeUpdate();
                    }
                    case USERS, MEMBERSHIPS, SETTINGS, NFC_TAGS -> {
                    }
                }
            } catch (SQLException e) {
                throw catalogue.scratch.failure(e);
            }
            progress.done(++steps);
        }

        private static String parent(ObjectNode row, String location, String container) {
            return row.hasNonNull(location) ? parent(row, location, Table.LOCATIONS) : parent(row, container, Table.CONTAINERS);
        }

        private static String parent(ObjectNode row, String column, Table table) {
            String id = row.path(column).textValue();
            return id == null ? null : key(table, id);
        }

        private void thing(Table table, ObjectNode row, String parent, int quantity) throws SQLException {
            things++;
            insertThing.setLong(1, things);
            insertThing.setString(2, key(table, row.get("id").textValue()));
            insertThing.setInt(3, KINDS.indexOf(table));
            insertThing.setInt(4, team(row.get("group_id").textValue()));
            insertThing.setString(5, parent);
            insertThing.setString(6, row.get("name").textValue());
            insertThing.setInt(7, quantity);
            insertThing.setString(8, searchable ? row.toString() : null);
            insertThing.executeUpdate();
            if (searchable) {
                insertText.setLong(1, things);
                insertText.setString(2, SearchText.of(table, row));
                insertText.executeUpdate();
            }
        }

        /** Returns the number of a group; things may name one that does not exist. */
        private int team(String group) {
            return teams.computeIfAbsent(group, this::add);
        }

        private int add(String name) {
            catalogue.groups.add(name);
            return catalogue.groups.size() - 1;
        }

        @Override
        public void tableEnd(Table table, long rows) {
            if (table == Table.GROUPS) {
                groupNames.entrySet().stream().sorted(Map.Entry.comparingByValue())
                        .forEach(group -> teams.put(group.getKey(), add(group.getValue())));
            }
        }

        @Override
        public void image(String key, long size, InputStream bytes) {
            throw new IllegalStateException("only rows are read");
        }

        @Override
        public void close() throws SQLException {
            insertThing.close();
            insertText.close();
            insertPhoto.close();
        }
    }
}
