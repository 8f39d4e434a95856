package io.storeit.ops.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstallChecksTest {
    @ParameterizedTest
    @ValueSource(strings = {"8080", "nowhere.invalid:8080", "127.0.0.1:65536", "127.0.0.1:0", ":8080", "127.0.0.1:"})
    void whatIsNoAddressIsWrongUsage(String bind) {
        assertThatThrownBy(() -> InstallChecks.address(bind)).hasMessage("'" + bind + "' is not an address and a port")
                .extracting(failure -> ((OpsException) failure).exit()).isEqualTo(Exit.USAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:8080", "127.0.0.1:1", "[::1]:65535"})
    void whatIsAnAddressIsTaken(String bind) {
        assertThat(InstallChecks.address(bind).getPort()).isEqualTo(Integer.parseInt(bind.replaceFirst(".*:", "")));
    }

    @Test
    void aPortThatAnotherProcessHasIsRefusedWithItsNumber() throws IOException {
        String bind;
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            bind = "127.0.0.1:" + taken.getLocalPort();
            assertThatThrownBy(() -> InstallChecks.requireFreePort(bind, true)).hasMessageContaining("could not listen on " + bind)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        assertThatCode(() -> InstallChecks.requireFreePort(bind, true)).doesNotThrowAnyException();
    }

    @Test
    void aServiceGetsNoPortThatIsForRootOnly() {
        assertThatThrownBy(() -> InstallChecks.requireFreePort("127.0.0.1:1023", true)).hasMessageStartingWith("Port 1023 requires root");
    }
}
