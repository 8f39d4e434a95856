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

/** What an operation leaves until it is known to be good. */
public final class Leftovers {
    /** What lies beside a database that is in use. */
    private static final Pattern LIVE = Pattern.compile("|-wal|-shm|-journal|\\.(token|operation\\.lock|database\\.lock|migration-journal|work)");

    private Leftovers() {}

    /** All that operations keep or leave beside the files of an installation. */
    public static List<Path> beside(Installation installation) {
        var found = new TreeSet<Path>();
        named(installation.database(), found, ending -> !LIVE.matcher(ending).matches());
        named(installation.binary(), found, ending -> ending.equals(".new") || ending.startsWith(".pre-"));
        for (String partial : List.of(".storeit-download", ".first-password", "pre-upgrade.storeit.part", "pre-downgrade.storeit.part")) {
            Path file = installation.dataFolder().resolve(partial);
            if (Files.exists(file)) found.add(file);
        }
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
