package io.storeit.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A StoreIT as somebody would have it: binary, database, images, a configuration for storeit-ctl, and a port of its own. */
record Installation(Workplace work, Path folder, int port) {

    private static final int LONGEST_START_SECONDS = 30;

    /** An installation of the current version without a database. */
    static Installation create(Workplace work) throws IOException {
        var installation = new Installation(work, work.newFolder("storeit"), Workplace.freePort());
        Files.createDirectories(installation.images());
        Files.copy(work.server(), installation.binary(), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(installation.configuration(), """
                server_url = http://127.0.0.1:%d
                binary_path = %s
                data_dir = %s
                releases_url = %s
                """.formatted(installation.port(), installation.binary(), installation.folder(), work.root().resolve("target/bench/releases")));
        return installation;
    }

    /** The same with a database that was imported before. */
    static Installation create(Workplace work, Path database) throws IOException {
        var installation = create(work);
        Files.copy(database, installation.database());
        return installation;
    }

    Path binary() {
        return folder.resolve("storeit-server");
    }

    Path database() {
        return folder.resolve("storeit.db");
    }

    Path images() {
        return folder.resolve("images");
    }

    Path log() {
        return folder.resolve("server.log");
    }

    private Path configuration() {
        return folder.resolve("ctl.conf");
    }

    Http http() {
        return new Http(port);
    }

    /** A command of this installation's server. */
    ProcessBuilder server(Map<String, String> variables, String... arguments) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("DATABASE_URL", "sqlite:" + database() + "?mode=rwc");
        environment.put("STOREIT_IMAGE_PATH", images().toString());
        environment.put("STOREIT_BIND", "127.0.0.1:" + port);
        List<String> command = new ArrayList<>(List.of(binary().toString()));
        command.addAll(List.of(arguments));
        return work.command(environment, command);
    }

    ProcessBuilder ctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(work.ctl().toString()));
        command.addAll(List.of(arguments));
        return work.command(Map.of("STOREIT_CTL_CONFIG", configuration().toString()), command);
    }

    /** A server that was started, and how long it took from the start of its process to the first answer with data in it. */
    record Started(Process process, double seconds) {}

    Started start(Map<String, String> variables) throws IOException, InterruptedException {
        ProcessBuilder serve = server(variables, "serve").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        long start = System.nanoTime();
        Process process = serve.start();
        while (http().health().isEmpty()) {
            double seconds = (System.nanoTime() - start) / 1e9;
            if (!process.isAlive() || seconds > LONGEST_START_SECONDS) {
                process.destroyForcibly();
                throw new BenchException("the server did not start within " + LONGEST_START_SECONDS + " s:\n" + Run.end(log()));
            }
            Thread.sleep(1);
        }
        return new Started(process, (System.nanoTime() - start) / 1e9);
    }

    /** Stops the server that serves this installation, whoever started it: its token file names its process. */
    void stop() throws IOException {
        Path token = folder.resolve("storeit.db.token");
        if (Files.exists(token)) {
            ProcessHandle.of(new ObjectMapper().readTree(token.toFile()).get("pid").asLong()).ifPresent(Workplace::stop);
        }
    }

    void delete() throws IOException {
        stop();
        Workplace.delete(folder);
    }
}
