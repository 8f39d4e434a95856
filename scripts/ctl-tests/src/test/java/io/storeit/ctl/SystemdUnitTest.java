package io.storeit.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What systemd says, understood; what systemd is told, written so that it understands. `make systemd-test` asks a real one. */
class SystemdUnitTest {
    @Test
    void theEnvironmentAsSystemdShowsIt() {
        assertThat(SystemdUnit.words("A=1 \"B=two words\" \"C=a \\\"quoted\\\" \\$HOME \\\\ \\`x\\`\" \"D=line\\nline\" E="))
                .containsExactly("A=1", "B=two words", "C=a \"quoted\" $HOME \\ `x`", "D=line\nline", "E=");
        assertThat(SystemdUnit.words("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(value = {"NULL|http://localhost:8080", "0.0.0.0:9000|http://localhost:9000", "[::]:9000|http://localhost:9000",
        "127.0.0.1:9000|http://127.0.0.1:9000", "[::1]:9000|http://[::1]:9000", ":9000|http://localhost:9000"}, delimiter = '|', nullValues = "NULL")
    void whereAServerAnswersFollowsFromItsEnvironment(String bind, String url) {
        assertThat(Ports.urlOfServer(bind == null ? Map.of() : Map.of("STOREIT_BIND", bind))).isEqualTo(url);
    }

    @Test
    void pathsAreWrittenInTheSyntaxOfUnitFiles() {
        var text = UnitFiles.of(new Layout(false, Path.of("/opt/store it/storeit-server"), Path.of("/opt/100%/storeit-ctl"), Path.of("/srv/store it"),
                Path.of("/etc/store it"), null, null, null)).texts().get(UnitFiles.SERVER);
        assertThat(text.lines()).contains("ExecStart=\"/opt/store it/storeit-server\" serve", "ExecStartPost=-/opt/100%%/storeit-ctl __ready",
                "WorkingDirectory=/srv/store it", "EnvironmentFile=/etc/store it/storeit.env", "ReadWritePaths=\"/srv/store it\"");
    }
}
