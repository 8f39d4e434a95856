package io.storeit.ops.settings;

import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options by which commands take settings. A command has those that mean something for it. */
public final class Options {
    private Options() {}

    /** Options that come before the variables and files of {@link Settings}. */
    public interface Given {
        /** Puts what was given; null for what was not. */
        void addTo(Map<Settings.Key, Object> given);
    }

    /** Where an installation is. */
    public static final class Installation implements Given {
        @Option(names = "--server-url", order = 50, paramLabel = "URL",
                description = "Address (default: http://localhost:8080).")
        String serverUrl;

        @Option(names = "--unit", order = 51, paramLabel = "NAME",
                description = "The systemd unit of the server (default: the one it was last seen in, or storeit.service).")
        String unit;

        @Option(names = "--binary", order = 52, paramLabel = "FILE",
                description = "The server's binary (default: the one that is running).")
        Path binary;

        @Option(names = "--data-dir", order = 53, paramLabel = "DIRECTORY",
                description = "Where safety backups go (default: the directory of the database).")
        Path dataFolder;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.SERVER_URL, serverUrl);
            given.put(Settings.Key.UNIT, unit);
            given.put(Settings.Key.BINARY_PATH, binary);
            given.put(Settings.Key.DATA_DIR, dataFolder);
        }
    }

    /** Where install puts an installation. */
    public static final class Place implements Given {
        @Option(names = "--binary", order = 52, paramLabel = "FILE",
                description = "Where the server's binary is (default: /usr/local/bin/storeit-server).")
        Path binary;

        @Option(names = "--data-dir", order = 53, paramLabel = "DIRECTORY",
                description = "Where the data are (default: /var/lib/storeit).")
        Path dataFolder;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.BINARY_PATH, binary);
            given.put(Settings.Key.DATA_DIR, dataFolder);
        }
    }

    /** Who logs in at servers that have no token. */
    public static final class Login implements Given {
        @Option(names = "--username", order = 60, paramLabel = "NAME",
                description = "Administrator to log in as at servers before 0.3.0.")
        String username;

        @Option(names = "--password-file", order = 61, paramLabel = "FILE",
                description = "File whose first line is that administrator's password; - is standard input. "
                        + "Without it the terminal asks.")
        public String passwordFile;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.USERNAME, username);
            given.put(Settings.Key.PASSWORD_FILE, passwordFile);
        }
    }

    /** Where releases come from. */
    public static final class Release implements Given {
        @Option(names = "--releases", order = 70, paramLabel = "URL|DIRECTORY",
                description = "GitHub API address of the releases, or a directory with one subdirectory per tag.")
        String releases;

        @Option(names = "--release-keys", order = 71, paramLabel = "FILE",
                description = "Public keys that may sign releases, beside those built into storeit-ctl.")
        Path releaseKeys;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.RELEASES_URL, releases);
            given.put(Settings.Key.RELEASE_KEYS, releaseKeys);
        }
    }

    /** How long to wait. */
    public static final class Patience implements Given {
        @Option(names = "--patience", order = 80, paramLabel = "SECONDS",
                description = "How long a starting or stopping server, or a download, may show no progress (default: 20).")
        Integer seconds;

        @Override
        public void addTo(Map<Settings.Key, Object> given) {
            given.put(Settings.Key.PATIENCE, seconds);
        }
    }
}
