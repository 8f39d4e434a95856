package io.storeit.interchange.transfer;

import java.nio.file.Path;

/** Creates fresh databases. The server implements it with its migrations; nothing else in StoreIT knows how tables come to be. */
public interface SchemaCreator {

    /** Returns the schema version of the databases it creates. */
    int schemaVersion();

    /**
     * Creates a database of that version with its seed rows: a closed file in rollback-journal mode, without side files.
     *
     * @param file does not exist yet
     */
    void create(Path file);
}
