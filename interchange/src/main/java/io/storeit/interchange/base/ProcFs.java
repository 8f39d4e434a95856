package io.storeit.interchange.base;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what Linux shows of one process under {@code /proc}. On other systems, after the process ended, and for processes of other users
 * there is nothing to see: lists are empty then, and files cannot be read.
 *
 * @param folder of the process
 */
public record ProcFs(Path folder) {

    private static final Path PROC = Path.of("/proc");

    /** Returns this process. */
    public static ProcFs self() {
        return new ProcFs(PROC.resolve("self"));
    }

    /** Returns the process with this id. */
    public static ProcFs of(long process) {
        return new ProcFs(PROC.resolve(Long.toString(process)));
    }

    /** Lists the ids of all processes, in no particular order. */
    public static List<Long> processes() {
        return names(PROC, "[0-9]*").stream().map(Path::getFileName).map(name -> Long.valueOf(name.toString())).toList();
    }

    /** Returns one of the files of the process, such as {@code stat} or {@code exe}. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    /** Lists the files that the process has open, as links to them. */
    public List<Path> open() {
        return names(file("fd"), "*");
    }

    private static List<Path> names(Path folder, String pattern) {
        var names = new ArrayList<Path>();
        try (DirectoryStream<Path> content = Files.newDirectoryStream(folder, pattern)) {
            content.forEach(names::add);
        } catch (IOException | RuntimeException e) {
            // What was seen before the process ended counts.
            return names;
        }
        return names;
    }
}
