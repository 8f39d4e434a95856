package io.storeit.interchange.images;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Ownership;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.StorageKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Keeps image files in a private folder inside the image folder until the database that names them is switched to. So a failed import
 * changes no image, and putting them in place takes no time and no space: each gets its name by hard link.
 *
 * <p>What happens to a file that is already there under the same name:
 *
 * <ul>
 * <li>same content: it stays, the new one is not even written;
 * <li>other content: the new file takes the name, and the old one stays beside it as {@code <name>.replaced-<time>}, reported by
 *     {@link #warnings()}. Under a name that carries a hash the old file is damaged, since the new one was checked against that hash. Under a
 *     flat name it is not known which is right; the archive being restored decides, and nothing is lost.
 * </ul>
 *
 * <p>One thread adds; the files become durable in the background. Order of calls: {@link #add} for each file, {@link #await}, then
 * {@link #link} and {@link #finish}; or {@link #discard} at any moment.
 */
public final class StagedImages {

    private static final String PREFIX = ".staging-";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);
    /** Defines when a staging folder of an ended process is a leftover of a crash: nothing has touched it for so long. */
    private static final Duration LEFTOVER = Duration.ofMinutes(10);
    private static final int BUFFER = 1 << 17;
    /**
     * Sets the threads that wait for the disk and share commits of the file system's journal: four are three times as fast as two, more no
     * faster.
     */
    private static final int SYNC_THREADS = 4;
    private static final int FILES_IN_FLIGHT = 64;
    /** Limits how many replaced files are listed by name. */
    private static final int NAMED = 100;

    /** Records a file that was moved out of the way, so that {@link #discard} can restore it. */
    private record Replaced(Path name, Path keptAs) {
    }

    private final ImageStore store;
    private final byte[] buffer = new byte[BUFFER];
    private final Semaphore inFlight = new Semaphore(FILES_IN_FLIGHT);
    private final List<Replaced> replaced = new ArrayList<>();
    private final List<Path> moved = new ArrayList<>();
    private final List<Path> createdFolders = new ArrayList<>();
    private final Set<String> conflicts = new LinkedHashSet<>();
    private volatile IOException syncFailure;
    private ExecutorService syncThreads;
    private Path staging;
    private boolean linked;

    StagedImages(ImageStore store) {
        this.store = store;
    }

    /**
     * Stages one file, unless the store already has it with the same content.
     *
     * @param key   a valid key, each at most once
     * @param size  length in bytes
     * @param bytes exactly those; the caller compares them with the hash in the key, and discards everything when they differ
     */
    public void add(String key, long size, InputStream bytes) throws IOException {
        Path present = store.file(key);
        boolean exists = Files.isRegularFile(present);
        if (exists && StorageKey.hash(key).isPresent() && Files.size(present) == size && store.isIntact(key)) {
            return;
        }
        Path staged = write(key, bytes);
        if (exists && StorageKey.hash(key).isEmpty() && Files.mismatch(present, staged) < 0) {
            Files.delete(staged);
            return;
        }
        if (exists) {
            conflicts.add(key);
        }
    }

    /** Returns whether the key's file will exist once everything is linked. */
    public boolean has(String key) {
        return store.has(key) || staging != null && StorageKey.isValid(key) && Files.exists(staging.resolve(key));
    }

    /** Lists the existing files that {@link #link} replaces and keeps under another name, one line each. */
    public List<String> warnings() {
        var all = new ArrayList<String>();
        conflicts.stream().limit(NAMED).forEach(key -> all.add("image file " + key + (StorageKey.hash(key).isPresent()
                ? " was damaged and is replaced by the one in the archive" : " differs from the one in the archive and is replaced by it")
                + "; the old one is kept as " + store.file(key).getFileName() + ".replaced-<time>"));
        if (conflicts.size() > NAMED) {
            all.add("... and " + (conflicts.size() - NAMED) + " more image files that differed");
        }
        return List.copyOf(all);
    }

    /** Returns once every file added is on the disk. */
    public void await() throws IOException {
        stopThreads();
        if (syncFailure != null) {
            throw syncFailure;
        }
    }

    /**
     * Moves the staged files to their names and returns once the names are on the disk. Can be taken back by {@link #discard} until {@link
     * #finish}.
     *
     * @throws DatabaseException when a file cannot be put in place; everything is then as before
     */
    public void link() {
        if (staging == null) {
            return;
        }
        linked = true;
        try {
            await();
            String time = TIME.format(Instant.now());
            var folders = new LinkedHashSet<Path>();
            forEachStaged((file, name) -> {
                folders.add(createFolder(name.getParent()));
                place(file, name, time);
            });
            folders.add(store.folder());
            startThreads();
            folders.forEach(folder -> inBackground(() -> DurableFiles.fsyncFolder(folder)));
            await();
        } catch (IOException e) {
            discard();
            throw new DatabaseException("cannot move the image files into " + store.folder() + ": " + Reasons.withFile(e),
                    "Check free space and permissions of that folder.", e);
        }
    }

    private void place(Path file, Path name, String time) throws IOException {
        if (Files.exists(name)) {
            if (Files.isSameFile(file, name)) {
                return;
            }
            Path keptAs = free(name.resolveSibling(name.getFileName() + ".replaced-" + time));
            Files.move(name, keptAs, StandardCopyOption.ATOMIC_MOVE);
            replaced.add(new Replaced(name, keptAs));
        }
        try {
            Files.createLink(name, file);
        } catch (FileSystemException | UnsupportedOperationException e) {
            // A file system without hard links.
            Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
            moved.add(name);
        }
    }

    /** Reverts everything: removes the files that {@link #link} moved, the staging folder, and folders that were created for them. */
    public void discard() {
        stopThreads();
        try {
            if (linked) {
                forEachStaged((file, name) -> {
                    if (Files.exists(name) && Files.isSameFile(file, name)) {
                        Files.delete(name);
                    }
                });
                for (Path name : moved) {
                    Files.deleteIfExists(name);
                }
                for (Replaced old : replaced) {
                    if (Files.exists(old.keptAs())) {
                        Files.move(old.keptAs(), old.name(), StandardCopyOption.ATOMIC_MOVE);
                    }
                }
            }
            removeStaging();
            for (int i = createdFolders.size() - 1; i >= 0; i--) {
                deleteIfEmpty(createdFolders.get(i));
            }
            createdFolders.clear();
        } catch (IOException e) {
            throw new DatabaseException("cannot remove the staged image files in " + staging + ": " + Reasons.withFile(e),
                    "Remove it manually. Nothing uses it.", e);
        }
    }

    /** Removes the staging folder after the switch. From here on nothing can be taken back. */
    public void finish() {
        try {
            removeStaging();
            createdFolders.clear();
        } catch (IOException e) {
            throw new DatabaseException("cannot remove the staging folder " + staging + ": " + Reasons.withFile(e),
                    "Remove it manually. Nothing uses it.", e);
        }
    }

    private Path write(String key, InputStream bytes) throws IOException {
        open();
        Path file = staging.resolve(key);
        Files.createDirectories(file.getParent());
        // Closed by the thread that syncs it, or below.
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                var chunk = ByteBuffer.wrap(buffer, 0, read);
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
            }
            Ownership.give(store.folder(), file);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        sync(channel);
        return file;
    }

    private void sync(FileChannel channel) throws IOException {
        inFlight.acquireUninterruptibly();
        inBackground(() -> {
            try (channel) {
                channel.force(true);
            } finally {
                inFlight.release();
            }
        });
        if (syncFailure != null) {
            throw syncFailure;
        }
    }

    /** Makes the image folder, if it is missing, and the private folder in it. */
    private void open() throws IOException {
        if (staging != null) {
            return;
        }
        createFolder(store.folder());
        removeLeftovers();
        String name = PREFIX + ProcessHandle.current().pid() + "-";
        staging = isPosix()
                ? Files.createTempDirectory(store.folder(), name, PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rwx------")))
                : Files.createTempDirectory(store.folder(), name);
        startThreads();
    }

    private Path createFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = createFolder(folder.getParent());
            try {
                Files.createDirectory(folder);
                createdFolders.add(folder);
                Ownership.give(parent, folder);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(folder)) {
                    throw e;
                }
            }
        }
        return folder;
    }

    private void removeLeftovers() throws IOException {
        var leftovers = new ArrayList<Path>();
        try (var folders = Files.newDirectoryStream(store.folder(), PREFIX + "*-*")) {
            for (Path folder : folders) {
                String[] parts = folder.getFileName().toString().split("-");
                boolean old = Files.getLastModifiedTime(folder).toInstant().isBefore(Instant.now().minus(LEFTOVER));
                if (old && parts[1].matches("[0-9]{1,9}") && ProcessHandle.of(Long.parseLong(parts[1])).isEmpty()) {
                    leftovers.add(folder);
                }
            }
        }
        for (Path leftover : leftovers) {
            deleteTree(leftover);
        }
    }

    private interface Action {
        /** @param name where the staged file belongs */
        void on(Path file, Path name) throws IOException;
    }

    private void forEachStaged(Action action) throws IOException {
        if (staging == null) {
            return;
        }
        Files.walkFileTree(staging, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String key = staging.relativize(file).toString().replace('\\', '/');
                if (StorageKey.isValid(key)) {
                    action.on(file, store.file(key));
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private void removeStaging() throws IOException {
        if (staging != null) {
            deleteTree(staging);
            staging = null;
        }
    }

    private static void deleteTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        try (var content = Files.list(folder)) {
            if (content.findAny().isPresent()) {
                return;
            }
        }
        Files.delete(folder);
    }

    private void startThreads() {
        syncThreads = Executors.newFixedThreadPool(SYNC_THREADS, work -> {
            var thread = new Thread(work, "image-sync");
            thread.setDaemon(true);
            return thread;
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private void inBackground(Work work) {
        syncThreads.execute(() -> {
            try {
                work.run();
            } catch (IOException e) {
                syncFailure = e;
            }
        });
    }

    private void stopThreads() {
        if (syncThreads == null) {
            return;
        }
        syncThreads.shutdown();
        try {
            // They only wait for the disk; their files must be closed before anything is deleted.
            while (!syncThreads.awaitTermination(1, TimeUnit.SECONDS)) {
                continue;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        syncThreads = null;
    }

    private static Path free(Path name) {
        Path free = name;
        for (int i = 2; Files.exists(free); i++) {
            free = name.resolveSibling(name.getFileName() + "-" + i);
        }
        return free;
    }

    private boolean isPosix() {
        return store.folder().getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
