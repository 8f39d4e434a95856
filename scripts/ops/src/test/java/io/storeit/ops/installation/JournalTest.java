package io.storeit.ops.installation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.interchange.sqlite.JournalState;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.process.Launch;
import io.storeit.ops.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a move records, and that it is on the disk before the method returns. */
class JournalTest {
    @TempDir
    Path folder;

    private Installation installation;
    private Path database;

    @BeforeEach
    void anInstallation() {
        database = folder.resolve("storeit.db");
        var launch = new Launch(null, List.of("serve"), Map.of("A", "b"), folder, 1, 1, "");
        installation = new Installation(folder.resolve("storeit-server"), database, folder.resolve("images"), folder, launch, null);
    }

    private Journal move(Direction direction) {
        return Journal.ofMove(direction, installation, "http://localhost:1", true, new Side("0.2.1", 2), new Side("0.3.0", 0), Journal.read(database));
    }

    private Journal onDisk() {
        return Journal.read(database).orElseThrow();
    }

    @Test
    void nothingIsRecordedBeforeTheFirstStep() {
        move(Direction.UPGRADE);
        assertThat(Journal.read(database)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void aStepIsOnTheDiskBeforeItIsDone(Step step) throws IOException {
        move(Direction.UPGRADE).enter(step);
        assertThat(onDisk().step()).isEqualTo(step);
        assertThat(onDisk().state()).isEqualTo(step.isBeforeTheStop() ? JournalState.PREPARING : JournalState.RUNNING);
        assertThat(onDisk().interrupted()).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Journal.file(database)))).isEqualTo("rw-------");
        assertThat(Journal.part(database)).doesNotExist();
    }

    @Test
    void theServerReadsTheStateByItsName() throws IOException {
        move(Direction.UPGRADE).enter(Step.SWITCH_DATABASE);
        assertThat(Files.readString(Journal.file(database))).contains("\"state\" : \"running\"", "\"step\" : \"switch-database\"");
    }

    @Test
    void whatEachStepReturnedIsReadAgain() {
        var journal = move(Direction.UPGRADE);
        journal.enter(Step.BACKUP);
        journal.backedUp(new SafetyBackup(folder.resolve("pre-upgrade.storeit"), "1:abc", "id:7"), 2);
        assertThat(onDisk().backup()).isEqualTo(new SafetyBackup(folder.resolve("pre-upgrade.storeit"), "1:abc", "id:7"));
        journal.downloaded(3);
        assertThat(onDisk().to()).isEqualTo(new Side("0.3.0", 3));
        journal.acceptLoss();
        assertThat(onDisk().lossAccepted()).isTrue();
        var candidate = new Candidate(new Pair(folder.resolve("candidate.db"), journal.newBinary()), "1:def", null, -1);
        journal.rehearsed(candidate.withUnreadablePhotos(2));
        assertThat(onDisk().candidate()).isEqualTo(candidate.withUnreadablePhotos(2));
        journal.switchDatabase(new Switched("1:1", "1:2"), "id:0");
        assertThat(onDisk().database()).isEqualTo(new Switched("1:1", "1:2"));
        assertThat(onDisk().candidate().changeToken()).isEqualTo("id:0");
        journal.switchBinary(new Switched("1:3", "1:4"));
        assertThat(onDisk().binary()).isEqualTo(new Switched("1:3", "1:4"));
        journal.starting();
        assertThat(onDisk().startedOnce()).isTrue();
        journal.started(new ServerProcess(4711, 12));
        assertThat(onDisk().startedProcess()).isEqualTo(new ServerProcess(4711, 12));
        journal.commit();
        assertThat(onDisk().state()).isEqualTo(JournalState.COMMITTED);
        assertThat(onDisk().installation()).isEqualTo(installation);
    }

    @Test
    void aCommittedMoveIsTheRollbackPointAndARollbackUsesItUp() {
        var upgrade = move(Direction.UPGRADE);
        upgrade.enter(Step.COMMIT);
        upgrade.commit();
        Journal last = onDisk().rollbackable().orElseThrow();
        assertThat(last.keptFiles()).containsExactly(folder.resolve("storeit-server.pre-upgrade"), folder.resolve("storeit.db.pre-import"));

        var rollback = Journal.ofRollback(last, installation, "http://localhost:1", true);
        assertThat(rollback.goesUp()).isFalse();
        assertThat(rollback.candidate().pair()).isEqualTo(last.kept());
        rollback.enter(Step.COMMIT);
        rollback.commit();
        assertThat(onDisk().rollbackable()).isEmpty();
        assertThat(onDisk().leftovers()).containsExactly(folder.resolve("storeit-server.pre-rollback"), folder.resolve("storeit.db.pre-rollback"));
    }

    @Test
    void aRollbackThatWasUndoneLeavesTheRollbackPoint() {
        var upgrade = move(Direction.UPGRADE);
        upgrade.enter(Step.COMMIT);
        upgrade.commit();
        var rollback = Journal.ofRollback(onDisk(), installation, "http://localhost:1", true);
        rollback.enter(Step.STOP);
        rollback.failed("the disk is full");
        rollback.finishUndone();
        assertThat(onDisk().rollbackable().orElseThrow().to().version()).isEqualTo("0.3.0");
        assertThat(onDisk().summary()).contains("the disk is full");
    }

    @Test
    void anOlderKeptDatabaseGetsItsTimeAndItsRecordFollows() throws IOException {
        var first = move(Direction.UPGRADE);
        first.enter(Step.COMMIT);
        first.commit();
        Path kept = Files.writeString(folder.resolve("storeit.db.pre-import"), "old");
        var second = move(Direction.UPGRADE);
        second.enter(Step.SWITCH_DATABASE);
        second.setAside(kept);
        assertThat(kept).doesNotExist();
        Path dated = onDisk().rollbackable().orElseThrow().kept().database();
        assertThat(dated.getFileName().toString()).startsWith("storeit.db.pre-import-");
        assertThat(dated).hasContent("old");
        assertThat(second.kept().database()).isEqualTo(kept);
    }

    @Test
    void aJournalThatCannotBeReadIsNotGuessedAt() throws IOException {
        Files.writeString(Journal.file(database), "{\"direction\": \"sideways\"");
        assertThatThrownBy(() -> Journal.read(database)).isInstanceOfSatisfying(OpsException.class,
                failure -> assertThat(failure.exit()).isEqualTo(Exit.ATTENTION));
    }

    @Test
    void anUndoGoesOnWhereTheJournalCannotBeWritten() throws IOException {
        var journal = move(Direction.UPGRADE);
        journal.enter(Step.START);
        // A directory of that name is in the way of the next version of the file.
        Files.createDirectory(Journal.part(database));
        Files.createFile(Journal.part(database).resolve("full"));
        journal.enterUndo(Step.START);
        assertThat(journal.state()).isEqualTo(JournalState.UNDOING);
        assertThat(onDisk().state()).isEqualTo(JournalState.RUNNING);
        assertThat(Optional.of(onDisk().step())).contains(Step.START);
    }
}
