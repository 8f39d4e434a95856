package io.storeit.ops.doctor;

import io.storeit.interchange.images.ImageStore;
import io.storeit.interchange.inspect.DatabaseOverview;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.FileFacts;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Owner;
import io.storeit.ops.host.Programs;
import io.storeit.ops.installation.Installation;
import io.storeit.ops.installation.Journal;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.installation.Leftovers;
import io.storeit.ops.installation.Space;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Checks the file systems and files of an installation: space, permissions, leftovers and photos. */
final class FileChecks {
    /** The free bytes below which a server may fail to write its journal. */
    private static final long LAST_SPACE = 64_000_000;
    private static final String KEPT_UNTIL_DELETED = ".*\\.(pre-(import|upgrade|downgrade|restore|rollback)|failed)(-.*)?";

    private final Subject subject;
    private final Installation installation;
    private final Findings findings;

    FileChecks(Subject subject, Findings findings) {
        this.subject = subject;
        this.installation = subject.installation();
        this.findings = findings;
    }

    static void requirePrivate(Findings findings, Path file) {
        if (!Files.exists(file)) {
            findings.warn(file + " does not exist", null);
        } else if (FileFacts.mode(file).matches("...(r..|...r).*")) {
            findings.warn("other users can read " + file + " (" + FileFacts.mode(file) + ")", "chmod 600 " + Programs.quoted(file));
        }
    }

    void disk() {
        try {
            for (Space.Need need : Space.forMove(installation, FileTree.sizeOrNone(installation.binary()))) {
                long free = Files.getFileStore(need.place()).getUsableSpace();
                String state = (free < 10_000_000_000L ? Words.megabytes(free) : free / 1_000_000_000 + " GB") + " free at " + need.place();
                if (free < LAST_SPACE) findings.serious(state + ": the server will soon refuse to write", "storeit-ctl cleanup");
                else if (free < need.bytes()) findings.warn(state + "; an upgrade needs " + Words.megabytes(need.bytes()), "storeit-ctl cleanup");
                else findings.ok(state + "; an upgrade needs " + Words.megabytes(need.bytes()));
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    void permissions() {
        int user = installation.launch().userId();
        for (Path path : List.of(installation.database().getParent(), installation.database(), installation.imageFolder())) {
            if (!Files.exists(path)) continue;
            if (user != 0 && Owner.userId(path) != user && FileFacts.mode(path).matches("....[^w]..[^w].")) {
                findings.serious(path + " belongs to " + Owner.name(path) + ", but the server runs as user " + user,
                        "chown " + user + ": " + Programs.quoted(path));
            } else if (!FileFacts.mode(path).contains("w")) {
                findings.serious("the server cannot write to " + path + " (" + FileFacts.mode(path) + ")", "chmod u+w " + Programs.quoted(path));
            }
        }
        for (Path secret : List.of(installation.database(), Layout.firstPassword(installation.dataDirectory()))) {
            if (Files.exists(secret)) requirePrivate(findings, secret);
        }
        if (Files.exists(installation.binary()) && FileFacts.mode(installation.binary()).matches("....w.*|.......w.")) {
            findings.warn("users other than the owner can change " + installation.binary(), "chmod go-w " + Programs.quoted(installation.binary()));
        }
    }

    void leftovers() {
        Optional<Journal> journal = Journal.read(installation.database());
        if (journal.filter(Journal::interrupted).isPresent()) return;   // resume needs them
        boolean busy = Locks.operationHeld(installation.database());
        Set<Path> needed = journal.map(Journal::keptFiles).orElse(Set.of());
        var removable = new HashSet<Path>(journal.map(Journal::leftovers).orElse(Set.of()));
        removable.add(Layout.downloads(installation.dataDirectory()));
        journal.ifPresent(record -> removable.add(record.workFolder()));
        for (Path file : Leftovers.beside(installation)) leftover(file, needed, removable, busy);
    }

    private void leftover(Path file, Set<Path> needed, Set<Path> removable, boolean busy) {
        String what = file + " (" + Words.megabytes(FileTree.sizeOrNone(file)) + ")";
        String name = file.getFileName().toString();
        if (needed.contains(file)) {
            findings.ok(what + " is kept for 'storeit-ctl rollback'");
        } else if (name.endsWith(".auto-upgrade-failed")) {
            findings.warn("the last auto-upgrade failed; the reason is in " + file, "cat " + Programs.quoted(file));
        } else if (Layout.isFirstPassword(file)) {
            findings.note(file + " holds the first administrator's password", "storeit-ctl cleanup");
        } else if (removable.contains(file)) {
            findings.note(what + " is no longer needed", "storeit-ctl cleanup");
        } else if (name.matches(KEPT_UNTIL_DELETED)) {
            findings.note(what + " is kept until you delete it", "rm " + Programs.quoted(file));
        } else if (!busy) {
            findings.warn(what + " was left by a failed operation", "rm -r " + Programs.quoted(file));
        }
    }

    /** Checks for unreadable photos, and for image files of deleted photos that were not removed yet. */
    void photos() {
        long unreadable = subject.health().map(health -> health.unreadablePhotos()).orElse(0L);
        if (unreadable > 0) {
            String photos = Words.counted(unreadable, "of the newest photos has", "of the newest photos have");
            findings.warn(photos + " no readable file in " + installation.imageFolder(), "storeit-server verify");
        }
        List<String> waiting = DatabaseOverview.of(installation.database()).removedImages();
        if (waiting.isEmpty()) return;
        var images = new ImageStore(installation.imageFolder());
        long bytes = waiting.stream().filter(images::has).mapToLong(key -> FileTree.sizeOrNone(images.file(key))).sum();
        String keptName = installation.database().getFileName() + ".pre-";
        List<Path> kept = Leftovers.beside(installation).stream().filter(file -> file.getFileName().toString().startsWith(keptName)).toList();
        String what = Words.counted(waiting.size(), "image file", "image files") + " of deleted photos (" + Words.megabytes(bytes) + ")";
        if (kept.isEmpty()) findings.ok(what + " will be removed automatically");
        else findings.note(what + " kept, because a return to " + Words.few(kept) + " needs them", "storeit-ctl cleanup");
    }
}
