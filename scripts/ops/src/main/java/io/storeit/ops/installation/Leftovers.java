package io.storeit.ops.installation;

import io.storeit.ops.base.OpsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the files that operations and installs leave beside those of an installation. */
public final class Leftovers {
    /** The suffixes of files that a running server needs. */
    private static final Pattern LIVE = Pattern.compile("|-wal|-shm|-journal|\\.(token|operation\\.lock|database\\.lock|migration-journal|work)");

    private Leftovers() {}

    /** Returns the files and directories beside those of the installation that a running server does not need. */
    public static List<Path> beside(Installation installation) {
        var found = new TreeSet<Path>();
        named(installation.database(), found, ending -> !LIVE.matcher(ending).matches());
        named(installation.binary(), found, ending -> ending.equals(".new") || ending.startsWith(".pre-"));
        Path data = installation.dataDirectory();
        Stream.of(Layout.downloads(data), Layout.firstPassword(data), data.resolve("pre-upgrade.storeit.part"), data.resolve("pre-downgrade.storeit.part"))
                .filter(Files::exists).forEach(found::add);
        return List.copyOf(found);
    }

    private static void named(Path file, Set<Path> all, Predicate<String> ending) {
        String name = file.getFileName().toString();
        try (Stream<Path> files = Files.list(file.toAbsolutePath().getParent())) {
            for (Path other : files.toList()) {
                String found = other.getFileName().toString();
                if (found.startsWith(name) && ending.test(found.substring(name.length()))) all.add(other);
            }
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }
}
