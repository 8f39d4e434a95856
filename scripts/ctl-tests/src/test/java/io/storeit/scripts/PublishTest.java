package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishing a small release to a Git repository in a folder, with a stand-in of GitHub's command line that writes down how it is called. */
@Tag("process")
@Tag("once")
class PublishTest {

    @TempDir
    Path folder;

    private Path checkout;

    @BeforeEach
    void aTaggedCheckoutWithARelease() throws Exception {
        checkout = folder.resolve("checkout");
        git(folder, "init", "-q", "--bare", "remote.git");
        git(folder, "init", "-q", "checkout");
        git(checkout, "remote", "add", "origin", folder.resolve("remote.git").toString());
        Files.createDirectory(checkout.resolve("scripts"));
        Files.copy(Shell.ROOT.resolve("scripts/publish.sh"), checkout.resolve("scripts/publish.sh"));
        Files.writeString(checkout.resolve(".gitignore"), "dist/\ntarget/\n");
        commit("one");
        git(checkout, "tag", "v1.2.3");
        dist("1.2.3", "library");

        Files.createDirectory(folder.resolve("bin"));
        Path gh = Files.writeString(folder.resolve("bin/gh"), "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"" + folder.resolve("gh.log") + "\"\n");
        Files.setPosixFilePermissions(gh, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void dist(String version, String library) throws IOException {
        Path maven = Files.createDirectories(checkout.resolve("dist/maven/io/storeit/storeit-interchange/" + version));
        Files.writeString(maven.resolve("library.jar"), library);
        Files.writeString(checkout.resolve("dist/SHA256SUMS"), "# StoreIT " + version + "\n");
        Files.writeString(checkout.resolve("dist/SHA256SUMS.sig"), "signature");
        Path docs = Files.createDirectories(checkout.resolve("target/docs"));
        for (String page : Shell.files(docs)) {
            Files.delete(docs.resolve(page));
        }
        Files.writeString(docs.resolve("index.html"), "documentation of " + version);
        Files.writeString(docs.resolve("page-" + version + ".html"), "a page");
    }

    private void commit(String message) throws Exception {
        git(checkout, "add", "--all");
        git(checkout, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", message);
    }

    private static String git(Path folder, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        Result result = Shell.run(folder, System.getenv(), command);
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }

    private Result publish() throws Exception {
        var environment = new HashMap<>(System.getenv());
        environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        return Shell.run(checkout, environment, List.of("scripts/publish.sh"));
    }

    private List<String> published() throws Exception {
        return git(folder.resolve("remote.git"), "ls-tree", "-r", "--name-only", "gh-pages").lines().toList();
    }

    @Test
    void theFilesBecomeAReleaseAndTheRepositoryOfEachVersionStaysOnThePagesBesideTheNewestDocumentation() throws Exception {
        Result first = publish();
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(Files.readString(folder.resolve("gh.log"))).isEqualTo(
                "release create v1.2.3 --verify-tag --title StoreIT 1.2.3 --generate-notes dist/SHA256SUMS dist/SHA256SUMS.sig\n");
        assertThat(published()).containsExactly(".nojekyll", "docs/index.html", "docs/page-1.2.3.html", "maven/io/storeit/storeit-interchange/1.2.3/library.jar");

        commit("two");
        git(checkout, "tag", "v1.3.0");
        dist("1.3.0", "newer library");
        Result second = publish();
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(published()).containsExactly(".nojekyll", "docs/index.html", "docs/page-1.3.0.html",
                "maven/io/storeit/storeit-interchange/1.2.3/library.jar", "maven/io/storeit/storeit-interchange/1.3.0/library.jar");
    }

    @Test
    void neverReplacesWhatWasPublished() throws Exception {
        assertThat(publish().code()).isZero();
        Files.delete(folder.resolve("gh.log"));
        dist("1.2.3", "another library");
        Result again = publish();
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("is published already, with other content");
        assertThat(folder.resolve("gh.log")).doesNotExist();
    }

    @Test
    void refusesWhatIsNotTaggedOrNotSignedOrHasNoDocumentation() throws Exception {
        Files.delete(checkout.resolve("target/docs/index.html"));
        assertThat(publish().err()).contains("run make docs");
        Files.delete(checkout.resolve("dist/SHA256SUMS.sig"));
        assertThat(publish().err()).contains("Release 1.2.3 is not signed");
        dist("1.2.4", "library");
        assertThat(publish().err()).contains("this commit has no tag v1.2.4");
        assertThat(folder.resolve("gh.log")).doesNotExist();
    }
}
