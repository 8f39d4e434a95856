package io.storeit.ops.settings;

import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Declares the options that take settings, in groups. A command uses the groups that it needs. */
public final class Options {
    private Options() {}

    /** Provides options that override the variables and files of {@link Settings}. */
    public interface Given {
        /** Adds the given options; null for an option that was not given. */
        void addTo(Map<Settings.Key, Object> given);
    }

    /** Takes the place of an existing installation. */
    public static final class Installation implements Given {
        @Option(names = "--server-url", order = 50, paramLabel = "URL",
                description = "Server address (default: http://localhost:8080).")
        String serverUrl;

        @Option(names = "--unit", order = 51, paramLabel = "NAME",
                description = "Systemd unit of the server (default: the unit it last ran in, or storeit.service).")
        String unit;

        @Option(names = "--binary", order = 52, paramLabel = "FILE",
                description = "Binary of the server (default: the one that is running).")
        Path binary;

        @Option(names = "--data-dir", order = 53, paramLabel = "DIRECTORY",
                description = "Data directory, where safety backups are kept (default: the directory of the database).")
        Path dataDirectory;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.SERVER_URL, serverUrl);
            given.put(Settings.Key.UNIT, unit);
            given.put(Settings.Key.BINARY_PATH, binary);
            given.put(Settings.Key.DATA_DIR, dataDirectory);
        }
    }

    /** Takes the place of a new installation. */
    public static final class Place implements Given {
        @Option(names = "--binary", order = 52, paramLabel = "FILE",
                description = "Binary of the server (default: /usr/local/bin/storeit-server).")
        Path binary;

        @Option(names = "--data-dir", order = 53, paramLabel = "DIRECTORY",
                description = "Data directory (default: /var/lib/storeit).")
        Path dataDirectory;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.BINARY_PATH, binary);
            given.put(Settings.Key.DATA_DIR, dataDirectory);
        }
    }

    /** Takes the login for servers that have no token. */
    public static final class Login implements Given {
        @Option(names = "--username", order = 60, paramLabel = "NAME",
                description = "Administrator to log in as, for servers before 0.3.0.")
        String username;

        @Option(names = "--password-file", order = 61, paramLabel = "FILE",
                description = "File whose first line is the password of the administrator, or - for standard input "
                        + "(default: ask on the terminal).")
        public String passwordFile;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.USERNAME, username);
            given.put(Settings.Key.PASSWORD_FILE, passwordFile);
        }
    }

    /** Takes the source of releases. */
    public static final class Release implements Given {
        @Option(names = "--releases", order = 70, paramLabel = "URL|DIRECTORY",
                description = "GitHub API address of the releases, or a directory with one subdirectory per tag.")
        String releases;

        @Option(names = "--release-keys", order = 71, paramLabel = "FILE",
                description = "File of public keys to trust in addition to those built into storeit-ctl.")
        Path releaseKeys;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.RELEASES_URL, releases);
            given.put(Settings.Key.RELEASE_KEYS, releaseKeys);
        }
    }

    /** Takes the time to wait. */
    public static final class Patience implements Given {
        @Option(names = "--patience", order = 80, paramLabel = "SECONDS",
                description = "Fail when a start, a stop or a download makes no progress for this long (default: 20).")
        Integer seconds;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.PATIENCE, seconds);
        }
    }
}
