package io.storeit.interchange.transfer;

import io.storeit.interchange.base.Progress;
import io.storeit.interchange.sqlite.TestSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Imports the archive of its first argument. With "halt" as fourth it stops before the checks and waits to be killed; with "full" no file
 * it writes may become larger than 300 kB, which is how a full disk looks to a program.
 */
final class ImportInChild {

    private ImportInChild() {
    }

    public static void main(String[] arguments) throws Exception {
        boolean halt = List.of(arguments).contains("halt");
        if (List.of(arguments).contains("full")) {
            // Not before the native libraries are unpacked: they are larger.
            Imports.build(Path.of(arguments[0]), Path.of(arguments[1] + ".first"), Path.of(arguments[2])).images().discard();
            Files.delete(Path.of(arguments[1] + ".first"));
            limitFileSize(300_000);
        }
        try {
            Importer.build(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), TestSchema.V2,
                    new ImportOptions(true, null, true), new Progress() {
                        @Override
                        public void status(String status) {
                            if (halt && status.startsWith("checking")) {
                                System.out.println("half way");
                                sleep();
                            }
                        }

                        @Override
                        public void total(long steps) {
                        }

                        @Override
                        public void done(long steps) {
                        }
                    });
            System.out.println("done");
        } catch (RuntimeException e) {
            System.out.println(e);
        }
    }

    /** From now on no file this process writes may become larger. */
    static void limitFileSize(long bytes) throws Exception {
        new ProcessBuilder("prlimit", "--pid", String.valueOf(ProcessHandle.current().pid()), "--fsize=" + bytes)
                .inheritIO().start().waitFor();
    }

    private static void sleep() {
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
