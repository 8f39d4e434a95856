package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/moving.md, from one machine to another where paths and user are others. */
class MovingTest extends EndToEnd {
    private static final int OTHER_USER = 61_234;
    private static final Pattern PASSWORD = Pattern.compile("Password: +(\\S+)");

    /** As a user whom the old machine does not know, with a home of that user's. */
    private CommandRun there(Machine other, String... arguments) {
        var command = List.of("setpriv", "--reuid=" + OTHER_USER, "--regid=" + OTHER_USER, "--clear-groups", "--", other.folder.resolve("storeit-ctl").toString());
        return other.startProgram(command, arguments).await();
    }

    @Test
    void aHouseholdMovesWithItsPhotosToOtherPathsAndAnotherUser() throws IOException {
        assumeThat(Tool.isBuilt()).as(Tool.FILE + " is newer than its sources").isTrue();
        assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).as("root, who may become another user").isEqualTo(0);
        // From a server before 0.3.0, whose archive names the old machine's image folder.
        running(Release.REFERENCE_021);
        var archive = machine.folder.resolve("home/storeit.storeit");
        machine.tool("backup", "-o", archive.toString()).requireExit(0);
        machine.stopServers();

        var newFolder = Files.createDirectories(folder.resolve("new-machine"));
        try (var other = Machine.bare(newFolder)) {
            other.publish(Release.OURS);
            // That user may not look into this checkout.
            Machine.copyFile(Tool.FILE, other.folder.resolve("storeit-ctl"));
            var carried = Files.copy(archive, other.folder.resolve("home/storeit.storeit"));
            Files.setPosixFilePermissions(carried, PosixFilePermissions.fromString("rw-------"));
            open(folder);
            Machine.runToEnd(new ProcessBuilder("chown", "-R", OTHER_USER + ":" + OTHER_USER, other.folder.toString()));
            // The old machine is gone: whatever still pointed there would be missed.
            Files.move(machine.images, machine.folder.resolve("gone"));

            var installed = there(other, "install", "--user", "--no-service", "--bind", "127.0.0.1:" + other.port, "--allow-unsigned", "--patience", "60").requireExit(0);
            var line = installed.out().lines().filter(text -> text.strip().startsWith("DATABASE_URL=")).findFirst().orElseThrow();
            other.startInShell("setpriv --reuid=" + OTHER_USER + " --regid=" + OTHER_USER + " --clear-groups env " + line.strip());
            other.awaitServing();
            there(other, "restore", carried.toString(), "--yes").requireExit(0);

            var data = other.folder.resolve("home/.local/share/storeit");
            HouseholdComparison.assertSame(before, data.resolve("storeit.db"));

            var password = PASSWORD.matcher(installed.out());
            assertThat(password.find()).isTrue();
            assertThat(other.login("admin", password.group(1))).as("the first administrator of the new machine, who made way").isEmpty();
            assertThat(other.login(Machine.ADMINISTRATOR, Machine.PASSWORD)).as("the old machine's administrator").isPresent();
            var moved = Machine.hashes(data.resolve("images"));
            for (var original : HouseholdComparison.query(data.resolve("storeit.db"), "SELECT storage_key FROM photos")) {
                var name = original.replace("storage_key=", "");
                assertThat(photos).containsKey(name);
                assertThat(moved).containsEntry(name, photos.get(name));
            }
            // Who is in the group that has most of the photos, and in no other.
            var cookie = other.login("zoe", "z".repeat(100)).orElseThrow();
            for (var photo : photos(other, data.resolve("storeit.db"), cookie)) {
                for (var size : List.of("file", "thumbnail", "large")) {
                    var answer = other.get("/api/v1/photos/" + photo + "/" + size, cookie).orElseThrow();
                    assertThat(answer.statusCode()).as(size + " of " + photo).isEqualTo(200);
                }
            }
            try (var files = Files.walk(data)) {
                for (var file : (Iterable<Path>) files::iterator) {
                    assertThat(Files.getAttribute(file, "unix:uid")).as("owner of " + file).isEqualTo(OTHER_USER);
                }
            }
        }
    }

    private static void open(Path folder) throws IOException {
        for (Path above = folder; above != null && !above.equals(Path.of("/tmp")) && above.getNameCount() > 1; above = above.getParent()) {
            above.toFile().setExecutable(true, false);
        }
    }

    /** Ids of some photos that a user can see. */
    private static List<String> photos(Machine other, Path database, String cookie) {
        var ids = HouseholdComparison.query(database, "SELECT id FROM photos").stream().map(row -> row.replace("id=", ""))
                .filter(id -> other.get("/api/v1/photos/" + id, cookie).orElseThrow().statusCode() == 200).limit(5).toList();
        assertThat(ids).as("photos that can be seen").isNotEmpty();
        return ids;
    }
}
