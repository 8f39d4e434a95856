package io.storeit.interchange.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks between processes and within one. */
class LocksTest {

    @TempDir
    Path folder;
    private Path database;

    @BeforeEach
    void nameDatabase() {
        database = folder.resolve("storeit.db");
    }

    @Test
    void aLockIsHeldUntilItIsClosed() {
        assertThat(Locks.operationHeld(database)).isFalse();
        try (Locks.Held held = Locks.tryOperation(database).orElseThrow()) {
            assertThat(Locks.operationHeld(database)).isTrue();
            assertThat(Locks.databaseHeld(database)).isFalse();
        }
        assertThat(Locks.operationHeld(database)).isFalse();
        assertThat(Locks.tryOperation(database)).hasValueSatisfying(Locks.Held::close);
    }

    @Test
    @Tag("process")
    void theSameProcessGetsALockOnceOnly() {
        try (Locks.Held held = Locks.tryDatabase(database).orElseThrow()) {
            assertThat(Locks.tryDatabase(folder.resolve("../" + folder.getFileName() + "/storeit.db"))).isEmpty();
            // A refused attempt, and looking, must not have let go of it.
            assertThat(Locks.databaseHeld(database)).isTrue();
            assertThat(heldAccordingToAnotherProcess()).isTrue();
        }
    }

    @Test
    @Tag("process")
    void anotherProcessHoldsItUntilItDies() throws Exception {
        for (String kind : new String[] {"operation", "database"}) {
            try (ChildJvm child = ChildJvm.start(DatabaseHolder.class, kind, database.toString())) {
                assertThat(child.line()).isEqualTo("ready");
                assertThat(held(kind)).isTrue();
                assertThat(take(kind)).isEmpty();
                child.kill();
            }
            assertThat(held(kind)).isFalse();
            assertThat(take(kind)).hasValueSatisfying(Locks.Held::close);
        }
    }

    @Test
    void lookingDoesNotMakeAnyoneElseFail() throws Exception {
        Locks.tryOperation(database).orElseThrow().close();
        var looking = new Thread(() -> {
            while (!Thread.interrupted()) {
                Locks.operationHeld(database);
            }
        });
        looking.start();
        try {
            for (int i = 0; i < 50; i++) {
                assertThat(Locks.tryOperation(database)).hasValueSatisfying(Locks.Held::close);
            }
        } finally {
            looking.interrupt();
            looking.join();
        }
    }

    @Test
    void lockFilesAreForTheirOwnerOnlyAndStay() throws Exception {
        Locks.tryOperation(database).orElseThrow().close();
        Path file = folder.resolve("storeit.db.operation.lock");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(file).isEmptyFile();
        assertThat(folder.resolve("storeit.db.database.lock")).doesNotExist();
    }

    private boolean heldAccordingToAnotherProcess() {
        try (ChildJvm child = ChildJvm.start(DatabaseHolder.class, "database", database.toString())) {
            // It gives up after two seconds, with a stack trace instead of "ready".
            return !"ready".equals(child.line());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean held(String kind) {
        return kind.equals("operation") ? Locks.operationHeld(database) : Locks.databaseHeld(database);
    }

    private Optional<Locks.Held> take(String kind) {
        return kind.equals("operation") ? Locks.tryOperation(database) : Locks.tryDatabase(database);
    }
}
