package io.storeit.ops.installation;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.base.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningOperationTest {
    @TempDir
    Path folder;

    @Test
    void findsTheCommandBehindTheProgram() {
        assertThat(RunningOperation.command(List.of("java", "-Xshare:auto", "-jar", "/usr/local/bin/storeit-ctl", "upgrade", "0.4.0"))).isEqualTo("storeit-ctl upgrade");
        assertThat(RunningOperation.command(List.of("java", "-classpath", "x.jar", "StoreitCtl", "--verbose", "rollback"))).isEqualTo("storeit-ctl rollback");
        assertThat(RunningOperation.command(List.of("java", "-jar", "/usr/local/bin/storeit-ctl"))).isEqualTo("storeit-ctl");
        assertThat(RunningOperation.command(List.of("sleep", "60"))).isEqualTo("storeit-ctl");
    }

    @Test
    void namesTheProcessThatHasTheLockFile() throws Exception {
        var lock = Files.writeString(folder.resolve("storeit.db.operation.lock"), "");
        var holder = new ProcessBuilder("sh", "-c", "echo; exec sleep 60").redirectInput(lock.toFile()).start();
        try {
            holder.getInputStream().read();
            var busy = RunningOperation.busy(folder.resolve("storeit.db"));
            assertThat(busy.exit()).isEqualTo(Exit.BUSY);
            assertThat(busy).hasMessageMatching("storeit-ctl \\(process " + holder.pid() + ", since \\d\\d:\\d\\d\\) is running on this installation");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(RunningOperation.busy(folder.resolve("storeit.db"))).hasMessage("Another storeit-ctl is running on this installation");
    }
}
