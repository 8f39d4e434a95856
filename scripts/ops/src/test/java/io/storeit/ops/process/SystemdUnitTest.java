package io.storeit.ops.process;

import static org.assertj.core.api.Assertions.assertThat;

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

    @ParameterizedTest
    @CsvSource(value = {
        "Failed to start storeit.service: Unit storeit.service is masked.|Cannot start storeit.service: the unit is masked|systemctl unmask storeit.service",
        "Failed to start storeit.service: Interactive authentication required.|Cannot start storeit.service: only root can do this|sudo",
        "Failed to start storeit.service: Access denied|Cannot start storeit.service: only root can do this|sudo",
        "Failed to start storeit.service: Unit storeit.service not found.|systemd has no such unit|--unit",
        "Failed to connect to bus: No such file or directory|systemd is not reachable from here|not in a container",
        "Something new|Cannot start storeit.service: Something new|systemctl status storeit.service"}, delimiter = '|')
    void whatSystemdSaysIsToldInOurWordsAndItsOwnAreKept(String said, String message, String hint) {
        var failure = new SystemdUnit("storeit.service", false).refused("start", said, "systemctl start storeit.service");
        assertThat(failure.getMessage()).contains(message);
        assertThat(failure.hint()).contains(hint);
        assertThat(failure.getCause().getMessage()).contains(said);
    }
}
