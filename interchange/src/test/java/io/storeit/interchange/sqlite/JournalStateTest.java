package io.storeit.interchange.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.interchange.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JournalStateTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void isReadAsJacksonWritesItWhateverStandsBeforeItAndInside(JournalState state) throws IOException {
        journal("{\"direction\": \"upgrade\", \"previous\": {\"state\": \"undone\"}, \"state\": " + Json.MAPPER.writeValueAsString(state) + "}");
        assertThat(JournalState.read(database())).contains(state);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "7", "{\"state\": 3}", "{\"state\": \"of a later version\"}", "{\"previous\": {\"state\": \"running\"}}"})
    void aJournalWithoutAKnownStateHasNone(String text) throws IOException {
        journal(text);
        assertThat(JournalState.read(database())).isEmpty();
    }

    @Test
    void withoutAJournalThereIsNoStateAndABrokenOneCannotBeRead() throws IOException {
        assertThat(JournalState.read(database())).isEmpty();
        journal("{\"direction\": ");
        assertThatThrownBy(() -> JournalState.read(database())).isInstanceOf(IOException.class);
    }

    private Path database() {
        return folder.resolve("storeit.db");
    }

    private void journal(String text) throws IOException {
        Files.writeString(folder.resolve("storeit.db.migration-journal"), text);
    }
}
