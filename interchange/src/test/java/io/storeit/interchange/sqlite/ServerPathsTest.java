package io.storeit.interchange.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.interchange.base.DatabaseException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files a server's environment means. */
class ServerPathsTest {

    private static final Path WORKING = Path.of("/opt/storeit");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "sqlite:/data/storeit.db, /data/storeit.db",
        "sqlite:/data/storeit.db?mode=rwc, /data/storeit.db",
        "sqlite:data/storeit.db?mode=rwc, /opt/storeit/data/storeit.db",
        "sqlite:./data/storeit.db, /opt/storeit/data/storeit.db",
        "sqlite://data/storeit.db, /opt/storeit/data/storeit.db",
        "sqlite:///data/storeit.db?mode=rwc, /data/storeit.db",
        "sqlite:/my%20data/100%25/a%3Fb.db?mode=rwc, /my data/100%/a?b.db",
        "sqlite:/caf%C3%A9/x.db, /café/x.db",
        "sqlite:/odd%zz/50%, /odd%zz/50%",
        "sqlite:/a+b.db, /a+b.db",
        "sqlite:/a#b.db, /a#b.db",
    })
    void readsEveryFormOfDatabaseUrl(String url, Path file) {
        assertThat(DatabaseUrl.file(url, WORKING)).isEqualTo(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres://u:secret@h/db", "/data/storeit.db", "sqlite:", "sqlite::memory:", "sqlite:x?mode=memory", "sqlite:?mode=rwc"})
    void refusesUrlsThatNameNoFile(String url) {
        assertThatThrownBy(() -> DatabaseUrl.file(url, WORKING)).isInstanceOf(DatabaseException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void withoutVariablesDataIsInTheHomeFolder() {
        assertThat(ServerPaths.of(Map.of("HOME", "/home/mira"), WORKING)).isEqualTo(new ServerPaths(
                Path.of("/home/mira/.local/share/storeit/storeit.db"), Path.of("/home/mira/.local/share/storeit/images"), "default"));
        assertThat(ServerPaths.of(Map.of("HOME", "/home/mira", "XDG_DATA_HOME", "/xdg"), WORKING).database())
                .isEqualTo(Path.of("/xdg/storeit/storeit.db"));
        assertThat(ServerPaths.of(Map.of("HOME", "/home/mira", "XDG_DATA_HOME", "relative"), WORKING).database())
                .isEqualTo(Path.of("/home/mira/.local/share/storeit/storeit.db"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void emptyVariablesCountAsUnset() {
        var environment = Map.of("HOME", "/home/mira", "XDG_DATA_HOME", "", "DATABASE_URL", "", "STOREIT_IMAGE_PATH", "");
        assertThat(ServerPaths.of(environment, WORKING)).isEqualTo(ServerPaths.of(Map.of("HOME", "/home/mira"), WORKING));
    }

    @Test
    void theVariableDecidesOverTheSettingAndTheSettingOverTheDefault() throws Exception {
        Path database = Fixtures.SCHEMA_2.copyTo(folder);
        String url = "sqlite:" + database + "?mode=rwc";
        assertThat(ServerPaths.of(Map.of("HOME", "/h", "DATABASE_URL", url), WORKING).imageFolderSource()).isEqualTo("default");

        Rows.execute(database, "INSERT INTO settings (key, value) VALUES ('image_storage_path', 'pictures')");
        assertThat(ServerPaths.of(Map.of("DATABASE_URL", url), WORKING))
                .isEqualTo(new ServerPaths(database, Path.of("/opt/storeit/pictures"), "setting image_storage_path"));
        assertThat(ServerPaths.of(Map.of("DATABASE_URL", url, "STOREIT_IMAGE_PATH", "images"), WORKING))
                .isEqualTo(new ServerPaths(database, Path.of("/opt/storeit/images"), "STOREIT_IMAGE_PATH"));
    }
}
