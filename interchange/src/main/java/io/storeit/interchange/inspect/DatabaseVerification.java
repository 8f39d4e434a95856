package io.storeit.interchange.inspect;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.StorageKey;
import io.storeit.interchange.digest.ContentDigest;
import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.inspect.VerificationReport.Problem;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.ChangeToken;
import io.storeit.interchange.sqlite.DatabaseChecks;
import io.storeit.interchange.sqlite.DatabaseInspection;
import io.storeit.interchange.sqlite.ReadOnlyView;
import io.storeit.interchange.sqlite.SearchIndex;
import io.storeit.interchange.sqlite.Sqlite;
import io.storeit.interchange.sqlite.Warnings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a database and its image files to their end and reports all that is wrong with them: the structure of the file, references, the
 * search index against the records, the stamp of an import against the content, every image file against the hash in its name. The
 * database may be in use; nothing is changed.
 */
public final class DatabaseVerification {

    /**
     * Reports what a verification found.
     *
     * @param schemaVersion 0 when the database could not be read so far
     * @param counts        rows of each table; empty when unreadable
     * @param digest        null when unreadable
     * @param missingImages keys photos name, without a file in the image folder
     * @param notes         records that are stored in an odd way, but can be used
     * @param checked       what was checked, one line each
     */
    public record Report(int schemaVersion, Map<Table, Long> counts, ContentDigest.Value digest, List<Problem> problems,
            List<String> missingImages, List<String> notes, List<String> checked) {

        public Report {
            counts = Collections.unmodifiableMap(counts.isEmpty() ? new EnumMap<>(Table.class) : new EnumMap<>(counts));
            checked = List.copyOf(checked);
            problems = List.copyOf(problems);
            missingImages = List.copyOf(missingImages);
            notes = List.copyOf(notes);
        }

        /** Returns whether the data is complete and undamaged; missing image files count too. */
        public boolean ok() {
            return problems.isEmpty() && missingImages.isEmpty();
        }
    }

    private final Connection connection;
    private final int schemaVersion;
    private final ImageStore store;
    private final Progress progress;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> missingImages = new ArrayList<>();
    private final Warnings warnings = new Warnings();
    private long images;

    private DatabaseVerification(Connection connection, int schemaVersion, Path imageFolder, Progress progress) {
        this.connection = connection;
        this.schemaVersion = schemaVersion;
        this.store = imageFolder == null ? null : new ImageStore(imageFolder);
        this.progress = progress;
    }

    /**
     * Verifies a database. Whatever is wrong is in the report; no exception is thrown for it.
     *
     * @param imageFolder where its image files are, or null to leave them out: their number has no bound, and during an upgrade they
     *                    are not touched
     */
    public static Report verify(Path database, Path imageFolder, Progress progress) {
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        if (state.kind() != DatabaseInspection.Kind.STOREIT) {
            return unreadable(0, new Problem(state.reason(), database.toString()));
        }
        try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
            connection.setAutoCommit(false);
            return new DatabaseVerification(connection, state.schemaVersion(), imageFolder, progress).run();
        } catch (SQLException e) {
            return unreadable(state.schemaVersion(), new Problem("cannot be read completely: " + Sqlite.plain(e), database.toString()));
        }
    }

    /**
     * Returns the content digest alone, which shows whether anything was written.
     *
     * @throws DatabaseException when the database cannot be read
     */
    public static ContentDigest.Value digest(Path database) {
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        if (state.kind() != DatabaseInspection.Kind.STOREIT) {
            throw new DatabaseException("cannot read " + database + ": " + state.reason(), "Check what this file contains.");
        }
        try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
            connection.setAutoCommit(false);
            return DatabaseChecks.content(connection, state.schemaVersion(), new Warnings(), Progress.NONE).digest();
        } catch (SQLException e) {
            throw Sqlite.failure("cannot read " + database, e);
        }
    }

    private static Report unreadable(int schemaVersion, Problem problem) {
        return new Report(schemaVersion, Map.of(), null, List.of(problem), List.of(), List.of(), List.of());
    }

    private Report run() throws SQLException {
        progress.status("checking the file");
        DatabaseChecks.integrity(connection).forEach(this::add);
        progress.status("checking references");
        DatabaseChecks.references(connection).forEach(this::add);
        progress.status("reading records");
        DatabaseChecks.Content content = DatabaseChecks.content(connection, schemaVersion, warnings, Progress.NONE);
        progress.status("comparing the search index");
        compareIndex();
        compareStamp(content);
        if (store != null) {
            progress.status("reading image files");
            readImages();
        }
        return new Report(schemaVersion, content.counts(), content.digest(), problems, missingImages, warnings.lines(), checked(content));
    }

    private List<String> checked(DatabaseChecks.Content content) {
        var checked = new ArrayList<String>();
        checked.add("the structure of the file and of its indexes");
        checked.add("references between records");
        checked.add(content.counts().values().stream().mapToLong(Long::longValue).sum() + " records, each value");
        checked.add("the search index against the records");
        checked.add(store == null ? "no photos" : images + " image files against the SHA-256 in their names");
        return checked;
    }

    private void add(DatabaseChecks.Defect defect) {
        problems.add(new Problem(defect.what(), defect.table() == null ? "database file" : defect.table().sqlName() + " row " + defect.row()));
    }

    /** Compares the index with the records as sets, both in a temporary table, which is SQLite's own file. */
    private void compareIndex() throws SQLException {
        if (!Sqlite.hasTable(connection, "search_index")) {
            problems.add(new Problem("there is no search index", "search_index"));
            return;
        }
        Sqlite.execute(connection, "CREATE TEMP TABLE expected (entity_type, entity_id, group_id, searchable_text)");
        SearchIndex.fill(connection, schemaVersion, "temp.expected");
        String actual = "SELECT entity_type, entity_id, group_id, searchable_text FROM main.search_index";
        String expected = "SELECT entity_type, entity_id, group_id, searchable_text FROM temp.expected";
        nameIndexRows(expected + " EXCEPT " + actual, "is missing or outdated in the search index");
        nameIndexRows(actual + " EXCEPT " + expected, "is in the search index, but does not match the record");
        if (Sqlite.number(connection, "SELECT (SELECT count(*) FROM main.search_index) - (SELECT count(*) FROM temp.expected)") > 0) {
            problems.add(new Problem("some records are in the search index more than once", "search_index"));
        }
        Sqlite.execute(connection, "DROP TABLE temp.expected");
    }

    private void nameIndexRows(String sql, String what) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql + " LIMIT " + DatabaseChecks.NAMED)) {
            while (rows.next()) {
                problems.add(new Problem(rows.getString(1) + " " + Quoted.of(String.valueOf(rows.getString(2))) + " " + what, "search_index"));
            }
        }
    }

    /** Warns about a difference from the stamp, which is not proof of damage because servers before 0.3.0 write without counting. */
    private void compareStamp(DatabaseChecks.Content content) throws SQLException {
        boolean untouched = ChangeToken.meta(connection, ChangeToken.CHANGE_COUNTER).filter("0"::equals).isPresent();
        String stamp = ChangeToken.meta(connection, "content_digest").orElse(null);
        if (untouched && stamp != null && stamp.startsWith(ContentDigest.VERSION + ":") && !stamp.equals(content.digest().stamp())) {
            warnings.add("the content differs from what was imported, although no server from 0.3.0 on has changed it since");
        }
    }

    private void readImages() throws SQLException {
        long total = Sqlite.number(connection, "SELECT count(DISTINCT storage_key) FROM photos");
        progress.total(total);
        images = total;
        long done = 0;
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT DISTINCT storage_key FROM photos ORDER BY storage_key")) {
            while (rows.next()) {
                readImage(String.valueOf(rows.getString(1)));
                progress.done(++done);
            }
        }
    }

    private void readImage(String key) {
        if (!StorageKey.isValid(key)) {
            problems.add(new Problem(Quoted.of(key) + " is not a valid image file name", "photos"));
        } else if (!store.has(key)) {
            missingImages.add(key);
        } else {
            try {
                if (!store.isIntact(key)) {
                    problems.add(new Problem("the image file is damaged: its bytes do not match the SHA-256 in its name", key));
                }
            } catch (IOException e) {
                problems.add(new Problem("the image file cannot be read: " + Reasons.of(e), key));
            }
        }
    }
}
