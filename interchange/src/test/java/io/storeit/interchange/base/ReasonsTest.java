package io.storeit.interchange.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonsTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                failure(new NoSuchFileException("/a"), "no such file or folder", "there is no /a", ""),
                failure(new FileNotFoundException("/a"), "no such file or folder", "there is no /a", ""),
                failure(new AccessDeniedException("/a"), "permission denied", "permission denied for /a",
                        "Run as root, or as the user it belongs to: ls -ld /a"),
                failure(new FileAlreadyExistsException("/a"), "it exists already", "/a exists already", ""),
                failure(new DirectoryNotEmptyException("/a"), "the folder is not empty", "the folder /a is not empty", ""),
                failure(new FileSystemException("/a", null, "No space left on device"), "the disk is full", "the disk is full: /a",
                        "Make room: df -h shows which disk, storeit-ctl doctor what can go."),
                failure(new IOException("No space left on device"), "the disk is full", "the disk is full",
                        "Make room: df -h shows which disk, storeit-ctl doctor what can go."),
                failure(new FileSystemException("/a", null, "Level 2 not synchronized"), "Level 2 not synchronized", "Level 2 not synchronized: /a", ""),
                failure(new SocketException("Connection reset"), "the connection was cut", "the connection was cut", "Try again."),
                failure(new SocketTimeoutException("Read timed out"), "no answer in time", "no answer in time", ""),
                failure(new UnknownHostException("example.org"), "no such host is known (is there a network?)",
                        "no such host is known (is there a network?)", ""),
                failure(new SSLHandshakeException("PKIX"), "the encrypted connection was refused", "the encrypted connection was refused",
                        "See whether the clock of this machine is right: date"),
                failure(new IOException(" "), "IOException", "IOException", ""));
    }

    private static Arguments failure(IOException e, String reason, String withFile, String cure) {
        return Arguments.of(e, reason, withFile, cure);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyFailureHasWordsWithAndWithoutItsFileAndACureWhereOneIsKnown(IOException e, String reason, String withFile, String cure) {
        assertThat(Reasons.of(e)).isEqualTo(reason);
        assertThat(Reasons.withFile(e)).isEqualTo(withFile);
        assertThat(Reasons.cure(e)).isEqualTo(cure);
    }
}
