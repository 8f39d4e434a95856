package io.storeit.ops.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.ops.host.Owner;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.process.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileChecksTest {
    @TempDir
    Path folder;

    private final Findings findings = new Findings();
    private Path database;
    private FileChecks checks;

    @BeforeEach
    void anInstallation() throws IOException {
        database = write("storeit.db", "rw-------");
        var images = Files.createDirectory(folder.resolve("images"));
        var binary = write("storeit-server", "rwxr-xr-x");
        var launch = new Launch(null, List.of(), Map.of(), folder, Owner.ownUserId(), Owner.ownGroupId(), "");
        checks = new FileChecks(new Subject(null, Optional.empty(), Optional.empty(), new Installation(binary, database, images, folder, launch, null)), findings);
    }

    private Path write(String name, String mode) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }

    @Test
    void theFirstPasswordIsNoLeftoverOfSomethingThatBroke() throws IOException {
        var password = write(".first-password", "rw-------");
        findings.check("leftovers", checks::leftovers);
        findings.check("permissions", checks::permissions);
        assertThat(findings.report().findings()).containsExactly(
                new Finding("leftovers", Finding.Severity.NOTE, password + " holds the first administrator's password", "storeit-ctl cleanup"),
                new Finding("permissions", Finding.Severity.OK, "in order", null));
    }

    @Test
    void whatOthersCanReadOrChangeIsNamed() throws IOException {
        var password = write(".first-password", "rw-r--r--");
        write("storeit.db", "rw----r--");
        write("storeit-server", "rwxrwxr-x");
        findings.check("permissions", checks::permissions);
        assertThat(findings.report().findings()).extracting(Finding::fix)
                .containsExactly("chmod 600 " + database, "chmod 600 " + password, "chmod go-w " + folder.resolve("storeit-server"));
    }

    @Test
    void eachLeftoverIsToldByWhatMayBecomeOfIt() throws IOException {
        write("storeit.db.importing", "rw-------");
        write("storeit.db.pre-upgrade", "rw-------");
        write("storeit.db.auto-upgrade-failed", "rw-------");
        Files.createDirectory(folder.resolve(".storeit-download"));
        findings.check("leftovers", checks::leftovers);
        assertThat(findings.report().findings()).extracting(finding -> finding.severity() + " " + finding.fix()).containsExactlyInAnyOrder(
                "WARNING rm -r " + folder.resolve("storeit.db.importing"), "NOTE rm " + folder.resolve("storeit.db.pre-upgrade"),
                "WARNING cat " + folder.resolve("storeit.db.auto-upgrade-failed"), "NOTE storeit-ctl cleanup");
    }
}
