package io.storeit.interchange.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {

    @TempDir
    Path folder;

    @Test
    void aFileIsReplacedWithTheAttributesAskedForAlsoAfterAnAttemptThatWasKilled() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        Files.writeString(folder.resolve("file.part"), "half of the ne");
        DurableFiles.write(file, "new".getBytes(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        assertThat(file).hasContent("new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @Test
    void aFailureLeavesNothingBehind() throws IOException {
        Path target = Files.createDirectory(folder.resolve("target"));
        Files.writeString(target.resolve("content"), "a folder with content is not replaced");
        assertThatThrownBy(() -> DurableFiles.write(target, new byte[3])).isInstanceOf(IOException.class);
        assertThat(target.resolve("content")).exists();
        assertThat(folder.toFile().list()).containsExactly("target");
    }
}
