package io.storeit.ops.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.installation.Layout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ServerLaunchTest {
    private static ServerLaunch of(boolean forUser) {
        var data = Path.of("/srv/Mira's data");
        var layout = new Layout(forUser, Path.of("/opt/storeit-server"), Path.of("/opt/storeit-ctl"), data, Path.of("/etc/storeit"), null, Path.of("/cache"), null);
        return new ServerLaunch(layout, "127.0.0.1:8080", Path.of("/usr/bin/java"), new Account("storeit", 990, 991));
    }

    @Test
    void theCommandCanBeCopiedIntoAShell() {
        assertThat(of(true).command()).startsWith("DATABASE_URL='").contains(" STOREIT_IMAGE_PATH='/srv/Mira'\\''s data/images' STOREIT_BIND=127.0.0.1:8080 "
                + "STOREIT_SERVER_JAVA=/usr/bin/java ").endsWith(" /opt/storeit-server").doesNotContain("STOREIT_CTL_JAVA", "STOREIT_SERVER_CACHE", "RUST_LOG");
        assertThat(of(false).command()).startsWith("setpriv --reuid=storeit --regid=storeit --init-groups env DATABASE_URL=");
    }

    @Test
    void aServiceOfTheMachineGetsNothingOfTheCallersEnvironment() {
        var launch = of(false).launch();
        assertThat(launch.environment().keySet()).containsExactlyInAnyOrder("DATABASE_URL", "HOME", "LANG", "PATH", "RUST_LOG", "STOREIT_BIND", "STOREIT_CTL_JAVA",
                "STOREIT_IMAGE_PATH", "STOREIT_SERVER_CACHE", "STOREIT_SERVER_JAVA");
        assertThat(launch.userId()).isEqualTo(990);
        assertThat(launch.groupId()).isEqualTo(991);
        assertThat(launch.umask()).isEqualTo("0077");
        assertThat(of(true).launch().environment()).containsEntry("PATH", System.getenv("PATH"));
    }
}
