package io.storeit.ops.server;

import io.storeit.interchange.archive.ArchiveReader;
import io.storeit.interchange.archive.Manifest;
import io.storeit.interchange.base.Progress;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.inspect.ArchiveVerification;
import io.storeit.interchange.inspect.DatabaseVerification;
import io.storeit.interchange.inspect.VerificationReport;
import io.storeit.interchange.schema.SchemaTransforms;
import io.storeit.interchange.schema.Table;
import io.storeit.interchange.sqlite.DatabaseUrl;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Interruption;
import io.storeit.ops.host.Owner;
import io.storeit.ops.process.Launch;
import io.storeit.ops.process.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;

/** Runs commands of a server binary, in the environment and as the user of the installation. */
public final class ServerBinary {
    /** Holds the versions that a binary reports. */
    public record Versions(String appVersion, int expectedSchemaVersion) {}

    /** Holds what {@code verify} found in a database or an archive. @param counts by the name of the data file */
    public record Content(int schemaVersion, Map<String, Long> counts, String digest, List<String> problems, List<String> missingImages) {
        static Content of(String json) {
            Map<String, Object> report = Json.object(json);
            var counts = new LinkedHashMap<String, Long>();
            if (report.get("counts") instanceof Map<?, ?> map) map.forEach((table, rows) -> counts.put((String) table, (Long) rows));
            var problems = new ArrayList<String>();
            if (report.get("problems") instanceof List<?> list) {
                for (Object problem : list) {
                    if (problem instanceof Map<?, ?> parts) {
                        problems.add(new VerificationReport.Problem(String.valueOf(parts.get("what")), String.valueOf(parts.get("where"))).toString());
                    }
                }
            }
            var missing = new ArrayList<String>();
            if (report.get("missing_images") instanceof List<?> list) list.forEach(key -> missing.add(String.valueOf(key)));
            String digest = report.get("digest") instanceof Map<?, ?> parts ? parts.get("version") + ":" + parts.get("value") : null;
            return new Content((int) Json.number(report, "schema_version"), counts, digest, problems, missing);
        }

        /** Fails unless this database has the content of a backup. */
        public void requireSame(Content backup, Path archive) {
            String hint = "Keep " + archive + " and report this.";
            backup.counts().forEach((table, rows) -> {
                long there = counts.getOrDefault(table, -1L);
                // An import adds the default group, which every login falls back to.
                if (there != rows && !(table.equals(Table.GROUPS.key()) && there == rows + 1)) {
                    throw new OpsException(Exit.FAILED, "The rehearsed database has " + there + " " + table + ", but the backup has " + rows, hint);
                }
            });
            if (backup.schemaVersion() == schemaVersion && !Objects.equals(backup.digest(), digest)) {
                throw new OpsException(Exit.FAILED, "The rehearsed database differs from the backup: their digests differ", hint);
            }
        }

        /** Converts a report of this tool's own code, for servers without that command. */
        static Content of(VerificationReport report) {
            return of(report.toJson().toString());
        }
    }

    /** Serves commands that need no database. It has no ?mode=rwc, because servers before 0.3.0 would create the file. */
    private static final Map<String, String> NO_DATABASE = Map.of("DATABASE_URL", "sqlite:/nonexistent/storeit.db");

    private final Path file;
    private final Launch launch;
    private final String version;

    /** Stands for no server; this tool's own code then does what it can. */
    public static final ServerBinary NONE = new ServerBinary(null, null, "0.0.0");

    public ServerBinary(Path file, Launch launch, String version) {
        this.file = file;
        this.launch = launch;
        this.version = version;
    }

    /** Describes a server whose version is not known yet. */
    public static ServerBinary of(Path file, Launch launch) {
        return new ServerBinary(file, launch, null);
    }

    /** Asks the binary for its version. */
    public Versions version() {
        String output = execute(NO_DATABASE, List.of("version"));
        try {
            Map<String, Object> versions = Json.object(output);
            return new Versions((String) Objects.requireNonNull(versions.get("app_version")), (int) Json.number(versions, "expected_schema_version"));
        } catch (RuntimeException unreadable) {
            throw new OpsException(Exit.FAILED, "Cannot determine the version of " + file, "Its output: " + Words.shortened(output), unreadable);
        }
    }

    /** Asks the binary for its version, and fails if the release was packed with another one. */
    public Versions requireVersion() {
        Versions reported = version();
        requireSame(version, reported.appVersion());
        return reported;
    }

    /** Fails if a binary reports another version than its release. */
    public static void requireSame(String released, String reported) {
        if (!reported.equals(released)) {
            throw new OpsException(Exit.FAILED, "The file of release " + released + " reports version " + Quoted.bare(reported),
                    "Do not use this release. Report it to its maintainers.");
        }
    }

    /** Returns the version in the manifest of a jar of StoreIT. */
    public static Optional<String> versionInManifest(Path file) {
        try (var jar = new JarFile(file.toFile())) {
            return Optional.ofNullable(jar.getManifest().getMainAttributes().getValue("Implementation-Version"));
        } catch (IOException | NullPointerException notOurs) {
            return Optional.empty();   // a native binary, a script, or no file
        }
    }

    /** Returns the version of a binary; null if it is not known. Runs the binary only if it is not a jar of StoreIT, because that takes longer. */
    public static String versionWithoutRunning(Path file) {
        Optional<String> inManifest = versionInManifest(file);
        if (inManifest.isPresent()) return inManifest.get();
        if (!Files.isExecutable(file)) return null;
        try {
            return new ServerBinary(file, Launch.bare(), null).version().appVersion();
        } catch (OpsException silent) {
            return null;
        }
    }

    /** Imports an archive. @param sameMachine whether the archive is from this machine, so that its image folder is valid */
    public void importInto(Path database, Path archive, Path imageFolder, boolean sameMachine) {
        var arguments = new ArrayList<>(List.of("import", archive.toString(), "--mode", "replace"));
        if (since030() && sameMachine) arguments.add("--same-machine");
        run(database, imageFolder, arguments);
    }

    /** Checks a database without its images, by the server's own command where it has one, or else by this tool's code. */
    public Content verify(Path database, Path imageFolder) {
        Content content = since030()
                ? Content.of(runForReport(environment(database, imageFolder), List.of("verify", "--json", "--without-images")))
                : Content.of(VerificationReport.of(database, DatabaseVerification.verify(database, null, Progress.NONE)));
        if (!content.problems().isEmpty()) {
            throw new OpsException(Exit.FAILED, "The rehearsed database is invalid: " + content.problems().get(0),
                    Words.counted(content.problems().size(), "problem", "problems") + " in total.");
        }
        return content;
    }

    /** Returns the content of an archive, from its manifest, or by reading the archive if an older server wrote it. */
    public Content contentOf(Path archive) {
        Manifest manifest = ArchiveReader.readManifest(archive);
        if (manifest.counts() == null || manifest.digest() == null) return verifyArchive(archive);
        return new Content(manifest.schemaVersion(), Json.byKey(manifest.counts()), manifest.digest().stamp(), List.of(), List.of());
    }

    /**
     * Reads an archive of this server to its end. The server checks an archive that is newer than this tool, because it knows more about the
     * rows. Root never runs the server's file as root, because a user who can change that file would become root.
     */
    public Content verifyArchive(Path archive) {
        boolean newer = ArchiveReader.readManifest(archive).schemaVersion() > SchemaTransforms.newest();
        boolean byServer = since030() && (!launch.otherUser() || newer && Owner.userId(archive) == launch.userId());
        return byServer
                ? Content.of(runForReport(NO_DATABASE, List.of("verify", archive.toString(), "--json")))
                : Content.of(VerificationReport.of(archive, ArchiveVerification.verify(archive, Progress.NONE)));
    }

    private boolean since030() {
        return Version.parse(version).since030();
    }

    /** Lets the server write its start-up cache, and stops it at the time limit. */
    public void warm(Duration limit) {
        if (!since030()) return;
        try {
            Process process = command(NO_DATABASE, List.of("__warm")).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) return;
            // The shell of the launch stub then removes the incomplete cache.
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.waitFor();
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot run " + file + ": " + Reasons.withFile(failure), "", failure);
        } catch (InterruptedException interrupted) {
            Interruption.check();
            throw new OpsException(Exit.INTERRUPTED, "Interrupted", "");
        }
    }

    /** Runs a command on a database and returns its output. */
    String run(Path database, Path imageFolder, List<String> arguments) {
        return execute(environment(database, imageFolder), arguments);
    }

    /** Returns the report of a command, which may end with an error code when the report lists problems. */
    private String runForReport(Map<String, String> extra, List<String> arguments) {
        Output output = spawn(extra, arguments);
        if (!output.text().stripLeading().startsWith("{")) throw failed(arguments, output);
        return output.text();
    }

    /** Names the database and the images. Servers before 0.3.0 need the mode to create a file, and take the path literally. */
    private static Map<String, String> environment(Path database, Path imageFolder) {
        return Map.of("DATABASE_URL", DatabaseUrl.of(database), "STOREIT_IMAGE_PATH", imageFolder.toString());
    }

    /** Starts the server on another database and port, beside the running one. */
    public ServerProcess startApart(Path database, Path imageFolder, String bind, Path log) {
        var extra = new HashMap<>(environment(database, imageFolder));
        extra.put("STOREIT_BIND", bind);
        return launch.plain(extra).spawn(List.of(), file, List.of("serve"), log);
    }

    private record Output(int exit, String text, String errors) {}

    private String execute(Map<String, String> extra, List<String> arguments) {
        Output output = spawn(extra, arguments);
        if (output.exit() != 0) throw failed(arguments, output);
        return output.text();
    }

    private OpsException failed(List<String> arguments, Output output) {
        String said = (output.errors().isBlank() ? output.text() : output.errors()).strip().replaceFirst("^Error: ", "");
        String reason = said.lines().findFirst().orElse("it printed no reason");
        return new OpsException(Exit.FAILED, "'" + file.getFileName() + " " + arguments.get(0) + "' failed (exit " + output.exit() + "): "
                + Words.shortened(reason), Words.shortened(said.substring(Math.min(said.length(), reason.length()))));
    }

    private ProcessBuilder command(Map<String, String> extra, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(file.toString());
        command.addAll(arguments);
        var builder = new ProcessBuilder(launch.asUser(command)).directory(launch.folderOrRoot())
                .redirectInput(ProcessBuilder.Redirect.from(File.separatorChar == '/' ? new File("/dev/null") : new File("NUL")));
        launch.fill(builder.environment(), extra);
        return builder;
    }

    private Output spawn(Map<String, String> extra, List<String> arguments) {
        Path errors = null;
        try {
            errors = Files.createTempFile("storeit-ctl-", ".err");
            Process process = command(extra, arguments).redirectError(errors.toFile()).start();
            String text;
            try {
                text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Output(process.waitFor(), text, Files.readString(errors));
            } catch (InterruptedException | InterruptedIOException interrupted) {
                process.destroy();
                Interruption.check();
                throw new OpsException(Exit.INTERRUPTED, "Interrupted", "");
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot run " + file + ": " + Reasons.withFile(failure), "", failure);
        } finally {
            if (errors != null) FileTree.deleteQuietly(errors);
        }
    }
}
