package io.storeit.interchange.transfer;

import io.storeit.interchange.base.ArchiveException;
import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.sqlite.DatabaseFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Builds a fresh database from an archive, beside the one it may later replace, and trusts it only after reading it back. */
public final class Importer {

    private Importer() {
    }

    /**
     * Builds and checks a new database. On any failure the new file and the staged images are removed, and nothing else was touched.
     *
     * @param archive     the archive; read to its end
     * @param newDatabase the file to make; must not exist. When this returns, its content is on the disk and nothing has it open
     * @param imageFolder the image folder of the server; made when there are images to stage
     * @throws ArchiveException  when the archive cannot be used; the message names file and row
     * @throws DatabaseException when the new database or the images cannot be written
     */
    public static ImportReport build(Path archive, Path newDatabase, Path imageFolder, SchemaCreator creator, ImportOptions options,
            Progress progress) {
        if (Files.exists(newDatabase)) {
            throw new DatabaseException("cannot create a database at " + newDatabase + ": the file already exists",
                    "It may be left over from an interrupted import. Remove it and try again.");
        }
        var run = new ImportRun(newDatabase, imageFolder, creator, options, progress);
        try {
            // Without their database, side files are leftovers; beside the new one they would be taken for its own.
            DatabaseFiles.deleteWithSideFiles(newDatabase);
            return run.run(archive);
        } catch (IOException e) {
            run.undo(e);
            throw new DatabaseException("cannot import " + archive + ": " + Reasons.of(e),
                    "Check free space and permissions of " + newDatabase.toAbsolutePath().getParent() + " and " + imageFolder + ".", e);
        } catch (RuntimeException | Error e) {
            run.undo(e);
            throw e;
        }
    }
}
