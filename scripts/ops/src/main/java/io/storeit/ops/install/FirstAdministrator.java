package io.storeit.ops.install;

import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.installation.Layout;
import io.storeit.ops.process.Launch;
import io.storeit.ops.process.Ports;
import io.storeit.ops.process.ServerLog;
import io.storeit.ops.process.ServerProcess;
import io.storeit.ops.server.Health;
import io.storeit.ops.server.ServerApi;
import io.storeit.ops.server.ServerBinary;
import io.storeit.ops.settings.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/**
 * Creates the database of a new installation with its first administrator. The password is written to an owner-only file before the
 * database exists, so that the next install after one that was killed uses the same password. {@code cleanup} removes the file.
 */
final class FirstAdministrator {
    static final String NAME = "admin";
    private static final String VARIABLE = "STOREIT_ADMIN_PASSWORD";
    /** The characters of a password, without those that are easily confused. */
    private static final String READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final int PASSWORD_LENGTH = 20;

    private final Context context;
    private final Layout layout;
    private final ServerLaunch server;
    private final String version;

    FirstAdministrator(Context context, ServerLaunch server, String version) {
        this.context = context;
        this.layout = server.layout();
        this.server = server;
        this.version = version;
    }

    /**
     * Starts the server once on a free port, so that it creates its database and its administrator.
     *
     * @param made receives the action that removes the password file, unless a database exists
     * @return the password; empty when the database already has users
     */
    Optional<String> ensure(Deque<Runnable> made) {
        Path file = Layout.firstPassword(layout.data());
        if (Files.exists(layout.database()) && !Files.exists(file)) return Optional.empty();
        String password = passwordIn(file, made);
        Launch alone = server.launch(Map.of("STOREIT_ADMIN_USERNAME", NAME, VARIABLE, password));
        endEarlierFirstStart(password);
        if (!Locks.databaseHeld(layout.database())) startOnce(alone);
        return Optional.of(password);
    }

    private String passwordIn(Path file, Deque<Runnable> made) {
        try {
            if (Files.exists(file)) return Files.readString(file).strip();
            String password = generated();
            // Atomic, because a half-written file would leave an administrator with an unknown password.
            AtomicFiles.place(file, (password + "\n").getBytes(StandardCharsets.UTF_8), "rw-------");
            made.push(() -> {
                if (!Files.exists(layout.database())) FileTree.deleteQuietly(file);
            });
            return password;
        } catch (IOException failure) {
            throw OpsException.of(failure);
        }
    }

    /** Ends the server that an install left running when it was killed. Its environment has the password. */
    private void endEarlierFirstStart(String password) {
        for (ServerProcess process : ServerProcess.ofProgram(layout.server())) {
            if (!password.equals(process.environment().get(VARIABLE))) continue;
            process.terminate();
            process.awaitEnd(context.patience());
        }
    }

    private void startOnce(Launch alone) {
        String here = "127.0.0.1:" + Ports.free();
        Path log = layout.data().resolve(".first-start.log");
        ServerProcess process = new ServerBinary(layout.server(), alone, version).startApart(layout.database(), layout.images(), here, log);
        try (var api = new ServerApi("http://" + here)) {
            Health.await(context, process::isAlive, api, layout.database(), new ServerLog.OfFile(log), new Health.Expectation(version, 0, null, -1));
        } finally {
            process.terminate();
            process.awaitEnd(context.patience());
            FileTree.deleteQuietly(log);
        }
    }

    private static String generated() {
        var random = new SecureRandom();
        var text = new StringBuilder(PASSWORD_LENGTH);
        for (int i = 0; i < PASSWORD_LENGTH; i++) text.append(READABLE.charAt(random.nextInt(READABLE.length())));
        return text.toString();
    }
}
