package io.storeit.interchange.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.storeit.interchange.base.DatabaseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live name always exists and is always one whole database; nothing is ever overwritten. */
class DatabaseSwitchTest {

    @TempDir
    Path folder;
    private Path live;
    private Path built;
    private Path kept;

    @BeforeEach
    void copyFixtures() throws Exception {
        live = Fixtures.SCHEMA_1.copyTo(folder);
        built = folder.resolve("storeit.db.importing");
        kept = folder.resolve("storeit.db.pre-import");
        Files.copy(Fixtures.SCHEMA_2.database(), built);
    }

    @Test
    void replacesTheLiveDatabaseAndKeepsIt() throws Exception {
        assertThat(DatabaseSwitch.replace(live, built, kept)).isEqualTo(kept);
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_2.database());
        assertThat(kept).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
        assertThat(built).doesNotExist();
    }

    @Test
    void putsADatabaseWhereThereWasNone() throws Exception {
        Files.delete(live);
        assertThat(DatabaseSwitch.replace(live, built, kept)).isNull();
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_2.database());
        assertThat(kept).doesNotExist();
    }

    @Test
    void anOlderCopyIsRenamedWithItsTimeAndNotOverwritten() throws Exception {
        Files.writeString(kept, "of last year");
        DatabaseSwitch.replace(live, built, kept);
        try (var files = Files.list(folder)) {
            assertThat(files.filter(file -> file.getFileName().toString().matches("storeit\\.db\\.pre-import-\\d{8}-\\d{6}")))
                    .singleElement().satisfies(file -> assertThat(file).hasContent("of last year"));
        }
    }

    @Test
    void datedNamesAreInUtcAndFree() throws Exception {
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-03-01T23:59:58.9Z"));
        Path first = DatabaseSwitch.dated(kept, clock);
        assertThat(first.getFileName()).hasToString("storeit.db.pre-import-20260301-235958");
        Files.createFile(first);
        assertThat(DatabaseSwitch.dated(kept, clock).getFileName()).hasToString("storeit.db.pre-import-20260301-235958-2");
    }

    @Test
    void goesOnAfterACrashBetweenLinkAndRename() throws Exception {
        Files.createLink(kept, live);
        DatabaseSwitch.replace(live, built, kept);
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_2.database());
        assertThat(kept).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
    }

    @Test
    void restoresAKeptDatabase() throws Exception {
        DatabaseSwitch.replace(live, built, kept);
        Path failed = folder.resolve("storeit.db.failed");
        DatabaseSwitch.restore(live, kept, failed);
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
        assertThat(failed).hasSameBinaryContentAs(Fixtures.SCHEMA_2.database());
        assertThat(kept).doesNotExist();
    }

    @Test
    void restoresOverADatabaseThatIsGivenUp() throws Exception {
        DatabaseSwitch.replace(live, built, kept);
        DatabaseSwitch.restore(live, kept, null);
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
        assertThat(FolderState.of(folder).files()).containsOnlyKeys("", "storeit.db");
    }

    @Test
    @Tag("process")
    void aFailedDatabaseThatWasKilledTakesItsLogAlongAndLeavesNoneBehind() throws Exception {
        DatabaseSwitch.replace(live, built, kept);
        try (ChildJvm server = ChildJvm.start(DatabaseHolder.class, "wal", live.toString())) {
            assertThat(server.line()).isEqualTo("ready");
        }
        Path failed = folder.resolve("storeit.db.failed");
        DatabaseSwitch.restore(live, kept, failed);
        assertThat(DatabaseFiles.sideFiles(live)).isEmpty();
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
        assertThat(Rows.query(failed, "SELECT value FROM settings WHERE key = 'in'")).containsExactly("the log");
    }

    @Test
    void aDamagedDatabaseIsPutAsideToo() throws Exception {
        DatabaseSwitch.replace(live, built, kept);
        Files.writeString(live, "no database any more");
        Files.writeString(DatabaseFiles.wal(live), "nor a log");
        Path failed = folder.resolve("storeit.db.failed");
        DatabaseSwitch.restore(live, kept, failed);
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
        assertThat(DatabaseFiles.sideFiles(live)).isEmpty();
        assertThat(failed).hasContent("no database any more");
    }

    @Test
    @Tag("process")
    void takesOverAWriteAheadLogThatAKilledServerLeft() throws Exception {
        try (ChildJvm server = ChildJvm.start(DatabaseHolder.class, "wal", live.toString())) {
            assertThat(server.line()).isEqualTo("ready");
        }
        assertThat(DatabaseFiles.sideFiles(live)).isNotEmpty();
        DatabaseSwitch.makeSelfContained(live);
        assertThat(DatabaseFiles.sideFiles(live)).isEmpty();
        Path copy = folder.resolve("elsewhere.db");
        Files.copy(live, copy);
        assertThat(Rows.query(copy, "SELECT value FROM settings WHERE key = 'in'")).containsExactly("the log");
    }

    @Test
    @Tag("process")
    void rollsBackAWriteThatWasNeverFinished() throws Exception {
        try (ChildJvm server = ChildJvm.start(DatabaseHolder.class, "journal", live.toString())) {
            assertThat(server.line()).isEqualTo("ready");
        }
        assertThat(DatabaseFiles.sideFiles(live)).containsExactly(DatabaseFiles.rollbackJournal(live));
        DatabaseSwitch.makeSelfContained(live);
        assertThat(DatabaseFiles.sideFiles(live)).isEmpty();
        assertThat(Rows.query(live, "SELECT count(*) FROM items WHERE name LIKE '%never committed'")).containsExactly("0");
        assertThat(Rows.query(live, "PRAGMA integrity_check")).containsExactly("ok");
    }

    @Test
    void aDatabaseThatIsAlreadyWholeKeepsEveryByte() throws Exception {
        DatabaseSwitch.makeSelfContained(live);
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
    }

    @Test
    @Tag("process")
    void refusesADatabaseThatAServerHasOpen() throws Exception {
        for (String holder : new String[] {"open", "database", "wal"}) {
            try (ChildJvm server = ChildJvm.start(DatabaseHolder.class, holder, live.toString())) {
                assertThat(server.line()).isEqualTo("ready");
                assertThatThrownBy(() -> DatabaseSwitch.makeSelfContained(live))
                        .isInstanceOf(DatabaseException.class).hasMessageContaining("is in use");
                FolderState before = FolderState.of(folder);
                assertThatThrownBy(() -> DatabaseSwitch.replace(live, built, kept))
                        .isInstanceOf(DatabaseException.class).hasMessageContaining("is in use");
                assertThat(FolderState.of(folder)).isEqualTo(before);
            }
            DatabaseSwitch.makeSelfContained(live);
        }
    }

    @Test
    @Tag("process")
    void waitsForWhoOnlyLooksAtIt() throws Exception {
        CompletableFuture<Void> whole;
        try (ChildJvm look = ChildJvm.start(DatabaseHolder.class, "open", live.toString())) {
            assertThat(look.line()).isEqualTo("ready");
            var begun = new CountDownLatch(1);
            whole = CompletableFuture.runAsync(() -> {
                begun.countDown();
                DatabaseSwitch.makeSelfContained(live);
            });
            begun.await();
        }
        whole.get(30, TimeUnit.SECONDS);
    }

    @Test
    void refusesToMoveADatabaseAwayFromItsSideFiles() throws Exception {
        Files.writeString(DatabaseFiles.wal(live), "something");
        assertThatThrownBy(() -> DatabaseSwitch.replace(live, built, kept))
                .isInstanceOf(DatabaseException.class).hasMessageContaining("storeit.db-wal still exists");
        Files.delete(DatabaseFiles.wal(live));
        Files.writeString(DatabaseFiles.rollbackJournal(built), "something");
        assertThatThrownBy(() -> DatabaseSwitch.replace(live, built, kept)).isInstanceOf(DatabaseException.class);
        assertThat(live).hasSameBinaryContentAs(Fixtures.SCHEMA_1.database());
        assertThat(kept).doesNotExist();
    }

    @Test
    void carriesTheModeOverAndAsRootTheOwner() throws Exception {
        Files.setPosixFilePermissions(live, PosixFilePermissions.fromString("rw-rw----"));
        boolean root = "root".equals(System.getProperty("user.name"));
        if (root) {
            Files.setAttribute(live, "unix:uid", 12345);
            Files.setAttribute(live, "unix:gid", 23456);
        }
        DatabaseSwitch.replace(live, built, kept);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(live))).isEqualTo("rw-rw----");
        assumeTrue(root, "only root can give files away");
        assertThat(Files.getAttribute(live, "unix:uid")).isEqualTo(12345);
        assertThat(Files.getAttribute(live, "unix:gid")).isEqualTo(23456);
    }
}
