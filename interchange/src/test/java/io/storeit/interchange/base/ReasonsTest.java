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
                failure(new NoSuchFileException("/a"), "no such file or directory", "/a does not exist", ""),
                failure(new FileNotFoundException("/a"), "no such file or directory", "/a does not exist", ""),
                failure(new AccessDeniedException("/a"), "permission denied", "permission denied for /a",
                        "Run as root, or as the owner of the file: ls -ld /a"),
                failure(new FileAlreadyExistsException("/a"), "it already exists", "/a already exists", ""),
                failure(new DirectoryNotEmptyException("/a"), "the directory is not empty", "the directory /a is not empty", ""),
                failure(new FileSystemException("/a", null, "No space left on device"), "the disk is full", "the disk is full: /a",
                        "Free space: df -h shows which disk is full, storeit-ctl doctor what can be deleted."),
                failure(new IOException("No space left on device"), "the disk is full", "the disk is full",
                        "Free space: df -h shows which disk is full, storeit-ctl doctor what can be deleted."),
                failure(new FileSystemException("/a", null, "Level 2 not synchronized"), "Level 2 not synchronized", "Level 2 not synchronized: /a", ""),
                failure(new SocketException("Connection reset"), "the connection was closed", "the connection was closed", "Try again."),
                failure(new SocketTimeoutException("Read timed out"), "it timed out", "it timed out", ""),
                failure(new UnknownHostException("example.org"), "the host name is unknown, or there is no network",
                        "the host name is unknown, or there is no network", ""),
                failure(new SSLHandshakeException("PKIX"), "the TLS connection failed", "the TLS connection failed",
                        "Check the clock of this machine: date"),
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
