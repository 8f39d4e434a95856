package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Upgrades of a running server from releases of the GitHub API. What can be wrong with a release is tried case by case in the tests of the
 * download itself; here it is that nothing of it comes near a server.
 */
class GitHubReleasesTest extends EndToEnd {
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

    private final ReleaseSignature key = new ReleaseSignature();
    private GitHub gitHub;

    /** The released version of ours, signed by a key that the tool knows. */
    private void signedRelease() {
        running(Release.REFERENCE_021).publish(Release.OURS);
        key.sign(machine.release(Release.OURS));
        key.trustedBy(machine);
        gitHub = new GitHub(machine);
    }

    @AfterEach
    void closeGitHub() {
        gitHub.close();
    }

    /** A file that comes and goes in the folder of programs changes its time too. */
    private CommandRun assertRefused(int exit, String... more) throws IOException {
        var server = machine.servers().get(0).pid();
        Files.setLastModifiedTime(machine.binary.getParent(), LONG_AGO);
        var run = machine.tool(more).requireExit(exit);
        assertThat(machine.servers().get(0).pid()).isEqualTo(server);
        assertThat(Machine.names(machine.binary.getParent())).containsExactly("storeit-server");
        assertThat(Files.getLastModifiedTime(machine.binary.getParent())).isEqualTo(LONG_AGO);
        return run;
    }

    @Test
    void aSignedReleaseNeedsNoConsent() {
        signedRelease();
        var run = machine.tool("upgrade", "0.3.0").requireExit(0);
        assertServesEverything(Release.OURS);
        assertThat(run.text()).doesNotContain("signature", "checksums");
        assertThat(gitHub.paths()).contains("/repos/storeit/storeit/releases/tags/v0.3.0").noneMatch(path -> path.endsWith("/latest"))
                // First the name that the old tool takes first.
                .anyMatch(path -> path.matches("/download/v0\\.3\\.0/storeit-server-linux-[a-z0-9_]+-musl"));
        assertThat(gitHub.requests().get(0).getHeaders().get("Accept")).isEqualTo("application/vnd.github+json");
        assertThat(gitHub.requests()).allMatch(request -> request.getHeaders().get("Authorization") == null && request.getHeaders().get("Cookie") == null);
        assertThat(machine.dataFiles()).doesNotContain(".storeit-download");
    }

    @Test
    void aReleaseOfTheOldProjectNeedsConsentForItHasNoSignature() throws IOException {
        running(Release.REFERENCE_020);
        GitHub.publishAsTheReferenceDid(machine, Release.REFERENCE_020);
        GitHub.publishAsTheReferenceDid(machine, Release.REFERENCE_021);
        key.trustedBy(machine);
        gitHub = new GitHub(machine);
        assertThat(machine.tool("upgrade", "--check").requireExit(0).out()).isEqualTo("Version 0.2.1 is available; 0.2.0 is installed. Install it with 'storeit-ctl upgrade'.\n");

        var refused = assertRefused(6, "upgrade", "--yes");
        assertThat(refused.text()).contains("Release 0.2.1 has no signature", "--allow-unsigned");
        assertThat(gitHub.paths()).as("what was downloaded").noneMatch(path -> path.startsWith("/download/") && !path.endsWith("/SHA256SUMS"));

        machine.tool("upgrade", "--allow-unsigned").requireExit(0);
        assertServesEverything(Release.REFERENCE_021);
        assertThat(machine.tool("upgrade", "--check").requireExit(0).out()).isEqualTo("Version 0.2.1 is installed; there is no newer release.\n");
    }

    @Test
    void aReleaseSignedBySomebodyElseIsRefusedWhateverWasAllowed() throws IOException {
        signedRelease();
        new ReleaseSignature().sign(machine.release(Release.OURS));
        assertThat(assertRefused(1, "upgrade", "0.3.0", "--yes", "--allow-unsigned").text()).contains("does not match a trusted key");
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void aFileThatWasExchangedOnTheWayIsNeverRun() throws IOException {
        signedRelease();
        Path trace = machine.folder.resolve("executed");
        for (String name : Machine.names(machine.release(Release.OURS))) {
            if (name.startsWith("storeit-server")) {
                gitHub.change(name, answer -> answer.getCode() == 302 ? answer : new MockResponse.Builder().code(200).body("#!/bin/sh\ntouch '" + trace + "'\n").build());
            }
        }
        assertThat(assertRefused(1, "upgrade", "0.3.0").text()).contains("is invalid");
        assertThat(trace).doesNotExist();
        assertServesEverything(Release.REFERENCE_021);
    }

    @Test
    void aFileOfAnotherVersionIsRefusedAlsoWhenEverythingElseIsRight() throws IOException {
        signedRelease();
        machine.publish("0.3.0", Release.REFERENCE_020.asset());
        key.sign(machine.release(Release.OURS));
        assertThat(assertRefused(1, "upgrade", "0.3.0").text()).contains("The file of release 0.3.0 reports version 0.2.0");
        assertThat(machine.dataFiles()).doesNotContain(".storeit-download");
    }

    @Test
    void aDownloadThatBreaksAgainAndAgainLeavesNothing() throws IOException {
        signedRelease();
        var broken = new int[1];
        for (String name : Machine.names(machine.release(Release.OURS))) {
            if (name.startsWith("storeit-server")) {
                gitHub.change(name, answer -> answer.getCode() == 302 ? answer : ++broken[0] == 1
                        ? answer.newBuilder().onResponseBody(SocketEffect.ShutdownConnection.INSTANCE).build() : new MockResponse.Builder().code(503).build());
            }
        }
        assertThat(assertRefused(1, "upgrade", "0.3.0").text()).contains("answered 503", "version 0.2.1 is serving");
        assertThat(broken[0]).as("attempts").isEqualTo(4);
        assertThat(machine.dataFiles()).doesNotContain(".storeit-download");
    }

    /** The file that runs is the one that is replaced, under whatever name and through whatever link it was called; the installed manual too. */
    @Test
    void theToolReplacesItself() throws IOException {
        with(Release.OURS);
        Path tool = Files.createDirectories(machine.folder.resolve("home/.local/bin")).resolve("storeit-ctl");
        Path page = Files.createDirectories(machine.folder.resolve("home/.local/share/man/man1")).resolve("storeit-ctl.1");
        Files.writeString(page, "old");
        Machine.copyFile(Tool.FILE, tool);
        Path link = Files.createSymbolicLink(machine.binary.resolveSibling("storeit-ctl"), tool);
        var next = new ByteArrayOutputStream();
        next.writeBytes("#!/bin/sh\necho storeit-ctl 0.4.0\nexit\n".getBytes(StandardCharsets.UTF_8));
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "0.4.0");
        try (var jar = new JarOutputStream(next, manifest)) {
            jar.putNextEntry(new JarEntry("share/man/man1/storeit-ctl.1"));
            jar.write("new".getBytes(StandardCharsets.UTF_8));
        }
        machine.publish(Release.NEXT);
        Files.write(machine.release(Release.NEXT).resolve("storeit-ctl"), next.toByteArray());
        var sums = machine.release(Release.NEXT).resolve("SHA256SUMS");
        Files.writeString(sums, Files.readString(sums) + Machine.sha256(machine.release(Release.NEXT).resolve("storeit-ctl")) + "  storeit-ctl\n");
        key.sign(machine.release(Release.NEXT));
        key.trustedBy(machine);
        gitHub = new GitHub(machine);
        assertThat(machine.startProgram(List.of(link.toString()), "self-update", "--dry-run").await().requireExit(0).out()).contains("Replace " + tool);
        assertThat(tool).hasSameBinaryContentAs(Tool.FILE);
        assertThat(machine.startProgram(List.of(link.toString()), "self-update").await().requireExit(0).out()).contains("storeit-ctl 0.4.0 is installed: " + tool);
        assertThat(tool).hasBinaryContent(next.toByteArray()).isExecutable();
        assertThat(link).isSymbolicLink();
        assertThat(page).hasContent("new");
        assertThat(Machine.names(machine.folder.resolve("home/state/storeit-ctl"))).isEmpty();
    }

    /** The check writes down what it found, as the daily timer's does; status reads that. */
    @Test
    void statusShowsWhatTheLastCheckFoundAndAsksNothing() throws IOException {
        with(Release.OURS).publish(Release.NEXT);
        gitHub = new GitHub(machine);
        var place = new String[] {"--data-dir", machine.database.getParent().toString(), "--binary", machine.binary.toString()};
        var status = new String[] {"status", place[0], place[1], place[2], place[3]};
        var check = new String[] {"upgrade", "--check", place[0], place[1], place[2], place[3]};
        assertThat(machine.tool(status).requireExit(1).out()).doesNotContain("Newer release");
        assertThat(gitHub.requests()).isEmpty();

        gitHub.change("latest", answer -> new MockResponse.Builder().code(403).addHeader("x-ratelimit-remaining", "0").addHeader("retry-after", "120").build());
        machine.tool(check).requireExit(1);
        assertThat(machine.tool(status).requireExit(1).out()).contains("Newer releases: unknown: localhost has received too many requests");
        gitHub.change("latest", answer -> answer);
        machine.tool(check).requireExit(0);
        assertThat(machine.tool(status).requireExit(1).out()).contains("Newer release: 0.4.0 (install it with 'storeit-ctl upgrade')");
        machine.setToolVariable("STOREIT_CTL_UPDATE_CHECK", "no");
        assertThat(machine.tool(status).requireExit(1).out()).doesNotContain("Newer release");
        machine.setToolVariable("STOREIT_CTL_UPDATE_CHECK", "yes");
        assertThat(gitHub.requests()).as("asked by the checks only").hasSize(2);

        // As another user, root say, one sees what the timer wrote for the server's user.
        machine.start();
        machine.setToolVariable("XDG_STATE_HOME", machine.folder.resolve("home/empty").toString());
        assertThat(machine.tool("status").requireExit(0).out()).contains("Newer release: 0.4.0 (install it with 'storeit-ctl upgrade')");
        machine.stopServers();

        machine.publish(Release.OURS);
        var sums = machine.release(Release.NEXT).resolve("SHA256SUMS");
        Files.writeString(sums, Files.readString(sums).replaceFirst("\n", "\n# Schema 3\n"));
        assertThat(machine.tool("releases", place[0], place[1], place[2], place[3]).requireExit(0).out()).containsPattern("0\\.4\\.0 +2026-11-01 3 \\(newer\\) +storeit-ctl upgrade 0\\.4\\.0")
                .containsPattern("0\\.3\\.0 +2026-11-01 2 +installed");
    }

    @Test
    void whetherThereIsANewerReleaseIsToldOrThatItCannotBeTold() {
        with(Release.OURS);
        gitHub = new GitHub(machine);
        machine.tool("upgrade", "--check").requireExit(1);
        machine.start();
        var nothing = machine.tool("upgrade", "--check").requireExit(1);
        assertThat(nothing.err()).contains("There is no latest release");
        gitHub.change("latest", answer -> new MockResponse.Builder().code(403).addHeader("x-ratelimit-remaining", "0").addHeader("retry-after", "120").build());
        assertThat(machine.tool("upgrade", "--check").requireExit(1).err()).contains("Try again in 2 minutes");
        machine.tool("status").requireExit(0);
        machine.stopServers();
        machine.publish(Release.NEXT);
        gitHub.change("latest", answer -> answer);
        assertThat(machine.tool("upgrade", "--check").requireExit(0).out()).as("of a stopped server").contains("Version 0.4.0 is available; 0.3.0 is installed.");
        assertThat(machine.binary).hasSameBinaryContentAs(Release.OURS.asset());
    }
}
