package io.storeit.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.server.problem.Problem;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the guarantees of units of work: all or nothing, durable when they return, and independent of each other. */
class DatabaseTest {
    private static final String INSERT = "INSERT INTO settings (key, value) VALUES (?, ?)";

    @TempDir
    Path folder;

    private final AtomicBoolean held = new AtomicBoolean();
    private final ExecutorService callers = Executors.newCachedThreadPool();
    private Path file;
    private Database database;

    @BeforeEach
    void open() {
        file = folder.resolve("storeit.db");
        new FreshDatabase().create(file);
        database = Database.open(file, () -> {
            if (held.get()) {
                throw Problem.unavailable("held");
            }
        });
    }

    @AfterEach
    void close() {
        callers.shutdownNow();
        database.close();
    }

    @Test
    void writesAreSyncedAtEachCommit() {
        String settings = database.inUncountedTransaction(sql -> pragma(sql, "synchronous") + " " + pragma(sql, "journal_mode") + " " + pragma(sql, "foreign_keys"));

        assertThat(settings).isEqualTo("2 wal 1");
    }

    @Test
    @DisplayName("D126: writes that wait for the same commit share one, and none meets a locked database")
    void writesThatWaitForTheSameCommitShareOneAndEachIsCounted() throws Exception {
        write("first", "so that the file knows its counter");
        long before = changes();
        int commits = commits();

        List<Future<Boolean>> outcomes = whileWritingIsBusy(IntStream.range(0, 20).mapToObj(i -> (Runnable) () -> write("together " + i, "x")).toList());

        assertThat(outcomes).allMatch(DatabaseTest::succeeded);
        assertThat(count("together%")).isEqualTo(20);
        assertThat(changes()).isEqualTo(before + 20);
        // The one that kept them waiting has written nothing.
        assertThat(commits()).isEqualTo(commits + 1);
    }

    @Test
    void aWriteThatFailsIsUndoneAloneAndNotCounted() throws Exception {
        write("taken", "x");
        long before = changes();

        List<Future<Boolean>> outcomes = whileWritingIsBusy(List.of(
                () -> write("before it", "x"),
                () -> database.inTransaction(sql -> {
                    sql.update(INSERT, "half of it", "x");
                    return sql.update(INSERT, "taken", "again");
                }),
                () -> database.inTransaction(sql -> {
                    sql.update(INSERT, "refused", "x");
                    throw Problem.validation("no");
                }),
                () -> database.inUncountedTransaction(sql -> sql.update(INSERT, "not counted", "x")),
                () -> write("after it", "x")));

        assertThat(outcomes.stream().map(DatabaseTest::succeeded)).containsExactlyInAnyOrder(true, true, true, false, false);
        assertThat(count("half of it") + count("refused")).isZero();
        assertThat(count("before it") + count("not counted") + count("after it")).isEqualTo(3);
        assertThat(changes()).isEqualTo(before + 2);
    }

    @Test
    void aWriteThatFailsIsNotAnsweredBeforeTheTransactionItWasInIsOver() throws Exception {
        var failed = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        List<Future<Boolean>> outcomes = whileWritingIsBusy(List.of(
                () -> database.inTransaction(sql -> {
                    throw Problem.validation("no");
                }),
                () -> database.inTransaction(sql -> {
                    failed.countDown();
                    await(goOn);
                    return null;
                })));
        await(failed);
        // Else the file could be closed or switched now.
        assertThat(outcomes).noneMatch(Future::isDone);
        goOn.countDown();
        assertThat(outcomes.stream().map(DatabaseTest::succeeded)).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void aProblemReachesWhoeverAskedForTheWrite() {
        assertThatThrownBy(() -> database.inTransaction(sql -> {
            throw Problem.notFound("item", "7");
        })).isInstanceOf(Problem.class).hasMessage("entity not found: item 7");
        assertThatThrownBy(() -> database.inTransaction(sql -> sql.update("UPDATE nowhere SET x = 1")))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("no such table: nowhere");
    }

    @Test
    void whenTheDiskIsFullWhatWasAnsweredIsThereAndNothingElse() throws Exception {
        write("small", "x");
        int pages = database.read(sql -> Integer.valueOf(pragma(sql, "page_count")));
        database.inUncountedTransaction(sql -> pragma(sql, "max_page_count = " + (pages + 20)));

        List<Future<Boolean>> outcomes = whileWritingIsBusy(IntStream.range(0, 10).mapToObj(i -> (Runnable) () -> write("large " + i, "x".repeat(40_000))).toList());

        long succeeded = outcomes.stream().filter(DatabaseTest::succeeded).count();
        assertThat(succeeded).isLessThan(10);
        assertThat(count("large%")).isEqualTo(succeeded);
        database.inUncountedTransaction(sql -> pragma(sql, "max_page_count = 100000"));
        write("again", "x");
        assertThat(database.<String>read(sql -> pragma(sql, "integrity_check"))).isEqualTo("ok");
    }

    @Test
    void whatAWriteReturnedIsSeenByTheNextReadOfAnybody() throws Exception {
        var missing = new AtomicInteger();
        var writers = new ArrayList<Future<?>>();
        for (int writer = 0; writer < 8; writer++) {
            String name = "seen " + writer + " ";
            writers.add(callers.submit(() -> {
                for (int i = 0; i < 50; i++) {
                    write(name + i, "x");
                    if (count(name + i) != 1) {
                        missing.incrementAndGet();
                    }
                }
            }));
        }
        for (Future<?> writer : writers) {
            writer.get(20, TimeUnit.SECONDS);
        }
        assertThat(missing).hasValue(0);
        assertThat(count("seen %")).isEqualTo(400);
    }

    @Test
    void aGateThatClosesWhileWritesWaitKeepsThemOut() throws Exception {
        List<Future<Boolean>> outcomes = whileWritingIsBusy(List.of(() -> write("too late", "x")), () -> held.set(true));

        assertThat(outcomes).noneMatch(DatabaseTest::succeeded);
        assertThat(count("too late")).isZero();
    }

    @Test
    void aReadInsideAReadWaitsForNoConnection() throws Exception {
        var inside = new CountDownLatch(Readers.MOST);
        var readers = new ArrayList<Future<String>>();
        for (int i = 0; i < Readers.MOST; i++) {
            readers.add(callers.submit(() -> database.read(sql -> {
                inside.countDown();
                await(inside);
                return database.read(inner -> pragma(inner, "query_only"));
            })));
        }
        for (Future<String> reader : readers) {
            assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo("1");
        }
    }

    @Test
    void aUnitOfWorkInsideAWriteAndAWriteInsideAReadAreMistakesAndNoDeadlocks() {
        assertThatThrownBy(() -> database.inTransaction(sql -> database.read(inner -> 1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> database.inTransaction(sql -> database.inTransaction(inner -> 1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> database.read(sql -> database.inTransaction(inner -> 1))).isInstanceOf(IllegalStateException.class);
        write("still works", "x");
    }

    @Test
    void aStatementUsedInsideItselfAndMoreThanAreKeptAllWork() {
        database.read(sql -> {
            String query = "SELECT key FROM settings WHERE key >= ?";
            sql.list(query, row -> sql.list(query, inner -> inner.getString(1), row.getString(1)), "");
            for (int i = 0; i < 200; i++) {
                int number = i;
                assertThat(sql.first("SELECT ? + " + number, row -> row.getInt(1), 1)).contains(number + 1);
            }
            assertThatThrownBy(() -> sql.first("SELECT 1", row -> {
                throw new SQLException("mapper");
            })).hasMessage("mapper");
            assertThat(sql.first("SELECT 1", row -> row.getInt(1))).contains(1);
            return null;
        });
    }

    @Test
    void readsLeaveNothingOpenThatWouldKeepTheWalFromBeingEmptied() {
        write("a", "x");
        database.read(sql -> sql.first("SELECT key FROM settings", row -> row.getString(1)));
        assertThatThrownBy(() -> database.read(sql -> sql.first("SELECT key FROM settings", row -> {
            throw new SQLException("mapper");
        }))).isInstanceOf(IllegalStateException.class);

        Awaitility.await().atMost(5, TimeUnit.SECONDS).until(() -> wal().toFile().length() == 0);
    }

    @Test
    void aSwitchOfTheFileUnderLoadStopsNobodyForGood() throws Exception {
        var over = new AtomicBoolean();
        var load = new ArrayList<Future<?>>();
        for (int i = 0; i < 4; i++) {
            String name = "load " + i + " ";
            load.add(callers.submit(() -> {
                for (int n = 0; !over.get(); n++) {
                    write(name + n, "x");
                    count(name + n);
                }
            }));
        }
        for (int i = 0; i < 5; i++) {
            int before = count("load %");
            Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> count("load %") > before + 20);
            database.switchFile(() -> assertThat(wal()).doesNotExist());
        }
        over.set(true);
        for (Future<?> each : load) {
            each.get(10, TimeUnit.SECONDS);
        }
    }

    private List<Future<Boolean>> whileWritingIsBusy(List<Runnable> writes) throws Exception {
        return whileWritingIsBusy(writes, () -> {});
    }

    /** Lets the writes wait behind a slow one, then runs {@code last} and ends the slow one. Returns whether each succeeded. */
    private List<Future<Boolean>> whileWritingIsBusy(List<Runnable> writes, Runnable last) throws Exception {
        var busy = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        Future<?> slow = callers.submit(() -> database.inUncountedTransaction(sql -> {
            busy.countDown();
            await(goOn);
            return null;
        }));
        await(busy);
        var outcomes = new ArrayList<Future<Boolean>>();
        for (Runnable write : writes) {
            outcomes.add(callers.submit(write, true));
        }
        Awaitility.await().atMost(5, TimeUnit.SECONDS).until(() -> database.writesWaiting() == writes.size());
        last.run();
        goOn.countDown();
        slow.get(10, TimeUnit.SECONDS);
        return outcomes;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean succeeded(Future<Boolean> outcome) {
        try {
            return outcome.get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            return false;
        }
    }

    private void write(String key, String value) {
        database.inTransaction(sql -> sql.update(INSERT, key, value));
    }

    private int count(String keys) {
        return database.read(sql -> sql.first("SELECT count(*) FROM settings WHERE key LIKE ?", row -> row.getInt(1), keys).orElseThrow());
    }

    private long changes() {
        return database.read(sql -> sql.first("SELECT value FROM _meta WHERE key = 'change_counter'", row -> row.getLong(1)).orElse(0L));
    }

    private static String pragma(Sql sql, String pragma) throws SQLException {
        return sql.first("PRAGMA " + pragma, row -> row.getString(1)).orElseThrow();
    }

    private Path wal() {
        return folder.resolve("storeit.db-wal");
    }

    /** Counts the transactions in the WAL by its frames that state the size of the database after them. */
    private int commits() throws IOException {
        int commits = 0;
        try (var in = new DataInputStream(new java.io.ByteArrayInputStream(Files.readAllBytes(wal())))) {
            in.skipBytes(8);
            int pageSize = in.readInt();
            in.skipBytes(20);
            while (in.available() > 0) {
                in.skipBytes(4);
                commits += in.readInt() == 0 ? 0 : 1;
                in.skipBytes(16 + pageSize);
            }
        }
        return commits;
    }
}
