package io.storeit.ops.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystemException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Failures of the machine in the words of this tool. */
class OpsExceptionTest {
    @ParameterizedTest
    @CsvSource(value = {"No space left on device|the disk is full: /data/x|df -h", "Read-only file system|the file system is read-only: /data/x|dmesg",
        "Disk quota exceeded|the disk quota of this user is exceeded|quota", "Input/output error|the disk reports an error|dmesg", "Never heard of|Never heard of|"}, delimiter = '|')
    void whatTheFileSystemSaysIsToldInOurWords(String said, String message, String hint) {
        var failure = OpsException.of(new FileSystemException("/data/x", null, said));
        assertThat(failure.getMessage()).contains(message);
        assertThat(failure.hint()).contains(hint == null ? "" : hint);
        assertThat(failure.getCause().getMessage()).contains(said);
    }
}
