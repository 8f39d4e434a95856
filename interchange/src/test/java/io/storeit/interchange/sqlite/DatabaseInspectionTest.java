package io.storeit.interchange.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.sqlite.DatabaseInspection.Kind;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each verdict on a file, and that looking changes nothing. */
class DatabaseInspectionTest {

    @TempDir
    Path folder;
    private Path database;

    @BeforeEach
    void copyFixture() throws Exception {
        database = Fixtures.SCHEMA_2.copyTo(folder);
    }

    static Stream<Arguments> changesAndVerdicts() {
        return Stream.of(
                Arguments.of("UPDATE _sqlx_migrations SET success = 0 WHERE version = 20260305000001", Kind.DAMAGED,
                        "migration 20260305000001 was started but not finished"),
                Arguments.of("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 20260304000001", Kind.DAMAGED,
                        "migration 20260304000001 differs from StoreIT's"),
                Arguments.of("DELETE FROM _sqlx_migrations", Kind.FOREIGN, "its migration records are empty"),
                Arguments.of("DROP TABLE _sqlx_migrations", Kind.FOREIGN, "no migration records"),
                Arguments.of("DELETE FROM _sqlx_migrations WHERE version = 20260304000001", Kind.INCONSISTENT,
                        "migration 20260304000001 is missing"),
                Arguments.of("INSERT INTO _sqlx_migrations VALUES (20260310000009, 'x', '', 1, x'00', 0)", Kind.FOREIGN,
                        "a migration 20260310000009 that StoreIT never had"),
                Arguments.of("INSERT INTO _sqlx_migrations VALUES (20290101000001, 'x', '', 1, x'00', 0)", Kind.NEWER,
                        "migration 20290101000001"),
                Arguments.of("UPDATE _meta SET value = '9'", Kind.INCONSISTENT, "records schema version 9"),
                Arguments.of("UPDATE _meta SET value = 'two'", Kind.INCONSISTENT, "records schema version 0"),
                Arguments.of("DELETE FROM _meta", Kind.INCONSISTENT, "records schema version 0"),
                Arguments.of("DROP TABLE _meta", Kind.INCONSISTENT, "records schema version 0"),
                Arguments.of("DELETE FROM _sqlx_migrations WHERE version >= 20260316000001; DROP TABLE _meta", Kind.OLDER_DEVELOPMENT,
                        "development build"),
                Arguments.of("DROP TABLE nfc_tags", Kind.DAMAGED, "table nfc_tags is missing"),
                Arguments.of("ALTER TABLE photos RENAME COLUMN large_key TO huge_key", Kind.DAMAGED, "column photos.large_key is missing"),
                Arguments.of("CREATE TABLE extra (a); ALTER TABLE items ADD COLUMN more TEXT", Kind.STOREIT, "schema version 2"));
    }

    @ParameterizedTest
    @MethodSource("changesAndVerdicts")
    void tellsWhatADatabaseIs(String change, Kind kind, String reason) throws Exception {
        Rows.execute(database, change.split("; "));
        DatabaseInspection.State state = inspectWithoutATrace();
        assertThat(state.kind()).isEqualTo(kind);
        assertThat(state.reason()).contains(reason).doesNotContain("\n");
    }

    @Test
    void knowsTheSchemaVersionsOfTheFixtures() {
        assertThat(DatabaseInspection.inspect(Fixtures.SCHEMA_1.database()))
                .matches(state -> state.kind() == Kind.STOREIT && state.schemaVersion() == 1);
        assertThat(DatabaseInspection.inspect(Fixtures.SCHEMA_2.database()))
                .matches(state -> state.kind() == Kind.STOREIT && state.schemaVersion() == 2);
    }

    @Test
    void aMigrationOfALaterSchemaIsKnownOnlyToABuildThatHasItsTransform() throws Exception {
        assertThat(Migrations.known().get(Migrations.known().size() - 1).schemaVersion()).isEqualTo(SchemaTransforms.newest());
        Rows.execute(database, "INSERT INTO _sqlx_migrations VALUES (20261101000001, 'item serial numbers', '', 1, x'4b', 0)");
        Kind expected = SchemaTransforms.newest() >= 3 ? Kind.DAMAGED : Kind.NEWER;
        assertThat(inspectWithoutATrace().kind()).isEqualTo(expected);
    }

    @Test
    void aMissingFileIsAbsentAndStaysSo() {
        assertThat(DatabaseInspection.inspect(folder.resolve("none.db")).kind()).isEqualTo(Kind.ABSENT);
        assertThat(folder.resolve("none.db")).doesNotExist();
    }

    @Test
    void aFileWithoutBytesOrTablesIsEmpty() throws Exception {
        Files.delete(database);
        Files.createFile(database);
        assertThat(inspectWithoutATrace().kind()).isEqualTo(Kind.EMPTY);
    }

    @Test
    void aFolderOrAnotherFileIsNoDatabase() throws Exception {
        assertThat(DatabaseInspection.inspect(folder).kind()).isEqualTo(Kind.UNREADABLE);
        Files.writeString(database, "a text that is long enough to be a header of a database, but is none".repeat(20));
        assertThat(inspectWithoutATrace()).matches(state -> state.kind() == Kind.FOREIGN && state.reason().contains("not an SQLite database"));
    }

    @Test
    void aTruncatedDatabaseIsDamaged() throws Exception {
        try (var channel = FileChannel.open(database, StandardOpenOption.WRITE)) {
            channel.truncate(8192);
        }
        assertThat(inspectWithoutATrace().kind()).isEqualTo(Kind.DAMAGED);
    }

    @Test
    void aDatabaseInWalModeGetsNoSideFiles() throws Exception {
        Rows.execute(database, "PRAGMA journal_mode = WAL");
        assertThat(DatabaseFiles.sideFiles(database)).isEmpty();
        assertThat(inspectWithoutATrace().kind()).isEqualTo(Kind.STOREIT);
        assertThat(ServerPaths.imageFolderSetting(database)).isEmpty();
        assertThat(DatabaseFiles.sideFiles(database)).isEmpty();
    }

    @Test
    @Tag("process")
    void readsRowsThatAreInTheWriteAheadLogOnly() throws Exception {
        leftBehindBy("wal");
        FolderState before = FolderState.of(folder);
        assertThat(before.files()).containsKey("storeit.db-wal");
        try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
            assertThat(Sqlite.text(connection, "SELECT value FROM settings WHERE key = 'in'")).contains("the log");
        }
        assertThat(inspectWithoutATrace().kind()).isEqualTo(Kind.STOREIT);
        assertThat(FolderState.of(folder)).isEqualTo(before);
    }

    @Test
    @Tag("process")
    void readsWhatWasCommittedBeforeAnUnfinishedWrite() throws Exception {
        leftBehindBy("journal");
        assertThat(FolderState.of(folder).files()).containsKey("storeit.db-journal");
        assertThat(inspectWithoutATrace()).matches(state -> state.kind() == Kind.STOREIT && state.schemaVersion() == 2);
    }

    @Test
    @Tag("process")
    void readsADatabaseThatIsInUse() throws Exception {
        try (ChildJvm server = ChildJvm.start(DatabaseHolder.class, "wal", database.toString())) {
            assertThat(server.line()).isEqualTo("ready");
            assertThat(Holders.others(database)).containsExactly(server.pid());
            assertThat(DatabaseInspection.inspect(database).kind()).isEqualTo(Kind.STOREIT);
            try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
                assertThat(Sqlite.text(connection, "SELECT value FROM settings WHERE key = 'in'")).contains("the log");
            }
        }
    }

    @Test
    @Tag("process")
    void removesTheWorkingFolderOfAReaderThatWasKilled() throws Exception {
        leftBehindBy("wal");
        long gone;
        try (ChildJvm child = ChildJvm.start(DatabaseHolder.class, "operation", folder.resolve("other.db").toString())) {
            gone = child.pid();
        }
        Path leftover = Files.createDirectory(folder.resolve(".storeit-read-" + gone + "-1"));
        Files.createLink(leftover.resolve("copy.db"), database);
        ProcessHandle me = ProcessHandle.current();
        Path mine = Files.createDirectory(folder.resolve(".storeit-read-" + me.pid() + "-2"));
        Path namesake = Files.createDirectory(folder.resolve(".storeit-read-" + me.pid() + "-3"));
        Instant start = me.info().startInstant().orElseThrow();
        for (Path each : new Path[] {leftover, namesake}) {
            Files.setLastModifiedTime(each, FileTime.from(start.minus(Duration.ofHours(1))));
        }
        DatabaseInspection.inspect(database);
        assertThat(leftover).doesNotExist();
        assertThat(namesake).as("of an earlier process with the number of this one").doesNotExist();
        assertThat(mine).exists();
        assertThat(ReadOnlyView.wasRunning(me.pid(), start.plusSeconds(1))).isTrue();
        assertThat(ReadOnlyView.wasRunning(me.pid(), start.minusSeconds(1))).isFalse();
        assertThat(ReadOnlyView.wasRunning(gone, Instant.now())).isFalse();
    }

    /** What a killed process leaves. */
    private void leftBehindBy(String holder) throws Exception {
        try (ChildJvm server = ChildJvm.start(DatabaseHolder.class, holder, database.toString())) {
            assertThat(server.line()).isEqualTo("ready");
        }
    }

    private DatabaseInspection.State inspectWithoutATrace() throws Exception {
        FolderState before = FolderState.of(folder);
        DatabaseInspection.State state = DatabaseInspection.inspect(database);
        assertThat(FolderState.of(folder)).isEqualTo(before);
        return state;
    }
}
