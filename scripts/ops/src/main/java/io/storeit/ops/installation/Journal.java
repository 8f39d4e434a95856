package io.storeit.ops.installation;

import com.fasterxml.jackson.annotation.JsonValue;
import io.storeit.interchange.sqlite.DatabaseSwitch;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The record of one operation, beside the database as {@code <db>.migration-journal}: JSON, owner-only, replaced atomically
 * and fsynced before each step. It ties binary, database and archive of one operation together, so that a rollback never
 * mixes two. A server that starts while {@code state} is {@code running} and the operation lock is held answers writes with
 * 503 until the state changes; that field's name and values are a contract with every server from 0.3.0 on.
 */
public final class Journal {
    public enum Direction {
        UPGRADE, DOWNGRADE, ROLLBACK;

        public String title() {
            return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
        }

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public enum State {
        /** Before the stop: the server runs untouched. */
        PREPARING,
        /** From the stop to the commit. */
        RUNNING, UNDOING, COMMITTED, UNDONE;

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final List<String> BEFORE_THE_STOP = List.of("backup", "download", "rehearse");

    public Direction direction;
    public State state = State.PREPARING;
    public String step = "";
    public String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    public String endedAt;
    public String failure;
    public String serverUrl;
    public Installation installation;
    public boolean serverWasRunning;
    public boolean startedOnce;
    public ServerProcess startedProcess;

    public String fromVersion;
    public int fromSchema;
    public String toVersion;
    public int toSchema;
    public String rolledBack;

    public Path archive;
    public String archiveDigest;
    public String mark;
    public boolean lossAccepted;
    public String expectedDigest;
    public long unreadablePhotos = -1;

    public Path candidateDatabase;
    public Path candidateBinary;
    public Path keptDatabase;
    public Path keptBinary;
    public String oldDatabaseIdentity;
    public String newDatabaseIdentity;
    public String newDatabaseMark;
    public String oldBinaryIdentity;
    public String newBinaryIdentity;

    /** Files of earlier operations that only cleanup removes. */
    public List<Path> leftovers = new ArrayList<>();
    /** The committed operation before this one, whose pair is still there. */
    public Journal previous;

    /** For reading. */
    public Journal() {}

    public Journal(Direction direction, Installation installation, String serverUrl) {
        this.direction = direction;
        this.installation = installation;
        this.serverUrl = serverUrl;
    }

    public static Journal rollbackOf(Journal last, Installation installation, String serverUrl) {
        var journal = new Journal(Direction.ROLLBACK, installation, serverUrl);
        journal.rolledBack = last.direction.json();
        journal.fromVersion = last.toVersion;
        journal.fromSchema = last.toSchema;
        journal.toVersion = last.fromVersion;
        journal.toSchema = last.fromSchema;
        journal.candidateDatabase = last.keptDatabase;
        journal.candidateBinary = last.keptBinary;
        journal.keptDatabase = journal.keptDatabaseFile();
        journal.keptBinary = journal.keptBinaryFile();
        journal.previous = last;
        journal.leftovers.addAll(last.leftovers);
        return journal;
    }

    public static Path file(Path database) {
        return database.resolveSibling(database.getFileName() + ".migration-journal");
    }

    /** The next journal until it is complete. */
    public static Path part(Path database) {
        return database.resolveSibling(database.getFileName() + ".migration-journal.part");
    }

    public static Optional<Journal> read(Path database) {
        Path file = file(database);
        try {
            return Optional.of(Json.read(file, Journal.class));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException unreadable) {
            throw new OpsException(Exit.ATTENTION, "The journal cannot be read, so what was going on is not known: " + file,
                    "Beside it lie: " + FileFacts.namesLike(database) + "\nA file ending in .pre-import is the database before the last"
                            + " import. Put the pair you want in place (docs/operating.md tells how), move the journal away, start the server.",
                    unreadable);
        }
    }

    public void write() {
        Path file = file(installation.database());
        Path part = part(installation.database());
        try {
            AtomicFiles.writeOwnerOnly(part, Json.write(this));
            installation.launch().giveTo(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DatabaseSwitch.fsyncFolder(file.getParent());
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    public void enter(String next) {
        enter(next, BEFORE_THE_STOP.contains(next) ? State.PREPARING : State.RUNNING);
    }

    private void enter(String next, State nextState) {
        step = next;
        state = nextState;
        write();
    }

    /** Putting the old pair back needs no space; a journal that cannot be written must not prevent it. */
    public void enterUndo(String next) {
        try {
            enter(next, State.UNDOING);
        } catch (OpsException unwritable) {
            // The undo looks at the files themselves, so a resume from the entry before does the same.
        }
    }

    public void started(ServerProcess process) {
        startedProcess = process;
        write();
    }

    public void commit() {
        if (direction == Direction.ROLLBACK) {
            leftovers.addAll(List.of(keptBinary, keptDatabase));
            previous = previous.previous;
        }
        end(State.COMMITTED);
    }

    public void finishUndone() {
        if (direction == Direction.ROLLBACK) {
            // The upgrade that was to be rolled back is still the last one.
            previous.leftovers = leftovers;
        }
        end(State.UNDONE);
    }

    private void end(State last) {
        endedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        state = last;
        write();
    }

    public boolean interrupted() {
        return state == State.PREPARING || state == State.RUNNING || state == State.UNDOING;
    }

    /** The last operation whose pair is kept: this one, or the one before it. */
    public Optional<Journal> rollbackable() {
        if (state == State.COMMITTED && direction != Direction.ROLLBACK && keptDatabase != null) return Optional.of(this);
        return Optional.ofNullable(previous);
    }

    public static OpsException nothingToRollBack() {
        return new OpsException(Exit.FAILED, "No rollback binary found: no upgrade is recorded that could be undone", "");
    }

    public static OpsException busy() {
        return new OpsException(Exit.BUSY, "Another storeit-ctl is working on this installation", "Wait until it has ended.");
    }

    public boolean comesFromOurs() {
        return Version.parse(fromVersion).since030();
    }

    public boolean goesToOurs() {
        return Version.parse(toVersion).since030();
    }

    public boolean goesUp() {
        return direction == Direction.UPGRADE || Direction.DOWNGRADE.json().equals(rolledBack);
    }

    public Path archiveFile() {
        return installation.dataFolder().resolve("pre-" + direction.json() + ".storeit");
    }

    public Path keptBinaryFile() {
        return sibling(installation.binary(), ".pre-" + direction.json());
    }

    public Path keptDatabaseFile() {
        return sibling(installation.database(), direction == Direction.ROLLBACK ? ".pre-rollback" : ".pre-import");
    }

    /** The target's binary under the name it is run with before the switch. */
    public Path newBinary() {
        return direction == Direction.ROLLBACK ? candidateBinary : sibling(installation.binary(), ".new");
    }

    public Path workFolder() {
        return sibling(installation.database(), ".rehearsal");
    }

    /** Where a download arrives, is continued after a break, and is checked. */
    public Path downloadFolder() {
        return Layout.downloads(installation.dataFolder());
    }

    public Path serverLog() {
        return installation.dataFolder().resolve("storeit-server.log");
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private void renamed(Path from, Path to) {
        if (from.equals(keptDatabase)) keptDatabase = to;
        if (from.equals(keptBinary)) keptBinary = to;
        if (from.equals(archive)) archive = to;
        leftovers.replaceAll(leftover -> leftover.equals(from) ? to : leftover);
    }

    public static void requireNoneInterrupted(Path database) {
        read(database).filter(Journal::interrupted).ifPresent(journal -> {
            throw new OpsException(Exit.FAILED, "An operation was interrupted here: " + journal.summary(), "Run 'storeit-ctl resume' first, so that the data are whole.");
        });
    }

    /** The database that a rollback needs gets its time into its name where another is to be kept under its present one. */
    public static void keepPairApart(Path database, Path name) {
        Journal journal = read(database).orElse(null);
        if (journal == null || !Files.exists(name)) return;
        journal.rename(name, DatabaseSwitch.dated(name), journal);
    }

    /** Gives a kept file another name, once {@code newest} and the journals before it know that name. */
    public void rename(Path from, Path to, Journal newest) {
        for (Journal record = newest; record != null; record = record.previous) record.renamed(from, to);
        write();
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** After a cleanup that left databases behind: nothing can be rolled back, but the next cleanup still knows them. */
    public void forgetPairs() {
        leftovers.removeIf(file -> !Files.exists(file));
        previous = null;
        keptBinary = null;
        keptDatabase = null;
        write();
    }

    /** While another storeit-ctl is at it. */
    public String progress() {
        return what() + ", at work: step " + step;
    }

    private String what() {
        return direction.json() + " " + fromVersion + " -> " + toVersion;
    }

    public String summary() {
        String what = what();
        return switch (state) {
            case PREPARING -> what + ", interrupted at step " + step + ", before anything was touched";
            case RUNNING -> what + ", interrupted at step " + step;
            case UNDOING -> what + ", interrupted while being undone at step " + step;
            case COMMITTED -> what + ", committed " + endedAt;
            case UNDONE -> what + ", undone " + endedAt + (failure == null ? "" : ": " + failure);
        };
    }

    public String advice() {
        if (interrupted()) return "'storeit-ctl resume' finishes or undoes it";
        return rollbackable().map(last -> "'storeit-ctl rollback' goes back to " + last.fromVersion
                + ", 'storeit-ctl cleanup' removes what that needs").orElse(null);
    }

    public String whereThingsAre() {
        var text = new StringBuilder("Database: " + installation.database() + "\nBinary: " + installation.binary());
        if (keptDatabase != null) text.append("\nDatabase of ").append(fromVersion).append(": ").append(keptDatabase);
        if (keptBinary != null) text.append("\nBinary of ").append(fromVersion).append(": ").append(keptBinary);
        if (archive != null) text.append("\nSafety backup: ").append(archive);
        return text.toString();
    }

    public static String timeForNames() {
        return DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC).format(Instant.now());
    }
}
