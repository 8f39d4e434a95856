package io.storeit.interchange.transfer;

import java.nio.file.Path;

/** Makes fresh databases. The server implements it with its migrations; nothing else in StoreIT knows how tables come to be. */
public interface SchemaCreator {

    /** The schema version of the databases it makes. */
    int schemaVersion();

    /**
     * Makes a database of that version with its seed rows: a closed file in rollback-journal mode, without side files.
     *
     * @param file does not exist yet
     */
    void create(Path file);
}
