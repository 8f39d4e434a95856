package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Every file below a folder with the hash of its bytes, to prove that nothing was created, changed or left behind. */
public record FolderState(Map<String, String> files) {

    public static FolderState of(Path folder) throws IOException {
        var files = new TreeMap<String, String>();
        try (var all = Files.walk(folder)) {
            for (Path file : all.toList()) {
                files.put(folder.relativize(file).toString(), Files.isRegularFile(file) ? Sha256.hex(file) : "folder");
            }
        }
        return new FolderState(files);
    }
}
