package io.storeit.ops.installation;

import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.interchange.sqlite.JournalState;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Records one move in {@code <db>.migration-journal}, which is JSON, owner-only, replaced atomically and fsynced before each step. It ties
 * binary, database and archive of a move together, so that a rollback never mixes two moves. Each method that records something writes the
 * file before it returns. A server that starts while {@code state} is {@code running} and the operation lock is held answers writes with
 * 503 until the state changes. The name and the values of that field are a contract with every server from 0.3.0 on.
 */
public final class Journal {
    private Direction direction;
    private JournalState state = JournalState.PREPARING;
    private Step step;
    private String startedAt = now();
    private String endedAt;
    private String failure;
    private String serverUrl;
    private Installation installation;
    private boolean serverWasRunning;
    private Side from;
    private Side to;
    /** The direction of the move that a rollback reverts; null for other moves. */
    private Direction rolledBack;

    private SafetyBackup backup;
    private boolean lossAccepted;
    private Candidate candidate;
    private Switched database;
    private Switched binary;
    private boolean startedOnce;
    private ServerProcess startedProcess;

    /** The rollback point: the paths that keep the replaced pair; null after a cleanup. */
    private Pair kept;
    /** The files of earlier moves that only cleanup removes. */
    private List<Path> leftovers = new ArrayList<>();
    /** The committed move before this one, if its rollback point still exists. */
    private Journal previous;

    /** Creates an empty journal for the JSON reader, and for the start-up cache. */
    public Journal() {}

    private Journal(Direction direction, Installation installation, String serverUrl, boolean serverWasRunning, Side from, Side to) {
        this.direction = direction;
        this.installation = installation;
        this.serverUrl = serverUrl;
        this.serverWasRunning = serverWasRunning;
        this.from = from;
        this.to = to;
        boolean back = direction == Direction.ROLLBACK;
        this.kept = new Pair(back ? DatabaseFiles.preRollback(installation.database()) : DatabaseFiles.preImport(installation.database()),
                sibling(installation.binary(), ".pre-" + direction.json()));
    }

    /** Creates the journal of an upgrade or downgrade. The first step writes it. @param last the journal of the move before it */
    public static Journal ofMove(
            Direction direction, Installation installation, String serverUrl, boolean serverWasRunning, Side from, Side to, Optional<Journal> last) {
        var journal = new Journal(direction, installation, serverUrl, serverWasRunning, from, to);
        journal.previous = last.flatMap(Journal::rollbackable).orElse(null);
        last.ifPresent(found -> journal.leftovers.addAll(found.leftovers));
        return journal;
    }

    /** Creates the journal of a rollback. The candidate is the pair that the last move has kept. */
    public static Journal ofRollback(Journal last, Installation installation, String serverUrl, boolean serverWasRunning) {
        var journal = new Journal(Direction.ROLLBACK, installation, serverUrl, serverWasRunning, last.to, last.from);
        journal.rolledBack = last.direction;
        journal.candidate = new Candidate(last.kept, null, null, -1);
        journal.previous = last;
        journal.leftovers.addAll(last.leftovers);
        return journal;
    }

    public static Path file(Path database) {
        return DatabaseFiles.migrationJournal(database);
    }

    /** Returns the file of the next journal until it is complete. */
    public static Path part(Path database) {
        return sibling(database, ".migration-journal.part");
    }

    /** Reads the journal beside a database; empty when no move is recorded. */
    public static Optional<Journal> read(Path database) {
        return JournalFile.read(database);
    }

    private void write() {
        JournalFile.write(this);
    }

    public static void requireNoneInterrupted(Path database) {
        read(database).filter(Journal::interrupted).ifPresent(journal -> {
            throw new OpsException(Exit.FAILED, "An operation was interrupted here: " + journal.summary(),
                    "Run 'storeit-ctl resume' first.");
        });
    }

    // -- recording, each before the action it names

    public void enter(Step next) {
        step = next;
        state = next.isBeforeTheStop() ? JournalState.PREPARING : JournalState.RUNNING;
        write();
    }

    /** Enters a step of the undo. A journal that cannot be written must not prevent it, because the undo itself needs no space. */
    public void enterUndo(Step next) {
        step = next;
        state = JournalState.UNDOING;
        try {
            write();
        } catch (OpsException unwritable) {
            // The undo looks at the files themselves, so a resume from the previous entry does the same.
        }
    }

    /** Records the safety backup. @param schema the schema version of the archive */
    public void backedUp(SafetyBackup made, int schema) {
        backup = made;
        from = from.withSchema(schema);
        write();
    }

    /** Records the download. @param schema the schema version that the new binary needs */
    public void downloaded(int schema) {
        to = to.withSchema(schema);
        write();
    }

    public void acceptLoss() {
        lossAccepted = true;
        write();
    }

    public void rehearsed(Candidate built) {
        candidate = built;
        write();
    }

    public void switchDatabase(Switched files, String changeToken) {
        database = files;
        candidate = candidate.withChangeToken(changeToken);
        write();
    }

    public void switchBinary(Switched files) {
        binary = files;
        write();
    }

    /** Records that the new server may have been reachable from now on. */
    public void starting() {
        startedOnce = true;
        write();
    }

    public void started(ServerProcess process) {
        startedProcess = process;
        write();
    }

    public void commit() {
        if (direction == Direction.ROLLBACK) {
            leftovers.addAll(kept.files());
            previous = previous.previous;
        }
        end(JournalState.COMMITTED);
    }

    public void failed(String reason) {
        failure = reason;
    }

    public void finishUndone() {
        if (direction == Direction.ROLLBACK) {
            // The move that was not rolled back is still the last one.
            previous.leftovers = leftovers;
        }
        end(JournalState.UNDONE);
    }

    private void end(JournalState last) {
        endedAt = now();
        state = last;
        write();
    }

    /** Adds a file that only cleanup removes. The next step writes it. */
    public void leave(Path file) {
        leftovers.add(file);
    }

    /** Removes the rollback points after a cleanup that has kept databases. The next cleanup still finds these. */
    public void forgetPairs() {
        leftovers.removeIf(file -> !Files.exists(file));
        previous = null;
        kept = null;
        write();
    }

    // -- renaming kept files

    /** Adds its time to the name of an older file, to free a documented name. The record of its move gets the new name. */
    public void setAside(Path name) {
        if (!Files.exists(name)) return;
        Path dated = DatabaseSwitch.dated(name);
        leftovers.replaceAll(leftover -> leftover.equals(name) ? dated : leftover);
        rename(name, dated, previous);
    }

    /** Adds its time to the name of the database that a rollback needs, because another one will be kept under that name. */
    public static void keepPairApart(Path database, Path name) {
        Journal journal = read(database).orElse(null);
        if (journal == null || !Files.exists(name)) return;
        journal.rename(name, DatabaseSwitch.dated(name), journal);
    }

    /** Renames a kept file after {@code newest} and the records before it have the new name. */
    private void rename(Path old, Path dated, Journal newest) {
        for (Journal record = newest; record != null; record = record.previous) record.renamed(old, dated);
        write();
        try {
            Files.move(old, dated, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException unmovable) {
            throw OpsException.of(unmovable);
        }
    }

    private void renamed(Path old, Path dated) {
        if (kept != null) kept = kept.renamed(old, dated);
        if (backup != null && backup.archive().equals(old)) backup = new SafetyBackup(dated, backup.digest(), backup.changeToken());
        leftovers.replaceAll(leftover -> leftover.equals(old) ? dated : leftover);
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    // -- reading

    public Direction direction() {
        return direction;
    }

    public JournalState state() {
        return state;
    }

    /** Returns the step that was entered last; null before the first. */
    public Step step() {
        return step;
    }

    /** Returns the time of the start in RFC 3339, in UTC. */
    public String startedAt() {
        return startedAt;
    }

    /** Returns the reason of the undo; null when there was none. */
    String failure() {
        return failure;
    }

    /** Returns the time of the end in RFC 3339, in UTC; null before it. */
    public String endedAt() {
        return endedAt;
    }

    public String serverUrl() {
        return serverUrl;
    }

    public Installation installation() {
        return installation;
    }

    public boolean serverWasRunning() {
        return serverWasRunning;
    }

    public Side from() {
        return from;
    }

    public Side to() {
        return to;
    }

    public Direction rolledBack() {
        return rolledBack;
    }

    /** Returns the safety backup; null before it was made, and for a rollback. */
    public SafetyBackup backup() {
        return backup;
    }

    /** Returns the candidate; null before the rehearsal. */
    public Candidate candidate() {
        return candidate;
    }

    public boolean lossAccepted() {
        return lossAccepted;
    }

    /** Returns the switch of the database; null before it. */
    public Switched database() {
        return database;
    }

    /** Returns the switch of the binary; null before it. */
    public Switched binary() {
        return binary;
    }

    public Pair kept() {
        return kept;
    }

    public boolean startedOnce() {
        return startedOnce;
    }

    public ServerProcess startedProcess() {
        return startedProcess;
    }

    public boolean isRollback() {
        return direction == Direction.ROLLBACK;
    }

    public boolean interrupted() {
        return state == JournalState.PREPARING || state == JournalState.RUNNING || state == JournalState.UNDOING;
    }

    public boolean goesUp() {
        return direction == Direction.UPGRADE || rolledBack == Direction.DOWNGRADE;
    }

    private boolean keepsAPair() {
        return state == JournalState.COMMITTED && direction != Direction.ROLLBACK && kept != null;
    }

    /** Returns the last move that has a rollback point: this one, or the one before it. */
    public Optional<Journal> rollbackable() {
        return keepsAPair() ? Optional.of(this) : Optional.ofNullable(previous);
    }

    /** Returns the files that a rollback needs, of this move and of those before it. */
    public Set<Path> keptFiles() {
        var files = new TreeSet<Path>();
        for (Journal record = this; record != null; record = record.previous) {
            if (record.keepsAPair()) files.addAll(record.kept.files());
        }
        return files;
    }

    /** Returns the files of earlier moves that no rollback needs. */
    public Set<Path> leftovers() {
        var files = new TreeSet<Path>();
        for (Journal record = this; record != null; record = record.previous) files.addAll(record.leftovers);
        return files;
    }

    // -- paths

    public Path archiveFile() {
        return installation.dataDirectory().resolve("pre-" + direction.json() + ".storeit");
    }

    /** Returns the path of the target's binary before the switch. */
    public Path newBinary() {
        return isRollback() ? candidate.pair().binary() : sibling(installation.binary(), ".new");
    }

    public Path workFolder() {
        return sibling(installation.database(), ".rehearsal");
    }

    /** Returns the folder in which a download arrives and is checked. */
    public Path downloadFolder() {
        return Layout.downloads(installation.dataDirectory());
    }

    public Path serverLog() {
        return installation.dataDirectory().resolve("storeit-server.log");
    }

    // -- in words

    /** Describes a move that another storeit-ctl is running. */
    public String progress() {
        return JournalWords.progress(this);
    }

    public String summary() {
        return JournalWords.summary(this);
    }

    /** Returns the command to continue with; null when there is none. */
    public String advice() {
        return JournalWords.advice(this);
    }

    public String whereThingsAre() {
        return JournalWords.whereThingsAre(this);
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
