package io.storeit.ops.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How files are written and replaced. */
class AtomicFilesTest {
    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aFileIsPlacedCompleteWithItsModeAndNothingBesideIt() throws IOException {
        Path file = folder.resolve("settings.conf");
        AtomicFiles.place(file, bytes("one"), "rw-r-----");
        AtomicFiles.place(file, bytes("two"), "rw-r--r--");
        assertThat(file).hasContent("two");
        assertThat(FileFacts.mode(file)).isEqualTo("rw-r--r--");
        assertThat(folder.toFile().list()).containsExactly("settings.conf");
    }

    @Test
    void aFileThatCannotBePlacedLeavesNothingBehind() throws IOException {
        Path taken = Files.createDirectories(folder.resolve("taken/inner")).getParent();
        assertThatThrownBy(() -> AtomicFiles.place(taken, bytes("one"), "rw-------")).isInstanceOf(IOException.class);
        assertThat(folder.toFile().list()).containsExactly("taken");
    }

    /** Another user may have put the link there. */
    @Test
    void aLinkIsReplacedNotFollowed() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "precious");
        Path link = Files.createSymbolicLink(folder.resolve("link"), precious);
        AtomicFiles.writeOwnerOnly(link, bytes("secret"));
        assertThat(precious).hasContent("precious");
        assertThat(link).isRegularFile().hasContent("secret");
        assertThat(FileFacts.mode(link)).isEqualTo("rw-------");
    }

    @Test
    void whatIsReplacedIsKeptUnderAnotherNameIfThatIsWanted() throws IOException {
        Path live = Files.writeString(folder.resolve("program"), "old");
        String old = FileFacts.identity(live);
        AtomicFiles.replace(live, Files.writeString(folder.resolve("fresh"), "new"), folder.resolve("program.pre-upgrade"));
        assertThat(live).hasContent("new");
        assertThat(FileFacts.identity(folder.resolve("program.pre-upgrade"))).isEqualTo(old);
        AtomicFiles.replace(live, Files.writeString(folder.resolve("fresh"), "newer"), null);
        assertThat(live).hasContent("newer");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("program", "program.pre-upgrade");
        assertThatThrownBy(() -> AtomicFiles.replace(live, folder.resolve("missing"), null)).isInstanceOf(OpsException.class);
        assertThat(live).hasContent("newer");
    }
}
