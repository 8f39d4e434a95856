package io.storeit.interchange.sqlite;

import io.storeit.interchange.base.DatabaseException;
import io.storeit.interchange.digest.ContentDigest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Locates the data of a server from the server's own environment and working folder, not from those of the caller.
 *
 * @param database          the database file, absolute; need not exist
 * @param imageFolder       the image folder, absolute; need not exist
 * @param imageFolderSource what decided the image folder: {@link #FROM_VARIABLE}, {@link #FROM_SETTING} or {@link #FROM_DEFAULT}
 */
public record ServerPaths(Path database, Path imageFolder, String imageFolderSource) {

    public static final String FROM_VARIABLE = "STOREIT_IMAGE_PATH";
    public static final String FROM_SETTING = "setting image_storage_path";
    public static final String FROM_DEFAULT = "default";

    public ServerPaths {
        Objects.requireNonNull(database);
        Objects.requireNonNull(imageFolder);
        Objects.requireNonNull(imageFolderSource);
    }

    /**
     * Reads {@code DATABASE_URL}, {@code STOREIT_IMAGE_PATH} and the setting in the database. A variable that is set but empty counts as
     * unset. The database is only read, and need not exist.
     *
     * @param environment   the variables of the server
     * @param workingFolder the working folder of the server; relative paths start there
     * @throws DatabaseException when {@code DATABASE_URL} names no file
     */
    public static ServerPaths of(Map<String, String> environment, Path workingFolder) {
        Path database = database(environment, workingFolder);
        Optional<String> variable = set(environment, FROM_VARIABLE);
        if (variable.isPresent()) {
            return new ServerPaths(database, absolute(workingFolder, variable.get()), FROM_VARIABLE);
        }
        Optional<String> setting = imageFolderSetting(database);
        if (setting.isPresent()) {
            return new ServerPaths(database, absolute(workingFolder, setting.get()), FROM_SETTING);
        }
        return new ServerPaths(database, dataDirectory(environment, workingFolder).resolve("images"), FROM_DEFAULT);
    }

    /**
     * Returns the database path alone, without opening the file.
     *
     * @throws DatabaseException when {@code DATABASE_URL} names no file
     */
    public static Path database(Map<String, String> environment, Path workingFolder) {
        return set(environment, "DATABASE_URL")
                .map(url -> DatabaseUrl.file(url, workingFolder))
                .orElseGet(() -> dataDirectory(environment, workingFolder).resolve("storeit.db"));
    }

    /**
     * Returns the image folder that a database has as a setting, as it is written there; empty when there is no database, no such setting,
     * or nothing that could be read. The next reader of the database reports why.
     */
    public static Optional<String> imageFolderSetting(Path database) {
        if (DatabaseInspection.inspect(database).schemaVersion() == 0) {
            return Optional.empty();
        }
        try (var view = ReadOnlyView.of(database); var connection = view.connect()) {
            return Sqlite.text(connection, "SELECT value FROM settings WHERE key = ?", ContentDigest.IMAGE_FOLDER_SETTING).filter(value -> !value.isEmpty());
        } catch (SQLException e) {
            throw Sqlite.failure("cannot read the settings of " + database, e);
        }
    }

    private static Path dataDirectory(Map<String, String> environment, Path workingFolder) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        Path home = Path.of(set(environment, "HOME").orElseGet(() -> System.getProperty("user.home")));
        Path data;
        if (system.contains("windows")) {
            data = set(environment, "APPDATA").map(Path::of).orElseGet(() -> home.resolve("AppData/Roaming"));
        } else if (system.contains("mac")) {
            data = home.resolve("Library/Application Support");
        } else {
            // A relative XDG path is invalid by that specification and ignored.
            data = set(environment, "XDG_DATA_HOME").map(Path::of).filter(Path::isAbsolute).orElseGet(() -> home.resolve(".local/share"));
        }
        return absolute(workingFolder, data.toString()).resolve("storeit");
    }

    private static Optional<String> set(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isEmpty());
    }

    private static Path absolute(Path workingFolder, String path) {
        return workingFolder.resolve(path).toAbsolutePath().normalize();
    }
}
