package io.storeit.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A folder for all data of one run of the benchmark, and the programs it measures. Nothing outside it is read or written by those programs:
 * home, caches and state are in it too. Closing it ends every process that has the folder on its command line and removes it.
 */
final class Workplace implements AutoCloseable {

    private final Path root;
    private final Path folder;
    private int folders;
    private volatile boolean closed;

    /** @param root the checkout, with both versions built */
    Workplace(Path root) throws IOException {
        this.root = root;
        folder = Files.createTempDirectory(Files.createDirectories(root.resolve("target/bench")), "run-");
        long needed = 4L << 30;
        if (Files.getFileStore(folder).getUsableSpace() < needed) {
            close();
            throw new BenchException("the benchmark needs " + (needed >> 30) + " GiB free in " + folder.getParent());
        }
    }

    Path server() {
        return root.resolve("target/storeit-server");
    }

    Path nextServer() {
        return root.resolve("target/next/storeit-server");
    }

    Path ctl() {
        return root.resolve("target/storeit-ctl");
    }

    Path root() {
        return root;
    }

    Path log() {
        return folder.resolve("log");
    }

    /** A new, empty folder. */
    Path newFolder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name + "-" + ++folders));
    }

    /** A command with an environment of its own and the given variables. */
    ProcessBuilder command(Map<String, String> variables, List<String> command) {
        if (closed) {
            throw new BenchException("interrupted");
        }
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("STOREIT_") || name.startsWith("XDG_") || name.equals("DATABASE_URL"));
        environment.put("HOME", folder.resolve("home").toString());
        environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        environment.put("XDG_STATE_HOME", folder.resolve("state").toString());
        environment.put("NO_COLOR", "1");
        environment.putAll(variables);
        return builder;
    }

    ProcessBuilder command(String... command) {
        return command(Map.of(), List.of(command));
    }

    Run run(String... command) throws IOException, InterruptedException {
        return Run.of(log(), command(command));
    }

    /** Writes the start-up cache of a program. */
    void warm(Path program) throws IOException, InterruptedException {
        run(program.toString(), "__warm");
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The full path of an installed program. */
    static Optional<String> program(String name) {
        return Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, name)).filter(Files::isExecutable).map(Path::toString)
                .findFirst();
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path left, IOException failure) throws IOException {
                Files.deleteIfExists(left);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Ends a process and waits until it is gone, for it may still be writing. */
    static void stop(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        // The folder's name is unique, so a process that has it on its command line was started from here, if perhaps by storeit-ctl.
        ProcessHandle.allProcesses().filter(process -> !process.equals(ProcessHandle.current())).filter(this::isOurs).forEach(Workplace::stop);
        delete(folder);
    }

    private boolean isOurs(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1)
                    .contains(folder + "/");
        } catch (IOException e) {
            return false;
        }
    }
}
