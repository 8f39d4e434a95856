package io.storeit.ops.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.ops.base.OpsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {
    @AfterEach
    void thisSystemAgain() {
        System.clearProperty("storeit.system");
    }

    @Test
    void onLinuxNothingIsRefused() {
        System.setProperty("storeit.system", "Linux");
        assertThatCode(() -> Platform.requireLinux("install")).doesNotThrowAnyException();
        assertThat(Platform.assetNames()).hasSize(2).allMatch(name -> name.startsWith("storeit-server-linux-"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mac OS X", "Windows 11", "FreeBSD"})
    void elsewhereTheCommandsThatWorkAreNamed(String system) {
        System.setProperty("storeit.system", system);
        assertThatThrownBy(() -> Platform.requireLinux("upgrade")).isInstanceOf(OpsException.class).hasMessage("'upgrade' works on Linux only")
                .extracting(failure -> ((OpsException) failure).hint()).isEqualTo("On this system use backup, restore, verify, show, diff and convert.");
    }
}
