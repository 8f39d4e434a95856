package io.storeit.ops.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.installation.Layout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** systemd reads what is written for it. `make systemd-test` asks a real one. */
class UnitFilesTest {
    @Test
    void pathsAreWrittenInTheSyntaxOfUnitFiles() {
        var text = UnitFiles.of(new Layout(false, Path.of("/opt/store it/storeit-server"), Path.of("/opt/100%/storeit-ctl"), Path.of("/srv/store it"),
                Path.of("/etc/store it"), null, null, null)).texts().get(Layout.SERVER_UNIT);
        assertThat(text.lines()).contains("ExecStart=\"/opt/store it/storeit-server\" serve", "ExecStartPost=-/opt/100%%/storeit-ctl __ready",
                "WorkingDirectory=/srv/store it", "EnvironmentFile=/etc/store it/storeit.env", "ReadWritePaths=\"/srv/store it\"");
    }
}
