package io.storeit.ops.installation;

import io.storeit.interchange.sqlite.JournalState;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Describes the last backup that was made with this tool, as recorded in {@code <state folder>/backups.json} of the user that made it.
 *
 * @param path {@code -} for standard output
 * @param time in RFC 3339
 * @param verified whether a trial restore gave the same content
 */
public record SavedBackup(String path, String time, long bytes, String sha256, boolean verified) {
    /**
     * Returns the newest backup of this user, of the server's user (which the timer runs as), and of the last upgrade. The backup of an
     * upgrade counts as verified, because the upgrade restores a database from it and compares the two.
     */
    public static Optional<SavedBackup> last(Settings settings, Optional<Installation> installation, Optional<Journal> journal) {
        Stream<Path> folders = Stream.concat(Stream.of(Settings.stateFolder()),
                installation.map(found -> Settings.stateFolder(found.launch().environment())).stream());
        Stream<SavedBackup> made = folders.distinct().map(folder -> read(folder.resolve("backups.json"), settings.serverUrl())).flatMap(Optional::stream);
        Optional<SavedBackup> safety = journal.filter(last -> last.state() == JournalState.COMMITTED && last.backup() != null)
                .filter(last -> Files.exists(last.backup().archive()))
                .map(last -> new SavedBackup(last.backup().archive().toString(), last.startedAt(), FileTree.sizeOrNone(last.backup().archive()), null, true));
        return Stream.concat(made, safety.stream()).max(Comparator.comparing(SavedBackup::at));
    }

    /** Records the last backup of this user. A failure is ignored, because the backup itself is good. */
    public static void remember(String serverUrl, SavedBackup saved) {
        var backup = new LinkedHashMap<String, Object>();
        backup.put("server_url", serverUrl);
        backup.put("path", saved.path());
        backup.put("time", saved.time());
        backup.put("bytes", saved.bytes());
        backup.put("sha256", saved.sha256());
        backup.put("verified", saved.verified());
        try {
            Files.createDirectories(Settings.stateFolder(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            AtomicFiles.place(Settings.stateFolder().resolve("backups.json"), Json.write(backup), "rw-------");
        } catch (IOException unwritable) {
            // status then shows the one before
        }
    }

    private static Optional<SavedBackup> read(Path file, String serverUrl) {
        try {
            Map<String, Object> backup = Json.object(Files.readString(file));
            if (backup.get("server_url") instanceof String other && !other.equals(serverUrl)) return Optional.empty();
            var found = new SavedBackup((String) backup.get("path"), (String) backup.get("time"), Json.number(backup, "bytes"),
                    (String) backup.get("sha256"), Boolean.TRUE.equals(backup.get("verified")));
            return Optional.of(found).filter(saved -> saved.path() != null && saved.at() != Instant.EPOCH);
        } catch (IOException | OpsException | ClassCastException none) {
            return Optional.empty();
        }
    }

    public Instant at() {
        try {
            return Instant.parse(Objects.requireNonNullElse(time, ""));
        } catch (DateTimeParseException damaged) {
            return Instant.EPOCH;
        }
    }

    public String words() {
        boolean gone = !path.equals("-") && !Files.exists(Path.of(path));
        return (path.equals("-") ? "to standard output" : path) + ", " + time + ", " + Words.megabytes(bytes)
                + (verified ? ", verified by a trial restore" : ", not verified") + (gone ? "; the file no longer exists" : "");
    }
}
