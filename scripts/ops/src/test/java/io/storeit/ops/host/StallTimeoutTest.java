package io.storeit.ops.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.ops.base.OpsException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long waiting lasts. */
class StallTimeoutTest {
    @Test
    void waitingLastsAsLongAsSomethingChanges() {
        var wait = new StallTimeout(Duration.ofMillis(1), "Version 0.4.0 made no progress");
        for (int i = 0; i < 8; i++) wait.pause("record " + i);
    }

    @Test
    void theHintNamesTheLogAndTheOption() {
        assertThatThrownBy(() -> {
            var wait = new StallTimeout(Duration.ZERO, "Version 0.4.0 did not answer", "Its log: journalctl -u storeit");
            while (true) wait.pause("");
        }).isInstanceOfSatisfying(OpsException.class, failure -> {
            assertThat(failure).hasMessage("Version 0.4.0 did not answer within 0 s");
            assertThat(failure.hint()).isEqualTo("Its log: journalctl -u storeit\nUse --patience SECONDS to wait longer.");
        });
    }

    @Test
    void theMessageHasTheTimeAndTheReason() {
        assertThatThrownBy(() -> {
            var wait = new StallTimeout(Duration.ZERO, "Port 8080 did not become free");
            while (true) wait.pause("the same", "process 4711 is using it");
        }).isInstanceOf(OpsException.class).hasMessage("Port 8080 did not become free within 0 s: process 4711 is using it");
        assertThatThrownBy(() -> {
            var wait = new StallTimeout(Duration.ZERO, "Process 4711 did not end");
            while (true) wait.pause("");
        }).hasMessage("Process 4711 did not end within 0 s");
    }
}
