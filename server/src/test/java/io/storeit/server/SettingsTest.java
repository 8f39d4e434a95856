package io.storeit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.interchange.base.Json;
import io.storeit.server.TestServer.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final String PATH = "/api/v1/admin/settings";

    @TempDir
    Path folder;

    @Test
    @DisplayName("D106: an image folder that the environment fixes is 409 CONFLICT, whatever is asked for")
    void aFixedFolderStays() {
        try (TestServer server = TestServer.in(folder)) {
            assertThat(server.token().get(PATH).body()).isEqualTo(
                    "{\"image_storage_path\":\"" + folder.resolve("images") + "\",\"image_storage_path_readonly\":true}");
            for (String wanted : List.of("/elsewhere", "", folder.resolve("images").toString())) {
                Answer answer = server.token().put(PATH, body(wanted));

                assertThat(answer.status()).isEqualTo(409);
                assertThat(answer.errorCode()).isEqualTo("CONFLICT");
                assertThat(answer.errorMessage()).contains("STOREIT_IMAGE_PATH");
            }
        }
    }

    @Test
    void aFreeFolderIsMadeStoredAndUsedAlsoAfterARestart() {
        Path wanted = folder.resolve("new/images");
        try (TestServer server = free()) {
            assertThat(server.token().get(PATH).json().path("image_storage_path_readonly").booleanValue()).isFalse();

            Answer answer = server.token().put(PATH, body("  " + wanted + "/../images "));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().path("image_storage_path").textValue()).isEqualTo(wanted.toString());
            assertThat(wanted).isDirectory();
            assertThat(server.token().get(PATH).json()).isEqualTo(answer.json());
        }
        try (TestServer server = free()) {
            assertThat(server.token().get(PATH).json().path("image_storage_path").textValue()).isEqualTo(wanted.toString());
        }
    }

    @Test
    void aFolderThatCannotBeIsRefusedAndNothingChanges() throws IOException {
        Files.writeString(folder.resolve("file"), "x");
        try (TestServer server = free()) {
            String before = server.token().get(PATH).body();
            for (String wanted : List.of("", " \t ", "a\u0000b", folder.resolve("file").toString(), folder.resolve("file/below").toString())) {
                Answer answer = server.token().put(PATH, body(wanted));

                assertThat(answer.status()).as(wanted).isEqualTo(400);
                assertThat(answer.errorCode()).isEqualTo("VALIDATION_ERROR");
            }
            assertThat(server.token().get(PATH).body()).isEqualTo(before);
            assertThat(Sqlite.rows(server.database(), "SELECT * FROM settings")).isEmpty();
        }
    }

    /** Starts a server without the variable that would fix the folder. */
    private TestServer free() {
        return TestServer.in(folder, InstantSource.system(), Map.of("STOREIT_IMAGE_PATH", "", "XDG_DATA_HOME", folder.toString()));
    }

    private static String body(String path) {
        return Json.MAPPER.createObjectNode().put("image_storage_path", path).toString();
    }
}
