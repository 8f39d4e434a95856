package io.storeit.ops.installation;

import io.storeit.ops.settings.Settings;
import java.nio.file.Path;
import java.util.Objects;

/** Names the paths of an installation: for the whole machine, with a user of its own, or for one person. */
public record Layout(boolean forUser, Path server, Path tool, Path data, Path configuration, Path units, Path cache, Path share) {
    /** The systemd unit of the server. */
    public static final String SERVER_UNIT = "storeit.service";
    private static final String FIRST_PASSWORD = ".first-password";

    /** Returns the paths of an installation, with those that the settings name. */
    public static Layout of(boolean forUser, Settings settings) {
        Layout standard = standard(forUser);
        return new Layout(forUser,
                Objects.requireNonNullElse(settings.binary(), standard.server), standard.tool,
                Objects.requireNonNullElse(settings.dataDirectory(), standard.data), standard.configuration, standard.units, standard.cache,
                standard.share);
    }

    /** Returns the paths that install uses by default. */
    public static Layout standard(boolean forUser) {
        return forUser ? ofUser() : ofMachine();
    }

    private static Layout ofMachine() {
        Path programs = Path.of("/usr/local/bin");
        return new Layout(false, programs.resolve("storeit-server"), programs.resolve("storeit-ctl"), Path.of("/var/lib/storeit"),
                Settings.MACHINE_FOLDER, Path.of("/etc/systemd/system"), Path.of("/var/cache/storeit"), Path.of("/usr/local/share"));
    }

    private static Layout ofUser() {
        Path programs = Settings.home().resolve(".local/bin");
        Path configuration = xdg("XDG_CONFIG_HOME", ".config");
        Path share = xdg("XDG_DATA_HOME", ".local/share");
        return new Layout(true, programs.resolve("storeit-server"), programs.resolve("storeit-ctl"), share.resolve("storeit"), configuration.resolve("storeit"),
                configuration.resolve("systemd/user"), xdg("XDG_CACHE_HOME", ".cache").resolve("storeit-server"), share);
    }

    private static Path xdg(String variable, String otherwise) {
        return Settings.xdg(System.getenv(), variable, otherwise);
    }

    public Path database() {
        return data.resolve("storeit.db");
    }

    public Path images() {
        return data.resolve("images");
    }

    public Path backups() {
        return data.resolve("backups");
    }

    public Path environmentFile() {
        return configuration.resolve("storeit.env");
    }

    public Path toolConfiguration() {
        return configuration.resolve("ctl.conf");
    }

    /** Returns the folder in which a download arrives and is checked. */
    public static Path downloads(Path data) {
        return data.resolve(".storeit-download");
    }

    /** Returns the owner-only file with the first administrator's password. Install writes it before the database exists; cleanup removes it. */
    public static Path firstPassword(Path data) {
        return data.resolve(FIRST_PASSWORD);
    }

    /** Returns whether a file is the one with the first administrator's password. */
    public static boolean isFirstPassword(Path file) {
        return file.endsWith(FIRST_PASSWORD);
    }
}
