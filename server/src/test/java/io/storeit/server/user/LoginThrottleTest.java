package io.storeit.server.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.storeit.server.problem.Problem;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
    private Instant now = Instant.parse("2026-11-22T10:00:00Z");
    private final LoginThrottle throttle = new LoginThrottle(() -> now);

    @Test
    @DisplayName("D18: an address has a hundred failures, whatever the names, and gets one back every three seconds")
    void anAddressHasAHundredFailures() {
        for (int i = 0; i < 100; i++) {
            throttle.begin("name " + i, "here");
        }
        Problem refused = catchThrowableOfType(Problem.class, () -> throttle.begin("name", "here"));
        assertThat(refused.kind()).isEqualTo(Problem.Kind.TOO_MANY_REQUESTS);
        throttle.begin("name", "elsewhere");

        now = now.plusSeconds(refused.retryAfter());
        throttle.begin("name", "here");
        assertThatThrownBy(() -> throttle.begin("name", "here")).isInstanceOf(Problem.class);
    }

    @Test
    void endlessNamesThatBeginAlikeAreOne() {
        String endless = "x".repeat(100_000);
        for (int i = 0; i < 10; i++) {
            throttle.begin(endless + i, "here");
        }
        assertThatThrownBy(() -> throttle.begin(endless, "here")).isInstanceOf(Problem.class);
        throttle.begin("x".repeat(199), "here");
    }

    @Test
    void aRefusedLoginIsNotCountedAndARightOneCostsNothing() {
        for (int i = 0; i < 1000; i++) {
            throttle.begin("right", "here");
            throttle.succeeded("right", "here");
        }
        for (int i = 0; i < 10; i++) {
            throttle.begin("wrong", "here");
        }
        for (int i = 0; i < 1000; i++) {
            assertThatThrownBy(() -> throttle.begin("wrong", "here")).isInstanceOf(Problem.class);
        }
        now = now.plusSeconds(30);
        throttle.begin("wrong", "here");
    }
}
