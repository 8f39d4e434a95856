package io.storeit.interchange.transfer;

import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.DatabaseChecks;
import io.storeit.interchange.sqlite.Sqlite;
import io.storeit.interchange.sqlite.Warnings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Checks a database that was just written, on threads of its own, while the import still stages image files. */
final class NewDatabaseChecks {

    private final Path database;
    private final int schemaVersion;
    /** Runs two checks that read and one that waits for the disk. */
    private final ExecutorService threads = Executors.newFixedThreadPool(3, work -> {
        var thread = new Thread(work, "import-check");
        thread.setDaemon(true);
        return thread;
    });
    private CompletableFuture<Void> integrity;
    private CompletableFuture<Optional<DatabaseChecks.Content>> content;
    private CompletableFuture<Void> durable;

    NewDatabaseChecks(Path database, int schemaVersion) {
        this.database = database;
        this.schemaVersion = schemaVersion;
    }

    /** Starts the checks, once all rows are in. */
    void start() {
        integrity = CompletableFuture.runAsync(() -> read(connection -> {
            refuse(DatabaseChecks.quickIntegrity(connection));
            return null;
        }), threads);
        content = CompletableFuture.supplyAsync(() -> read(connection -> {
            refuse(DatabaseChecks.references(connection));
            return DatabaseChecks.contentJustWritten(connection, schemaVersion);
        }), threads);
        durable = CompletableFuture.runAsync(this::makeDurable, threads);
    }

    /**
     * Waits for the end of the checks.
     *
     * @param counts rows that went in, by table
     * @param sums   what the rows of each table add up to; tables that are not in it are only counted
     * @return what the database holds
     * @throws DatabaseException when it is damaged or holds something else
     * @throws ArchiveException  when the rows contradict each other
     */
    DatabaseChecks.Content result(Map<Table, Long> counts, Map<Table, String> sums) {
        Optional<DatabaseChecks.Content> quick = join(content).filter(found -> differences(found, counts, sums).isEmpty());
        join(integrity);
        DatabaseChecks.Content found = quick.orElseGet(() -> readBackThoroughly(counts, sums));
        join(durable);
        threads.shutdown();
        return found;
    }

    /** Waits for running checks and ignores their results. */
    void stop() {
        threads.shutdown();
        for (CompletableFuture<?> check : new CompletableFuture<?>[] {integrity, content, durable}) {
            if (check != null) {
                check.handle((result, failure) -> null).join();
            }
        }
    }

    interface Reading<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Reads the new database on a connection of its own. */
    <T> T read(Reading<T> reading) {
        try (var connection = Sqlite.readOnly(Sqlite.uri(database, "mode=ro"))) {
            return reading.on(connection);
        } catch (SQLException e) {
            throw Sqlite.failure("cannot check the new database", e);
        }
    }

    /** Reads back the slow way: the quick way gives up at a few characters that are hardly ever typed, so it may accept, but only this may refuse. */
    private DatabaseChecks.Content readBackThoroughly(Map<Table, Long> counts, Map<Table, String> sums) {
        DatabaseChecks.Content found = read(connection -> DatabaseChecks.content(connection, schemaVersion, new Warnings(), Progress.NONE));
        List<String> wrong = differences(found, counts, sums);
        if (!wrong.isEmpty()) {
            throw new DatabaseException("the new database differs from what was imported: " + String.join(", ", wrong),
                    "Check the disk and the memory of this machine, and try again.");
        }
        return found;
    }

    /** Lists the tables whose content differs from what was imported. */
    private static List<String> differences(DatabaseChecks.Content found, Map<Table, Long> counts, Map<Table, String> sums) {
        return Stream.of(Table.values())
                .filter(table -> !found.counts().get(table).equals(counts.get(table))
                        || sums.containsKey(table) && !sums.get(table).equals(found.digest().tables().get(table)))
                .map(Table::sqlName).toList();
    }

    /**
     * Writes the new file through to the disk while the checks read it. Closing this second descriptor drops the locks of their connections;
     * no other process knows the file, so none is kept out by them anyway.
     */
    private void makeDurable() {
        try {
            DurableFiles.fsyncFile(database);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refuse(List<DatabaseChecks.Defect> defects) {
        if (defects.isEmpty()) {
            return;
        }
        DatabaseChecks.Defect first = defects.get(0);
        if (first.table() == null) {
            throw new DatabaseException("the new database is damaged: " + first.what(), "Check the disk and memory, and try again.");
        }
        throw new ArchiveException(first.table().fileName() + " row " + first.row() + ": " + first.what(),
                "The archive contradicts itself; use another backup.");
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }
}
