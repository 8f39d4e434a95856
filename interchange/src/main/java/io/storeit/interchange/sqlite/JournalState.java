package io.storeit.interchange.sqlite;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.storeit.interchange.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Describes the state of the operation in storeit-ctl's journal, {@link DatabaseFiles#migrationJournal}: the part that a server reads too. */
public enum JournalState {
    /** The operation has not stopped the server, which runs untouched. */
    PREPARING,
    /** The operation is between the stop and the commit. */
    RUNNING,
    /** The operation failed and is being undone. */
    UNDOING,
    /** The operation is committed, and nothing undoes it automatically. */
    COMMITTED,
    /** The operation was undone. */
    UNDONE;

    /** Returns the state as the journal spells it. */
    @JsonValue
    public String json() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the state of a database's journal.
     *
     * @return empty without a journal, and when the journal has no state that this version knows
     * @throws IOException when the journal cannot be read
     */
    public static Optional<JournalState> read(Path database) throws IOException {
        byte[] journal;
        try {
            journal = Files.readAllBytes(DatabaseFiles.migrationJournal(database));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
        try (JsonParser parser = Json.MAPPER.createParser(journal)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isState = parser.currentName().equals("state");
                JsonToken value = parser.nextToken();
                if (isState && value == JsonToken.VALUE_STRING) {
                    String state = parser.getText();
                    return Arrays.stream(values()).filter(known -> known.json().equals(state)).findFirst();
                }
                parser.skipChildren();
            }
            return Optional.empty();
        }
    }
}
