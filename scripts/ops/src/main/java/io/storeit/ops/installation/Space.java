package io.storeit.ops.installation;

import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.FileTree;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calculates the space that operations need on file systems. */
public final class Space {
    /** Holds a need for space. @param bytes on the file system of {@code place} */
    public record Need(Path place, long bytes) {}

    private Space() {}

    /** Returns the needs of an upgrade or downgrade: the safety backup, its rows, three copies of the database, and the binary twice. */
    public static List<Need> forMove(Installation installation, long binary) {
        try {
            long database = Files.size(installation.database());
            var needs = new LinkedHashMap<String, Need>();
            add(needs, installation.dataDirectory(), database + FileTree.size(installation.imageFolder()) + binary);
            add(needs, installation.database().getParent(), 4 * database);
            add(needs, installation.binary().getParent(), binary);
            return List.copyOf(needs.values());
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    private static void add(Map<String, Need> needs, Path place, long bytes) throws IOException {
        FileStore store = Files.getFileStore(place);
        String key = String.valueOf(Files.getAttribute(place, "unix:dev")) + store.name();
        needs.merge(key, new Need(place, bytes), (first, next) -> new Need(first.place(), first.bytes() + next.bytes()));
    }
}
