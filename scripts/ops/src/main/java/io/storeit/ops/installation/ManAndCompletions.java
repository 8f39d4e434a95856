package io.storeit.ops.installation;

import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Places and finds the manual pages and shell completions. Every storeit-ctl file contains those of its own commands, as a tree for
 * {@code /usr/local/share}.
 */
public final class ManAndCompletions {
    private static final String FOLDER = "share/";
    private static final String MANUAL = "man/man1/";
    private static final String ZSH = "zsh/site-functions/_storeit-ctl";
    private static final String FISH = "fish/vendor_completions.d/storeit-ctl.fish";
    private static final List<String> COMPLETIONS = List.of("bash-completion/completions/storeit-ctl", ZSH, FISH);

    private ManAndCompletions() {}

    /**
     * Places the files of a program, and replaces those of another version. A program that runs from source has none.
     *
     * @param made receives the actions that remove the new files
     */
    public static void place(Path program, Layout layout, Deque<Runnable> made) throws IOException {
        if (!Files.exists(program)) return;
        try (var jar = new JarFile(program.toFile())) {
            for (JarEntry entry : jar.stream().filter(found -> found.getName().startsWith(FOLDER) && !found.isDirectory()).toList()) {
                Path target = target(layout, entry.getName().substring(FOLDER.length()));
                boolean replaces = Files.exists(target);
                Destination.ensureFolder(target.getParent(), "rwxr-xr-x", made);
                AtomicFiles.place(target, jar.getInputStream(entry).readAllBytes(), "rw-r--r--");
                if (!replaces) made.push(() -> FileTree.deleteQuietly(target));
            }
        }
    }

    /** Returns the installed files, of any version. */
    public static List<Path> in(Layout layout) {
        Path manual = layout.share().resolve(MANUAL);
        String[] pages = Objects.requireNonNullElse(manual.toFile().list((folder, name) -> name.matches("storeit-ctl(-[a-z-]+)?\\.1")), new String[0]);
        Stream<Path> completions = COMPLETIONS.stream().map(name -> target(layout, name));
        return Stream.concat(Stream.of(pages).sorted().map(manual::resolve), completions).filter(Files::exists).toList();
    }

    /** Returns the directory that zsh has to search for completions. */
    public static Path zsh(Layout layout) {
        return target(layout, ZSH).getParent();
    }

    /** Returns the path of a file. After a login over SSH, fish does not search /usr/local/share, so its file goes to /etc. */
    private static Path target(Layout layout, String name) {
        return name.equals(FISH) && !layout.forUser() ? Path.of("/etc/fish/completions/storeit-ctl.fish") : layout.share().resolve(name);
    }
}
