package io.storeit.ops.installation;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Reads and writes the file of a {@link Journal}. */
final class JournalFile {
    private JournalFile() {}

    static Optional<Journal> read(Path database) {
        Path file = Journal.file(database);
        try {
            return Optional.of(Json.read(file, Journal.class));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException unreadable) {
            throw new OpsException(Exit.ATTENTION, "Cannot read the journal, so the state of the operation is unknown: " + file,
                    "Files beside it: " + FileFacts.namesLike(database) + "\nA file ending in .pre-import is the database before the last"
                            + " import. Put a database and a binary that belong together in place (see docs/operating.md), move the journal away,"
                            + " then start the server.",
                    unreadable);
        }
    }

    /** Writes the file owner-only and syncs it before it replaces the previous one. */
    static void write(Journal journal) {
        Path file = Journal.file(journal.installation().database());
        Path part = Journal.part(journal.installation().database());
        try {
            AtomicFiles.writeOwnerOnly(part, Json.write(journal));
            journal.installation().launch().chown(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.fsyncFolder(file.getParent());
        } catch (IOException unwritable) {
            throw OpsException.of(unwritable);
        }
    }
}
