package io.storeit.ctl.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A place where root may write to {@code /etc}, {@code /usr/local} and {@code /var} without this machine seeing any of it: a mount
 * namespace with overlays, held open by a process that only waits. Commands go there by a prefix.
 */
final class PrivateFolders implements AutoCloseable {
    private static final List<String> FOLDERS = List.of("/etc", "/usr/local", "/var/lib", "/var/cache", "/root");

    private final Process holder;

    private PrivateFolders(Process holder) {
        this.holder = holder;
    }

    /** Whether this user on this machine can make one. */
    static boolean possible(Path scratch) {
        try (var tried = make(scratch)) {
            return tried.holder.isAlive();
        } catch (IllegalStateException | UncheckedIOException notHere) {
            return false;
        }
    }

    static PrivateFolders make(Path scratch) {
        var script = new StringBuilder("set -e\n");
        for (var folder : FOLDERS) {
            var own = scratch + "/private" + folder.replace('/', '-');
            script.append("mkdir -p %s/up %s/work\n".formatted(own, own));
            script.append("mount -t overlay overlay -o lowerdir=%s,upperdir=%s/up,workdir=%s/work %s\n".formatted(folder, own, own, folder));
        }
        script.append("echo ready\nexec sleep 1800\n");
        try {
            var holder = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", script.toString()).redirectErrorStream(true).start();
            var said = holder.inputReader(StandardCharsets.UTF_8).readLine();
            if (!"ready".equals(said)) {
                holder.destroyForcibly();
                throw new IllegalStateException("no private folders here: " + said);
            }
            return new PrivateFolders(holder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What to put in front of a command. */
    List<String> prefix() {
        return List.of("nsenter", "--target", String.valueOf(holder.pid()), "--mount", "--");
    }

    /** The same file as seen in there. */
    Path inside(String file) {
        return Path.of("/proc/" + holder.pid() + "/root" + file);
    }

    /** What is in there beyond what the machine has. */
    static List<Path> made(Path scratch) {
        try (var files = Files.walk(scratch)) {
            return files.filter(file -> file.toString().contains("/up/")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        holder.destroyForcibly().onExit().join();
    }
}
