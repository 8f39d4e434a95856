package io.storeit.interchange.transfer;

import java.nio.file.Files;
import java.nio.file.Path;

/** Exports a database twice: the second archive, that of the third argument, finds the disk full shortly before its end. */
final class ExportInChild {

    private ExportInChild() {
    }

    public static void main(String[] arguments) throws Exception {
        Path database = Path.of(arguments[0]);
        Path images = Path.of(arguments[1]);
        Path first = Path.of(arguments[2] + ".first");
        Exports.export(database, images, first);
        long size = Files.size(first);
        Files.delete(first);
        ImportInChild.limitFileSize(size - 100);
        try {
            Exports.export(database, images, Path.of(arguments[2]));
            System.out.println("done");
        } catch (RuntimeException e) {
            System.out.println(e);
        }
    }
}
