package io.storeit.reference;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.UUID;

/**
 * A stand-in for the StoreIT servers 0.1.0, 0.2.0 and 0.2.1: the parts of their command line and HTTP interface a migration meets, with
 * their order of steps, their words and their defects. It shares no code with the programs under test, so agreement is evidence.
 *
 * <p>Not here, because no migration meets it: OIDC, mode {@code merge}, restore over HTTP, thumbnails, the web client.
 */
public final class ReferenceServer {
    private static final String USAGE = "Usage: storeit-server [COMMAND]";
    private static final String DEFAULT_GROUP = "00000000-0000-0000-0000-000000000001";

    private final Build build = Build.current();
    private final ReferenceConfig config = ReferenceConfig.of(System.getenv());
    private final ReferenceLog log = new ReferenceLog(System.getenv());

    private ReferenceServer() {
    }

    public static void main(String[] arguments) {
        try {
            var exit = new ReferenceServer().run(arguments);
            if (exit >= 0) {
                System.exit(exit);
            }
        } catch (ReferenceException e) {
            System.err.println("Error: " + e.getMessage());
            System.exit(1);
        }
    }

    /** The exit code, or -1 while the web server runs in its own threads. */
    private int run(String[] arguments) {
        var command = arguments.length == 0 ? "serve" : arguments[0];
        switch (command) {
            case "serve" -> {
                return arguments.length > 1 ? unexpected(arguments[1]) : serve();
            }
            case "import" -> {
                return importCommand(arguments);
            }
            case "auto-upgrade" -> {
                return arguments.length > 1 ? unexpected(arguments[1]) : autoUpgrade();
            }
            case "version" -> {
                return arguments.length > 1 ? unexpected(arguments[1]) : version();
            }
            case "--version", "-V" -> {
                System.out.println("storeit-server " + build.version());
                return 0;
            }
            case "--help", "-h", "help" -> {
                System.out.println(USAGE);
                return 0;
            }
            default -> {
                return command.startsWith("-") ? unexpected(command) : usage("unrecognized subcommand '%s'".formatted(command));
            }
        }
    }

    private static int unexpected(String argument) {
        return usage("unexpected argument '%s' found".formatted(argument));
    }

    private static int usage(String problem) {
        System.err.println("error: %s\n\n%s\n\nFor more information, try '--help'.".formatted(problem, USAGE));
        return 2;
    }

    private int version() {
        System.out.println("""
                {
                  "app_version": "%s",
                  "expected_schema_version": %d,
                  "schema_version": %d
                }""".formatted(build.version(), build.schema(), ReferenceDatabase.versionOf(config)));
        return 0;
    }

    private int serve() {
        log.info("database: " + config.databaseUrl());
        var database = startApplication();
        var imageFolder = imageFolder(database);
        log.info("images:   " + imageFolder);
        refuseOtherSchema(database);
        var address = bindAddress();
        try {
            new ReferenceApi(database, build, imageFolder, config, log).listen(address);
        } catch (BindException e) {
            throw new ReferenceException("Address already in use (os error 98)", e);
        } catch (IOException e) {
            throw new ReferenceException(e.getMessage(), e);
        }
        log.info("listening on " + config.bind());
        return -1;
    }

    private InetSocketAddress bindAddress() {
        var colon = config.bind().lastIndexOf(':');
        try {
            return new InetSocketAddress(config.bind().substring(0, colon), Integer.parseInt(config.bind().substring(colon + 1)));
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new ReferenceException("invalid socket address", e);
        }
    }

    private void refuseOtherSchema(ReferenceDatabase database) {
        try (var connection = database.connect()) {
            var current = ReferenceDatabase.schemaVersion(connection);
            if (current != build.schema()) {
                throw new ReferenceException(
                        "Schema version mismatch: database has version %d, but this binary expects version %d. Use storeit-ctl to upgrade/downgrade."
                                .formatted(current, build.schema()));
            }
        } catch (SQLException e) {
            throw new ReferenceException(ReferenceDatabase.text(e), e);
        }
    }

    /** What every command but {@code version} does first: folders, database, migrations in place, seeded administrator (D56). */
    private ReferenceDatabase startApplication() {
        ReferenceDatabase.createFolderOf(config.databaseFileOfTheDriver());
        var database = ReferenceDatabase.open(config, build);
        log.info("STOREIT_AUTH_ISSUER not set — using local auth mode");
        log.warn("storeit_server::app_state", "AI identification disabled — no API key and claude CLI not found at 'claude'");
        seedAdministrator(database);
        return database;
    }

    private void seedAdministrator(ReferenceDatabase database) {
        try (var connection = database.connect()) {
            try (var admins = connection.createStatement().executeQuery("SELECT 1 FROM users WHERE is_admin = 1")) {
                if (admins.next()) {
                    return;
                }
            }
            if (config.adminPassword().equals("changeme")) {
                log.warn("storeit_server::app_state",
                        "Creating admin user with default password 'changeme' — set STOREIT_ADMIN_PASSWORD to a secure value!");
            }
            var id = UUID.randomUUID().toString();
            try (var user = connection.prepareStatement("""
                    INSERT INTO users (id, external_id, email, display_name, created_at, updated_at, password_hash, is_admin)
                    VALUES (?, ?, 'admin@localhost', 'Administrator', ?, ?, ?, 1)""")) {
                user.setString(1, id);
                user.setString(2, "local:" + config.adminName());
                user.setString(3, ReferenceTime.now());
                user.setString(4, ReferenceTime.now());
                user.setString(5, Argon2Function.getInstance(19456, 2, 1, 32, Argon2.ID).hash(config.adminPassword()).getResult());
                user.executeUpdate();
            }
            connection.createStatement()
                    .executeUpdate("INSERT OR IGNORE INTO groups (id, name) VALUES ('%s', 'default')".formatted(DEFAULT_GROUP));
            connection.createStatement().executeUpdate(
                    "INSERT INTO user_groups (user_id, group_id, role) SELECT '%s', id, 'owner' FROM groups WHERE name = 'default'".formatted(id));
            log.info("Seeded admin user '%s' (%s)".formatted(config.adminName(), id));
        } catch (SQLException e) {
            throw new ReferenceException(ReferenceDatabase.text(e), e);
        }
    }

    /** The variable, else the setting, else the platform's folder. */
    private Path imageFolder(ReferenceDatabase database) {
        if (config.imagePath() != null) {
            return Path.of(config.imagePath());
        }
        try (var connection = database.connect();
                var rows = connection.createStatement().executeQuery("SELECT value FROM settings WHERE key = 'image_storage_path'")) {
            return rows.next() ? Path.of(rows.getString(1)) : config.defaultImageFolder();
        } catch (SQLException e) {
            throw new ReferenceException(ReferenceDatabase.text(e), e);
        }
    }

    private int importCommand(String[] arguments) {
        String archive = null;
        var mode = "replace";
        for (var i = 1; i < arguments.length; i++) {
            if (arguments[i].equals("--mode") && i + 1 < arguments.length) {
                mode = arguments[++i];
            } else if (arguments[i].startsWith("-") || archive != null) {
                return unexpected(arguments[i]);
            } else {
                archive = arguments[i];
            }
        }
        if (archive == null) {
            return usage("the following required arguments were not provided:\n  <ARCHIVE>");
        }
        if (!mode.equals("replace")) {
            throw new ReferenceException("mode %s is not part of this stand-in".formatted(mode));
        }
        return importReplacing(Path.of(archive));
    }

    private int importReplacing(Path archive) {
        var file = config.databaseFileOfTheTools();
        var saved = sibling(file, ".pre-import");
        if (Files.exists(file)) {
            log.info("backing up existing database to " + saved);
            move(file, saved);
        }
        try {
            importInto(archive);
        } catch (ReferenceException e) {
            log.error("storeit_server", "import failed: " + e.getMessage());
            if (Files.exists(saved)) {
                log.info("rolling back: restoring %s to %s".formatted(saved, file));
                move(saved, file);
                log.info("rollback complete");
            }
            throw e;
        }
        log.info("import completed successfully");
        if (Files.exists(saved)) {
            log.info("previous database saved at %s. Delete it after verifying the import, or restore it to rollback.".formatted(saved));
        }
        return 0;
    }

    private void importInto(Path archive) {
        var database = startApplication();
        if (!Files.exists(archive)) {
            throw new ReferenceException("No such file or directory (os error 2)");
        }
        new ReferenceImport(database, build, imageFolder(database)).replaceFrom(archive, ReferenceProgress.toLog(log));
    }

    private int autoUpgrade() {
        var file = config.databaseFileOfTheTools();
        if (!Files.exists(file)) {
            log.info("no existing database found, skipping auto-upgrade");
            return 0;
        }
        var database = ReferenceDatabase.open(config, build);
        long current;
        try (var connection = database.connect()) {
            current = ReferenceDatabase.schemaVersion(connection);
        } catch (SQLException e) {
            throw new ReferenceException(ReferenceDatabase.text(e), e);
        }
        if (current == build.schema()) {
            log.info("schema version %d matches, no migration needed".formatted(current));
            return 0;
        }
        log.info("schema version mismatch: database has %d, binary expects %d — auto-upgrading".formatted(current, build.schema()));
        var archive = config.temporaryFolder().resolve("storeit-auto-upgrade.storeit");
        new ReferenceExport(database, build, imageFolder(database), log).write(archive, true, ReferenceProgress.toLog(log));
        log.info("exported data to temporary archive");
        var saved = sibling(file, ".pre-upgrade");
        log.info("backing up database to " + saved);
        move(file, saved);
        try {
            importInto(archive);
        } catch (ReferenceException e) {
            log.error("storeit_server", "auto-upgrade import failed: " + e.getMessage());
            move(saved, file);
            log.info("rolled back to previous database");
            throw new ReferenceException("auto-upgrade failed: %s. Database has been restored to the previous version.".formatted(e.getMessage()), e);
        } finally {
            archive.toFile().delete();
        }
        log.info("auto-upgrade complete: schema version %d -> %d".formatted(current, build.schema()));
        log.info("previous database saved at %s. Delete it after verifying the upgrade.".formatted(saved));
        return 0;
    }

    private static Path sibling(Path file, String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }

    /** The main file only: side files stay behind (D49), an older copy is overwritten (D51). */
    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ReferenceException(e.getMessage(), e);
        }
    }
}
