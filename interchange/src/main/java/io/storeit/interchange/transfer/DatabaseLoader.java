package io.storeit.interchange.transfer;

import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.SearchIndex;
import io.storeit.interchange.sqlite.Sqlite;
import io.storeit.interchange.sqlite.StoredRowWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * Fills a fresh database in one transaction, on a thread of its own: while one batch of rows is inserted, the next is read and
 * parsed. What waits in between is bounded in rows and in characters.
 *
 * <p>Nothing here is ever rolled back or recovered: the owner of the file deletes it when something fails. So the journal stays in
 * memory and nothing is synced before the end.
 */
final class DatabaseLoader implements AutoCloseable {

    private static final int BATCH_ROWS = 250;
    private static final int BATCH_CHARACTERS = 256 << 10;
    private static final int BATCHES_WAITING = 8;
    /** Sizes the cache for the index of a million random ids, which is touched everywhere; this holds most of it. */
    private static final int CACHE_KIBIBYTES = 32 << 10;
    /** Limits the bytes of words that the search index keeps in memory before it writes them out, to be merged later. */
    private static final int SEARCH_BYTES = 16 << 20;

    /** Holds rows of one table in the order of the archive, with their searchable texts when the table has any. */
    private static final class Batch {
        private final Table table;
        private final List<Object[]> rows = new ArrayList<>(BATCH_ROWS);
        private final List<Object[]> searchRows = new ArrayList<>(BATCH_ROWS);
        private int characters;

        private Batch(Table table) {
            this.table = table;
        }
    }

    private static final Batch END = new Batch(null);

    private final Map<Table, StoredRowWriter> writers;
    private final BlockingQueue<Batch> waiting = new ArrayBlockingQueue<>(BATCHES_WAITING);
    private final Path database;
    private final SchemaCreator creator;
    private final Thread thread;
    /** Is opened by the inserting thread and used by others only after its end. */
    private Connection connection;
    /** Maps the indexes of the schema that are not constraints to their statements. */
    private final Map<String, String> indexes = new LinkedHashMap<>();
    private Batch filling;
    /** Is written before the thread ends or {@code failed} is set, and read after. */
    private volatile RuntimeException failure;

    /** Returns at once; the file is made by the inserting thread while the first rows are read. */
    DatabaseLoader(Path database, SchemaCreator creator, Map<Table, StoredRowWriter> writers) {
        this.database = database;
        this.creator = creator;
        this.writers = new EnumMap<>(writers);
        thread = new Thread(this::insertAll, "database-loader");
        thread.setDaemon(true);
        thread.start();
    }

    private Connection open() throws SQLException {
        try {
            creator.create(database);
        } catch (DatabaseException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new DatabaseException("cannot create the new database " + database + ": " + Reasons.root(e),
                    "Check free space and permissions of the folder.", e);
        }
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.MEMORY);
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        config.setTempStore(SQLiteConfig.TempStore.FILE);
        config.setCacheSize(-CACHE_KIBIBYTES);
        Sqlite.withoutMutex(config);
        // Children may come before their parents; the references are checked when all rows are in.
        config.enforceForeignKeys(false);
        Connection connection = config.createConnection("jdbc:sqlite:" + Sqlite.uri(database, "mode=rw"));
        connection.setAutoCommit(false);
        // The seeded default group: the archive has its own, or the import puts it back.
        Sqlite.execute(connection, "DELETE FROM groups");
        Sqlite.execute(connection, "INSERT INTO search_index (search_index, rank) VALUES ('hashsize', " + SEARCH_BYTES + ")");
        return connection;
    }

    /**
     * Hands over one row. Rows come table by table.
     *
     * @param values    in the order of the table's {@link StoredRowWriter}
     * @param searchRow type, id, group and text for the search index, or null
     * @throws RuntimeException what failed on the inserting thread, possibly with an earlier row
     */
    void add(Table table, Object[] values, Object[] searchRow) {
        if (filling != null && filling.table != table) {
            flush();
        }
        if (filling == null) {
            filling = new Batch(table);
        }
        filling.rows.add(values);
        filling.characters += characters(values);
        if (searchRow != null) {
            filling.searchRows.add(searchRow);
            filling.characters += characters(searchRow);
        }
        if (filling.rows.size() >= BATCH_ROWS || filling.characters >= BATCH_CHARACTERS) {
            flush();
        }
    }

    /** Returns once every row is inserted and the transaction is committed. */
    void commit() {
        flush();
        put(END);
        join();
        if (failure != null) {
            throw failure;
        }
        try {
            // Back to the size every other database has.
            Sqlite.execute(connection, "DELETE FROM search_index_config WHERE k = 'hashsize'");
            connection.commit();
        } catch (SQLException e) {
            throw Sqlite.failure("cannot complete the new database", e);
        }
    }

    /** Stops inserting, if that is still running, and closes the file. */
    @Override
    public void close() {
        thread.interrupt();
        join();
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            throw Sqlite.failure("cannot close the new database", e);
        }
    }

    /** Drops the indexes, because sorting all keys once is cheaper than finding a place for each, the more so the more rows there are. */
    private void dropIndexes() throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid")) {
            while (rows.next()) {
                indexes.put(rows.getString(1), rows.getString(2));
            }
        }
        for (String name : indexes.keySet()) {
            Sqlite.execute(connection, "DROP INDEX " + name);
        }
    }

    private void createIndexes() throws SQLException {
        for (String sql : indexes.values()) {
            Sqlite.execute(connection, sql);
        }
    }

    private void flush() {
        if (filling != null) {
            put(filling);
            filling = null;
        }
    }

    private void put(Batch batch) {
        try {
            while (!waiting.offer(batch, 50, TimeUnit.MILLISECONDS)) {
                if (failure != null) {
                    throw failure;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseException("interrupted while the new database was written", "", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void insertAll() {
        var inserts = new EnumMap<Table, PreparedStatement>(Table.class);
        try {
            connection = open();
            dropIndexes();
            PreparedStatement search = connection.prepareStatement(SearchIndex.insertInto("search_index"));
            for (Batch batch = waiting.take(); batch != END; batch = waiting.take()) {
                PreparedStatement insert = inserts.get(batch.table);
                if (insert == null) {
                    insert = connection.prepareStatement(writers.get(batch.table).insert());
                    inserts.put(batch.table, insert);
                }
                insert(insert, batch);
                execute(search, batch.searchRows);
            }
            search.close();
            for (PreparedStatement insert : inserts.values()) {
                insert.close();
            }
            createIndexes();
        } catch (InterruptedException e) {
            // Closed before the end; the caller knows why.
            failure = new DatabaseException("interrupted while the new database was written", "", e);
        } catch (SQLException e) {
            failure = Sqlite.failure("cannot write the new database", e);
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void insert(PreparedStatement insert, Batch batch) throws SQLException {
        try {
            execute(insert, batch.rows);
        } catch (SQLException e) {
            if (Sqlite.code(e) != SQLiteErrorCode.SQLITE_CONSTRAINT) {
                throw e;
            }
            // Every earlier row of the table is in, so their number names the row that was refused.
            long number = Sqlite.number(connection, "SELECT count(*) FROM " + batch.table.sqlName()) + 1;
            throw new ArchiveException(batch.table.fileName() + " row " + number + ": " + violation(batch.table, e),
                    "The archive contradicts itself; use another backup.", e);
        }
    }

    private static void execute(PreparedStatement statement, List<Object[]> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        for (Object[] values : rows) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.addBatch();
        }
        statement.executeBatch();
    }

    /** Translates a constraint violation for people, from "UNIQUE constraint failed: users.external_id" and the like. */
    private static String violation(Table table, SQLException e) {
        String text = Sqlite.plain(e);
        String unique = "UNIQUE constraint failed: ";
        if (text.contains(unique)) {
            String columns = text.substring(text.indexOf(unique) + unique.length())
                    .replace(table.sqlName() + ".", "").replace(", ", " and ");
            return "another row has the same " + columns;
        }
        return switch (table) {
            case CONTAINERS -> "exactly one of parent_location_id and parent_container_id must be set";
            case ITEMS -> "exactly one of container_id and location_id must be set";
            case USERS, GROUPS, MEMBERSHIPS, SETTINGS, LOCATIONS, PHOTOS, NFC_TAGS -> Quoted.bare(text);
        };
    }

    private static int characters(Object[] values) {
        int characters = 0;
        for (Object value : values) {
            if (value instanceof String text) {
                characters += text.length();
            }
        }
        return characters;
    }

    private void join() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
